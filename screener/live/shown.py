"""All that a page shows at one moment, beside the pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from screener.live.capture import CameraState, CameraStatus
from screener.live.check import Advice
from screener.live.flow import STOPPABLE, State
from screener.live.outcome import Outcome
from screener.live.progress import Reading


@dataclass(frozen=True)
class Shown:
    """One moment.

    Attributes
    ----------
    advice : Advice, optional
        While the camera is being placed.
    reading : Reading
        While a test runs.
    outcome : Outcome, optional
        Of the newest test, once it is over.
    example_left_s : float
        Time left to read the example out.
    problem : str
        Why the reports could not be written; empty where they were.
    """

    state: State
    camera: CameraStatus
    advice: Advice | None = None
    reading: Reading = field(default_factory=Reading)
    outcome: Outcome | None = None
    example_left_s: float = 0.0
    problem: str = ""

    @property
    def lost(self) -> bool:
        """Whether the camera went away in the middle."""
        return self.state.stage in STOPPABLE and self.camera.state is CameraState.LOST
