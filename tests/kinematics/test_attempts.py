from __future__ import annotations

import numpy as np
import pytest

from helpers.stickman import ramp, times
from screener.kinematics.attempts import MovementAttempt, attempts
from screener.kinematics.events import repetitions
from screener.model.pose import Floats
from screener.model.series import Interval

T = times(16.0)


def bent(*heights: float) -> Floats:
    """Movements of 2 s, 3 s apart, each so high, from 1 s on."""
    return np.asarray(sum(h * ramp(T, 1 + 3 * k, 1.9 + 3 * k, 2.1 + 3 * k, 3 + 3 * k) for k, h in enumerate(heights)))


def tried(depth: Floats) -> tuple[MovementAttempt, ...]:
    return attempts(depth, T, repetitions(depth, T, 20.0))


def test_whole_movements_are_attempts_in_order() -> None:
    depth = bent(80.0, 82.0, 78.0)
    found = tried(depth)
    assert [one.interval for one in found] == [one.interval for one in repetitions(depth, T, 20.0)]
    assert all(one.complete and one.lacking is None for one in found)


def test_half_a_movement_is_counted_apart_and_says_what_it_lacked() -> None:
    found = tried(bent(80.0, 40.0, 80.0))
    assert [one.complete for one in found] == [True, False, True]
    assert found[1].lacking == "it went only 50 % as far as the others"
    assert found[1].interval.start_s == pytest.approx(4.2, abs=0.3)
    assert found[1].interval.end_s == pytest.approx(5.8, abs=0.3)
    assert found[1].middle.deepest_s == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize(("height", "count"), [(20.0, 2), (28.0, 3)])
def test_less_than_a_third_of_the_way_is_no_try(height: float, count: int) -> None:
    assert len(tried(bent(80.0, height, 80.0))) == count


def test_what_the_recording_cuts_off_says_so() -> None:
    start, end = np.clip(1.0 - T, 0, 1) * 80.0, np.clip(T - 14.8, 0, 1) * 80.0
    found = tried(bent(80.0, 80.0) + start)
    assert (found[0].complete, found[0].lacking) == (False, "its beginning was not seen")
    found = tried(bent(80.0, 80.0) + end)
    assert (found[-1].complete, found[-1].lacking) == (False, "its end was not seen")


def test_a_flash_is_no_try() -> None:
    depth = bent(80.0, 0.0, 80.0)
    depth[150:156] = 50.0  # 0.2 s
    assert len(tried(depth)) == 2
    depth[150:162] = 50.0
    depth[156] = 51.0  # a top inside it
    assert len(tried(depth)) == 3


def test_the_slow_end_of_a_whole_movement_is_no_try() -> None:
    depth = np.interp(T, [1, 2, 2.5, 3.0, 8.0, 8.1, 9, 10, 10.5, 11.5], [0, 80, 80, 36, 27, 27, 0, 80, 80, 0])
    whole = repetitions(depth, T, 20.0)
    assert len(whole) == 2
    assert whole[0].end_s < 4.0  # its own level of rest is the slow end
    assert len(attempts(depth, T, whole)) == 2


def test_without_a_whole_movement_nothing_is_compared() -> None:
    assert attempts(bent(80.0), T, ()) == ()


def test_missing_samples_are_bridged() -> None:
    depth = bent(80.0, 40.0, 80.0)
    whole = repetitions(depth, T, 20.0)
    depth[140:150] = np.nan
    assert len(attempts(depth, T, whole)) == 3


def test_an_attempt_is_complete_without_a_lack() -> None:
    assert MovementAttempt(Interval(0.0, 1.0)).complete
    assert not MovementAttempt(Interval(0.0, 1.0), "something").complete
