from __future__ import annotations

import numpy as np
import pytest

from helpers import stickman as sm
from screener.kinematics.feet import TRUNK_HIP_SHARE, carried, feet_of, hops
from screener.model.pose import Joint, Landmark, Side

T = sm.times(2.0)
NOBODY = np.zeros(T.size, dtype=bool)
TALL = np.full(T.size, 400.0)


def points(**places: tuple[float, float]) -> np.typing.NDArray[np.float64]:
    """A body of 400 pixels that stands still: hips at 300, shoulders at 180, ankles at 500 pixels down; left is right."""
    out = np.zeros((T.size, 33, 2))
    for side in Side:
        for joint, (out_px, down) in {Joint.HIP: (20, 300), Joint.SHOULDER: (40, 180), Joint.ANKLE: (24, 500)}.items():
            out[:, joint.on(side)] = 320 + side.sign * out_px, down
    for name, place in places.items():
        out[:, Landmark[name]] = place
    return out


def test_feet_are_described_in_body_heights() -> None:
    seen = points(LEFT_ANKLE=(344.0, 460.0), LEFT_HIP=(340.0, 300.0), LEFT_SHOULDER=(380.0, 180.0))
    feet = feet_of(seen, seen, np.full(T.size, 0.1), NOBODY, TALL, T)
    assert feet.over == pytest.approx(0.1)
    assert feet.height[Side.LEFT] - feet.height[Side.RIGHT] == pytest.approx(40.0 / 400.0)
    assert feet.leg[Side.RIGHT] == pytest.approx(np.hypot(4.0, 200.0) / 400.0)
    trunk = TRUNK_HIP_SHARE * 320.0 + (1.0 - TRUNK_HIP_SHARE) * 330.0
    assert feet.offset[Side.LEFT] == pytest.approx((trunk - 344.0) / 400.0)
    assert feet.offset[Side.RIGHT] == pytest.approx((trunk - 296.0) / 400.0)
    assert not feet.zero_known
    assert feet.still_camera_distance
    walks = feet_of(seen, seen, np.full(T.size, 0.1), ~NOBODY, np.linspace(300.0, 400.0, T.size), T)
    assert walks.zero_known
    assert not walks.still_camera_distance


def test_a_hidden_foot_is_where_the_model_guesses_it_at_the_level_of_what_was_seen() -> None:
    guessed = points()
    guessed[T >= 1.0, Landmark.LEFT_ANKLE, 1] = 460.0  # 0.1 body heights up
    seen = guessed.copy()
    hidden = T > 1.5
    seen[hidden, Landmark.LEFT_ANKLE] = np.nan
    over = np.where(hidden, np.nan, np.where(T >= 1.0, 0.13, 0.03))  # its zero is not that of the picture
    feet = feet_of(seen, guessed, over, NOBODY, TALL, T)
    assert feet.over[hidden] == pytest.approx(0.13, abs=0.002)
    assert feet.seen[Side.RIGHT].all()
    assert (feet.seen[Side.LEFT] == ~hidden).all()
    seen[hidden, Landmark.RIGHT_ANKLE] = np.nan
    neither = feet_of(seen, guessed, over, NOBODY, TALL, T)
    assert np.isnan(neither.over[hidden]).all()
    assert np.isnan(neither.height[Side.RIGHT][hidden]).all()


def test_a_hop_is_seen_on_the_foot_that_rises_with_the_hips() -> None:
    body = points()
    up = (T > 0.8) & (T < 1.0)
    for landmark in (Landmark.LEFT_ANKLE, Landmark.LEFT_HIP, Landmark.RIGHT_HIP):
        body[up, landmark, 1] -= 20.0
    found = hops(body, TALL, T)
    assert found[Side.LEFT][up].all()
    assert not found[Side.RIGHT].any()
    sunk = points()
    for landmark in (Landmark.LEFT_ANKLE, Landmark.LEFT_HIP, Landmark.RIGHT_HIP):
        sunk[~up, landmark, 1] -= 20.0  # most of the time higher: what dips for a moment is no hop
    assert not hops(sunk, TALL, T)[Side.LEFT][up].any()


def test_a_landing_between_two_hops_is_no_standing() -> None:
    stance = np.ones(T.size, dtype=bool)
    air = (np.abs(T - 0.8) < 0.05) | (np.abs(T - 1.0) < 0.05)
    found = carried(stance, air, T)
    assert not found[(T > 0.76) & (T < 1.04)].any()
    assert found[T < 0.7].all()
    assert found[T > 1.1].all()
