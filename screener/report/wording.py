"""Numbers, units and grades as a reader meets them: plain words, never a verdict on the person."""

from __future__ import annotations

from datetime import datetime

from screener.model.results import Curve, Grade, MeasureResult, Method, Norm, Status, TestResult, Tier
from screener.tests_clinical import TESTS, measure_of, named_measure

MINUS = "\N{MINUS SIGN}"
PLUS_MINUS = "\N{PLUS-MINUS SIGN}"

DEGREE_UNITS = frozenset({"deg", "degree", "degrees", "\N{DEGREE SIGN}"})
_SUFFIX_AND_DECIMALS: dict[str, tuple[str, int]] = {
    **dict.fromkeys(DEGREE_UNITS, ("\N{DEGREE SIGN}", 1)),
    "s": (" s", 1),
    "count": ("", 0),
    "ratio": ("", 2),
    "%": (" %", 1),
    "pct": (" %", 1),
    "percent": (" %", 1),
    "mm": (" mm", 0),
    "cm": (" cm", 1),
    "mm/s": (" mm/s", 0),
    "pct/s": (" %/s", 1),
    "%/s": (" %/s", 1),
}

GRADE_WORDS = {
    Grade.WITHIN: "within the guide range",
    Grade.WATCH: "something to watch",
    Grade.OUTSIDE: "outside the guide range",
    Grade.UNDECIDED: "undecided",
    Grade.NOT_ASSESSED: "not assessed",
}
ZONE_WORDS = {Grade.WITHIN: "within", Grade.WATCH: "watch", Grade.OUTSIDE: "outside"}
SCORE_WORDS = {
    3: "every measure within the guide range",
    2: "something to watch",
    1: "something outside the guide range",
    0: "could not be completed",
}
SCORE_GRADES = {3: Grade.WITHIN, 2: Grade.WATCH, 1: Grade.OUTSIDE, 0: Grade.OUTSIDE}
SIDE_WORDS = {"left": "left side", "right": "right side", "both": "both sides"}
VIEW_WORDS = {
    "front": "from the front",
    "back": "from the back",
    "side": "from the side",
    "oblique": "at an angle",
    "unknown": "not known",
}
METHOD_WORDS = {
    Method.LANDMARKS: "body points found in the picture",
    Method.MARKERS: "stickers on the body",
    Method.SILHOUETTE: "outline and surface of the body",
}
PELVIS_WORDS = "cloth and skin over the pelvis, together with body points found in the picture"
TIER_WORDS = {
    Tier.HIGH: "high confidence",
    Tier.MODERATE: "moderate confidence",
    Tier.LOW: "low confidence",
    Tier.EXPLORATORY: "exploratory",
}
ROLL_SOURCE_WORDS = {
    "given": "as given by the camera or by you",
    "scene": "from vertical lines in the room",
    "standing": "from quiet standing on both legs",
    "none": "not measured",
}


