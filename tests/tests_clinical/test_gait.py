"""Where a swing of a walk ends: at the crossing of the feet, or beside the other foot where nothing crosses any more."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import recording
from screener.kinematics.film_parts import trimmed
from screener.model.pose import Floats, Side
from screener.model.results import Status
from screener.model.series import Interval
from screener.tests_clinical.battery.gait import MAX_SWING_S, GaitStance, _landed, _step_time
from screener.workflow.screening import prepare, rescreen
from tests_clinical.cases_gait import FAR, walk


def landed_s(heights: tuple[float, ...], times_s: tuple[float, ...], after_s: float, begin_s: float = 0.0) -> float:
    """Time at which a swing from 0 s is over; its height is a line between these points, sampled 64 times a second."""
    t = np.arange(0.0, times_s[-1] + 1 / 128, 1 / 64)
    swing: Floats = np.interp(t, times_s, heights)
    after = int(np.searchsorted(t, after_s))
    return float(t[_landed(swing, t + begin_s, 0, after) - 1])


@pytest.mark.parametrize("begin_s", [0.0, 10.0])
def test_a_swing_that_crosses_ends_where_it_crosses(begin_s: float) -> None:
    """However slowly the foot comes down at last, and however late in the walk."""
    slow = (0.0, 0.05, 0.01, 0.0, -0.05), (0.0, 0.3, 0.6, 1.2, 2.0)
    assert landed_s(*slow, after_s=1.2, begin_s=begin_s) == pytest.approx(1.2, abs=0.03)


def test_who_stops_has_landed_near_the_level_at_which_the_foot_stays() -> None:
    """The last foot is set beside the other one, which need not be seen at the same height."""
    for level in (0.01, 0.0):
        stops = (0.0, 0.05, level, level), (0.0, 0.5, 1.5, 4.0)
        assert landed_s(*stops, after_s=4.0 + 1 / 64) == pytest.approx(0.5 + 0.7, abs=0.03)  # three tenths above that level


def test_a_foot_that_stays_up_has_not_landed() -> None:
    held = (0.0, 0.05, 0.05), (0.0, 0.5, MAX_SWING_S + 1.0)
    assert landed_s(*held, after_s=MAX_SWING_S + 1.0 + 1 / 64) == MAX_SWING_S + 1.0


@pytest.mark.parametrize(("last_s", "landed"), [(0.4, 2), (0.39, 5)])
def test_a_foot_that_stands_for_the_shortest_swing_has_landed(last_s: float, landed: int) -> None:
    time_s = np.array([0.0, 0.1, 0.2, 0.3, last_s])
    assert _landed(np.array([0.05, 0.05, 0.01, 0.01, 0.01]), time_s, 0, 5) == landed


@pytest.mark.parametrize(("steps_s", "u95"), [((0.6,), 2 / 30), ((0.6, 0.6), 2 / 30 / 2**0.5), ((0.5, 0.7), 0.2016)])
def test_steps_that_differ_are_known_less_well(steps_s: tuple[float, ...], u95: float) -> None:
    """One contact is known to a frame; 0.5 and 0.7 s have a mean that is known to 1.96 times 0.1 s."""
    motion = prepare(recording(sm.film(sm.Motion(sm.times(2.0))), "gait"))[1]
    stances, now_s = [], 0.0
    for step_s in steps_s:
        for side, ends_s in ((Side.LEFT, now_s), (Side.RIGHT, now_s + step_s)):
            stances.append(GaitStance(side, Interval(ends_s - 0.3, ends_s), begun=True, ended=True))
        now_s += 5.0
    found = _step_time(stances, Side.LEFT, motion)
    assert found.value == pytest.approx(0.6)
    assert found.u95 == pytest.approx(u95, abs=0.0005)


@pytest.mark.parametrize(("ends_s", "assessed"), [(4.0, False), (4.5, True)])
def test_four_steps_are_enough_and_three_are_not(ends_s: float, assessed: bool) -> None:
    """A step ends with a contact: after 4.0 s of this walk there were three, after 4.5 s four."""
    whole = recording(sm.film(walk(1.5, 1.5, steps=5), FAR, 0.2), "gait")
    results = rescreen(trimmed(whole, None, ends_s)).report.tests
    assert any(result.status is Status.SCORED for result in results) == assessed
    assert assessed or "Too few steps were seen (3)" in str(results[0].reason)
