from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import screened
from screener.kinematics.body_turn import (
    FOOT_SD_DEG,
    FOOT_SHARE,
    MAX_APART_SHARE,
    MIN_PLANTED_S,
    SPACE_GAIN,
    SPACE_SD_DEG,
    BodyTurn,
    body_turn,
    facing_of,
    feet_turn_deg,
    joined,
    planted_feet,
)
from screener.kinematics.recording_quality import subject_height_px
from screener.model.pose import MIRRORED_LANDMARKS, Z95, Joint, Landmark, PoseSequence, Side

YAWS = [-25.0, -10.0, 0.0, 10.0, 25.0]


def standing(yaw: float, seconds: float = 2.0) -> PoseSequence:
    return sm.film(sm.Motion(sm.times(seconds)), sm.Camera(yaw=yaw))


def turn_of(poses: PoseSequence) -> BodyTurn:
    return body_turn(poses, facing_of(poses), subject_height_px(poses))


def mirrored(poses: PoseSequence) -> PoseSequence:
    order = list(MIRRORED_LANDMARKS)
    pixels = poses.pixels[:, order] * [-1.0, 1.0] + [poses.width, 0.0]
    return poses.with_landmarks(pixels, poses.world_m[:, order] * [-1.0, 1.0, 1.0], poses.visibility[:, order])


@pytest.mark.parametrize("yaw", YAWS)
def test_a_built_turn_lies_in_the_interval_with_its_sign(yaw: float) -> None:
    for away, sign in ((0.0, -1.0), (180.0, 1.0)):  # facing the lens the figure's left comes nearer with a positive yaw
        found = turn_of(standing(yaw + away))
        assert abs(found.deg - sign * yaw) <= found.u95_deg
        assert found.u95_deg < 16.0
        if abs(yaw) > 5.0:
            assert np.sign(found.deg) == np.sign(sign * yaw)


@pytest.mark.parametrize("yaw", [*YAWS, 165.0, 190.0])
def test_a_mirror_image_has_the_same_turn_the_other_way(yaw: float) -> None:
    here, there = turn_of(standing(yaw)), turn_of(mirrored(standing(yaw)))
    assert there.deg == pytest.approx(-here.deg, abs=1e-6)
    assert there.u95_deg == pytest.approx(here.u95_deg)
    assert there.each_deg == pytest.approx(-here.each_deg, abs=1e-6)


def test_the_model_shows_less_than_the_turn() -> None:
    poses = standing(20.0)
    blind = replace(poses, visibility=np.where(np.isin(np.arange(33), [29, 30]), 0.1, poses.visibility))  # no heels
    assert turn_of(blind).deg == pytest.approx(-20.0 / SPACE_GAIN, abs=0.1)
    assert turn_of(blind).u95_deg == pytest.approx(Z95 * SPACE_SD_DEG)
    assert turn_of(poses).u95_deg < turn_of(blind).u95_deg


def test_from_behind_the_hips_do_not_count() -> None:
    for yaw, counts in ((0.0, True), (180.0, False)):
        poses = standing(yaw)
        world = poses.world_m.copy()
        world[:, Landmark.LEFT_HIP, 2] += 0.05
        moved = turn_of(poses.with_landmarks(poses.pixels, world, poses.visibility)).deg - turn_of(poses).deg
        assert (abs(moved) > 2.0) == counts


def test_toes_that_point_outwards_are_no_turn() -> None:
    poses = standing(0.0)
    pixels = poses.pixels.copy()
    for side in Side:  # the left is on the right of the picture
        pixels[:, Joint.FOOT_INDEX.on(side), 0] += side.sign * 12.0
    assert feet_turn_deg(poses.with_landmarks(pixels, poses.world_m, poses.visibility), 300.0) == pytest.approx(0.0, abs=0.2)


def test_feet_show_the_turn_by_their_length() -> None:
    poses = standing(0.0)
    pixels = poses.pixels.copy()
    for side in Side:
        pixels[:, Joint.FOOT_INDEX.on(side), 0] = pixels[:, Joint.HEEL.on(side), 0] + 0.5 * FOOT_SHARE * 300.0
    turned = poses.with_landmarks(pixels, poses.world_m, poses.visibility)
    assert feet_turn_deg(turned, 300.0) == pytest.approx(30.0, abs=0.01)
    assert feet_turn_deg(turned, 30.0) < 90.0  # feet longer than any foot
    assert np.isnan(feet_turn_deg(turned, float("nan")))


