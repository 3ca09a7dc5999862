from __future__ import annotations

import numpy as np
import pytest

from helpers.stickman import ramp, times
from screener.kinematics.events import (
    inside,
    largest_held,
    lifted,
    path_length,
    quiet_standing,
    repetitions,
    runs,
    spans,
    speed_per_s,
    stance,
    time_beyond_s,
)
from screener.model.pose import Floats
from screener.model.series import Interval


def squats(count: int, rate_hz: float, period_s: float, depth: float = 60.0, pause_after: int = -1) -> tuple[Floats, Floats]:
    t = times(2.0 + count * period_s + (3.0 if pause_after >= 0 else 0.0), rate_hz)
    deep = np.zeros_like(t)
    for k in range(count):
        start = 1.0 + k * period_s + (3.0 if 0 <= pause_after < k else 0.0)
        deep += ramp(t, start, start + 0.4 * period_s, start + 0.5 * period_s, start + 0.9 * period_s)
    return depth * deep, t


@pytest.mark.parametrize("count", [1, 3, 5, 12, 20])
@pytest.mark.parametrize("rate_hz", [10, 15, 30, 60])
@pytest.mark.parametrize("period_s", [1.0, 3.0])
def test_every_repetition_is_counted_once(count: int, rate_hz: float, period_s: float) -> None:
    depth, t = squats(count, rate_hz, period_s)
    noisy = depth + np.random.default_rng(0).normal(0, 0.5, t.size)
    found = repetitions(noisy, t, 15.0)
    assert len(found) == count
    for number, repetition in enumerate(found):
        assert repetition.deepest_s == pytest.approx(1.0 + (number + 0.45) * period_s, abs=0.1 * period_s + 1 / rate_hz)
        assert repetition.start_s < repetition.deepest_s < repetition.end_s


def test_a_pause_is_no_repetition() -> None:
    depth, t = squats(4, 30, 2.0, pause_after=1)
    assert len(repetitions(depth, t, 15.0)) == 4


def test_half_a_repetition_does_not_count() -> None:
    depth, t = squats(3, 30, 3.0)
    halved = np.where(inside(t, Interval(4.0, 7.0)), 0.5 * depth, depth)
    assert len(repetitions(halved, t, 15.0)) == 2


def test_a_repetition_cut_off_by_the_end_does_not_count() -> None:
    depth, t = squats(2, 30, 3.0)
    keep = t < 5.3  # on the way down into the second one's hold
    assert len(repetitions(depth[keep], t[keep], 15.0)) == 1


def test_a_long_hold_with_a_quick_return_ends_where_it_returns() -> None:
    t = times(12.0)
    (found,) = repetitions(60.0 * np.interp(t, [1.0, 2.0, 11.0, 11.5], [0.0, 1.0, 1.0, 0.0]), t, 15.0)
    assert (found.start_s, found.end_s) == pytest.approx((1.15, 11.0), abs=0.5)
    assert found.deepest_s == pytest.approx(6.5, abs=0.2)


def test_a_return_in_the_last_frames_of_a_recording_is_seen() -> None:
    depth = np.concatenate((np.zeros(30), np.full(60, 60.0), np.zeros(2)))
    (found,) = repetitions(depth, np.arange(92.0), 15.0)
    assert (found.start_s, found.end_s) == (30.0, 89.0)


def test_a_movement_that_is_deepest_in_its_first_frame_starts_there() -> None:
    depth = np.zeros(200)
    depth[80:110] = np.linspace(60.0, 2.0, 30)
    (found,) = repetitions(depth, np.arange(200.0), 15.0)
    assert (found.start_s, found.end_s) == (80.0, 105.0)


def test_the_bottom_is_what_lies_near_the_deepest_point_by_the_range_of_the_whole_movement() -> None:
    """This one begins at 15 and ends at 10, so that 58.6 is within 3 % of its range below 60."""
    depth = np.concatenate((np.full(60, 15.0), [60.0], np.full(40, 58.6), [30.0, 10.0], np.zeros(60)))
    (found,) = repetitions(depth, np.arange(float(depth.size)), 15.0)
    assert (found.start_s, found.end_s) == (60.0, 102.0)
    assert found.deepest_s == 80.0


