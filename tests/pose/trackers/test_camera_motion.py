from __future__ import annotations

import cv2
import numpy as np
import pytest

from screener.model.picture import Picture
from screener.model.pose import Pose
from screener.pose.trackers.camera_motion import MAX_CORNERS, CameraMotion, _spread, fields_of


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


def inset(picture: Picture, number: int) -> Picture:
    """A film with many edges that shows in the corner of the picture, turning by four degrees from look to look."""
    small = cv2.resize(room(4.0 * number, seed=5), (200, 150), interpolation=cv2.INTER_AREA)
    picture = picture.copy()
    picture[:150, -200:] = small
    return picture


def test_a_film_in_a_corner_is_no_camera_that_turns() -> None:
    motion = CameraMotion()
    for number in range(8):
        motion.add(inset(room(0.0), number), person(0.25 * number))
    assert motion.range_deg < 0.5


def test_a_camera_that_turns_is_seen_beside_a_film_in_a_corner() -> None:
    motion = CameraMotion()
    for number, turn in enumerate((0, 1, 2, 3, 4)):
        motion.add(inset(room(turn), 0), person(0.25 * number))
    assert motion.range_deg == pytest.approx(4.0, abs=0.5)


def test_every_field_has_its_share_of_the_corners() -> None:
    chance = np.random.default_rng(0)
    crowd = np.concatenate((chance.uniform(0, 100, (300, 2)), chance.uniform(0, 300, (40, 2)))).astype(np.float32)[:, None]
    number = fields_of(_spread(crowd, (300, 300)), (300, 300))
    assert (number == 0).sum() == MAX_CORNERS // 9 + 1
    corners = np.array([[[299.0, 0.0]], [[0.0, 299.0]], [[300.0, 300.0]]], dtype=np.float32)
    assert fields_of(corners, (300, 300)).tolist() == [2, 6, 8]
