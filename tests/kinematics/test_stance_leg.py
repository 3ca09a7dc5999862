from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.stickman import ramp, times
from screener.kinematics.events import LIFT_ON, seconds_of
from screener.kinematics.signal import samples
from screener.kinematics.stance_leg import (
    LIFT_SIGMAS,
    MAX_OTHER_OFFSET_SHARE,
    MAX_STANCE_OFFSET_SHARE,
    MIN_HOP_RISE_SHARE,
    MIN_HOP_SHARE,
    MIN_LIFT_SHARE,
    MIN_LIFT_WITHOUT_ZERO_SHARE,
    MIN_LOAD_DIFFERENCE_SHARE,
    TREMBLE_WINDOW_S,
    Feet,
    _through_short_gaps,
    airborne,
    jitter,
    least_lift,
    stance_legs,
    tremble,
)
from screener.model.pose import Floats, Side

T = times(8.0)
LIFT = ramp(T, 2.0, 2.4, 6.0, 6.4)
HELD = (T > 2.6) & (T < 5.8)
STANDS = (T < 1.8) | (T > 6.6)


def feet(up_left: Floats, up_right: Floats | float = 0.0, *, shift: float = 0.04, shorter: float = 1.0) -> Feet:
    """Feet of given heights; the trunk lies `shift` nearer to the right foot than to the left while the left is lifted."""
    right = np.broadcast_to(np.asarray(up_right, float), T.shape)
    lifted = np.clip(np.abs(up_left - right) / 0.02, 0, 1)
    return Feet(
        over=up_left - right,
        height={Side.LEFT: up_left, Side.RIGHT: right},
        leg={Side.LEFT: 0.45 - shorter * up_left, Side.RIGHT: np.full(T.shape, 0.45)},
        offset={Side.LEFT: -0.05 - shift * lifted, Side.RIGHT: 0.05 - shift * lifted},
        seen={side: np.ones(T.shape, dtype=bool) for side in Side},
    )


def test_the_higher_foot_is_the_lifted_one() -> None:
    found = stance_legs(feet(0.1 * LIFT), T)
    assert set(found[HELD]) == {"right"}
    assert set(found[STANDS]) == {"both"}
    mirrored = feet(0.1 * LIFT)
    swap = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    other = Feet(
        over=-mirrored.over,
        height={swap[side]: values for side, values in mirrored.height.items()},
        leg={swap[side]: values for side, values in mirrored.leg.items()},
        offset={swap[side]: -values for side, values in mirrored.offset.items()},
        seen=mirrored.seen,
    )
    assert set(stance_legs(other, T)[HELD]) == {"left"}


@pytest.mark.parametrize("height", [0.020, 0.025, 0.029])
def test_a_foot_lifted_by_two_per_cent_of_height_is_lifted(height: float) -> None:
    assert set(stance_legs(feet(height * LIFT), T)[HELD]) == {"right"}


def test_a_low_lift_needs_the_leg_or_the_trunk_to_say_so() -> None:
    assert set(stance_legs(feet(0.025 * LIFT, shift=0.0, shorter=0.0), T)) == {"both"}
    assert set(stance_legs(feet(0.025 * LIFT, shift=0.02, shorter=0.0), T)[HELD]) == {"right"}
    assert set(stance_legs(feet(0.025 * LIFT, shift=0.0, shorter=0.4), T)[HELD]) == {"right"}
    assert set(stance_legs(feet(0.025 * LIFT, shift=-0.02, shorter=0.2), T)) == {"both"}
    assert set(stance_legs(feet(0.035 * LIFT, shift=0.0, shorter=0.0), T)[HELD]) == {"right"}


def test_a_low_lift_without_standing_before_or_after_is_not_believed() -> None:
    assert set(stance_legs(feet(np.full(T.shape, 0.025)), T)) == {"both"}


