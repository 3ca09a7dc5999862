"""What must come out of a recording of a real person, and how a report compares with it."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screener.model.results import Grade, MeasureResult, ScreeningReport, Status, TestResult

ANGLE = re.compile(r"valgus|drop_deg|lean|hike_deg|rounding|pelvic_tilt|arch")
POSSIBLE_DEG = 90.0
"""No angle of these names is larger in a living person."""
KNEE_ANGLE = "knee_valgus_deg"
KNEE_PLACES = ("knee_over_foot_pct", "knee_separation_ratio")
"""What a deep squat and a lunge are judged by where the angle of the knee is not defined."""
OPTION = re.compile(r"--(age|sex)\s+(\S+)")


@dataclass(frozen=True)
class Expected:
    """What one label says of one measure; `side` is empty where it holds for both sides."""

    measure: str
    side: str
    text: str

    def is_of(self, measure: str, side: str) -> bool:
        """Whether it speaks of a measure of a side."""
        return self.measure == measure and self.side in ("", side)

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest sane value."""
        low, high = self.text.split("..")
        return float(low), float(high)


@dataclass(frozen=True)
class Label:
    """One row of labels.csv: a recording, how it is screened, and what must come out.

    `counts` holds the fewest and the most repetitions by side; `both` is held against the longest list of the report.
    """

    name: str
    test: str
    side: str
    age_years: int | None
    sex: str | None
    expect: str
    why: str
    counts: Mapping[str, tuple[int, int]]
    stance_leg: str
    bounds: tuple[Expected, ...]
    grades: tuple[Expected, ...]
    repository: str
    licence: str


@dataclass(frozen=True)
class Finding:
    """How one report compares with its label.

    Attributes
    ----------
    scored : bool
        Whether any test of it was.
    reasons : tuple of str
        Why tests were refused.
    counts : tuple of (str, int, int, int)
        Side, repetitions found, fewest and most true ones.
    stance_wrong : bool or None
        Another leg was scored; None where no leg is labelled or nothing was scored.
    values, graded, undecided, firm : int
        Values that were given, those with a decided grade, with the grade `undecided`, and those that are certain.
    bounds_checked : int
        Labelled ranges with a value.
    bounds_silent : tuple of str
        Measures of the labelled ranges whose value is not given.
    grades_checked, places_checked : int
        Labelled grades held against a decided one, and labels of the knee's angle held against its place.
    outside, contradicted, firm_wrong, impossible, too_wide, knee_places : tuple of str
        The values in words: out of their range; against the label; certain and wrong; beyond what a body can do; graded
        outside with an interval over the whole scale; a place of the knee against the label that was written for its angle.
    """

    scored: bool
    reasons: tuple[str, ...] = ()
    counts: tuple[tuple[str, int, int, int], ...] = ()
    stance_wrong: bool | None = None
    values: int = 0
    graded: int = 0
    undecided: int = 0
    firm: int = 0
    bounds_checked: int = 0
    grades_checked: int = 0
    places_checked: int = 0
    bounds_silent: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    firm_wrong: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    too_wide: tuple[str, ...] = ()
    knee_places: tuple[str, ...] = ()

    @property
    def count_error(self) -> int:
        """Repetitions missed or invented."""
        return sum(max(low - found, found - high, 0) for _side, found, low, high in self.counts)

    @property
    def count_true(self) -> int:
        """Repetitions that there are."""
        return sum(high for *_rest, high in self.counts)


def expectations(text: str) -> tuple[Expected, ...]:
    """Read `measure[side]:what; measure:what`.

    Raises
    ------
    ValueError
        A part that is written otherwise.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = re.fullmatch(r"([a-z0-9_]+)(?:\[(left|right|both)\])?\s*:\s*(.+)", part)
        if match is None:
            raise ValueError(f"cannot read {part!r}")
        found.append(Expected(match[1], match[2] or "", match[3].strip()))
    return tuple(found)


def count_range(text: str) -> tuple[int, int]:
    """Fewest and most repetitions: `3`, or `4-5` where the first is not whole."""
    low, _, high = text.strip().partition("-")
    return int(low), int(high or low)


def label_of(row: Mapping[str, str]) -> Label:
    """Return the label in a row of the table."""
    options = dict(OPTION.findall(row.get("args") or ""))
    counts = {side: row[f"reps_{side}"] for side in ("both", "left", "right")}
    return Label(
        name=row["name"],
        test=row["test"],
        side=row["side_arg"] or "auto",
        age_years=int(options["age"]) if "age" in options else None,
        sex=options.get("sex"),
        expect=row["expect"],
        why=row["why"].strip(),
        counts={side: count_range(text) for side, text in counts.items() if text.strip()},
        stance_leg=row["stance_leg"].strip(),
        bounds=expectations(row["bounds"]),
        grades=expectations(row["grades"]),
        repository=row["repo"],
        licence=row["licence"],
    )


def load_labels(path: Path) -> tuple[Label, ...]:
    """Read labels.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(label_of(row) for row in csv.DictReader(file))


