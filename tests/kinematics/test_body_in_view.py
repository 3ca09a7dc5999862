from __future__ import annotations

import numpy as np
import pytest

from screener.kinematics.body_in_view import (
    MIN_GROWTH,
    MIN_TOGETHER,
    MIN_TRUNK_GROWTH,
    _growth,
    _relative,
    _shoulders_and_trunk,
)
from screener.model.pose import Floats, Joint, Side

T = np.linspace(0.0, 10.0, 301)
NEARER = np.geomspace(0.75, 1.5, T.size)
"""A walk to half the distance."""
STEADY = np.ones(T.size)


def test_who_comes_nearer_grows_in_shoulders_and_trunk() -> None:
    assert _growth(NEARER, NEARER) is NEARER


@pytest.mark.parametrize(("size", "trunk"), [(NEARER, STEADY), (STEADY, NEARER), (NEARER, NEARER[::-1])])
def test_arms_that_rise_and_a_trunk_that_leans_are_no_walk(size: Floats, trunk: Floats) -> None:
    assert (_growth(size, trunk) == 1.0).all()


def grown_by(factor: float) -> Floats:
    low, high = np.percentile(NEARER, [5, 95])
    return np.asarray(NEARER ** (np.log(factor) / np.log(high / low)))


@pytest.mark.parametrize(("shoulders", "trunk", "walks"), [(1.01, 1.01, True), (0.99, 1.01, False), (1.01, 0.99, False)])
def test_a_smaller_growth_is_noise(shoulders: float, trunk: float, walks: bool) -> None:
    found = _growth(grown_by(shoulders * MIN_GROWTH), grown_by(trunk * MIN_TRUNK_GROWTH))
    assert bool(np.ptp(found) > 0.0) is walks


@pytest.mark.parametrize(("more", "walks"), [(0.03, True), (-0.03, False)])
def test_they_must_grow_together(more: float, walks: bool) -> None:
    base, other = np.sin(T), np.cos(T) - np.cos(T) @ np.sin(T) / (np.sin(T) @ np.sin(T)) * np.sin(T)
    base, other = ((one - one.mean()) / np.std(one) for one in (base, other))
    mixed = (MIN_TOGETHER + more) * base + np.sqrt(1.0 - (MIN_TOGETHER + more) ** 2) * other
    size, trunk = np.exp(0.3 * base), np.exp(0.3 * mixed)
    assert bool(np.ptp(_growth(size, trunk)) > 0.0) is walks


def test_nothing_is_known_of_nobody() -> None:
    assert _growth(np.empty(0), np.empty(0)).size == 0
    assert (_relative(np.full(T.size, np.nan), T) == 1.0).all()


def test_lengths_are_over_their_usual_one() -> None:
    points = np.zeros((T.size, 33, 2))
    for side in Side:
        points[:, Joint.SHOULDER.on(side)] = np.stack([side.sign * 20.0 * NEARER, 0.0 * T], axis=1)
        points[:, Joint.HIP.on(side)] = np.stack([side.sign * 10.0 * NEARER, 60.0 * NEARER], axis=1)
    width, trunk = _shoulders_and_trunk(points)
    assert width == pytest.approx(40.0 * NEARER)
    assert trunk == pytest.approx(60.0 * NEARER)
    relative = _relative(width, T)
    assert np.median(relative) == pytest.approx(1.0)
    assert relative[30:-30] == pytest.approx(NEARER[30:-30] / np.median(NEARER), rel=0.01)