def test_standing_still_is_no_repetition() -> None:
    t = times(5.0)
    assert repetitions(np.random.default_rng(0).normal(0, 2, t.size), t, 15.0) == ()
    assert repetitions(np.full(t.size, np.nan), t, 15.0) == ()


def test_runs_and_spans() -> None:
    mask = np.array([True, True, False, True, False, False, True])
    t = np.arange(7.0)
    assert runs(mask).tolist() == [[0, 2], [3, 4], [6, 7]]
    assert spans(mask, t, 1.5) == (Interval(0.0, 1.0),)
    assert runs(np.zeros(3, dtype=bool)).size == 0


@pytest.mark.parametrize("rate_hz", [10, 15, 30, 60])
def test_the_leg_that_stands_is_the_one_not_lifted(rate_hz: float) -> None:
    t = times(8.0, rate_hz)
    left_up = 0.1 * ramp(t, 1.0, 1.3, 3.0, 3.3) - 0.1 * ramp(t, 4.5, 4.8, 6.5, 6.8)
    found = stance(left_up, t)
    assert set(found[(t > 1.4) & (t < 2.9)]) == {"right"}
    assert set(found[(t > 4.9) & (t < 6.4)]) == {"left"}
    assert set(found[(t < 0.9) | ((t > 3.5) & (t < 4.4)) | (t > 7.0)]) == {"both"}


def test_feet_that_were_not_seen_give_no_stance() -> None:
    t = times(4.0)
    height = 0.1 * ramp(t, 1.0, 1.3, 3.0, 3.3)
    height[60:] = np.nan
    found = stance(height, t)
    assert set(found[60:]) == {"none"}
    assert found[45] == "right"


def test_a_tremble_is_no_touch_down_and_a_touch_is() -> None:
    t = times(6.0)
    height = 0.1 * ramp(t, 1.0, 1.3, 5.0, 5.3)
    tremble, touch = height.copy(), height.copy()
    tremble[90] = 0.0
    touch[90:102] = 0.0
    assert len(spans(lifted(tremble, t), t)) == 1
    assert len(spans(lifted(touch, t), t)) == 2


def test_speed_is_per_second_not_per_frame() -> None:
    for rate_hz in (20.0, 60.0):
        t = times(3.0, rate_hz)
        points = np.stack([3.0 * t, 4.0 * t], axis=1)
        assert speed_per_s(points, t)[10:-10] == pytest.approx(5.0)


def test_quiet_standing_is_still_upright_and_on_both_feet() -> None:
    t = times(6.0)
    x = 60.0 * np.clip(t - 3.0, 0, 0.5)  # a sway of 30 % of the height from 3.0 to 3.5 s
    joints = np.zeros((t.size, 2, 2))
    joints[:, 0, 0] = x
    height = np.full(t.size, 80.0)
    height[t > 4.5] = 70.0  # bent
    down = t > 0.5
    tall = np.full(t.size, 100.0)
    quiet = quiet_standing(joints, height, down, t, tall)
    assert quiet[(t > 0.6) & (t < 2.7)].all()
    assert not quiet[t < 0.5].any()
    assert not quiet[(t > 3.1) & (t < 3.4)].any()
    assert not quiet[t > 4.6].any()
    joints[60] = np.nan
    assert not quiet_standing(joints, height, down, t, tall)[60]


def test_a_frame_in_which_the_size_of_the_body_is_unknown_is_no_standing() -> None:
    t = times(4.0)
    tall = np.where(t < 1.0, 0.0, 100.0)
    joints, everywhere = np.zeros((t.size, 2, 2)), np.ones(t.size, dtype=bool)
    quiet = quiet_standing(joints, np.full(t.size, 78.0), everywhere, t, tall, np.full(t.size, 49.0))
    assert (quiet == (tall > 0)).all()


