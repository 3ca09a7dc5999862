from __future__ import annotations

import numpy as np
import pytest

from screener.model.pose import BACK_STATIONS, Landmark, Side
from screener.pose.trackers.silhouette import back_outline, is_sideways, nearer_side

HIP, SHOULDER = np.array([300.0, 300.0]), np.array([300.0, 200.0])


def pose(side: Side) -> np.ndarray:
    pixels = np.full((33, 2), np.nan)
    pixels[Landmark.LEFT_HIP if side is Side.LEFT else Landmark.RIGHT_HIP] = HIP
    pixels[Landmark.LEFT_SHOULDER if side is Side.LEFT else Landmark.RIGHT_SHOULDER] = SHOULDER
    return pixels


def body(back: float, front: float) -> np.ndarray:
    """A person from `back` to `front` pixels about the trunk line, the back on the left of the picture."""
    mask = np.zeros((480, 640), dtype=np.float32)
    mask[100:400, round(300 - back) : round(300 + front)] = 1.0
    return mask


def test_the_back_is_behind_the_line_whichever_way_the_person_faces() -> None:
    # The right side near: the person faces right, the back is left in the picture.
    assert back_outline(body(30, 10), pose(Side.RIGHT), Side.RIGHT) == pytest.approx(
        np.full(len(BACK_STATIONS), 0.30), abs=0.01
    )
    assert back_outline(body(30, 10), pose(Side.LEFT), Side.LEFT) == pytest.approx(np.full(len(BACK_STATIONS), 0.10), abs=0.01)


def test_an_outline_out_of_reach_or_without_a_body_is_missing() -> None:
    assert np.isnan(back_outline(np.ones((480, 640), dtype=np.float32), pose(Side.RIGHT), Side.RIGHT)).all()
    assert np.isnan(back_outline(body(30, 10), np.full((33, 2), np.nan), Side.RIGHT)).all()


def test_the_nearer_side_has_the_smaller_depth() -> None:
    world = np.zeros((33, 3))
    world[[Landmark.LEFT_HIP, Landmark.LEFT_SHOULDER], 2] = -0.1
    assert nearer_side(world) is Side.LEFT
    assert nearer_side(-world) is Side.RIGHT


@pytest.mark.parametrize(("yaw", "sideways"), [(0, False), (35, False), (55, True), (90, True), (-90, True), (180, False)])
def test_the_side_is_shown_from_45_degrees_on(yaw: float, sideways: bool) -> None:
    world = np.zeros((33, 3))
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        for joint in ("SHOULDER", "HIP"):
            world[Landmark[f"{side}_{joint}"]] = sign * 0.2 * np.array([np.cos(np.radians(yaw)), 0.0, np.sin(np.radians(yaw))])
    assert is_sideways(world) is sideways