def test_feet_that_tremble_need_a_higher_lift() -> None:
    noisy = feet(0.025 * LIFT + np.random.default_rng(1).normal(0, 0.010, T.size))
    assert least_lift(noisy, T) == LIFT_ON
    assert least_lift(feet(0.025 * LIFT), T) == MIN_LIFT_SHARE
    middling = feet(np.random.default_rng(1).normal(0, 0.006, T.size))
    assert least_lift(middling, T) == pytest.approx(LIFT_SIGMAS * tremble(middling.over, T))
    assert least_lift(replace(feet(0.025 * LIFT), zero_known=False), T) == MIN_LIFT_WITHOUT_ZERO_SHARE


def test_trembling_is_what_a_median_leaves() -> None:
    noise = np.random.default_rng(2).normal(0, 0.01, T.size)
    assert tremble(0.1 * LIFT + noise, T) == pytest.approx(0.01, rel=0.15)
    assert tremble(0.1 * LIFT, T) < 1e-3
    assert np.isnan(tremble(np.full(T.size, np.nan), T))


def test_who_steps_down_from_a_box_stands_on_the_leg_that_stays() -> None:
    box = feet(np.zeros(T.shape), -0.1 * LIFT)  # the right foot sinks below the left one
    on_the_box = replace(box, offset={Side.LEFT: np.full(T.shape, -0.02), Side.RIGHT: np.full(T.shape, 0.09)})
    assert set(stance_legs(on_the_box, T)[HELD]) == {"left"}


TO_THE_END, FROM_THE_START = ramp(T, 4.0, 4.4, 90.0, 91.0), ramp(T, -9.0, -8.0, 4.0, 4.4)


@pytest.mark.parametrize("lift", [TO_THE_END, FROM_THE_START], ids=["to the end", "from the start"])
def test_standing_on_one_side_of_a_lift_is_enough_to_compare_with(lift: Floats) -> None:
    up = lift > 0.99
    box = feet(np.zeros(T.shape), -0.1 * lift)
    offsets = {Side.LEFT: np.full(T.shape, -0.036), Side.RIGHT: np.full(T.shape, 0.09)}
    assert set(stance_legs(replace(box, offset=offsets), T)[up]) == {"left"}
    low = feet(0.025 * lift)
    assert set(stance_legs(low, T)[up]) == {"right"}


def test_standing_long_before_a_lift_is_no_comparison() -> None:
    """In between the person turned to the camera with the whole body: where the feet stood then says nothing."""
    box = feet(np.zeros(T.shape), -0.1 * TO_THE_END)
    offsets = {Side.LEFT: np.full(T.shape, -0.036), Side.RIGHT: np.full(T.shape, 0.09)}
    hidden = {side: (T < 1.0) | (T > 3.9) for side in Side}
    held = replace(box, offset=offsets, seen=hidden, over=np.where(hidden[Side.LEFT], box.over, np.nan))
    known = {side: np.where(hidden[side], box.height[side], np.nan) for side in Side}
    assert set(stance_legs(replace(held, height=known), T)[T > 4.6]) == {"left"}
    gone = {side: (T < 1.0) | (T > 4.5) for side in Side}
    early = replace(held, seen=gone, over=np.where(gone[Side.LEFT], box.over, np.nan))
    assert set(stance_legs(early, T)[T > 4.6]) == {"right"}


@pytest.mark.parametrize(("more", "stands"), [(0.002, "left"), (0.0, "right"), (-0.002, "right")])
def test_a_foot_that_steps_to_the_camera_does_not_hang(more: float, stands: str) -> None:
    box = feet(np.zeros(T.shape), -0.1 * LIFT)
    offsets = {Side.LEFT: np.zeros(T.shape), Side.RIGHT: np.full(T.shape, MIN_LOAD_DIFFERENCE_SHARE + more)}
    assert set(stance_legs(replace(box, offset=offsets), T)[HELD]) == {stands}


def test_a_foot_that_rises_more_than_the_other_sinks_is_lifted_wherever_the_trunk_is() -> None:
    both_move = feet(0.06 * LIFT, -0.05 * LIFT)
    offsets = {Side.LEFT: np.full(T.shape, -0.02), Side.RIGHT: np.full(T.shape, 0.09)}
    assert set(stance_legs(replace(both_move, offset=offsets), T)[HELD]) == {"right"}


