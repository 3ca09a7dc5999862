"""What a clinical test is: its protocol, its measures, and what it finds in a recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from screener.kinematics.attempts import MovementAttempt
from screener.kinematics.motion import Motion
from screener.kinematics.ranges import Range
from screener.model.pose import Bools, Side, View
from screener.model.recording import Person
from screener.model.results import Curve, Method, Norm, Source, Tier
from screener.model.series import Interval, Series
from screener.tests_clinical.guide import Guide, guide_file
from screener.tests_clinical.sources import PROGRAM_CONVENTION

NormFor = Callable[[Person], Norm | None]


def convention(within: float, outside: float, unit: str, source: Source = PROGRAM_CONVENTION) -> NormFor:
    """Return a rule that gives every adult the same limits, which are only a convention."""
    norm = Norm(within=within, outside=outside, unit=unit, population="adults", source=source, convention=True)
    return lambda _person: norm


def not_compared(_person: Person) -> None:
    """Return no norm: the value is shown, not judged."""


@dataclass(frozen=True)
class Measure:
    """A measure of a test: how it is called, judged and worded.

    Attributes
    ----------
    phrase : str
        The result in words; `{value}` is replaced by the value with its uncertainty and unit, `{where}` by `Value.where`.
    phrase_below_zero : str
        The same for a negative value, shown without its sign; empty where the sign needs no other words.
    column : str
        Column of timeseries.csv that shows it, with `{side}` and `{sign}` resolved per side; empty for none.
    smallest_detectable : float
        Smallest left-right difference that is more than measurement error; 0 where sides are not compared.
    decimals : int
        Digits shown.
    exercises : tuple of str
        What is advised where it is outside or to be watched.
    names : mapping
        Its name in other languages, by their code.
    possible : Range, optional
        What a body can do; a value beyond it is not a measurement. None where no body sets an end (times, counts).
    of_pelvis : bool
        Made from the obliquity of the pelvis, which joins what cloth and skin show with the body points.
    own_rule : bool
        Made from its curve in another way than the rest of the test, so that no sentence tells how.
    """

    key: str
    label: str
    unit: str
    tier: Tier
    norm: NormFor
    phrase: str
    phrase_below_zero: str = ""
    column: str = ""
    toward_other_side: bool = False
    toward_side: bool = False
    smallest_detectable: float = 0.0
    decimals: int = 1
    exercises: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    possible: Range | None = None
    of_pelvis: bool = False
    own_rule: bool = False

    def worded_below_zero(self, value: float) -> bool:
        """Whether a value is told without its sign, by a phrase of its own."""
        return bool(self.phrase_below_zero) and value < 0

    def said(self, value: float, written: str, where: str = "") -> str:
        """Tell a value as a sentence without its end.

        Parameters
        ----------
        value : float
            Chooses the phrase.
        written : str
            The value as it is written, without its sign where `worded_below_zero`.
        where : str
            A word for the sentence, such as the direction.
        """
        phrase = self.phrase_below_zero if self.worded_below_zero(value) else self.phrase
        sentence = phrase.format(value=written, where=where)
        return f"{sentence[0].upper()}{sentence[1:]}"

    def curve(self, side: Side | None) -> Curve | None:
        """Which column shows the measure on this side, in the measure's own sign."""
        if not self.column or (side is None and "{side}" in self.column):
            return None
        column = self.column.format(side=side)
        toward = side.other if side and self.toward_other_side else side
        signed = toward is not None and (self.toward_other_side or self.toward_side)
        sign = toward.sign if signed and toward else 1
        with_u95 = f"{column.removesuffix('_deg')}_u95_deg"
        u95 = with_u95 if with_u95 in Series.__dataclass_fields__ else None
        return Curve(column=column, measure=self.key, label=self.label, sign=1 if sign > 0 else -1, u95_column=u95)


@dataclass(frozen=True)
class Value:
    """What a test measured for one of its measures.

    Attributes
    ----------
    value, u95 : float
        NaN where it could not be measured; `reason` says why then.
    usable : float
        Share of usable frames behind it.
    at_least : bool
        The recording ended before the value did; it is never graded below a norm.
    where : str
        A word for the sentence, such as the direction of an unsigned value.
    compared : bool
        False where the value is shown and not judged; `reason` says why.
    """

    key: str
    value: float
    u95: float
    usable: float = 1.0
    reason: str | None = None
    at_least: bool = False
    where: str = ""
    compared: bool = True
    method: Method = Method.LANDMARKS


@dataclass(frozen=True)
class Finding:
    """What a test found on one side.

    Attributes
    ----------
    window : Interval, optional
        The stretch that was judged; None where the movement was not found.
    missing, advice : str
        Why it was not found and what to do.
    completed : bool
        False where the movement was tried and not carried through: scored 0.
    attempts : tuple of MovementAttempt
        Every try, whole or not; empty where only whole repetitions are looked for.
    usable : (T,) bool, optional
        Frames in which the test sees all that it needs; None where that is every joint of the view.
    """

    window: Interval | None
    values: tuple[Value, ...] = ()
    repetitions: tuple[Interval, ...] = ()
    holds: tuple[Interval, ...] = ()
    attempts: tuple[MovementAttempt, ...] = ()
    key_moment_s: float | None = None
    missing: str = ""
    advice: str = ""
    completed: bool = True
    usable: Bools | None = None


@dataclass(frozen=True)
class ClinicalTest:
    """A guided test: protocol, measures, and the function that finds them in a recording.

    Attributes
    ----------
    sides : tuple
        (Side.LEFT, Side.RIGHT) for a test of each leg, (None,) for one of both together.
    evaluate : callable
        Pure function of the motion and the side.
    stands_on_side : bool
        The side of a result is the leg that stands, so that a leg stood on was meant to be tested.
    stands_on_two : bool
        Both feet stay on the floor: one that is drawn higher is further away, not lifted, unless by much.
    by_view : bool
        What is measured depends on the view: from the front each side, as a frontal test; from the side both legs together.
    lying : bool
        The person lies on the floor.
    looks_at_back : bool
        The outline of the back is measured, which takes the slower network that gives it.
    read_at : str
        At what moment of a repetition its values are read.
    judges_standing : bool
        How the person stands is what is judged, so that it cannot tell the roll of the camera.
    command_hint : str
        An option of the command line that fits the test; never said to the person who does it.
    guide : Guide, optional
        How it is carried out and explained, where that is not in `guides/KEY.toml`.
    """

    key: str
    title: str
    idea: str
    views: tuple[View, ...]
    sides: tuple[Side | None, ...]
    instructions: tuple[str, ...]
    easy_version: str
    camera: str
    measures: tuple[Measure, ...]
    evaluate: Callable[[Motion, Side | None], Finding]
    stands_on_side: bool = False
    stands_on_two: bool = False
    by_view: bool = False
    lying: bool = False
    looks_at_back: bool = False
    judges_standing: bool = False
    command_hint: str = ""
    read_at: str = "at the deepest point of the movement"
    guide: Guide | None = None

    @property
    def how(self) -> Guide:
        """How it is carried out and explained."""
        return self.guide or guide_file(self.key)

    @property
    def frontal(self) -> bool:
        """Whether the test is seen from the front or the back; one that is measured by view is, where it may also be."""
        return View.SIDE not in self.views or self.by_view
