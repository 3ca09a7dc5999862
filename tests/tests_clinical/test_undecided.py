"""The grade of a value whose interval reaches from within to outside, and what it does to points, words and documents."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording, screened
from screener import TESTS
from screener.kinematics.motion import Motion
from screener.model.pose import Side
from screener.model.recording import Person
from screener.model.results import Grade, Norm, ScreeningReport, Source, Status, TestResult
from screener.model.series import Interval
from screener.report import wording
from screener.report.exports.fhir import fhir_bundle
from screener.tests_clinical.definition import ClinicalTest, Finding, Value, convention, not_compared
from screener.tests_clinical.measures import depth, pelvic_drop, trunk_lean
from screener.tests_clinical.scoring import run_test
from screener.workflow.screening import prepare, summary_of
from tests_clinical.case import FRONT, LEFT_NEAR
from tests_clinical.cases_sit_to_stand import stands


def norm(within: float, outside: float) -> Norm:
    return Norm(within=within, outside=outside, unit="degrees", population="adults", source=Source(citation="none"))


@pytest.mark.parametrize(
    ("value", "uncertainty", "spanned"),
    [
        (4.0, 1.0, True),  # exactly from the one line to the other
        (4.0, 0.99, False),
        (4.5, 1.4, False),  # never within
        (4.5, 1.5, True),
        (3.5, 1.4, False),  # never outside
        (3.5, 1.5, True),
        (0.9, 9.1, True),
        (7.0, 3.9, False),
        (7.0, 4.0, True),
        (-2.0, 6.9, False),
        (4.0, 0.0, False),
        (4.0, float("nan"), False),
    ],
)
def test_an_interval_from_line_to_line_decides_nothing(value: float, uncertainty: float, spanned: bool) -> None:
    assert norm(3.0, 5.0).spanned_by(value, uncertainty) is spanned
    assert norm(-3.0, -5.0).spanned_by(-value, uncertainty) is spanned  # where low values are outside


@pytest.mark.parametrize(("value", "uncertainty", "spanned"), [(20.0, 0.0, False), (25.0, 4.9, False), (25.0, 5.0, True)])
def test_where_there_is_one_line_an_interval_that_holds_it_decides_nothing(
    value: float, uncertainty: float, spanned: bool
) -> None:
    assert norm(20.0, 20.0).spanned_by(value, uncertainty) is spanned


def test_only_a_comparison_that_says_something_is_decided() -> None:
    assert [grade for grade in Grade if grade.decided] == [Grade.WITHIN, Grade.WATCH, Grade.OUTSIDE]


LEAN = trunk_lean(5.0, 10.0)
DROP = pelvic_drop(3.0, 5.0)


def judged(*values: Value, completed: bool = True) -> TestResult:
    """A test of three measures, the first of which it is about, with these values."""
    window = Interval(1.0, 2.0)

    def evaluate(motion: Motion, _side: Side | None) -> Finding:
        return Finding(window, values=values, completed=completed)

    test = replace(TESTS["single_leg_stance"], measures=(DROP, LEAN, depth()), evaluate=evaluate)
    assessed, motion = prepare(recording(sm.film(sm.Motion(sm.times(4.0)), FRONT), "single_leg_stance"))
    return run_test(test, Side.LEFT, motion, assessed.quality, Person())


DEPTH = Value("depth_deg", 60.0, 12.0)


@pytest.mark.parametrize(
    ("drop", "lean", "score"),
    [
        ((1.0, 0.5), (1.0, 0.5), 3),
        ((1.0, 0.5), (7.0, 6.0), 3),  # a lesser measure that cannot be told costs nothing
        ((0.9, 9.1), (1.0, 0.5), None),  # what the test is about cannot be told: no 3 of 3
        ((0.9, 9.1), (7.0, 1.0), 2),
        ((0.9, 9.1), (12.0, 1.0), 1),
        ((0.9, 9.1), (7.0, 6.0), None),
        ((4.0, 0.5), (12.0, 1.0), 1),
        ((8.0, 2.0), (1.0, 0.5), 1),
    ],
)
def test_an_undecided_value_neither_costs_nor_earns_points(
    drop: tuple[float, float], lean: tuple[float, float], score: int | None
) -> None:
    result = judged(Value("pelvic_drop_deg", *drop), Value("trunk_lean_deg", *lean), DEPTH)
    assert (result.status, result.score) == (Status.SCORED, score)


def test_a_screen_of_undecided_tests_has_no_points_to_reach() -> None:
    untold = judged(Value("pelvic_drop_deg", 0.9, 9.1), Value("trunk_lean_deg", 1.0, 0.5), DEPTH)
    within = judged(Value("pelvic_drop_deg", 0.9, 0.5), Value("trunk_lean_deg", 1.0, 0.5), DEPTH)
    score = summary_of((untold, within)).get("score")
    assert (score.points, score.possible, score.assessed, score.of) == (3, 3, 1, 2)


def test_what_can_be_told_is_said() -> None:
    result = judged(Value("pelvic_drop_deg", 0.9, 9.1), Value("trunk_lean_deg", 1.0, 0.5), DEPTH)
    drop = measure(result, "pelvic_drop_deg")
    assert (drop.grade, drop.firm) == (Grade.UNDECIDED, False)
    assert drop.statement == (
        "Pelvic drop could be anything from -8.2 to 10.0 degrees; the guide line is 5, and the value may lie on either side."
    )
    assert drop.reason == "the error is so large that the value may lie within or outside the guide range"
    assert result.summary == ("Everything that could be judged is within the guide range. Too uncertain to grade: pelvic drop.")
    assert wording.measure_grade(drop) == "undecided"
    assert wording.firmness(drop) == "the error is so large that the value may lie within or outside the guide range"
    assert (wording.test_status(result), wording.test_grade(result)) == ("undecided", Grade.UNDECIDED)
    assert wording.sureness(result) == ""


def test_a_result_that_is_decided_leads_and_what_is_not_follows() -> None:
    result = judged(Value("pelvic_drop_deg", 0.9, 9.1), Value("trunk_lean_deg", 12.0, 1.0), DEPTH)
    assert result.summary.startswith("The trunk leaned towards the stance leg by 12.0")
    assert result.summary.endswith("Too uncertain to grade: pelvic drop.")
    lesser = judged(Value("pelvic_drop_deg", 1.0, 0.5), Value("trunk_lean_deg", 7.0, 6.0), DEPTH)
    assert wording.test_status(lesser) == "every measure that could be decided is within the guide range"
    nothing = judged(Value("pelvic_drop_deg", 0.9, 9.1), Value("trunk_lean_deg", 7.0, 6.0), DEPTH)
    assert "Pelvic drop could be anything from" in nothing.summary
    assert "(not compared: there is no norm for it)" in nothing.summary


def test_a_value_that_is_only_shown_is_a_result() -> None:
    gone = Value("pelvic_drop_deg", np.nan, np.nan, reason="the hips hid"), Value("trunk_lean_deg", np.nan, np.nan)
    result = judged(*gone, DEPTH)
    assert (result.status, result.score) == (Status.SCORED, None)
    assert (wording.test_status(result), wording.test_grade(result)) == ("measured, not compared", Grade.NOT_ASSESSED)
    assert judged(*gone, replace(DEPTH, usable=0.79)).status is Status.NOT_ASSESSED
    assert judged(*gone, replace(DEPTH, usable=0.80)).status is Status.SCORED
    assert "pelvic drop: the hips hid" in str(judged(*gone, replace(DEPTH, value=np.nan)).reason)


def test_a_movement_that_was_not_carried_through_has_no_points_whatever_is_known() -> None:
    gone = Value("pelvic_drop_deg", np.nan, np.nan), Value("trunk_lean_deg", np.nan, np.nan), Value("depth_deg", np.nan, np.nan)
    assert judged(*gone, completed=False).score == 0


def test_five_stands_without_an_age_are_shown_and_not_compared() -> None:
    """The time was measured; that there is no norm for it does not unmake it."""
    report = screened(sm.film(stands(1.4, 5), LEFT_NEAR, 0.3), "sit_to_stand").report
    five = measure(report.tests[0], "five_times_s")
    assert five.value == pytest.approx(5 * 3.4 - 0.5, abs=0.7)
    assert (five.grade, five.reason) == (Grade.NOT_ASSESSED, "the norm needs an age of 60 years or more")
    assert report.tests[0].status is Status.SCORED
    assert len(report.tests[0].repetitions) == 5


def test_fhir_calls_it_indeterminate() -> None:
    result = judged(Value("pelvic_drop_deg", 0.9, 9.1), Value("trunk_lean_deg", 1.0, 0.5), DEPTH)
    report = screened(sm.film(sm.stance(), FRONT), "single_leg_stance").report.model_copy(update={"tests": (result,)})
    entries = [entry["resource"] for entry in json.loads(fhir_bundle(report))["entry"]]
    codes = [entry["interpretation"][0]["coding"][0]["code"] for entry in entries if "interpretation" in entry]
    assert codes == ["IND", "N"]


def test_a_report_of_the_first_format_is_still_read() -> None:
    report = screened(sm.film(sm.stance(), FRONT), "single_leg_stance").report
    assert report.schema_version == "2.0"
    old = json.loads(report.model_dump_json()) | {"schema_version": "1.0"}
    assert ScreeningReport.model_validate(old).schema_version == "1.0"


def test_a_number_without_error_is_graded_by_its_line() -> None:
    """A count has no interval; on its line it is what the line says."""
    one = convention(2.0, 2.0, "")
    measures = (replace(DROP, norm=one), replace(LEAN, norm=not_compared))
    test: ClinicalTest = replace(
        TESTS["single_leg_stance"],
        measures=measures,
        evaluate=lambda _motion, _side: Finding(
            Interval(1.0, 2.0), values=(Value("pelvic_drop_deg", 2.0, np.nan), Value("trunk_lean_deg", 1.0, np.nan))
        ),
    )
    assessed, motion = prepare(recording(sm.film(sm.Motion(sm.times(4.0)), FRONT), "single_leg_stance"))
    assert run_test(test, Side.LEFT, motion, assessed.quality, Person()).measures[0].grade is Grade.WITHIN


def test_only_the_first_of_the_compared_measures_is_what_a_test_is_about() -> None:
    assert only(screened(sm.film(stands(1.4, 5), LEFT_NEAR, 0.3), "sit_to_stand")).score == 3


@pytest.mark.parametrize(
    ("value", "u95", "grade", "firm"),
    [
        (6.0, 1.5, Grade.OUTSIDE, False),
        (6.0, 1.0, Grade.OUTSIDE, False),
        (6.0, 0.99, Grade.OUTSIDE, True),
        (4.0, 0.9, Grade.WATCH, True),
        (2.0, 2.9, Grade.WITHIN, True),
        (2.5, 2.4, Grade.WITHIN, True),
        (2.0, 3.0, Grade.UNDECIDED, False),
    ],
)
def test_what_is_firm(value: float, u95: float, grade: Grade, firm: bool) -> None:
    result = judged(Value("pelvic_drop_deg", value, u95), Value("trunk_lean_deg", 1.0, 0.5), DEPTH)
    found = measure(result, "pelvic_drop_deg")
    assert (found.grade, found.firm) == (grade, firm)


def test_a_value_that_is_not_to_be_compared_is_shown_with_its_reason() -> None:
    drop = Value("pelvic_drop_deg", 8.0, 0.5, compared=False, reason="the other one counts")
    result = judged(drop, Value("trunk_lean_deg", 1.0, 0.5), DEPTH)
    found = measure(result, "pelvic_drop_deg")
    assert (found.value, found.grade, found.norm, found.reason) == (8.0, Grade.NOT_ASSESSED, None, "the other one counts")
    assert result.score == 3


def test_a_value_that_no_body_has_is_not_measured() -> None:
    result = judged(Value("pelvic_drop_deg", 60.0, 0.5), Value("trunk_lean_deg", 1.0, 0.5), DEPTH)
    found = measure(result, "pelvic_drop_deg")
    assert (found.value, found.uncertainty, found.grade) == (None, None, Grade.NOT_ASSESSED)
    assert found.reason == "the picture gives 60 degrees, beyond what a body can do"
    assert found.reason in found.statement