def always(over: float, left_offset: float, right_offset: float) -> Feet:
    """A recording that shows nothing but one stance."""
    here = feet(np.full(T.shape, over))
    return replace(here, offset={Side.LEFT: np.full(T.shape, left_offset), Side.RIGHT: np.full(T.shape, right_offset)})


@pytest.mark.parametrize(
    ("left", "right", "stands"),
    [
        (MAX_OTHER_OFFSET_SHARE - 0.001, MAX_STANCE_OFFSET_SHARE + 0.001, "left"),
        (MAX_OTHER_OFFSET_SHARE + 0.001, MAX_STANCE_OFFSET_SHARE + 0.001, "right"),
        (MAX_OTHER_OFFSET_SHARE - 0.001, MAX_STANCE_OFFSET_SHARE - 0.001, "right"),
        (-MAX_OTHER_OFFSET_SHARE + 0.001, MAX_STANCE_OFFSET_SHARE + 0.001, "left"),
        (0.0, -MAX_STANCE_OFFSET_SHARE - 0.001, "left"),
    ],
)
def test_nobody_stands_on_a_foot_far_from_the_trunk(left: float, right: float, stands: str) -> None:
    assert set(stance_legs(always(0.1, left, right), T)) == {stands}


def test_while_the_body_comes_nearer_feet_that_move_down_say_nothing() -> None:
    box = feet(np.zeros(T.shape), -0.1 * LIFT)
    offsets = {Side.LEFT: np.full(T.shape, -0.036), Side.RIGHT: np.full(T.shape, 0.09)}
    walking = replace(box, offset=offsets, still_camera_distance=False)
    assert set(stance_legs(walking, T)[HELD]) == {"right"}
    assert set(stance_legs(replace(walking, still_camera_distance=True), T)[HELD]) == {"left"}


def test_a_hidden_lifted_foot_does_not_end_the_stance_and_a_hidden_standing_one_does() -> None:
    hidden = (T > 3.5) & (T < 5.0)
    one = feet(0.1 * LIFT)
    lifted_hidden = replace(one, seen={Side.LEFT: ~hidden, Side.RIGHT: np.ones(T.shape, dtype=bool)})
    assert set(stance_legs(lifted_hidden, T)[HELD]) == {"right"}
    standing_hidden = replace(one, seen={Side.LEFT: np.ones(T.shape, dtype=bool), Side.RIGHT: ~hidden})
    assert set(stance_legs(standing_hidden, T)[HELD & hidden]) == {"none"}
    assert set(stance_legs(standing_hidden, T)[HELD & ~hidden]) == {"right"}


def test_a_lift_that_is_only_guessed_is_no_stance() -> None:
    one = feet(0.1 * LIFT)
    guessed = replace(one, seen={Side.LEFT: STANDS, Side.RIGHT: np.ones(T.shape, dtype=bool)})
    assert "right" not in set(stance_legs(guessed, T)[HELD])
    assert set(stance_legs(guessed, T)[HELD]) == {"none"}


def test_feet_that_were_never_seen_give_no_stance() -> None:
    nothing = np.full(T.shape, np.nan)
    nobody = replace(feet(0.1 * LIFT), over=nothing, seen={side: np.zeros(T.shape, dtype=bool) for side in Side})
    assert set(stance_legs(nobody, T)) == {"none"}


def hopping(foot: float, hips: float) -> float:
    """Share of the time in the air of hops of these heights, in shares of a body of 400 pixels."""
    rhythm = np.maximum(0.0, np.sin(2.0 * np.pi * 2.0 * T)) ** 0.5
    return float(airborne(400 * foot * rhythm, 400 * hips * rhythm, np.full(T.shape, 400.0), T).mean())


