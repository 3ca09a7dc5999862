from __future__ import annotations

import pytest

from helpers import sample_report as sample
from screener.model.results import Curve, Grade, MeasureResult, Method, TestResult
from screener.report import wording
from screener.report.drawing.icons import icon_shape
from screener.report.drawing.palette import GRADE_COLOURS, ZONE_TINTS
from screener.tests_clinical import TESTS


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (6.06, "deg", "6.1°"),
        (-2.2, "deg", "\N{MINUS SIGN}2.2°"),
        (-0.04, "deg", "0.0°"),
        (34.0, "s", "34.0 s"),
        (3.0, "count", "3"),
        (1.316, "ratio", "1.32"),
        (1.316, "", "1.32"),
        (2.0, "", "2"),
        (1.3, "% of height per s", "1.3 % of height per s"),
        (6.06, "degrees", "6.1°"),
        (21.4, "mm/s", "21 mm/s"),
        (7.25, "furlong", "7.2 furlong"),
        (None, "deg", "not measured"),
    ],
)
def test_quantity(value: float | None, unit: str, words: str) -> None:
    assert wording.quantity(value, unit) == words


def test_uncertainty_has_the_decimals_of_its_value() -> None:
    assert wording.quantity_with_uncertainty(6.1, 2.0, "deg") == "6.1 ± 2.0°"
    assert wording.quantity_with_uncertainty(2.0, 0.25, "") == "2.00 ± 0.25"
    assert wording.quantity_with_uncertainty(6.1, None, "deg") == "6.1°"
    assert wording.quantity_with_uncertainty(None, None, "deg") == "not measured"


def test_limits_say_which_way_is_outside() -> None:
    assert wording.norm_limits(sample.DROP_NORM) == "up to 3° is within, above 5° is outside the guide range"
    assert wording.norm_limits(sample.HOLD_NORM) == "43 s or more is within, less than 30 s is outside the guide range"


def test_grade_words_of_measures() -> None:
    assert wording.measure_grade(sample.drop()) == "outside the guide range"
    assert wording.measure_grade(sample.lean()) == "within the guide range"
    assert wording.measure_grade(sample.hold()) == "something to watch"
    assert wording.measure_grade(sample.sway()) == "not compared"
    assert wording.measure_grade(sample.drop(None, Grade.NOT_ASSESSED)) == "not measured"


def test_firmness() -> None:
    assert wording.firmness(sample.drop(firm=False)) == "not firm: could lie on either side of the guide line of 5°"
    assert wording.firmness(sample.drop(firm=True)) == "firm: clear of the guide line of 5°"
    assert wording.firmness(sample.sway()) == ""


def test_the_pelvis_is_measured_from_cloth_and_skin_too() -> None:
    drop = sample.drop()
    assert wording.measured_from(drop) == "cloth and skin over the pelvis, together with body points found in the picture"
    assert wording.measured_from(drop.model_copy(update={"method": Method.MARKERS})) == "stickers on the body"
    assert wording.measured_from(sample.lean()) == "body points found in the picture"


def test_every_measure_with_the_curve_of_the_pelvis_is_one_of_the_pelvis() -> None:
    measures = [m for test in TESTS.values() for m in test.measures]
    assert {m.key for m in measures if m.column == "pelvic_obliquity_deg"} < {m.key for m in measures if m.of_pelvis}


def repeated(key: str, measure: MeasureResult) -> tuple[TestResult, Curve]:
    test = sample.squat().model_copy(update={"key": key, "measures": (measure,)})
    return test, test.curves[0].model_copy(update={"measure": measure.key})


def test_how_a_result_is_made_from_its_curve() -> None:
    stance = sample.stance("left")
    assert "6.1° is the largest value held for one second." in wording.result_rule(stance, stance.curves[0])
    assert wording.result_rule(*repeated("lunge", sample.drop())) == (
        "The result of 6.1° is the median of the repetitions, each read at the deepest point of the movement. "
        "The table shows the median and the largest value of each whole repetition."
    )
    assert "each read when the pelvis is highest on the lifted side" in wording.result_rule(*repeated("march", sample.drop()))
    assert "each read when the pelvis is lowest on the swinging side" in wording.result_rule(*repeated("gait", sample.drop()))


def test_nothing_is_said_of_a_result_that_is_missing_or_may_be_made_otherwise() -> None:
    rounding = sample.drop().model_copy(update={"key": "spine_rounding_deg"})
    assert wording.result_rule(*repeated("hip_hinge", rounding)) == ""
    assert wording.result_rule(*repeated("lunge", sample.drop(None, Grade.NOT_ASSESSED))) == ""
    squat, other = sample.squat(), sample.stance("right")
    assert wording.result_rule(squat, squat.curves[0]) == ""  # the measure of the curve is not there
    assert wording.result_rule(other, other.curves[0]) == ""  # neither holds nor repetitions


