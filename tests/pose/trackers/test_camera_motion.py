from __future__ import annotations

import cv2
import numpy as np
import pytest

from screener.model.picture import Picture
from screener.model.pose import Pose
from screener.pose.trackers.camera_motion import CameraMotion


def room(turn_deg: float, seed: int = 1) -> Picture:
    """A wall with things on it, turned clockwise."""
    chance = np.random.default_rng(seed)
    big = np.full((900, 900, 3), 170, dtype=np.uint8)
    for _ in range(90):
        x, y = (int(v) for v in chance.integers(0, 860, 2))
        colour = tuple(int(v) for v in chance.integers(0, 255, 3))
        cv2.rectangle(big, (x, y), (x + 30, y + 24), colour, -1)
    turn = cv2.getRotationMatrix2D((450, 450), -turn_deg, 1.0)
    return np.ascontiguousarray(cv2.warpAffine(big, turn, (900, 900))[210:690, 130:770])


def person(time_s: float, x: float = 320.0) -> Pose:
    pixels = np.column_stack([np.linspace(x - 40, x + 40, 33), np.linspace(60, 440, 33)])
    return Pose(time_s, pixels, np.zeros((33, 3)), np.ones(33))


@pytest.mark.parametrize("turns", [(0, 1, 2, 3, 4, 3, 2), (0, -2, -4, -2, 0, 2, 1)])
def test_a_turning_camera_is_seen_from_one_extreme_to_the_other(turns: tuple[float, ...]) -> None:
    motion = CameraMotion()
    for number, turn in enumerate(turns):
        motion.add(room(turn), person(0.25 * number))
    assert motion.range_deg == pytest.approx(max(turns) - min(turns), abs=0.3)


def test_a_person_who_moves_is_no_camera_that_turns() -> None:
    motion = CameraMotion()
    for number in range(8):
        picture = room(0.0)
        x = 200 + 30 * number
        cv2.rectangle(picture, (x - 40, 60), (x + 40, 440), (20, 60 + 10 * number, 200), -1)
        motion.add(picture, person(0.25 * number, float(x)))
    assert motion.range_deg < 0.3


def test_an_empty_wall_tells_nothing() -> None:
    motion = CameraMotion()
    for number in range(4):
        motion.add(np.full((480, 640, 3), 128, dtype=np.uint8), person(0.25 * number))
    assert motion.range_deg == 0.0


def test_small_errors_do_not_add_up_over_a_long_recording() -> None:
    motion, still = CameraMotion(), room(0.0)
    chance = np.random.default_rng(3)
    for number in range(200):
        shaken = still.astype(np.int16) + chance.normal(0, 12, still.shape).astype(np.int16)
        motion.add(np.clip(shaken, 0, 255).astype(np.uint8), person(0.25 * number))
    assert motion.range_deg < 0.05