def test_a_hop_lifts_foot_and_hips() -> None:
    assert hopping(0.06, 0.06) > 0.3
    assert hopping(MIN_HOP_SHARE - 0.001, 0.06) == 0.0
    assert hopping(MIN_HOP_SHARE + 0.003, 0.06) > 0.0
    assert hopping(0.06, MIN_HOP_RISE_SHARE - 0.001) == 0.0
    assert hopping(0.06, MIN_HOP_RISE_SHARE + 0.003) > 0.0


def test_a_hop_of_just_the_least_height_is_one() -> None:
    up = (T % 1.0) < 0.2
    tall = np.ones(T.shape)
    assert airborne(MIN_HOP_SHARE * up, MIN_HOP_RISE_SHARE * up, tall, T)[up].any()


def test_what_stays_up_is_no_hop() -> None:
    tall = np.full(T.shape, 400.0)
    for long_s, hops in ((0.5, True), (0.8, False)):
        up = 20.0 * (np.abs(T - 4.0) < long_s / 2.0)
        assert airborne(up, up, tall, T).any() == hops


def test_jitter_is_what_changes_from_frame_to_frame() -> None:
    noise = np.random.default_rng(4).normal(0.0, 2.0, T.size)
    assert jitter(30.0 * T + noise) == pytest.approx(2.0, rel=0.2)
    assert jitter(30.0 * T) == pytest.approx(0.0, abs=1e-9)
    assert jitter(np.full(T.size, np.nan)) == 0.0
    tall = np.full(T.shape, 100.0)
    assert not airborne(noise, noise, tall, T).any()  # two pixels of a small person
    rhythm = np.maximum(0.0, np.sin(2.0 * np.pi * 2.0 * T)) ** 0.5
    assert airborne(20.0 * rhythm + noise, 20.0 * rhythm, tall, T).any()


def test_a_slow_drift_of_the_foot_is_no_hop_and_what_was_not_seen_is_none() -> None:
    drift = 20.0 * T / 8.0
    assert not airborne(drift, drift, np.full(T.shape, 400.0), T).any()
    nothing = np.full(T.shape, np.nan)
    assert not airborne(nothing, drift, np.full(T.shape, 400.0), T).any()


def test_seconds_are_summed_over_the_clock() -> None:
    t = times(6.0)
    mask = (t >= 1.0) & (t < 4.0)
    assert seconds_of(mask, t) == pytest.approx(3.0)
    kept = np.random.default_rng(3).random(t.size) > 0.5  # half of the pictures were dropped
    assert seconds_of(mask[kept], t[kept]) == pytest.approx(3.0, abs=0.15)
    assert seconds_of(np.ones(3, dtype=bool), np.array([0.0, 0.5, 1.01])) == pytest.approx(0.5)
    assert seconds_of(np.ones(1, dtype=bool), np.array([0.0])) == 0.0


@pytest.mark.parametrize(
    ("before", "after", "gap_s", "filled"),
    [("left", "left", 0.5, True), ("left", "left", 0.6, False), ("left", "right", 0.3, False), ("both", "both", 0.3, False)],
)
def test_a_short_time_in_which_no_foot_tells_is_no_step(before: str, after: str, gap_s: float, filled: bool) -> None:
    t = np.round(np.arange(0.0, 3.0, 0.1), 1)
    stance = np.where(t < 1.0, before, after).astype("<U5")
    stance[(t > 0.9) & (t < 0.9 + gap_s - 1e-9)] = "none"
    stance[t < 0.2] = "none"  # at the begin nobody knows what was before
    closed = _through_short_gaps(stance, t)
    assert (closed[(t > 0.9) & (t < 0.9 + gap_s - 1e-9)] == before).all() == filled
    assert (closed[t < 0.2] == "none").all()


def test_trembling_needs_more_than_one_window_of_readings() -> None:
    over = np.full(T.shape, np.nan)
    width = samples(TREMBLE_WINDOW_S, T, odd=True)
    over[:width] = 0.0
    assert np.isnan(tremble(over, T))
    over[width] = 0.0
    assert tremble(over, T) == 0.0
