"""What the cases of each test do not say: counts, times, tables, and refusals that still count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, screened
from screener import TESTS
from screener.model.pose import PoseSequence, Side
from screener.model.recorder import Recorder
from screener.model.recording import Person, Sex
from screener.model.results import Grade, ScreeningReport, Status, TestResult
from screener.tests_clinical.battery.single_leg_stance import stance_time_norm
from screener.tests_clinical.battery.sit_to_stand import chair_stand_norm, five_times_norm
from screener.tests_clinical.battery.toe_touch import _hip_share_pct
from tests_clinical.case import BACK, FRONT, LEFT_NEAR
from tests_clinical.cases_clamshell import FLOOR_CAMERA as CLAM_CAMERA
from tests_clinical.cases_clamshell import clams
from tests_clinical.cases_gait import FAR, walk
from tests_clinical.cases_glute_bridge import FLOOR_CAMERA, bridges
from tests_clinical.cases_lunge import lunges
from tests_clinical.cases_march import lifts
from tests_clinical.cases_sit_to_stand import stands
from tests_clinical.cases_squat import squats
from tests_clinical.cases_toe_touch import bends


def sided(report: ScreeningReport, side: str) -> TestResult:
    return next(result for result in report.tests if result.side == side)


def every(number: int, poses: PoseSequence) -> PoseSequence:
    """Every so many frames of a recording."""
    recorder = Recorder(poses.width, poses.height)
    for frame in range(0, len(poses), number):
        recorder.add(poses.pose(frame))
    return recorder.sequence()


def test_the_battery_has_thirteen_tests() -> None:
    assert len(TESTS) == 13


@pytest.mark.parametrize("rate_hz", [10.0, 15.0, 30.0])
@pytest.mark.parametrize("count", [3, 7, 20])
@pytest.mark.parametrize("test", ["squat", "sit_to_stand", "glute_bridge", "march", "lunge"])
def test_every_repetition_is_counted_at_every_rate(test: str, count: int, rate_hz: float) -> None:
    motion, camera = {
        "squat": (squats(count=count), FRONT),
        "sit_to_stand": (stands(count=count), LEFT_NEAR),
        "glute_bridge": (bridges(count=count), FLOOR_CAMERA),
        "march": (lifts(1.0, count=count), FRONT),
        "lunge": (lunges(count=count), FRONT),
    }[test]
    report = screened(every(round(30.0 / rate_hz), sm.film(motion, camera, noise_px=0.3)), test).report
    assert {len(result.repetitions) for result in report.tests} == {count}
    assessed = report.tests[0].status is Status.SCORED
    assert assessed == (rate_hz >= 15.0)


def test_an_oblique_view_still_counts_and_grades_nothing() -> None:
    result = only(screened(sm.film(squats(count=4), sm.Camera(yaw=55.0), 0.3), "squat"))
    assert (result.status, len(result.repetitions), result.measures) == (Status.NOT_ASSESSED, 4, ())
    assert "The body is turned by about 54 degrees away from the camera, up to " in str(result.reason)


def test_nothing_is_counted_where_more_than_the_view_is_wrong() -> None:
    poses = sm.film(squats(count=4), sm.Camera(yaw=55.0), 0.3)
    dark = replace(poses, brightness=np.full(len(poses), 5.0))
    assert only(screened(dark, "squat")).repetitions == ()
    assert only(screened(poses, "squat")).repetitions != ()


def test_who_does_not_lie_is_told_to() -> None:
    for test, camera in (("glute_bridge", LEFT_NEAR), ("clamshell", FRONT)):
        assert "lying on the floor" in str(only(screened(sm.film(sm.Motion(sm.times(6.0)), camera), test)).reason)


def test_squat_sees_the_knee_that_falls_in_and_the_side_the_weight_goes_to() -> None:
    report = screened(sm.film(squats(0.0, 30.0, shift_m=-0.05), FRONT, 0.3), "squat").report
    left, right = sided(report, "left"), sided(report, "right")
    assert measure(right, "knee_valgus_deg").grade is Grade.OUTSIDE
    assert measure(left, "knee_valgus_deg").grade is Grade.WITHIN
    shift = measure(right, "weight_shift_pct").value
    assert shift == pytest.approx(28.0, abs=4.0)  # 5 cm of the 18 cm between the ankles
    assert measure(left, "weight_shift_pct").value == pytest.approx(-shift)
    assert next(row for row in report.asymmetry if row.measure == "knee_valgus_deg").grade is Grade.OUTSIDE


def test_the_weight_shift_names_its_direction() -> None:
    t = sm.times(8.0)
    for shift, word, camera in ((0.05, "to the left", FRONT), (-0.05, "to the right", FRONT), (0.05, "to the left", BACK)):
        found = measure(only(screened(sm.film(sm.Motion(t, shift=shift), camera), "quiet_stance")), "weight_shift_pct")
        assert word in found.statement
        assert found.value == pytest.approx(100 * 0.05 / 0.18, abs=4.0)


def test_a_march_that_hikes_on_one_side_only() -> None:
    right, left = lifts(8.0, "right", 2), lifts(1.0, "left", 2)
    t = np.concatenate([right.time_s, right.time_s[-1] + 1 / 30 + left.time_s])
    both = sm.Motion(
        t,
        **{
            name: np.concatenate([getattr(sm.columns(right), name), getattr(sm.columns(left), name)])
            for name in ("obliquity", "lift_left", "lift_right", "foot_left", "foot_right")
        },
    )
    report = screened(sm.film(both, FRONT, 0.3), "march").report
    assert measure(sided(report, "right"), "pelvic_hike_deg").value == pytest.approx(8.0, abs=0.8)
    assert measure(sided(report, "left"), "pelvic_hike_deg").value == pytest.approx(1.0, abs=0.8)
    before = measure(sided(report, "right"), "hike_before_lift_deg").value
    assert before is not None
    assert 2.0 < before < 8.0


def test_gait_finds_steps_their_time_and_the_drop_of_each_stance() -> None:
    report = screened(sm.film(walk(2.0, 8.0), FAR, 0.2), "gait").report
    left, right = sided(report, "left"), sided(report, "right")
    assert measure(right, "pelvic_drop_deg").value == pytest.approx(7.5, abs=1.0)
    assert measure(left, "pelvic_drop_deg").value == pytest.approx(2.0, abs=1.0)
    for side in (left, right):
        assert measure(side, "step_time_s").value == pytest.approx(0.6, abs=0.07)
    assert len(left.repetitions) + len(right.repetitions) >= 6
    stances = [*left.repetitions, *right.repetitions]
    for side in (left, right):  # the usable share is that of the whole walk
        assert side.window is not None
        assert side.window.start_s <= min(span.start_s for span in stances)
        assert side.window.end_s >= max(span.end_s for span in stances)


def test_the_tempo_of_squats_is_known_to_a_third_of_it() -> None:
    """Where a squat begins is read from a leg that starts to look shorter."""
    tempo = measure(only(screened(sm.film(sm.leg_squats(), noise_px=0.2), "single_leg_squat")), "tempo_s")
    assert tempo.value is not None
    assert 1.5 < tempo.value < 2.5
    assert tempo.uncertainty == pytest.approx(0.35 * tempo.value, rel=0.02)


def test_stand_times() -> None:
    result = only(screened(sm.film(stands(1.4, 5), LEFT_NEAR, 0.3), "sit_to_stand"))
    five = measure(result, "five_times_s")
    assert five.value == pytest.approx(5 * 3.4 - 0.5, abs=0.7)
    assert "arms" in five.statement
    assert measure(result, "way_down_s").value == pytest.approx(1.4, abs=0.2)
    assert measure(result, "chair_stands_30s").value is None


@pytest.mark.parametrize(("count", "down_s", "counted"), [(5, 1.4, None), (6, 1.4, 6), (5, 3.6, 5)])
def test_five_stands_and_a_rest_are_the_test_of_five_and_not_few_in_thirty_seconds(
    count: int, down_s: float, counted: float | None
) -> None:
    """Five that take all of the time are as many as the person could do."""
    result = only(screened(sm.film(stands(down_s, count, rest_s=20.0), LEFT_NEAR, 0.3), "sit_to_stand"))
    assert measure(result, "five_times_s").value is not None
    assert measure(result, "chair_stands_30s").value == counted


@pytest.mark.parametrize(("down_s", "counted"), [(0.469, 13), (0.485, 12)])
def test_a_stand_more_than_half_way_up_counts_when_the_time_is_over(down_s: float, counted: int) -> None:
    """The time is over 30 s after the first movement; the 13th rise is then two thirds, or four tenths, of the way up."""
    poses = sm.film(stands(down_s, 14), LEFT_NEAR, 0.1)
    recorder = Recorder(poses.width, poses.height)
    for frame in np.flatnonzero(poses.time_s < 31.95):  # nobody films on
        recorder.add(poses.pose(frame))
    found = measure(only(screened(recorder.sequence(), "sit_to_stand")), "chair_stands_30s")
    assert found.value == counted


def test_a_foot_that_hardly_leaves_the_floor_makes_a_step_far_away_too() -> None:
    report = screened(sm.film(walk(1.0, 1.0, lift_m=0.02), FAR, 0.1), "gait").report
    assert len(sided(report, "left").repetitions) + len(sided(report, "right").repetitions) >= 6


def test_the_pelvis_is_known_less_well_the_nearer_the_person_has_come() -> None:
    t = sm.times(8.0)
    coming = sm.ramp(t, 3.0, 4.0, 20.0, 21.0)
    nearer = sm.Motion(t, ahead=0.6 * coming, lift_right=0.2 * sm.ramp(t, 3.5, 4.5, 20.0, 21.0))
    series = screened(sm.film(nearer, FRONT), "single_leg_stance").series
    far, near = (float(np.median(series.pelvic_obliquity_u95_deg[here])) for here in (t < 2.0, t > 6.0))
    assert near > far + 2.0


def test_the_hips_do_part_of_a_forward_bend() -> None:
    share = measure(only(screened(sm.film(bends(112.0), LEFT_NEAR), "toe_touch")), "hip_share_pct")
    assert share.value is not None
    assert 45.0 < share.value < 90.0  # the figure rounds its back by half of the bend


def test_the_error_of_the_rounding_is_carried_into_the_share_of_the_hips() -> None:
    bend, rounding, u95 = np.array([45.0, 90.0]), np.array([20.0, 20.0]), np.array([10.0, 10.0])
    share, share_u95 = _hip_share_pct(bend, rounding, u95)
    rounder, _ = _hip_share_pct(bend, rounding + u95, u95)
    assert share_u95 == pytest.approx(share - rounder)
    assert share_u95[0] == pytest.approx(2.0 * share_u95[1])  # the same error is less of a deeper bend


def test_a_bridge_measures_each_hold() -> None:
    result = only(screened(sm.film(bridges(hold_s=3.0, sink=18.0), FLOOR_CAMERA, 0.3), "glute_bridge"))
    assert measure(result, "hip_loss_deg").value == pytest.approx(18.0, abs=2.5)
    assert len(result.holds) == 2


@pytest.mark.parametrize(
    ("age", "sex", "within"),
    [(62, Sex.MALE, 14), (62, Sex.FEMALE, 12), (94, Sex.FEMALE, 4), (59, Sex.MALE, None), (62, None, None), (None, None, None)],
)
def test_chair_stands_by_age_and_sex(age: int | None, sex: Sex | None, within: float | None) -> None:
    norm = chair_stand_norm(Person(age, sex))
    assert (norm.within if norm else None) == within
    if norm:
        assert norm.outside == norm.within - 1
        assert str(age)[0] in norm.population


@pytest.mark.parametrize(
    ("age", "seconds", "grade", "at_least"),
    [
        (30, 27.0, Grade.OUTSIDE, False),
        (30, 30.0, Grade.NOT_ASSESSED, True),
        (45, 29.0, Grade.WATCH, False),
        (65, 30.0, Grade.WITHIN, True),
        (30, 44.0, Grade.WITHIN, True),
    ],
)
def test_who_holds_the_thirty_seconds_that_are_asked_is_not_below_a_norm(
    age: int, seconds: float, grade: Grade, at_least: bool
) -> None:
    """Whoever is younger could hold longer; nobody asked for it."""
    stood = sm.film(sm.stance(seconds=seconds + 4.3, rate_hz=15.0))
    found = measure(only(screened(stood, "single_leg_stance", person=Person(age))), "hold_time_s")
    assert found.value == pytest.approx(seconds, abs=0.3)
    assert found.grade is grade
    assert ("at least" in found.statement) is at_least


def test_a_hold_that_no_norm_judges_stands_beside_what_was_asked() -> None:
    found = measure(only(screened(sm.film(sm.stance()), "single_leg_stance")), "hold_time_s")
    assert (found.grade, found.norm) == (Grade.NOT_ASSESSED, None)
    assert "the test asks for 30 s" in str(found.reason)


def test_other_tables() -> None:
    assert [n and n.within for n in (five_times_norm(Person(age)) for age in (59, 60, 75, 89, 90))] == [
        None,
        11.4,
        12.6,
        14.8,
        None,
    ]
    assert [n and n.within for n in (stance_time_norm(Person(age)) for age in (17, 18, 45, 85))] == [None, 43, 40, 6]


def test_an_unknown_age_is_not_compared_and_says_so() -> None:
    found = measure(only(screened(sm.film(stands(1.4, 5), LEFT_NEAR), "sit_to_stand")), "five_times_s")
    assert (found.grade, found.norm) == (Grade.NOT_ASSESSED, None)
    assert "60 years" in str(found.reason)
    known = screened(sm.film(stands(1.4, 5), LEFT_NEAR), "sit_to_stand", person=Person(65))
    assert measure(only(known), "five_times_s").grade is Grade.OUTSIDE


def test_the_lifted_leg_names_the_side_in_a_march_and_the_front_leg_in_a_lunge() -> None:
    for side in Side:
        assert only(screened(sm.film(lifts(1.0, side.value), FRONT), "march")).side == side
        assert only(screened(sm.film(lunges(side.value), FRONT), "lunge")).side == side


@pytest.mark.parametrize("side", list(Side))
def test_a_pelvis_that_rolls_back_in_a_clamshell_is_positive(side: Side) -> None:
    still = clams(top=side.value)
    rolling = replace(still, roll=20.0 * still.opening / 40.0)
    for motion, roll_deg in ((still, 0.0), (rolling, 17.0)):  # a repetition begins at 15 % of its way
        result = only(screened(sm.film(motion, CLAM_CAMERA), "clamshell"))
        assert result.side == side
        assert measure(result, "pelvis_roll_deg").value == pytest.approx(roll_deg, abs=2.0)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("towards", [1.0, -1.0])
def test_the_lean_towards_the_leg_that_carries_is_positive(side: Side, towards: float) -> None:
    """In a march the other leg carries, in a lunge the front one, in a walk the one that stands."""
    march = lifts(1.0, side.value)
    lunge = lunges(side.value)
    for key, motion, camera, carries in (
        ("march", march, FRONT, side.other),
        ("lunge", lunge, FRONT, side),
        ("gait", walk(1.0, 1.0), FAR, side),
    ):
        leaning = replace(motion, lean=carries.sign * towards * 8.0 * (motion.time_s > 2.0))
        result = sided(screened(sm.film(leaning, camera, 0.2), key).report, side.value)
        assert measure(result, "trunk_lean_deg").value == pytest.approx(towards * 8.0, abs=1.5), key


def test_a_rear_foot_that_hides_behind_the_front_leg_does_not_end_a_lunge() -> None:
    poses = sm.film(lunges("left"), FRONT, 0.3)
    visibility = poses.visibility.copy()
    visibility[::2, 28] = 0.1  # the right ankle, in every other frame
    assert only(screened(replace(poses, visibility=visibility), "lunge")).status is Status.SCORED
    visibility[::2, 25] = 0.1  # the front knee
    assert screened(replace(poses, visibility=visibility), "lunge").report.score.assessed == 0


def test_sway_is_that_of_the_hips_over_the_feet_not_of_the_picture() -> None:
    poses = sm.film(sm.stance("left", seconds=12.0))
    still = measure(only(screened(poses, "single_leg_stance")), "sway_pct_height_per_s").value
    shaken = 12.0 * np.sin(2.0 * np.pi * 0.5 * poses.time_s)
    pixels = poses.pixels + np.stack([shaken, 0.0 * shaken], axis=1)[:, None]
    moved = only(screened(poses.with_landmarks(pixels, poses.world_m, poses.visibility), "single_leg_stance"))
    assert still is not None
    assert measure(moved, "sway_pct_height_per_s").value == pytest.approx(still, abs=0.05)


def test_steps_backwards_are_no_steps_to_the_camera() -> None:
    forwards = sm.film(walk(1.5, 1.5), FAR, 0.2)
    assert any(test.status is Status.SCORED for test in screened(forwards, "gait").report.tests)
    backwards = replace(
        forwards,
        pixels=forwards.pixels[::-1],
        world_m=forwards.world_m[::-1],
        surface_rotation_deg=forwards.surface_rotation_deg[::-1],
    )
    report = screened(backwards, "gait").report
    assert report.score.assessed == 0
    assert "towards the camera" in str(report.tests[0].reason)
