"""Which of its three faces a knee is judged by: its angle, its place over the foot, or the distance of both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording, screened
from screener.kinematics.events import Repetition, repetitions
from screener.kinematics.knees import usual_length
from screener.kinematics.motion import Motion
from screener.model.pose import Landmark, Side
from screener.model.results import Grade, Method, ScreeningReport, Status, TestResult
from screener.tests_clinical.back_rounding import USUAL_HOLLOW_DEG
from screener.tests_clinical.battery.lunge import MIN_SPLIT
from screener.tests_clinical.knee_values import (
    OTHER_KNEE,
    TOO_DEEP,
    TOO_SHALLOW,
    is_shallow,
    separation_value,
    two_leg_values,
    valgus_value,
)
from screener.tests_clinical.squat_from_the_side import heel_lift_pct, side_values
from screener.workflow.screening import prepare
from tests_clinical.case import FRONT, LEFT_NEAR
from tests_clinical.cases_lunge import lunges
from tests_clinical.cases_squat import squats


def sided(report: ScreeningReport, side: str) -> TestResult:
    return next(result for result in report.tests if result.side == side)


def squat_report(motion: sm.Motion, camera: sm.Camera = FRONT) -> ScreeningReport:
    return screened(sm.film(motion, camera, 0.3), "squat").report


def test_a_shallow_squat_is_judged_by_the_angle() -> None:
    right = sided(squat_report(squats(0.0, 20.0)), "right")
    assert measure(right, "knee_valgus_deg").grade is Grade.OUTSIDE
    for key in ("knee_over_foot_pct", "knee_separation_ratio"):
        found = measure(right, key)
        assert found.value is not None
        assert (found.grade, found.norm, found.reason) == (Grade.NOT_ASSESSED, None, TOO_SHALLOW)


def test_below_the_depth_of_the_norms_an_angle_that_could_be_read_is_not_given() -> None:
    """Thighs at 35 degrees still lie in the picture well enough for an angle; nobody knows what it should be there."""
    motion = motion_of(squats(0.0, 20.0, bend=74.0))
    found = repetitions(motion.column("knee_flexion_right_deg"), motion.time_s, 25.0)
    at = np.abs(motion.time_s - found[0].deepest_s) <= 0.1
    assert np.isfinite(motion.column("knee_valgus_right_deg")[at]).all()
    angle, over, _ = two_leg_values(motion, Side.RIGHT, found)
    assert (np.isnan(angle.value), angle.reason) == (True, TOO_DEEP)
    assert np.isfinite(over.value)
    assert over.compared


def test_a_deep_squat_is_judged_by_where_the_knees_are() -> None:
    report = squat_report(squats(0.0, 20.0, bend=110.0))
    left, right = sided(report, "left"), sided(report, "right")
    for result in (left, right):
        assert measure(result, "knee_valgus_deg").value is None
        assert measure(result, "knee_valgus_deg").reason == TOO_DEEP
    assert measure(right, "knee_over_foot_pct").grade is Grade.OUTSIDE
    assert measure(left, "knee_over_foot_pct").grade is Grade.WITHIN
    assert (left.score, right.score) == (3, 1)


def test_the_distance_of_the_knees_counts_for_the_one_that_falls_in() -> None:
    report = squat_report(squats(0.0, 20.0, bend=110.0))
    right, left = (measure(sided(report, side), "knee_separation_ratio") for side in ("right", "left"))
    assert right.grade is Grade.OUTSIDE
    assert "the right knee was further in" in right.statement
    assert (left.value, left.grade, left.reason) == (right.value, Grade.NOT_ASSESSED, OTHER_KNEE)
    assert "the right knee was further in" in left.statement


def test_where_both_knees_fall_in_it_counts_for_both() -> None:
    report = squat_report(squats(10.0, 10.0, bend=110.0))
    found = [measure(sided(report, side), "knee_separation_ratio") for side in ("left", "right")]
    assert {one.grade for one in found} == {Grade.OUTSIDE}
    assert {one.value for one in found} == {found[0].value}
    assert found[0].value is not None
    assert found[0].value < 0.9


def test_where_both_knees_stand_alike_each_side_names_its_own() -> None:
    motion = motion_of(squats(10.0, 10.0, bend=110.0))
    alike = np.full(len(motion.time_s), 12.0)
    motion = replace(motion, series=replace(motion.series, knee_over_foot_left_pct=alike, knee_over_foot_right_pct=alike))
    found = [separation_value(motion, side, (Repetition(2.0, 3.25, 4.5),)) for side in Side]
    assert [(one.where, one.compared) for one in found] == [(side.value, True) for side in Side]


def test_knees_over_the_feet_are_as_far_apart_as_the_ankles() -> None:
    found = measure(sided(squat_report(squats(bend=110.0)), "left"), "knee_separation_ratio")
    assert found.value == pytest.approx(1.0, abs=0.25)


def motion_of(figure: sm.Motion, test: str = "squat") -> Motion:
    return prepare(recording(sm.film(figure, FRONT, 0.1), test))[1]


@pytest.mark.parametrize(("bend", "shallow"), [(60.0, True), (64.0, True), (70.0, False), (110.0, False)])
def test_what_is_shallow(bend: float, shallow: bool) -> None:
    motion = motion_of(squats(bend=bend))
    flexion = np.mean([motion.column(f"knee_flexion_{side}_deg") for side in Side], axis=0)
    found = repetitions(flexion, motion.time_s, 25.0)
    assert len(found) == 3
    assert is_shallow(motion, found) is shallow


def test_one_knee_whose_angle_cannot_be_read_makes_the_squat_a_deep_one() -> None:
    motion = motion_of(squats(bend=60.0))
    blind = replace(motion.series, knee_valgus_right_deg=np.full(len(motion.time_s), np.nan))
    found = (Repetition(2.0, 3.25, 4.5),)
    assert is_shallow(motion, found)
    assert not is_shallow(replace(motion, series=blind), found)


@pytest.mark.parametrize(("count", "shallow"), [(5, True), (4, False)])
def test_an_angle_that_four_of_five_squats_show_decides(count: int, shallow: bool) -> None:
    """One of these squats hides a knee at its bottom."""
    motion = motion_of(squats(count=count, bend=60.0))
    found = repetitions(motion.column("knee_flexion_left_deg"), motion.time_s, 25.0)
    assert len(found) == count
    valgus = motion.column("knee_valgus_left_deg").copy()
    valgus[np.abs(motion.time_s - found[1].deepest_s) <= 0.2] = np.nan
    assert is_shallow(replace(motion, series=replace(motion.series, knee_valgus_left_deg=valgus)), found) is shallow


def test_a_deep_squat_on_one_leg_is_read_on_the_way_down() -> None:
    t = sm.times(8.0)
    deep = sm.ramp(t, 2.5, 4.0, 4.5, 6.0)
    figure = sm.Motion(t, bend=4.0 + 96.0 * deep, lift_right=0.2 * sm.ramp(t, 1.5, 2.0, 6.5, 7.0), knee_in_left=12.0)
    motion = motion_of(figure, "single_leg_squat")
    (squat,) = repetitions(motion.column("knee_flexion_left_deg"), motion.time_s, 25.0)
    found = valgus_value(motion, Side.LEFT, (squat,))
    flexion, valgus = motion.column("knee_flexion_left_deg"), motion.column("knee_valgus_left_deg")
    down = motion.time_s < squat.deepest_s
    at_sixty = valgus[down & (np.abs(flexion - 58.0) < 2.0)]
    assert found.value == pytest.approx(float(np.median(at_sixty)), abs=1.5)
    shallow = motion_of(replace(figure, bend=4.0 + 46.0 * deep), "single_leg_squat")
    (squat,) = repetitions(shallow.column("knee_flexion_left_deg"), shallow.time_s, 25.0)
    near = np.abs(shallow.time_s - squat.deepest_s) <= 0.1
    expected = float(np.median(shallow.column("knee_valgus_left_deg")[near]))
    assert valgus_value(shallow, Side.LEFT, (squat,)).value == pytest.approx(expected)


def test_a_squat_as_deep_as_the_norms_within_the_error_of_its_depth_is_read_at_its_deepest() -> None:
    t = sm.times(8.0)
    deep = sm.ramp(t, 2.5, 4.0, 4.5, 6.0)
    figure = sm.Motion(t, bend=4.0 + 60.0 * deep, lift_right=0.2 * sm.ramp(t, 1.5, 2.0, 6.5, 7.0), knee_in_left=20.0 * deep)
    motion = motion_of(figure, "single_leg_squat")
    near = np.abs(t - 4.25) <= 0.1
    flexion = np.full(t.size, 64.0)
    flexion[t < 4.0] = 55.0  # the last moment within the norms' own depth
    motion = replace(motion, series=replace(motion.series, knee_flexion_left_deg=flexion))
    found = valgus_value(motion, Side.LEFT, (Repetition(2.6, 4.25, 5.9),))
    assert found.value == pytest.approx(float(np.median(motion.column("knee_valgus_left_deg")[near])), abs=0.01)
    assert abs(found.value - motion.column("knee_valgus_left_deg")[t < 4.0][-12]) > 0.5


def test_a_squat_from_the_side_gives_depth_trunk_shin_and_heel() -> None:
    result = only(screened(sm.film(squats(bend=110.0), LEFT_NEAR, 0.3), "squat"))
    assert (result.side, result.status, len(result.repetitions)) == ("both", Status.SCORED, 3)
    assert {m.key for m in result.measures} == {
        "heel_lift_pct",
        "hip_below_knee_pct",
        "trunk_inclination_deg",
        "spine_rounding_deg",
        "shin_angle_deg",
        "depth_deg",
    }
    assert measure(result, "spine_rounding_deg").value == pytest.approx(0.0, abs=2.0)
    assert measure(result, "depth_deg").value == pytest.approx(110.0, abs=3.0)
    assert measure(result, "shin_angle_deg").value == pytest.approx(55.0, abs=3.0)  # the figure's hips stay over its ankles
    assert measure(result, "heel_lift_pct").value == pytest.approx(0.0, abs=2.0)
    assert measure(result, "heel_lift_pct").uncertainty == pytest.approx(1.96 * np.sqrt(2.0) * 3.0, abs=1.2)  # 3 % of the shank
    error_of_shank = float(measure(result, "heel_lift_pct").uncertainty or 0.0) / 100.0
    assert measure(result, "shin_angle_deg").uncertainty == pytest.approx(np.degrees(error_of_shank), abs=0.01)
    assert measure(result, "hip_below_knee_pct").value == pytest.approx(-100 * np.cos(np.radians(55.0)), abs=4.0)


def test_a_back_that_rounds_in_the_squat_is_seen_from_the_side() -> None:
    figure = squats(bend=100.0)
    depth = (figure.bend - 4.0) / 96.0
    result = only(screened(sm.film(replace(figure, incline=40.0 * depth, rounding=68.0 * depth), LEFT_NEAR, 0.3), "squat"))
    found = measure(result, "spine_rounding_deg")
    assert found.value == pytest.approx(68.0 - USUAL_HOLLOW_DEG, abs=7.0)  # the turn at the bottom is smoothed
    assert found.method is Method.SILHOUETTE


def test_each_error_from_the_side_is_a_share_of_the_length_it_belongs_to() -> None:
    """A body with a thigh that is longer than its shank: the same pixels are more of the shank."""
    motion = prepare(recording(sm.film(squats(bend=90.0), LEFT_NEAR, 0.1), "squat"))[1]
    points = motion.points.copy()
    points[:, Landmark.LEFT_KNEE, 1] += 20.0
    hip, knee, ankle = (points[:, place] for place in (Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE))
    thigh, shank = (usual_length(np.linalg.norm(upper - lower, axis=1)) for upper, lower in ((hip, knee), (knee, ankle)))
    assert thigh > 1.3 * shank
    u95 = {value.key: value.u95 for value in side_values(replace(motion, points=points), (Repetition(2.0, 3.25, 4.5),))}
    assert u95["heel_lift_pct"] / u95["hip_below_knee_pct"] == pytest.approx(thigh / shank)


@pytest.mark.parametrize("camera", [LEFT_NEAR, sm.Camera(yaw=-90)])
def test_shin_and_trunk_lean_forward_from_either_side(camera: sm.Camera) -> None:
    figure = replace(squats(bend=90.0), incline=30.0 * (squats(bend=90.0).bend - 4.0) / 86.0)
    result = only(screened(sm.film(figure, camera, 0.3), "squat"))
    assert measure(result, "shin_angle_deg").value == pytest.approx(45.0, abs=3.0)
    assert measure(result, "trunk_inclination_deg").value == pytest.approx(30.0, abs=3.0)


@pytest.mark.parametrize("still", [True, False])
def test_a_heel_that_rises_is_seen(still: bool) -> None:
    """With quiet standing before, and without."""
    figure = squats(bend=90.0)
    poses = sm.film(figure, LEFT_NEAR, 0.2)
    pixels = poses.pixels.copy()
    up = (figure.bend - 4.0) / 86.0
    shank = np.linalg.norm(pixels[0, Landmark.LEFT_KNEE] - pixels[0, Landmark.LEFT_ANKLE])
    pixels[:, Landmark.LEFT_HEEL, 1] -= 0.25 * shank * up
    if not still:
        pixels[:, :, 0] += np.where(np.arange(len(poses)) % 2, 15.0, -15.0)[:, None] * (up < 0.05)[:, None]
    result = only(screened(replace(poses, pixels=pixels), "squat"))
    found = measure(result, "heel_lift_pct")
    assert found.value == pytest.approx(25.0, abs=3.0)
    assert found.grade is Grade.OUTSIDE


@pytest.mark.parametrize("drawn_px", [0.0, 20.0, -20.0])
@pytest.mark.parametrize("stood", [True, False])
def test_a_heel_is_down_where_it_is_in_standing_or_else_at_its_low_end(drawn_px: float, stood: bool) -> None:
    """A foot that points towards the camera has its heel drawn higher than its toes, whatever it does."""
    t = sm.times(8.0)
    poses = sm.film(sm.Motion(t, bend=4.0 + 86.0 * sm.ramp(t, 2.0, 3.0, 5.0, 6.0)), LEFT_NEAR, 0.1)
    start_s, end_s = (2.0, 6.4) if stood else (3.0, 5.5)  # on the toes for more than half of the time, or for less
    up = (t > start_s) & (t < end_s)
    pixels = poses.pixels.copy()
    shank = np.linalg.norm(pixels[0, Landmark.LEFT_KNEE] - pixels[0, Landmark.LEFT_ANKLE])
    pixels[:, Landmark.LEFT_HEEL, 1] -= drawn_px + 0.25 * shank * up
    motion = prepare(recording(replace(poses, pixels=pixels), "squat"))[1]
    assert motion.rest.any()
    lift = heel_lift_pct(motion if stood else replace(motion, rest=np.zeros_like(motion.rest)))
    assert np.median(lift[up]) == pytest.approx(25.0, abs=1.5)
    assert np.median(lift[~up]) == pytest.approx(0.0, abs=1.5)


def test_from_the_side_the_other_side_is_not_asked_for() -> None:
    for side in ("left", "right", "both", "auto"):
        assert len(screened(sm.film(squats(bend=90.0), LEFT_NEAR, 0.3), "squat", side).report.tests) == 1


def test_a_squat_from_the_front_is_refused_as_a_frontal_test_is() -> None:
    turned = only(screened(sm.film(squats(), sm.Camera(yaw=22.0), 0.3), "squat"))
    assert turned.status is Status.NOT_ASSESSED
    assert "turned" in str(turned.reason)
    assert only(screened(sm.film(squats(), sm.Camera(yaw=180.0), 0.3), "squat")).status is Status.NOT_ASSESSED


@pytest.mark.parametrize(("knee_lower", "counted"), [(0.10, 3), (0.02, 0)])
def test_a_phone_on_the_floor_still_knows_the_leg_in_front(knee_lower: float, counted: int) -> None:
    """It shows both feet at one height; the rear knee goes down all the same."""
    poses = sm.film(lunges("left"), FRONT, 0.1)
    pixels = poses.pixels.copy()
    pixels[:, Landmark.RIGHT_ANKLE, 1] = pixels[:, Landmark.LEFT_ANKLE, 1]
    height = pixels[0, Landmark.LEFT_ANKLE, 1] - pixels[0, Landmark.NOSE, 1]
    pixels[:, Landmark.RIGHT_KNEE, 1] = pixels[:, Landmark.LEFT_KNEE, 1] + knee_lower * height
    report = screened(replace(poses, pixels=pixels), "lunge", "both").report
    assert len(sided(report, "left").repetitions) == counted
    assert len(sided(report, "right").repetitions) == 0


@pytest.mark.parametrize(("lower", "counted"), [(MIN_SPLIT + 0.01, 3), (MIN_SPLIT - 0.01, 0)])
def test_a_foot_that_is_hardly_lower_is_not_in_front(lower: float, counted: int) -> None:
    """It is measured by the height of the body, and the knees stand level."""
    poses = sm.film(lunges("left"), FRONT, 0.1)
    pixels = poses.pixels.copy()
    height = screened(poses, "lunge", "left").report.quality.subject_height_px
    assert height is not None
    deep = pixels[:, Landmark.RIGHT_ANKLE, 1] < pixels[:, Landmark.LEFT_ANKLE, 1] - 0.01 * height
    pixels[:, Landmark.RIGHT_KNEE, 1] = pixels[:, Landmark.LEFT_KNEE, 1]
    pixels[deep, Landmark.RIGHT_ANKLE, 1] = pixels[deep, Landmark.LEFT_ANKLE, 1] - lower * height
    assert len(sided(screened(replace(poses, pixels=pixels), "lunge", "both").report, "left").repetitions) == counted


def test_a_rear_foot_that_is_never_seen_does_not_hide_a_lunge() -> None:
    poses = sm.film(lunges("left"), FRONT, 0.1)
    visibility = poses.visibility.copy()
    deep = (poses.time_s > 2.6) & (poses.time_s < poses.time_s[-1] - 2.6)
    visibility[deep, Landmark.RIGHT_ANKLE] = 0.1
    pixels = poses.pixels.copy()
    height = pixels[0, Landmark.LEFT_ANKLE, 1] - pixels[0, Landmark.NOSE, 1]
    pixels[:, Landmark.RIGHT_KNEE, 1] = pixels[:, Landmark.LEFT_KNEE, 1] + 0.1 * height
    report = screened(replace(poses, pixels=pixels, visibility=visibility), "lunge", "both").report
    assert len(sided(report, "left").repetitions) == 3


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_lunge_is_judged_by_its_knee_over_the_foot(side: str) -> None:
    good, bad = (only(screened(sm.film(lunges(side, inwards), FRONT, 0.3), "lunge")) for inwards in (0.0, 30.0))
    assert measure(good, "knee_over_foot_pct").grade is Grade.WITHIN
    found = measure(bad, "knee_over_foot_pct")
    assert found.grade is Grade.OUTSIDE
    assert "inside the line of its foot" in found.statement
    assert measure(bad, "knee_over_foot_pct").value == pytest.approx(30.0, abs=6.0)
