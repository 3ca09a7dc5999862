"""The zero of a recording: where it comes from, what it costs, and what is said where it is borrowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import only, recording, screened
from screener.kinematics.events import lifted, quiet_standing, stance
from screener.kinematics.motion import Motion
from screener.model.pose import Landmark, Side
from screener.model.results import Status
from screener.workflow.screening import BORROWED_ZERO, prepare
from tests_clinical.case import FRONT, LEFT_NEAR
from tests_clinical.cases_gait import FAR, walk
from tests_clinical.cases_sit_to_stand import stands
from tests_clinical.cases_squat import squats


def motion_of(figure: sm.Motion, test: str, camera: sm.Camera = FRONT) -> Motion:
    return prepare(recording(sm.film(figure, camera, 0.2), test))[1]


def test_a_raised_arm_does_not_hide_that_somebody_stands() -> None:
    """It lifts the shoulder point by some per cent, and with it the height that counts as upright."""
    t = sm.times(6.0)
    raised = t > 3.0
    joints, tall = np.zeros((t.size, 2, 2)), np.full(t.size, 100.0)
    shoulder, hip = np.where(raised, 81.0, 77.5), np.full(t.size, 49.0)
    everywhere = np.ones(t.size, dtype=bool)
    assert quiet_standing(joints, shoulder, everywhere, t, tall, hip).all()
    assert not quiet_standing(joints, shoulder, everywhere, t, tall)[~raised].any()


@pytest.mark.parametrize(("bent", "stands_there"), [(0.975, True), (0.965, False)])
def test_bent_knees_are_no_standing(bent: float, stands_there: bool) -> None:
    t = sm.times(6.0)
    low = t > 3.0
    hip = np.where(low, 49.0 * bent, 49.0)
    quiet = quiet_standing(
        np.zeros((t.size, 2, 2)), np.full(t.size, 78.0), np.ones(t.size, dtype=bool), t, np.full(t.size, 100.0), hip
    )
    assert quiet[~low].all()
    assert quiet[low].all() is np.bool_(stands_there)


@pytest.mark.parametrize(("bowed", "stands_there"), [(0.955, True), (0.945, False)])
def test_a_bowed_trunk_is_no_standing(bowed: float, stands_there: bool) -> None:
    t = sm.times(6.0)
    low = t > 3.0
    shoulder = np.where(low, 78.0 * bowed, 78.0)
    hip, everywhere = np.full(t.size, 49.0), np.ones(t.size, dtype=bool)
    quiet = quiet_standing(np.zeros((t.size, 2, 2)), shoulder, everywhere, t, np.full(t.size, 100.0), hip)
    assert quiet[low].all() is np.bool_(stands_there)


def test_how_high_a_foot_must_be_lifted_is_asked_for() -> None:
    t = sm.times(4.0)
    height = np.where((t > 1.0) & (t < 2.0), 0.05, 0.0)
    assert lifted(height, t).any()
    assert not lifted(height, t, 0.08).any()
    assert set(stance(height, t, 0.08)) == {"both"}
    assert set(stance(height, t)) == {"both", "right"}
    assert set(stance(-height, t)) == {"both", "left"}


@pytest.mark.parametrize("yaw", [-25.0, 25.0])
def test_no_leg_is_blanked_in_a_movement_on_two(yaw: float) -> None:
    """A lens above the floor draws the farther foot of a turned body higher for as long as it stands there."""
    figure = squats(count=2)
    moving = (figure.time_s > 2.0) & (figure.time_s < figure.time_s[-1] - 2.9)  # nobody stands still before or after
    figure = sm.Motion(figure.time_s[moving], bend=figure.bend[moving])
    camera = sm.Camera(yaw=yaw, height=2.0, distance=2.6, focal=400.0, picture_height=700)
    motion = motion_of(figure, "squat", camera)
    assert set(motion.series.stance) == {"both"}
    for side in Side:
        assert np.isfinite(motion.column(f"knee_flexion_{side}_deg")).all()


def test_a_foot_that_is_clearly_up_is_no_squat_on_two_legs() -> None:
    motion = motion_of(sm.leg_squats("left"), "squat")
    assert "left" in set(motion.series.stance)


@pytest.mark.parametrize("yaw", [0.0, 20.0])
def test_five_stands_from_a_chair_are_scored_from_the_front(yaw: float) -> None:
    result = only(screened(sm.film(stands(1.4, 5), sm.Camera(yaw=yaw, height=1.5, focal=400.0), 0.3), "sit_to_stand"))
    assert (result.status, len(result.repetitions)) == (Status.SCORED, 5)


def one_leg_from_the_start() -> sm.Motion:
    t = sm.times(6.0)
    return sm.Motion(t, lift_right=0.2 + 0.02 * np.sin(6.0 * t))


def test_a_recording_that_begins_on_one_leg_says_that_its_zero_is_borrowed() -> None:
    report = screened(sm.film(one_leg_from_the_start(), FRONT, 0.2), "single_leg_stance").report
    assert BORROWED_ZERO in report.quality.warnings
    assert report.tests[0].side == "left"


def test_who_stood_still_first_borrows_nothing() -> None:
    report = screened(sm.film(sm.stance(), FRONT, 0.2), "single_leg_stance").report
    assert BORROWED_ZERO not in report.quality.warnings


def test_only_a_test_of_the_pelvis_borrows_its_zero() -> None:
    """A squat shows no pelvis, and the side view has none."""
    assert BORROWED_ZERO not in screened(sm.film(one_leg_from_the_start(), FRONT, 0.2), "squat").report.quality.warnings
    assert BORROWED_ZERO not in screened(sm.film(sm.hinges(), LEFT_NEAR, 0.2), "hip_hinge").report.quality.warnings


def test_an_arm_that_goes_up_is_left_out_of_the_zero() -> None:
    poses = sm.film(sm.stance(), FRONT, 0.2)
    pixels = poses.pixels.copy()
    rising = np.clip((poses.time_s - 1.0) / 1.5, 0.0, 1.0)
    for wrist in (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST):
        pixels[:, wrist, 1] -= 200.0 * rising
    motion = prepare(recording(replace(poses, pixels=pixels), "single_leg_stance"))[1]
    assert motion.rest[motion.time_s < 0.8].all()
    assert not motion.rest[(motion.time_s > 1.2) & (motion.time_s < 2.3)].any()
    assert motion.quiet[(motion.time_s > 1.2) & (motion.time_s < 1.9)].all()


def test_from_the_side_a_moment_of_standing_is_a_zero_where_there_is_no_other() -> None:
    """Who bends again and again hardly stands; an arm that moves while somebody stands long enough is left out all the same."""
    t = sm.times(6.0)
    hinge = sum(sm.ramp(t, a, a + 0.9, a + 1.0, a + 1.9) for a in (0.3, 2.55, 4.8))
    brief = motion_of(sm.Motion(t, incline=60.0 * hinge), "hip_hinge", LEFT_NEAR)
    assert brief.rest.any()
    assert (brief.rest == brief.quiet).all()
    poses = sm.film(sm.hinges(count=2), LEFT_NEAR, 0.2)
    pixels = poses.pixels.copy()
    pixels[:, Landmark.LEFT_WRIST, 1] -= 200.0 * np.clip((poses.time_s - 1.0) / 0.8, 0.0, 1.0)
    raised = prepare(recording(replace(poses, pixels=pixels), "hip_hinge"))[1]
    rising = (raised.time_s > 1.2) & (raised.time_s < 1.6)
    assert raised.quiet[rising].all()
    assert not raised.rest[rising].any()


def test_who_walks_to_the_camera_has_the_height_of_the_usual_distance() -> None:
    """The largest body is the one just before the camera."""
    walking = motion_of(walk(1.5, 1.5), "gait", FAR)
    standing = motion_of(sm.Motion(sm.times(3.0)), "gait", FAR)
    at_start = walking.body_height_px * walking.growth[0]
    assert at_start == pytest.approx(standing.body_height_px, rel=0.05)
    assert walking.rest[walking.time_s < 1.5].all()


def test_the_last_step_ends_beside_the_other_foot() -> None:
    """Who stops does not cross any more; the frames of standing after it are no swing."""
    steps = walk(1.5, 1.5, steps=4, still_s=1.0)
    t = np.concatenate([steps.time_s, steps.time_s[-1] + np.arange(1, 90) / 30.0])
    names = [name for name in sm.Motion.__dataclass_fields__ if name != "time_s"]
    last = sm.columns(steps)
    figure = sm.Motion(t, **{n: np.concatenate([getattr(last, n), np.full(89, getattr(last, n)[-1])]) for n in names})
    report = screened(sm.film(figure, FAR, 0.2), "gait").report
    assert {result.status for result in report.tests} == {Status.SCORED}
    for result in report.tests:
        assert all(span.end_s - span.start_s < 1.0 for span in result.repetitions)
