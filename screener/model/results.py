"""What a screening found: frozen, versioned, written as report.json.

Names of fields are a contract with users' scripts; `SCHEMA_VERSION` changes when one is renamed or removed.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION: Literal["2.0"] = "2.0"
"""Reports of format 1.0 are still read: they know no grade `undecided` and no `attempts`."""

ONE_SIDED = 1.645 / 1.96
"""Whether a limit is exceeded is asked of one side of an interval only."""
SAFETY_SENTENCE = (
    "Movement screen for general fitness and education. It does not diagnose, treat or rule out any condition, and it is "
    "not a medical device. Angles come from one ordinary camera and are estimates; their uncertainty is shown. A result "
    "outside the guide range is common in healthy people. If something hurts or worries you, ask a health professional."
)


class Record(BaseModel):
    """Base of all results: frozen, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Grade(StrEnum):
    """Where a value lies against its norm.

    `undecided`: its 95 % interval reaches from the within limit to the outside limit, so that all of the three could be true.
    """

    WITHIN = "within"
    WATCH = "watch"
    OUTSIDE = "outside"
    UNDECIDED = "undecided"
    NOT_ASSESSED = "not_assessed"

    @property
    def decided(self) -> bool:
        """Whether the value was compared and the comparison says something."""
        return self in (Grade.WITHIN, Grade.WATCH, Grade.OUTSIDE)


