"""Recorded landmarks of the ten other tests against what the rendered clips are known to show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers.reference import load_truth
from helpers.screened import measure
from screener.model.landmarks_file import load_recording
from screener.model.results import Grade, ScreeningReport, Status, TestResult
from screener.workflow.screening import rescreen

GOLDEN = Path(__file__).parent.parent / "golden"
REPETITIONS = {
    "squat_valgus_right14": {"left": 2, "right": 2},
    "glute_bridge_short_hold": {"both": 2},
    "clamshell_40": {"right": 2},
    "lunge_left_valgus10": {"left": 2},
    "march_hike_right8": {"left": 2, "right": 2},
    "hamstring_curl_vertical": {"right": 2},
    "sit_to_stand_slow": {"both": 3},
    "toe_touch_105": {"both": 1},
    "quiet_stance_shift5": {"both": 0},
    "gait_drop_right8": {"left": 3, "right": 2},  # whole stances of six steps
}
TRUE = {
    ("squat_valgus_right14", "right", "depth_deg"): 60.0,
    ("squat_valgus_right14", "left", "knee_valgus_deg"): 2.0,
    ("squat_valgus_right14", "right", "knee_valgus_deg"): 14.0,
    ("squat_valgus_right14", "right", "weight_shift_pct"): 0.0,
    ("glute_bridge_short_hold", "both", "bridge_line_deg"): 180.0,
    ("glute_bridge_short_hold", "both", "hip_loss_deg"): 0.0,
    ("clamshell_40", "right", "knee_opening_deg"): 40.0,
    ("clamshell_40", "right", "pelvis_roll_deg"): 0.0,
    ("march_hike_right8", "right", "pelvic_hike_deg"): 8.0,
    ("march_hike_right8", "left", "pelvic_hike_deg"): 1.0,
    ("hamstring_curl_vertical", "right", "knee_drift_deg"): 0.0,
    ("sit_to_stand_slow", "both", "way_down_s"): 1.2,
    ("toe_touch_105", "both", "trunk_inclination_deg"): 105.0,
    ("quiet_stance_shift5", "both", "weight_shift_pct"): 23.4,
    ("gait_drop_right8", "right", "pelvic_drop_deg"): 8.0,
    ("gait_drop_right8", "left", "pelvic_drop_deg"): 2.0,
    ("gait_drop_right8", "left", "step_time_s"): 0.6,
}
GRADES = {
    ("squat_valgus_right14", "right", "knee_valgus_deg"): Grade.OUTSIDE,
    ("squat_valgus_right14", "left", "knee_valgus_deg"): Grade.WITHIN,
    ("glute_bridge_short_hold", "both", "hold_time_s"): Grade.OUTSIDE,
    ("march_hike_right8", "right", "pelvic_hike_deg"): Grade.OUTSIDE,
    ("march_hike_right8", "left", "pelvic_hike_deg"): Grade.WITHIN,
    ("quiet_stance_shift5", "both", "weight_shift_pct"): Grade.OUTSIDE,
    ("gait_drop_right8", "right", "pelvic_drop_deg"): Grade.UNDECIDED,
    ("gait_drop_right8", "left", "pelvic_drop_deg"): Grade.UNDECIDED,
    ("clamshell_40", "right", "knee_opening_deg"): Grade.WITHIN,
    ("hamstring_curl_vertical", "right", "knee_drift_deg"): Grade.WITHIN,
    ("lunge_left_valgus10", "left", "pelvic_drop_deg"): Grade.UNDECIDED,  # level, but a lunge hides cloth: 4 +- 6
}


def report_of(name: str) -> ScreeningReport:
    return rescreen(load_recording(GOLDEN / f"{name}.npz")).report


def result_of(name: str, side: str) -> TestResult:
    return next(result for result in report_of(name).tests if result.side == side)


@pytest.mark.parametrize("name", REPETITIONS)
def test_sides_and_repetitions_are_right(name: str) -> None:
    results = report_of(name).tests
    assert all(result.status is Status.SCORED for result in results)
    assert {result.side: len(result.repetitions) for result in results} == REPETITIONS[name]


@pytest.mark.parametrize("case", TRUE, ids="-".join)
def test_the_truth_lies_in_the_interval(case: tuple[str, str, str]) -> None:
    name, side, key = case
    found = measure(result_of(name, side), key)
    assert found.value is not None
    assert found.uncertainty is not None
    assert abs(found.value - TRUE[case]) <= found.uncertainty


@pytest.mark.parametrize("case", GRADES, ids="-".join)
def test_the_grade_is_that_of_the_truth(case: tuple[str, str, str]) -> None:
    name, side, key = case
    assert measure(result_of(name, side), key).grade is GRADES[case]


def test_the_holds_of_the_bridge_are_right_to_a_quarter_of_a_second() -> None:
    """The truth counts a hold from the end of the way up; 0.25 s is half of that way."""
    holds = [hold.end_s - hold.start_s for hold in result_of("glute_bridge_short_hold", "both").holds]
    assert holds == pytest.approx([2.2, 1.0], abs=0.25)


def test_the_weight_shift_is_right_in_the_mean_to_two_per_cent() -> None:
    truth = load_truth(GOLDEN / "quiet_stance_shift5.csv")
    found = measure(result_of("quiet_stance_shift5", "both"), "weight_shift_pct")
    assert found.value == pytest.approx(100.0 * float(np.median(truth.column("x_hip_offset_frac_ankles"))), abs=2.0)
    assert "to the left" in found.statement


def test_the_bridge_knows_that_the_person_lies() -> None:
    quality = report_of("glute_bridge_short_hold").quality
    assert (quality.view, quality.sideways) == ("side", True)
    assert report_of("clamshell_40").quality.view == "front"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("sit_to_stand_slow", "hamstring_curl"),
        ("hamstring_curl_vertical", "sit_to_stand"),
        ("march_hike_right8", "lunge"),
        ("stance_left_drop9", "lunge"),
        ("gait_drop_right8", "march"),
        ("glute_bridge_short_hold", "hip_hinge"),
        ("clamshell_40", "squat"),
        ("toe_touch_105", "sit_to_stand"),
        ("squat_valgus_right14", "gait"),
        ("quiet_stance_shift5", "squat"),
    ],
)
def test_another_movement_is_not_taken_for_the_test(name: str, other: str) -> None:
    recording = load_recording(GOLDEN / f"{name}.npz")
    mistaken = replace(recording, request=recording.request.model_copy(update={"test": other}))
    report = rescreen(mistaken).report
    assert report.score.assessed == 0
    assert all(result.reason for result in report.tests)
