from __future__ import annotations

import numpy as np
import pytest

from helpers import stickman as sm
from screener.kinematics.side_repair import repair_sides
from screener.model.pose import MIRRORED_LANDMARKS, Bools, PoseSequence

ORDER = list(MIRRORED_LANDMARKS)


def exchanged(poses: PoseSequence, frames: Bools) -> PoseSequence:
    pixels, world, visibility = poses.pixels.copy(), poses.world_m.copy(), poses.visibility.copy()
    pixels[frames] = poses.pixels[frames][:, ORDER]
    world[frames] = poses.world_m[frames][:, ORDER]
    return poses.with_landmarks(pixels, world, visibility)


@pytest.mark.parametrize("yaw", [0, 180, 90, -90, 12])
def test_exchanged_frames_are_put_back(yaw: float) -> None:
    poses = sm.film(sm.stance("left", 6.0), sm.Camera(yaw=yaw), noise_px=0.5)
    frames = np.zeros(len(poses), dtype=bool)
    frames[[40, 41, 90]] = True
    frames[120:160] = True
    repair = repair_sides(exchanged(poses, frames))
    assert (repair.exchanged == frames).all()
    assert repair.poses.pixels == pytest.approx(poses.pixels)
    assert repair.poses.world_m == pytest.approx(poses.world_m)
    assert not repair.left_out.any()


def test_a_good_recording_is_left_alone() -> None:
    poses = sm.film(sm.leg_squats("right", 3, 6.0, 20.0), noise_px=1.0)
    repair = repair_sides(poses)
    assert not repair.exchanged.any()
    assert np.array_equal(repair.poses.pixels, poses.pixels)


def test_a_body_half_way_between_two_readings_is_left_out() -> None:
    poses = sm.film(sm.stance("left"), noise_px=0.5)
    frames = np.zeros(len(poses), dtype=bool)
    frames[100:120] = True
    swapped = exchanged(poses, frames)
    world, pixels = swapped.world_m.copy(), swapped.pixels.copy()
    world[120] = world[120].mean(axis=0)  # everything collapsed into one point
    repair = repair_sides(poses.with_landmarks(pixels, world, swapped.visibility))
    assert repair.left_out[120]
    assert np.isnan(repair.poses.pixels[120]).all()
    assert (repair.poses.visibility[120] == 0).all()
    assert repair.exchanged.sum() == 20


def test_a_person_who_turns_round_is_not_exchanged() -> None:
    t = sm.times(6.0)
    still = sm.Motion(t)
    parts = [
        sm.film(sm.Motion(t[k : k + 1]), sm.Camera(yaw=180 * float(sm.ramp(t[k : k + 1], 4.0, 5.0, 90, 91)[0])))
        for k in range(t.size)
    ]
    poses = sm.film(still).with_landmarks(
        np.concatenate([p.pixels for p in parts]), np.concatenate([p.world_m for p in parts]), np.ones((t.size, 33))
    )
    repair = repair_sides(poses)
    assert not repair.exchanged.any()
    assert repair.left_out[-20:].all()
    assert not repair.left_out[:100].any()


def test_nobody_and_one_frame_are_fine() -> None:
    poses = sm.film(sm.Motion(sm.times(1.0)))
    nobody = poses.with_landmarks(poses.pixels * np.nan, poses.world_m * np.nan, poses.visibility * 0)
    assert not repair_sides(nobody).exchanged.any()
    single = sm.film(sm.Motion(np.zeros(1)))
    assert not repair_sides(single).left_out.any()