def test_who_sits_all_the_time_does_not_stand() -> None:
    t = times(4.0)
    joints, everywhere = np.zeros((t.size, 2, 2)), np.ones(t.size, dtype=bool)
    assert quiet_standing(joints, np.full(t.size, 78.0), everywhere, t, np.full(t.size, 100.0)).all()
    assert not quiet_standing(joints, np.full(t.size, 52.0), everywhere, t, np.full(t.size, 100.0)).any()


def test_a_body_that_grows_towards_the_camera_stands_at_both_ends() -> None:
    t = times(6.0)
    size = np.interp(t, [2.0, 4.0], [100.0, 220.0])
    joints = np.zeros((t.size, 2, 2))
    joints[:, :, 1] = size[:, None]
    quiet = quiet_standing(joints, 0.78 * size, np.ones(t.size, dtype=bool), t, size)
    assert quiet[t < 1.5].all()
    assert quiet[t > 4.5].all()
    assert not quiet[(t > 2.3) & (t < 3.7)].any()


def test_feet_that_are_not_level_do_not_set_the_upright_height() -> None:
    t = times(4.0)
    height = np.where(t > 2.0, 95.0, 78.0)  # a foot in front is lower in the picture
    quiet = quiet_standing(np.zeros((t.size, 2, 2)), height, t <= 2.0, t, np.full(t.size, 100.0))
    assert quiet[t < 1.8].all()


def test_the_worst_moment_does_not_decide() -> None:
    t = times(10.0)
    values = np.full(t.size, 2.0)
    values[100:103] = 30.0
    assert largest_held(values, t)[0] == 2.0
    held, when = largest_held(np.where((t > 4) & (t < 6), 7.0, 1.0), t)
    assert held == 7.0
    assert 4.4 < when < 5.6
    assert np.isnan(largest_held(np.full(t.size, np.nan), t)[0])


def test_time_beyond_counts_seconds_above() -> None:
    for rate_hz in (20.0, 50.0):
        t = times(10.0, rate_hz)
        values = np.where((t >= 2.0) & (t < 5.0), 6.0, 4.0)
        assert time_beyond_s(values, t, 5.0) == pytest.approx(3.0)
        assert time_beyond_s(np.where(t > 1, np.nan, 9.0), t, 5.0) == pytest.approx(1.0, abs=0.06)


def test_path_length_skips_what_is_missing() -> None:
    points = np.array([[0, 0], [3, 4], [np.nan, 0], [6, 8], [6, 9]], dtype=float)
    assert path_length(points, np.arange(5.0)) == 6.0
    assert np.isnan(path_length(np.full((3, 2), np.nan), np.arange(3.0)))


def test_what_was_not_seen_for_long_is_not_lifted() -> None:
    t = times(6.0)
    height = 0.1 * ramp(t, 1.0, 1.3, 5.0, 5.3)
    unseen = (t > 2.0) & (t < 3.0)
    found = lifted(np.where(unseen, np.nan, height), t)
    assert not found[unseen].any()
    assert found[(t > 1.4) & (t < 1.9)].all()
    assert found[(t > 3.1) & (t < 4.9)].all()
    brief = (t > 2.0) & (t < 2.2)
    assert lifted(np.where(brief, np.nan, height), t)[brief].all()


def test_a_lift_begins_and_ends_at_its_own_heights() -> None:
    t = times(6.0)
    height = np.interp(t, [1.0, 2.0, 4.0, 5.0], [0.0, 0.025, 0.025, 0.0])
    assert not lifted(height, t).any()
    found = lifted(height, t, 0.02, 0.01)
    assert found[(t > 1.45) & (t < 4.55)].all()
    assert not found[(t < 1.35) | (t > 4.65)].any()
    assert not lifted(height, t, 0.025, 0.01).any()  # it must be passed, not reached
