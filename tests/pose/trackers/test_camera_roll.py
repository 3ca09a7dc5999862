from __future__ import annotations

import cv2
import numpy as np
import pytest

from screener.model.picture import Picture
from screener.model.pose import Pose
from screener.model.recording import CameraTilt
from screener.pose.trackers.camera_roll import CameraTiltEstimator, camera_tilt

NOBODY = Pose.missing(0.0)
SOMEBODY = Pose(0.0, np.tile([320.0, 240.0], (33, 1)), np.zeros((33, 3)), np.ones(33))


def room(roll: float, seed: int = 0) -> Picture:
    """Doors and window frames, turned clockwise by `roll`, with some clutter."""
    chance = np.random.default_rng(seed)
    big = np.full((1400, 1400, 3), 200, dtype=np.uint8)
    for x in range(100, 1400, 130):
        cv2.rectangle(big, (x, 80), (x + 60, 1320), (90, 70, 60), -1)
    for _ in range(15):
        a, b = chance.integers(0, 1400, 2), chance.integers(0, 1400, 2)
        cv2.line(big, tuple(int(v) for v in a), tuple(int(v) for v in b), (150, 150, 150), 2)
    turn = cv2.getRotationMatrix2D((700, 700), -roll, 1.0)  # OpenCV turns counter-clockwise
    return np.ascontiguousarray(cv2.warpAffine(big, turn, (1400, 1400))[460:940, 380:1020])


@pytest.mark.parametrize("roll", [-25.0, -7.0, 0.0, 3.0, 14.0])
def test_roll_is_read_from_the_verticals_of_a_room(roll: float) -> None:
    assert camera_tilt(room(roll), NOBODY).roll_deg == pytest.approx(roll, abs=1.0)


def test_an_empty_wall_tells_nothing() -> None:
    assert np.isnan(camera_tilt(np.full((480, 640, 3), 128, dtype=np.uint8), NOBODY).roll_deg)


def test_the_watcher_takes_the_median_and_gives_up_on_a_moving_camera() -> None:
    steady, moving = CameraTiltEstimator(), CameraTiltEstimator()
    assert np.isnan(steady.result().roll_deg)
    for number, time_s in enumerate((0.0, 1.0, 2.5, 5.0, 9.0)):
        pose = Pose(time_s, SOMEBODY.pixels, SOMEBODY.world_m, SOMEBODY.visibility)
        steady.add(room(6.0, seed=number), pose)
        moving.add(room(6.0 * number - 12.0), pose)
    assert steady.result().roll_deg == pytest.approx(6.0, abs=0.7)
    assert np.isnan(moving.result().roll_deg)
    assert np.isnan(CameraTilt.unknown().pitch_deg)
