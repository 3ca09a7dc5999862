from __future__ import annotations

import numpy as np
import pytest

from helpers.stickman import times
from screener.kinematics.standing import above_floor, body_size_px, rest, zero_u95_deg
from screener.model.pose import Bools, Floats, Landmark

T = times(4.0)
TALL = np.full(T.size, 100.0)
HANGING = np.zeros((T.size, 2, 2))
ALWAYS = np.ones(T.size, dtype=bool)
NEVER = ~ALWAYS
LEGS = np.full((2, T.size), 50.0)


def between(start_s: float, end_s: float) -> Bools:
    return np.asarray((T >= start_s) & (T < end_s))


def waving(speed: float, mask: Bools) -> Floats:
    """Both wrists at rest, the second one moving by `speed` heights a second where the mask says so."""
    wrists = HANGING.copy()
    wrists[:, 1, 1] = np.cumsum(np.where(mask, speed * 100.0 / 30.0, 0.0))
    return wrists


def test_an_arm_that_moves_is_no_zero() -> None:
    zero = rest(ALWAYS, waving(0.5, between(2.0, 3.0)), T, TALL)
    assert zero[between(0.0, 1.7)].all()
    assert not zero[between(2.2, 2.8)].any()
    assert rest(ALWAYS, waving(0.1, between(2.0, 3.0)), T, TALL).all()


def test_a_wrist_that_is_not_seen_does_not_move() -> None:
    wrists = HANGING.copy()
    wrists[:, 0] = np.nan
    assert rest(ALWAYS, wrists, T, TALL).all()


def test_a_moment_is_no_zero() -> None:
    assert not rest(between(1.0, 1.4), HANGING, T, TALL).any()
    assert rest(between(1.0, 1.6), HANGING, T, TALL).sum() == 18


def test_where_an_arm_never_rests_the_standing_is_taken_all_the_same() -> None:
    quiet = between(1.0, 2.0)
    assert (rest(quiet, waving(0.5, ALWAYS), T, TALL) == quiet).all()
    assert not rest(NEVER, HANGING, T, TALL).any()


def test_the_doubt_of_a_zero_is_what_its_readings_differ_by() -> None:
    values = np.array([1.0, 3.0, np.nan, 50.0])
    resting = np.array([True, True, True, False])
    sd = np.std([1.0, 3.0], ddof=1)
    assert zero_u95_deg(values, resting, 0.3) == pytest.approx(1.96 * sd)
    assert zero_u95_deg(values, resting, 0.5) == pytest.approx(1.96 * sd)
    assert zero_u95_deg(values, resting, 2.0) == pytest.approx(1.96 * sd / 2)
    assert zero_u95_deg(values, np.array([True, False, False, False]), 1.0) == 0.0


def test_a_foot_that_is_farther_away_is_drawn_higher_and_is_not_lifted() -> None:
    height = np.full(T.size, 0.05) + np.where(between(2.0, 3.0), 0.2, 0.0)
    assert above_floor(height, LEGS, between(0.0, 1.0), T, 0.955) == pytest.approx(np.where(between(2.0, 3.0), 0.2, 0.0))
    assert above_floor(height, LEGS, NEVER, T, 0.955) == pytest.approx(np.where(between(2.0, 3.0), 0.2, 0.0))


def test_a_leg_that_is_short_or_a_foot_far_up_tells_nothing_of_the_floor() -> None:
    height = np.full(T.size, 0.05)
    short = LEGS.copy()
    short[0] *= 0.95
    assert (above_floor(height, short, NEVER, T, 0.955) == height).all()
    short[0] = 50.0 * 0.955
    assert above_floor(height, short, NEVER, T, 0.955) == pytest.approx(0.0)
    assert (above_floor(height + 0.03, LEGS, NEVER, T, 0.955) == height + 0.03).all()
    assert above_floor(-height, LEGS, NEVER, T, 0.955) == pytest.approx(0.0)


def test_a_moment_of_equal_legs_is_too_short_to_tell() -> None:
    equal = LEGS.copy()
    equal[1] = np.where(between(1.0, 1.4), 50.0, 30.0)
    height = np.full(T.size, 0.05)
    assert (above_floor(height, equal, NEVER, T, 0.955) == height).all()
    equal[1] = np.where(between(1.0, 1.6), 50.0, 30.0)
    assert above_floor(height, equal, NEVER, T, 0.955) == pytest.approx(0.0)


def test_the_size_of_a_body_is_trunk_and_longer_leg() -> None:
    pixels = np.zeros((33, 2))
    for name, y in (("HIP", 100.0), ("KNEE", 150.0), ("ANKLE", 210.0)):
        pixels[Landmark[f"LEFT_{name}"]] = (0.0, y)
        pixels[Landmark[f"RIGHT_{name}"]] = (0.0, min(y, 200.0))
    assert body_size_px(pixels) == pytest.approx(100.0 + 50.0 + 60.0)