def number(value: float, decimals: int) -> str:
    """Write a number with a true minus sign and never as minus zero."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def _suffix_and_decimals(unit: str, *values: float) -> tuple[str, int]:
    """How a unit is written; a bare number is a count when it is whole and a ratio when it is not."""
    if not unit:
        return "", 0 if all(float(value).is_integer() for value in values) else 2
    return _SUFFIX_AND_DECIMALS.get(unit, (f" {unit}", 1))


def quantity(value: float | None, unit: str) -> str:
    """Write a value with its unit, or `not measured`."""
    if value is None:
        return "not measured"
    suffix, decimals = _suffix_and_decimals(unit, value)
    return number(value, decimals) + suffix


def quantity_with_uncertainty(value: float | None, uncertainty: float | None, unit: str) -> str:
    """Write value, 95 % half width and unit: `6.1 +- 2.0 deg` with the proper signs."""
    if value is None or uncertainty is None:
        return quantity(value, unit)
    suffix, decimals = _suffix_and_decimals(unit, value, uncertainty)
    return f"{number(value, decimals)} {PLUS_MINUS} {number(uncertainty, decimals)}{suffix}"


def limit(value: float, unit: str) -> str:
    """Write a limit with its unit, without needless decimals."""
    suffix, _ = _suffix_and_decimals(unit, value)
    return f"{value:g}".replace("-", MINUS) + suffix


def measure_grade(measure: MeasureResult) -> str:
    """Grade of a measure in words; says whether a missing grade means no value or no comparison."""
    if measure.grade is not Grade.NOT_ASSESSED:
        return GRADE_WORDS[measure.grade]
    return "not measured" if measure.value is None else "not compared"


def firmness(measure: MeasureResult) -> str:
    """How sure the grade is, in words; empty where nothing was graded."""
    if measure.grade is Grade.NOT_ASSESSED:
        return ""
    if measure.grade is Grade.UNDECIDED:
        return "the error is so large that the value may lie within or outside the guide range"
    line = f"the guide line of {limit(measure.norm.outside, measure.norm.unit)}" if measure.norm else "the guide line"
    return f"firm: clear of {line}" if measure.firm else f"not firm: could lie on either side of {line}"


def measured_from(measure: MeasureResult) -> str:
    """From what a measure was taken, in words."""
    if measure.method is Method.LANDMARKS and (known := named_measure(measure.key)) is not None and known.of_pelvis:
        return PELVIS_WORDS
    return METHOD_WORDS[measure.method]


def result_rule(test: TestResult, curve: Curve) -> str:
    """How the result is made from its curve, in two sentences; empty where it is not known to be made so."""
    measure = next((measure for measure in test.measures if measure.key == curve.measure), None)
    known = measure_of(test.key, curve.measure)
    if (known is not None and known.own_rule) or measure is None or measure.value is None:
        return ""
    if not (test.repetitions or test.holds):
        return ""
    if test.repetitions:
        moment = TESTS[test.key].read_at if test.key in TESTS else "at the deepest point of the movement"
        made, stretch = f"the median of the repetitions, each read {moment}", "repetition"
    else:
        made, stretch = "the largest value held for one second", "hold"
    result = quantity(measure.value, measure.unit)
    return f"The result of {result} is {made}. The table shows the median and the largest value of each whole {stretch}."


def norm_limits(norm: Norm) -> str:
    """Both limits of a norm in one sentence without its full stop."""
    within, outside = limit(norm.within, norm.unit), limit(norm.outside, norm.unit)
    if norm.higher_is_worse:
        return f"up to {within} is within, above {outside} is outside the guide range"
    return f"{within} or more is within, less than {outside} is outside the guide range"


def incomplete(test: TestResult) -> str:
    """What was begun and not carried through, as a sentence with a space before it; empty without any."""
    begun = [one for one in test.attempts if not one.complete]
    if not begun:
        return ""
    what = "; ".join(f"at {quantity(one.start_s, 's')} {one.lacking}" for one in begun)
    return f" {len(begun)} more did not count: {what}."


def test_status(test: TestResult) -> str:
    """What became of a test, in words."""
    if test.status is Status.STOPPED:
        return "stopped on purpose, not scored"
    if test.status is Status.NOT_ASSESSED:
        return "not assessed"
    if test.score is None:
        return "undecided" if test_grade(test) is Grade.UNDECIDED else "measured, not compared"
    if test.score == 3 and any(measure.grade is Grade.UNDECIDED for measure in test.measures):
        return "every measure that could be decided is within the guide range"
    return SCORE_WORDS[test.score]


def test_grade(test: TestResult) -> Grade:
    """Grade whose icon stands for a whole test."""
    if test.status is not Status.SCORED:
        return Grade.NOT_ASSESSED
    if test.score is None:
        undecided = any(measure.grade is Grade.UNDECIDED for measure in test.measures)
        return Grade.UNDECIDED if undecided else Grade.NOT_ASSESSED
    return SCORE_GRADES[test.score]


def sureness(test: TestResult) -> str:
    """Say how far the points of a test can be trusted: by what decided them, where something was not within."""
    grade = test_grade(test)
    if not grade.decided:
        return ""
    deciding = [measure for measure in test.measures if measure.grade is grade]
    if grade is Grade.WITHIN:
        return "firm" if all(measure.firm for measure in deciding) else "not certain for every measure"
    if not deciding:  # not carried through
        return ""
    surest = min(deciding, key=lambda measure: (not measure.firm, list(TIER_WORDS).index(measure.tier)))
    return f"{'firm' if surest.firm else 'not certain'}, {TIER_WORDS[surest.tier]}"


WORST_FIRST = (Grade.OUTSIDE, Grade.WATCH, Grade.UNDECIDED, Grade.WITHIN, Grade.NOT_ASSESSED)


def leading_measure(test: TestResult) -> MeasureResult | None:
    """Return the measure that the answer of a test is about: the first one with the worst grade; None without any."""
    return min(test.measures, key=lambda measure: WORST_FIRST.index(measure.grade), default=None)


def answer(test: TestResult) -> str:
    """Return the answer of a test in one plain sentence: what moved, by about how much, and what is usual."""
    measure = leading_measure(test)
    graded = measure is not None and measure.grade in (Grade.OUTSIDE, Grade.WATCH, Grade.UNDECIDED)
    if measure is None or not graded or test.status is not Status.SCORED:
        return test.reason or test.summary
    known = measure_of(test.key, measure.key)
    if known is None or measure.value is None or measure.norm is None or "{where}" in known.phrase:
        return measure.statement
    shown = abs(measure.value) if known.worded_below_zero(measure.value) else measure.value
    said = known.said(measure.value, about(shown, measure.unit))
    line = about(measure.norm.outside, "")
    if measure.grade is Grade.UNDECIDED:
        spread = about(measure.uncertainty or 0.0, "")
        return f"{said}, give or take {spread}: too uncertain to compare with {line}."
    usual = f"up to {line} is usual" if measure.norm.higher_is_worse else f"{line} or more is usual"
    return f"{said}; {usual}."


def about(value: float, unit: str) -> str:
    """Write a value as one says it: whole from 2 on, its unit in words."""
    digits = number(value, 0 if abs(value) >= 2.0 or float(value).is_integer() else 1)
    return f"{digits} {'degrees' if unit in DEGREE_UNITS else unit}".strip()


def how_sure(test: TestResult) -> str:
    """Say in one of three words how sure the answer is: clear, borderline, not measurable."""
    measure = leading_measure(test)
    if test.status is not Status.SCORED or measure is None or measure.grade in (Grade.UNDECIDED, Grade.NOT_ASSESSED):
        return "not measurable"
    decided = [one for one in test.measures if one.grade is measure.grade]
    firm = all(one.firm for one in decided) if measure.grade is Grade.WITHIN else any(one.firm for one in decided)
    return "clear" if firm else "borderline"


SURE_WORDS = {
    "clear": "the error of the measurement does not change this",
    "borderline": "with the error of the measurement it could also be the other side of the line",
    "not measurable": "the error is too large, or too little was seen, to say",
}


def asymmetry_grade(grade: Grade) -> str:
    """Word for a left-right difference."""
    return {
        Grade.WITHIN: "no difference beyond measurement error",
        Grade.WATCH: "close to the smallest detectable difference",
        Grade.OUTSIDE: "larger than measurement error",
        Grade.UNDECIDED: "undecided: the error is too large",
        Grade.NOT_ASSESSED: "undecided: the error is too large",
    }[grade]


def change_word(changed: bool | None) -> str:
    """Word for a change since an earlier recording."""
    if changed is None:
        return "the error is not known"
    return "changed beyond measurement error" if changed else "no change beyond measurement error"


def long_date(moment: datetime) -> str:
    """Write `22 November 2026, 14:05 UTC`."""
    return f"{moment.day} {moment:%B %Y, %H:%M %Z}".rstrip()


def percent(fraction: float) -> str:
    """Write a fraction of one as whole per cent, rounded down so that 99.9 % never reads as all."""
    return f"{int(fraction * 100 + 1e-9)} %"