class Tier(StrEnum):
    """How far a measure may be trusted, from published or own validation."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    EXPLORATORY = "exploratory"


class Method(StrEnum):
    """From what a value was measured."""

    LANDMARKS = "landmarks"
    MARKERS = "markers"
    SILHOUETTE = "silhouette"


class Status(StrEnum):
    """What became of a test."""

    SCORED = "scored"
    NOT_ASSESSED = "not_assessed"
    STOPPED = "stopped"


class Source(Record):
    """Where a limit comes from."""

    citation: str
    doi_or_url: str = ""


class Norm(Record):
    """Limits of a measure in a population.

    `within` and `outside` are limits in `unit`. When `outside` is the larger one, high values are outside
    (value <= within: within; value > outside: outside; between: watch); otherwise low values are.
    """

    within: float
    outside: float
    unit: str
    population: str
    source: Source
    convention: bool = Field(default=False, description="the limit is only a convention, not a measured norm")

    @property
    def higher_is_worse(self) -> bool:
        """Whether values above the limit are outside."""
        return self.outside >= self.within

    def spanned_by(self, value: float, uncertainty: float) -> bool:
        """Whether `value` +- `uncertainty` reaches from the within limit to the outside limit or beyond.

        Such a value cannot be told apart from a good or from a bad one. Where both limits are one line, every interval that
        holds the line is such a one: there is no zone of watching in which it could end. A value without an interval never is.

        Parameters
        ----------
        value, uncertainty : float
            In `unit`; the half width of the 95 % interval, NaN or 0 where there is none.
        """
        if not uncertainty > 0:
            return False
        sign = 1.0 if self.higher_is_worse else -1.0
        best, worst = sign * value - uncertainty, sign * value + uncertainty
        return best <= sign * self.within and worst >= sign * self.outside


class NormRow(Record):
    """One limit of one measure of one test, for a list of all of them."""

    test: str
    title: str
    measure: str
    label: str
    tier: Tier
    norm: Norm


class MeasureResult(Record):
    """One measure of one test on one side."""

    key: str
    label: str
    unit: str
    value: float | None = Field(description="null where it could not be measured")
    uncertainty: float | None = Field(description="half width of the 95 % interval")
    grade: Grade
    firm: bool = Field(description="false where value +- uncertainty straddles the limit, or nothing was decided")
    method: Method
    tier: Tier
    usable_fraction: float = Field(ge=0, le=1)
    norm: Norm | None = Field(description="null where the value is shown but not compared")
    statement: str = Field(description="the result in words")
    reason: str | None = Field(default=None, description="why the value is missing or not compared")


class Span(Record):
    """A stretch of the recording."""

    start_s: float
    end_s: float


class Attempt(Record):
    """One try at a movement, whole or not."""

    start_s: float
    end_s: float
    complete: bool
    lacking: str | None = Field(default=None, description="what an incomplete one lacked, in words; null for a complete one")


class Curve(Record):
    """Which column of timeseries.csv shows a measure over time.

    `sign * column` has the sign of the measure; `u95_column` holds the half width of its 95 % interval per frame.
    """

    column: str
    measure: str
    label: str
    sign: Literal[1, -1] = 1
    u95_column: str | None = None


class TestResult(Record):
    """One test on one side."""

    __test__ = False

    key: str
    title: str
    side: Literal["left", "right", "both"]
    recording: int = Field(default=0, ge=0, description="which of the report's recordings shows it, from 0")
    status: Status
    reason: str | None = Field(description="why it was not assessed, in one sentence")
    advice: str | None = Field(default=None, description="what to do about it next time, in one sentence")
    score: int | None = Field(ge=0, le=3, description="null where nothing could be compared, or the comparison decides nothing")
    summary: str = Field(description="the answer in words")
    window: Span | None = None
    repetitions: tuple[Span, ...] = ()
    attempts: tuple[Attempt, ...] = Field(default=(), description="every try, whole or not, also those that were not scored")
    holds: tuple[Span, ...] = ()
    key_moment_s: float | None = Field(default=None, description="the moment worth a picture")
    measures: tuple[MeasureResult, ...] = ()
    curves: tuple[Curve, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _first_name_of_advice(cls, data: Any) -> Any:
        """Read a report of schema 1, where the advice was called `cure`."""
        if isinstance(data, dict) and "cure" in data:
            return {("advice" if name == "cure" else name): value for name, value in data.items()}
        return data


class Asymmetry(Record):
    """Left against right of one measure of one test."""

    test: str
    measure: str
    label: str
    unit: str
    left: float
    right: float
    difference: float = Field(description="left minus right")
    uncertainty: float | None = Field(default=None, description="half width of the 95 % interval of the difference")
    smallest_detectable: float
    grade: Grade


class Change(Record):
    """One measure of one test in this recording against an earlier one of the same person."""

    test: str
    side: Literal["left", "right", "both"]
    measure: str
    label: str
    unit: str
    before: float
    after: float
    difference: float = Field(description="after minus before")
    uncertainty: float | None = Field(description="half width of the 95 % interval of the difference; null where not known")
    changed: bool | None = Field(description="whether the difference is beyond the error; null where that is not known")


class Score(Record):
    """Points of the whole screen over what was assessed.

    A test whose values are shown but compared with nothing, or decide nothing, has no points and is not `assessed`.
    """

    points: int
    possible: int
    assessed: int
    of: int


class Software(Record):
    """What measured."""

    version: str
    mediapipe: str
    model: str
    model_sha256: str
    norms_sha256: str


class SourceVideo(Record):
    """What was measured. `file` is a bare name, never a path."""

    file: str
    sha256: str
    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    bits_per_pixel: float | None = Field(default=None, description="size of the file over all its pixels; null for a camera")
    recorded_at: datetime | None = Field(default=None, description="when it was recorded; null where the file does not say")


class Quality(Record):
    """How good the recording was."""

    view: Literal["front", "back", "side", "oblique", "unknown"]
    body_turn_deg: float | None = Field(
        description="turn of the body from facing the camera or away from it; in a side view from the exact side"
    )
    body_turn_u95_deg: float | None = Field(
        default=None, description="its 95 % half width; null in a side view and of a lying body"
    )
    usable_fraction: float
    fps: float = Field(description="frames a second that arrived, pauses of the camera left out")
    camera_roll_deg: float = Field(description="+ = the picture is turned clockwise; removed from every angle")
    camera_roll_u95_deg: float
    camera_moved_deg: float = Field(default=0.0, description="turn of the camera about its axis while it filmed")
    camera_roll_source: Literal["given", "scene", "standing", "none"]
    subject_height_px: float | None
    brightness: float | None
    side_swaps_repaired: int
    found_fraction: float = Field(default=1.0, description="share of frames in which the person was found")
    whole_body_fraction: float = Field(default=1.0, description="share of found frames with head and feet in the picture")
    people: int = Field(default=1, description="people of about the subject's size in most pictures")
    cloth_share: float | None = Field(
        default=None,
        description="share of the weight that the cloth over the hips has in the pelvis, the rest is the body points'; null "
        "where the pelvis was not measured from both",
    )
    loose_clothing: float = Field(
        default=0.0,
        description="0 = the clothing lies on the hips, 1 = it hangs away and need not turn with the pelvis",
    )
    upside_down: bool = False
    sideways: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def largest_turn_deg(self) -> float:
        """What the turn of the body exceeds with 5 % chance at most, by its interval; 0 where it is not known."""
        return (self.body_turn_deg or 0.0) + ONE_SIDED * (self.body_turn_u95_deg or 0.0)

    @property
    def camera_turn_u95_deg(self) -> float:
        """What a turning camera adds to the 95 % half width of an angle; below a degree it is the noise of watching it."""
        return self.camera_moved_deg if self.camera_moved_deg > 1.0 else 0.0


class RecordingFacts(Record):
    """One recording of a visit."""

    source: SourceVideo
    quality: Quality


class ScreeningReport(Record):
    """All that a run found; the content of report.json.

    A report of several recordings lists them all in `recordings`; `source` and `quality` are then those of the first.
    """

    schema_version: Literal["1.0", "2.0"] = SCHEMA_VERSION
    created_at: datetime
    software: Software
    source: SourceVideo
    quality: Quality
    recordings: tuple[RecordingFacts, ...] = Field(default=(), description="every recording, where there are several")
    headline: str
    tests: tuple[TestResult, ...]
    asymmetry: tuple[Asymmetry, ...] = ()
    changes: tuple[Change, ...] = Field(default=(), description="against an earlier recording, where one was given")
    score: Score
    advice: tuple[str, ...] = ()
    safety: str = SAFETY_SENTENCE