def judge(label: Label, report: ScreeningReport) -> Finding:
    """Compare a report with its label."""
    scored = [test for test in report.tests if test.status is Status.SCORED]
    given = [(test.side, measure) for test in scored for measure in test.measures if measure.value is not None]
    bounds = [(side, one, wish) for side, one in given for wish in label.bounds if wish.is_of(one.key, side)]
    grades = [
        (side, one, wish) for side, one in given for wish in label.grades if wish.is_of(one.key, side) and one.grade.decided
    ]
    places = [(side, one, wish) for side, one in given for wish in label.grades if is_place_of(wish, one, side)]
    return Finding(
        scored=bool(scored),
        reasons=tuple(sorted({test.reason for test in report.tests if test.reason})),
        counts=counts_of(label, report.tests),
        stance_wrong=_stance_wrong(label, scored),
        values=len(given),
        graded=sum(one.grade.decided for _side, one in given),
        undecided=sum(one.grade is Grade.UNDECIDED for _side, one in given),
        firm=sum(one.firm for _side, one in given),
        bounds_checked=len(bounds),
        bounds_silent=_silent(label, scored),
        grades_checked=len(grades),
        places_checked=len(places),
        outside=tuple(f"{spoken(one, side)}; sane {wish.text}" for side, one, wish in bounds if beyond(one, wish) > 0),
        contradicted=tuple(f"{spoken(one, side)}; label {wish.text}" for side, one, wish in grades if contradicts(one, wish)),
        firm_wrong=_firm_wrong(bounds, grades),
        impossible=tuple(spoken(one, side) for side, one in given if is_impossible(one)),
        too_wide=tuple(spoken(one, side) for side, one in given if is_too_wide(one)),
        knee_places=tuple(f"{spoken(one, side)}; label {wish.text}" for side, one, wish in places if contradicts(one, wish)),
    )


def counts_of(label: Label, tests: Sequence[TestResult]) -> tuple[tuple[str, int, int, int], ...]:
    """Repetitions found and true; a test on two legs writes the same list for each side."""
    found: dict[str, int] = {test.side: len(test.repetitions) for test in tests}
    longest = max(found.values(), default=0)
    return tuple(
        (side, longest if side == "both" else found.get(side, 0), low, high) for side, (low, high) in label.counts.items()
    )


def _stance_wrong(label: Label, scored: Sequence[TestResult]) -> bool | None:
    if not label.stance_leg or not scored:
        return None
    return {test.side for test in scored if test.side != "both"} != {label.stance_leg}


def _silent(label: Label, scored: Sequence[TestResult]) -> tuple[str, ...]:
    """Measures of the labelled ranges of scored tests whose value is not given."""
    given = {(test.side, one.key) for test in scored for one in test.measures if one.value is not None}
    wished = [(test.side, wish.measure) for test in scored for wish in label.bounds if wish.side in ("", test.side)]
    return tuple(measure for side, measure in wished if (side, measure) not in given)


def on_faults(label: Label, report: ScreeningReport) -> tuple[tuple[str, str], ...]:
    """What a label calls outside, and what the report says of it; for the angle of a knee also its places."""
    faults = [wish for wish in label.grades if wish.text == Grade.OUTSIDE.value]
    return tuple((f"{wish.measure} {wish.side}".strip(), "; ".join(_said(wish, report)) or "no value") for wish in faults)


def _said(wish: Expected, report: ScreeningReport) -> list[str]:
    keys = (wish.measure, *(KNEE_PLACES if wish.measure == KNEE_ANGLE else ()))
    tests = [test for test in report.tests if wish.side in ("", test.side)]
    return [spoken(one, test.side) for test in tests for one in test.measures if one.key in keys and one.value is not None]


def beyond(measure: MeasureResult, wish: Expected) -> float:
    """How far a value lies out of its sane range; 0 inside."""
    low, high = wish.limits
    value = math.nan if measure.value is None else measure.value
    return max(low - value, value - high, 0.0)


def contradicts(measure: MeasureResult, wish: Expected) -> bool:
    """Whether one says within and the other outside."""
    return {measure.grade.value, wish.text} == {"within", "outside"}


def is_place_of(wish: Expected, measure: MeasureResult, side: str) -> bool:
    """Whether a label of the knee's angle can be held against this decided place of the knee."""
    return wish.measure == KNEE_ANGLE and wish.side in ("", side) and measure.key in KNEE_PLACES and measure.grade.decided


def is_impossible(measure: MeasureResult) -> bool:
    """Whether no body can do this."""
    angle = measure.unit.startswith("deg") and ANGLE.search(measure.key) is not None
    return angle and abs(measure.value or 0.0) > POSSIBLE_DEG


def is_too_wide(measure: MeasureResult) -> bool:
    """Graded outside, though the interval covers the scale from the within line to the outside line."""
    norm, value, u95 = measure.norm, measure.value, measure.uncertainty
    if norm is None or value is None or u95 is None or measure.grade is not Grade.OUTSIDE:
        return False
    return all(value - u95 < line < value + u95 for line in (norm.within, norm.outside))


def _firm_wrong(
    bounds: Sequence[tuple[str, MeasureResult, Expected]], grades: Sequence[tuple[str, MeasureResult, Expected]]
) -> tuple[str, ...]:
    """Certain values that are wrong, each once: out of the sane range by more than their interval, or against the label."""
    far = [spoken(one, side) for side, one, wish in bounds if one.firm and beyond(one, wish) > (one.uncertainty or 0.0)]
    against = [spoken(one, side) for side, one, wish in grades if one.firm and contradicts(one, wish)]
    return tuple(dict.fromkeys((*far, *against)))


def spoken(measure: MeasureResult, side: str) -> str:
    """A value in words."""
    where = "" if side == "both" else f" {side}"
    spread = "" if measure.uncertainty is None else f" ± {measure.uncertainty:.2g}"
    value = 0.0 if measure.value is None else measure.value
    return f"{measure.key}{where} {value:.3g}{spread}, {measure.grade.value}{', firm' if measure.firm else ''}"