def test_status_words_and_icons_follow_the_score() -> None:
    tests = [sample.stance("left"), sample.stance("right"), sample.squat(), sample.not_assessed(), sample.stopped()]
    assert [wording.test_status(test) for test in tests] == [
        "something outside the guide range",
        "every measure within the guide range",
        "something to watch",
        "not assessed",
        "stopped on purpose, not scored",
    ]
    assert [wording.test_grade(test) for test in tests] == [
        Grade.OUTSIDE,
        Grade.WITHIN,
        Grade.WATCH,
        Grade.NOT_ASSESSED,
        Grade.NOT_ASSESSED,
    ]


@pytest.mark.parametrize(("fraction", "words"), [(0.9999, "99 %"), (1.0, "100 %"), (0.29, "29 %"), (0.0, "0 %")])
def test_percent_never_rounds_up_to_all(fraction: float, words: str) -> None:
    assert wording.percent(fraction) == words


def test_difference_words() -> None:
    assert wording.asymmetry_grade(Grade.OUTSIDE) == "larger than measurement error"
    assert wording.asymmetry_grade(Grade.WITHIN) == "no difference beyond measurement error"


def _luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_grade_colours_can_be_read() -> None:
    for grade, colour in GRADE_COLOURS.items():
        assert _contrast(colour, "#ffffff") >= 4.5
        assert _contrast(colour, ZONE_TINTS.get(grade, "#ffffff")) >= 4.5


def test_every_grade_has_a_shape_of_its_own() -> None:
    shapes = {icon_shape(grade).split(">", 1)[1] for grade in Grade}
    assert len(shapes) == len(Grade)


def test_how_sure_a_result_is_follows_from_what_decided_it() -> None:
    """The surest of what was outside; of a result within, whether all of it is firm."""
    low, firm = sample.drop(firm=False), sample.drop(firm=True)
    outside = sample.stance().model_copy(update={"score": 1, "measures": (low, sample.lean())})
    assert wording.sureness(outside) == "not certain, low confidence"
    assert wording.sureness(outside.model_copy(update={"measures": (low, firm)})) == "firm, low confidence"
    assert wording.sureness(outside.model_copy(update={"score": 0, "measures": ()})) == ""
    sure, unsure = (sample.lean().model_copy(update={"firm": value}) for value in (True, False))
    within = outside.model_copy(update={"score": 3, "measures": (sure, unsure)})
    assert wording.sureness(within) == "not certain for every measure"
    assert wording.sureness(within.model_copy(update={"measures": (sure,)})) == "firm"
    assert wording.sureness(sample.not_assessed()) == ""


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (7.74, "degrees", "8 degrees"),
        (7.74, "deg", "8 degrees"),
        (1.24, "degrees", "1.2 degrees"),
        (1.0, "s", "1 s"),
        (5.0, "", "5"),
    ],
)
def test_values_are_said_as_one_says_them(value: float, unit: str, said: str) -> None:
    assert wording.about(value, unit) == said


def test_the_answer_is_about_the_worst_measure() -> None:
    stance = sample.stance("left")
    assert wording.answer(stance) == "The pelvis lowered on the lifted side by 6 degrees; up to 5 is usual."
    undecided = stance.model_copy(update={"measures": (sample.drop(4.0, Grade.UNDECIDED, firm=False),)})
    assert wording.answer(undecided) == (
        "The pelvis lowered on the lifted side by 4 degrees, give or take 2: too uncertain to compare with 5."
    )
    within = stance.model_copy(update={"measures": (sample.drop(2.0, Grade.WITHIN, firm=True),)})
    assert wording.answer(within) == stance.summary
    unknown = stance.model_copy(update={"key": "of_another_release"})
    assert wording.answer(unknown) == stance.measures[0].statement


def test_a_limit_that_is_a_least_is_said_as_one() -> None:
    norm = sample.drop().norm
    assert norm is not None
    least = norm.model_copy(update={"within": 5.0, "outside": 3.0})
    stance = sample.stance("left")
    test = stance.model_copy(
        update={"measures": (sample.drop(2.0, Grade.OUTSIDE, firm=True).model_copy(update={"norm": least}),)}
    )
    assert wording.answer(test).endswith("; 3 or more is usual.")


@pytest.mark.parametrize(
    ("grade", "firm", "sure"),
    [
        (Grade.OUTSIDE, True, "clear"), (Grade.OUTSIDE, False, "borderline"), (Grade.WITHIN, True, "clear"),
        (Grade.WITHIN, False, "borderline"), (Grade.UNDECIDED, False, "not measurable"),
    ],
)  # fmt: skip
def test_how_sure_is_one_of_three_words(grade: Grade, firm: bool, sure: str) -> None:
    test = sample.stance("left").model_copy(update={"measures": (sample.drop(6.0, grade, firm=firm),)})
    assert wording.how_sure(test) == sure
    assert sure in wording.SURE_WORDS


def test_a_test_that_was_not_assessed_is_not_measurable_and_says_why() -> None:
    refused = sample.report().tests[3]
    assert wording.how_sure(refused) == "not measurable"
    nothing = sample.stance("left").model_copy(update={"measures": ()})
    assert wording.how_sure(nothing) == "not measurable"
    assert wording.answer(nothing) == nothing.summary
    stopped = sample.stance("left").model_copy(update={"status": refused.status})
    assert wording.how_sure(stopped) == "not measurable"
    assert wording.answer(refused) == refused.reason