def test_a_lifted_or_hidden_foot_is_no_witness() -> None:
    t = sm.times(4.0)
    lifted = sm.film(sm.Motion(t, lift_left=0.2))
    assert not planted_feet(lifted, subject_height_px(lifted)).any()
    half = sm.film(sm.Motion(t, lift_left=np.where(t > 2.0, 0.2, 0.0)))
    planted = planted_feet(half, subject_height_px(half))
    assert planted[t < 1.9].all()
    assert not planted[t > 2.1].any()
    brief = sm.film(sm.Motion(t, lift_left=np.where(t > 0.2, 0.2, 0.0)))
    assert np.isnan(feet_turn_deg(brief, subject_height_px(brief)))
    hidden = standing(0.0)
    hidden.visibility[:, Landmark.LEFT_HEEL] = 0.4
    assert not planted_feet(hidden, 300.0).any()


@pytest.mark.parametrize(("step_s", "known"), [(MIN_PLANTED_S / 2, True), (MIN_PLANTED_S / 2 - 0.01, False)])
def test_feet_that_stood_for_just_long_enough_are_a_witness(step_s: float, known: bool) -> None:
    poses = replace(sm.film(sm.Motion(sm.times(2 / 30))), time_s=np.array([0.0, step_s]))
    assert np.isfinite(feet_turn_deg(poses, subject_height_px(poses))) == known


def test_one_picture_is_no_witness_of_feet() -> None:
    assert np.isnan(feet_turn_deg(sm.film(sm.Motion(np.zeros(1))), 300.0))


def test_feet_one_before_the_other_stand_where_they_usually_stand() -> None:
    poses = standing(0.0)
    for apart, planted in ((MAX_APART_SHARE - 0.01, True), (MAX_APART_SHARE + 0.01, False)):
        pixels = poses.pixels.copy()
        pixels[:, Landmark.LEFT_ANKLE, 1] = pixels[:, Landmark.RIGHT_ANKLE, 1] - apart * 300.0
        assert planted_feet(poses.with_landmarks(pixels, poses.world_m, poses.visibility), 300.0).all() == planted


def test_witnesses_are_joined_by_their_precision_and_doubt_each_other() -> None:
    deg, sd = joined(10.0, 8.0, 12.0, 6.0)
    assert deg == pytest.approx((10.0 / 64 + 12.0 / 36) / (1 / 64 + 1 / 36))
    assert sd == pytest.approx((1 / 64 + 1 / 36) ** -0.5)
    assert joined(0.0, 3.0, 20.0, 4.0)[1] == pytest.approx(2.4 * 4.0)
    assert joined(float("nan"), 3.0, 20.0, 4.0) == (20.0, 4.0)
    assert joined(5.0, 3.0, float("nan"), 4.0) == (5.0, 3.0)


def test_the_turn_is_in_the_series_and_in_the_report() -> None:
    poses = standing(15.0)
    found = screened(poses, "squat")
    assert found.report.quality.body_turn_deg == pytest.approx(abs(turn_of(poses).deg), abs=0.01)
    assert found.report.quality.body_turn_u95_deg == pytest.approx(turn_of(poses).u95_deg, abs=0.01)
    assert found.series.body_turn_deg == pytest.approx(turn_of(poses).deg, abs=0.01)
    aside = screened(standing(90.0), "hip_hinge")
    assert np.isnan(aside.series.body_turn_deg).all()
    assert aside.report.quality.body_turn_u95_deg is None


def test_a_body_that_turns_is_followed_in_the_series() -> None:
    first, second = standing(0.0), standing(-20.0)
    pixels, world = (np.concatenate((a, b)) for a, b in ((first.pixels, second.pixels), (first.world_m, second.world_m)))
    both = sm.film(sm.Motion(sm.times(4.0)))
    series = turn_of(both.with_landmarks(pixels, world, both.visibility)).each_deg
    assert series[100] - series[20] == pytest.approx(20.0 / SPACE_GAIN, abs=0.5)


def test_the_far_end_is_beyond_the_reading_on_either_side() -> None:
    assert BodyTurn(-12.0, 8.0, np.zeros(1)).far_end_deg == 20.0
    assert pytest.approx(6.0, abs=3.0) == FOOT_SD_DEG
