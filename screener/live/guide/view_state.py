"""All that a page shows at one moment, beside the pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from screener.live.guide.camera_check import CameraAdvice
from screener.live.guide.flow import STOPPABLE, FlowState, PlannedTest
from screener.live.guide.progress import LiveReading
from screener.model.results import Status
from screener.workflow.screening import Screening


class CameraState(StrEnum):
    """What the camera does."""

    OFF = "off"
    OPENING = "opening"
    ON = "on"
    LOST = "lost"
    ABSENT = "absent"


@dataclass(frozen=True)
class CameraStatus:
    """What the camera does, and what to say where it does not do it.

    Attributes
    ----------
    message, advice : str
        Of the error that ended it; empty where there was none.
    """

    state: CameraState
    message: str = ""
    advice: str = ""


@dataclass(frozen=True)
class LiveOutcome:
    """A test that was done or stopped, and where its report is.

    Attributes
    ----------
    folder : str
        Name inside the folder of the whole screen.
    """

    item: PlannedTest
    screening: Screening
    folder: str

    @property
    def scored(self) -> bool:
        """Whether there is a score."""
        return all(test.status is Status.SCORED for test in self.screening.report.tests)

    @property
    def stopped(self) -> bool:
        """Whether the person stopped the test."""
        return any(test.status is Status.STOPPED for test in self.screening.report.tests)


@dataclass(frozen=True)
class ViewState:
    """One moment.

    Attributes
    ----------
    advice : CameraAdvice, optional
        While the camera is being placed.
    reading : LiveReading
        While a test runs.
    outcome : LiveOutcome, optional
        Of the newest test, once it is over.
    example_left_s : float
        Time left to read the example out.
    problem : str
        Why the reports could not be written; empty where they were.
    """

    state: FlowState
    camera: CameraStatus
    advice: CameraAdvice | None = None
    reading: LiveReading = field(default_factory=LiveReading)
    outcome: LiveOutcome | None = None
    example_left_s: float = 0.0
    problem: str = ""

    @property
    def lost(self) -> bool:
        """Whether the camera went away in the middle."""
        return self.state.stage in STOPPABLE and self.camera.state is CameraState.LOST
