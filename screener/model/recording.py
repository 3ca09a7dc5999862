"""What is asked of a recording, of whom, and where it comes from. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from screener.model.pose import PoseSequence
from screener.model.results import Record, SourceVideo


class Sex(StrEnum):
    """Sex, where a norm depends on it."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True)
class Person:
    """What is known of the person; unknown means that norms which need it are not compared."""

    age_years: int | None = None
    sex: Sex | None = None


FOCAL_SHARE = 1.0
"""Assumed focal length over the longer side of the picture; phones and webcams lie at 0.7 to 1.2."""
RECORD_U95_DEG = 1.5
"""95 % half width of the roll where pictures agree: four calibrated cameras of a real room were met within 1.1 degrees."""
VIDEO_SUFFIXES = frozenset(
    {"3g2", "3gp", "asf", "avi", "dv", "f4v", "flv", "m2t", "m2ts", "m2v", "m4v", "mkv"}
    | {"mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "ogv", "qt", "ts", "vob", "webm", "wmv"}
)
"""By these, in small letters, a video is known in a folder of other files."""


class Request(Record):
    """What was asked of a recording.

    `vertical_deg` is the camera roll given by the user, + = the picture is turned clockwise. `markers` looks for two stickers
    on the front hip bones, of `marker_colour` where it is named. `straight_first` says that the first hinge was done with a
    stick along the back: rounding is then measured against it. `signal_s` is when the person was told to start;
    nothing before it is an attempt. `stopped` says that the person stopped the test, which is then not scored.
    """

    test: str
    side: Literal["left", "right", "both", "auto"] = "auto"
    age_years: int | None = None
    sex: Sex | None = None
    vertical_deg: float | None = None
    markers: bool = False
    marker_colour: str | None = None
    straight_first: bool = False
    signal_s: float = 0.0
    stopped: bool = False


class Origin(Record):
    """Where the landmarks of a recording come from."""

    source: SourceVideo
    mediapipe: str
    model: str
    model_sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CameraTilt:
    """How the camera is held.

    Attributes
    ----------
    roll_deg : float
        Positive: the picture is turned clockwise. NaN when the room shows no verticals.
    pitch_deg : float
        Positive: the camera looks down.
    moved_deg : float
        How far the camera turned about its axis while it filmed, from one extreme to the other.
    """

    roll_deg: float
    pitch_deg: float
    moved_deg: float = 0.0

    @classmethod
    def unknown(cls) -> CameraTilt:
        """Return a tilt of NaN."""
        return cls(float("nan"), float("nan"))


@dataclass(frozen=True)
class Recording:
    """Raw landmarks with what was known when they were recorded."""

    poses: PoseSequence
    tilt: CameraTilt
    origin: Origin
    request: Request
