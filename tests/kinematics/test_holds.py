"""Attempts at a hold: which one counts, how long it was, and what does not belong to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording, screened
from screener.kinematics.events import MAX_GAP_S
from screener.kinematics.holds import MAX_UNSEEN_S, Hold, holds_of, listed, longest
from screener.model.pose import Floats, Landmark, PoseSequence
from screener.model.recording import Recording
from screener.model.results import Grade, Status, TestResult
from screener.model.series import Interval
from screener.workflow.screening import rescreen

T = sm.times(20.0)


def mask(*stretches: tuple[float, float]) -> Floats:
    return np.any([(start <= T) & (end >= T) for start, end in stretches], axis=0)


def durations(holds: tuple[Hold, ...]) -> list[float]:
    return [round(hold.duration_s, 1) for hold in holds]


def test_a_foot_seen_down_ends_a_hold_and_a_short_gap_does_not() -> None:
    held = mask((2, 5), (5.4, 9))
    nothing = np.zeros(T.size, dtype=bool)
    assert durations(holds_of(held, nothing, T)) == [3.0, 3.6]
    joined = holds_of(held, ~held, T)
    assert durations(joined) == [7.0]
    assert joined[0].sure_s == pytest.approx(joined[0].duration_s)


def test_a_longer_gap_ends_the_certainty_and_a_very_long_one_the_hold() -> None:
    held = mask((2, 5), (6, 10))
    (one,) = holds_of(held, ~held, T)
    assert (round(one.duration_s, 1), round(one.sure_s, 1)) == (8.0, 4.0)
    held = mask((2, 7), (8, 10))
    assert holds_of(held, ~held, T)[0].sure_s == pytest.approx(5.0, abs=0.05)  # the longest part, wherever it is
    held = mask((2, 5), (5.0 + MAX_UNSEEN_S + 0.1, 12))
    assert durations(holds_of(held, ~held, T)) == [3.0, 3.9]
    held = mask((2, 5), (5.0 + MAX_UNSEEN_S - 0.1, 12))
    assert durations(holds_of(held, ~held, T)) == [10.0]


def test_a_break_that_shows_anything_but_the_hold_ends_it() -> None:
    held = mask((2, 5), (6, 10))
    unknown = ~held & (T < 5.8)
    assert durations(holds_of(held, unknown, T)) == [3.0, 4.0]


def test_a_pause_of_the_camera_is_a_gap_too() -> None:
    for pause, sure_s in ((MAX_GAP_S - 0.1, 8.0), (MAX_GAP_S + 0.2, 4.3)):
        keep = (T < 5.0) | (T > 5.0 + pause)
        held = mask((2, 10))
        (one,) = holds_of(held[keep], ~held[keep], T[keep])
        assert one.duration_s == pytest.approx(8.0, abs=0.05)
        assert one.sure_s == pytest.approx(sure_s, abs=0.35)
    keep = (T < 5.0) | (T > 9.0)
    assert len(holds_of(mask((2, 12))[keep], np.zeros(keep.sum(), dtype=bool), T[keep])) == 2


def test_nothing_before_the_signal_counts() -> None:
    held = mask((1, 9), (12, 15))
    assert durations(holds_of(held, ~held & False, T, 6.0)) == [3.0, 3.0]
    assert durations(holds_of(held, ~held & False, T, 10.0)) == [3.0]


def test_the_moment_of_the_signal_counts() -> None:
    (hold,) = holds_of(mask((1, 9)), np.zeros(T.size, dtype=bool), T, float(T[90]))
    assert hold.interval.start_s == T[90]


def test_the_longest_is_scored_the_first_of_equal_ones_and_all_are_listed() -> None:
    holds = tuple(Hold(Interval(start, start + length), length) for start, length in ((0, 1.5), (4, 5.0), (10, 5.0), (16, 0.5)))
    assert longest(holds) is holds[1]
    tries = listed(holds, 2.0, np.array([False, False, True, False]))
    assert [(one.interval.start_s, one.complete) for one in tries] == [(0.0, False), (4.0, True), (10.0, False)]
    assert [one.lacking for one in tries] == ["it was shorter than 2 seconds", None, "its beginning or its end was not seen"]


def test_an_attempt_of_just_the_least_length_is_complete() -> None:
    (exact,) = listed((Hold(Interval(0.0, 2.0), 2.0),), 2.0, np.array([False]))
    assert exact.complete
    assert listed((Hold(Interval(0.0, 0.99), 0.99),), 2.0, np.array([False])) == ()
    assert len(listed((Hold(Interval(0.0, 1.0), 1.0),), 2.0, np.array([False]))) == 1


def two_attempts(first: tuple[float, float] = (2.0, 5.0), second: tuple[float, float] = (8.0, 15.0)) -> sm.Motion:
    """Left leg; the pelvis drops by 9 degrees in the first attempt only."""
    t = sm.times(18.0)
    one, two = (sm.ramp(t, a, a + 0.3, b - 0.3, b) for a, b in (first, second))
    return sm.Motion(t, obliquity=-9.0 * one, lift_right=0.2 * (one + two))


def test_the_best_attempt_is_scored_and_the_other_one_listed() -> None:
    result = only(screened(sm.film(two_attempts()), "single_leg_stance"))
    held = measure(result, "hold_time_s")
    assert held.value == pytest.approx(7.0, abs=0.2)
    assert "in the best of 2 attempts" in held.statement
    assert len(result.holds) == 1
    assert [round(one.end_s - one.start_s) for one in result.attempts] == [3, 7]
    assert all(one.complete for one in result.attempts)
    assert measure(result, "pelvic_drop_deg").value == pytest.approx(0.0, abs=1.5)
    assert measure(result, "pelvic_drop_time_s").value == 0.0
    assert measure(result, "touch_downs").value == 0.0


def test_time_above_the_line_belongs_to_the_scored_attempt_and_never_exceeds_it() -> None:
    result = only(screened(sm.film(two_attempts((2.0, 9.0), (11.0, 14.0))), "single_leg_stance"))
    above, held = (measure(result, key).value for key in ("pelvic_drop_time_s", "hold_time_s"))
    assert above is not None
    assert held is not None
    assert held - 1.0 < above <= held


@pytest.mark.parametrize(("hidden_s", "at_least"), [((7.0, 12.0), True), ((6.0, 7.5), False)])
def test_a_hold_that_ends_in_the_unseen_lasted_at_least_so_long(hidden_s: tuple[float, float], at_least: bool) -> None:
    """One that was seen again on the same leg ended where it was seen to end."""
    poses = sm.film(sm.stance(seconds=12.0))
    visibility = poses.visibility.copy()
    hidden = (poses.time_s >= hidden_s[0]) & (poses.time_s <= hidden_s[1])
    for landmark in (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE):
        visibility[hidden, landmark] = 0.1
    result = screened(replace(poses, visibility=visibility), "single_leg_stance", "left").report.tests[0]
    assert [one.complete for one in result.attempts] == [not at_least]
    assert ("at least" in measure(result, "hold_time_s").statement) == at_least


def test_one_attempt_is_not_called_the_best_of_several() -> None:
    assert "attempts" not in measure(only(screened(sm.film(sm.stance()), "single_leg_stance")), "hold_time_s").statement


def test_a_hold_that_touches_down_counts_the_touches_around_the_best_part() -> None:
    t = sm.times(20.0)
    pieces = ((2.0, 4.5), (5.0, 11.0), (11.5, 14.0), (17.0, 19.0))
    lift = sum(sm.ramp(t, a, a + 0.2, b - 0.2, b) for a, b in pieces)
    result = only(screened(sm.film(sm.Motion(t, lift_right=0.2 * lift)), "single_leg_stance"))
    assert measure(result, "touch_downs").value == 2.0
    assert measure(result, "hold_time_s").value == pytest.approx(6.0, abs=0.25)


def test_a_hold_before_the_signal_is_none() -> None:
    seen = recording(sm.film(two_attempts((1.0, 8.0), (10.0, 14.0))), "single_leg_stance")
    told = replace(seen, request=seen.request.model_copy(update={"signal_s": 9.0}))
    result = only(rescreen(told))
    assert measure(result, "hold_time_s").value == pytest.approx(4.0, abs=0.2)
    assert len(result.attempts) == 1


def hide(poses: PoseSequence, landmarks: tuple[int, ...], start_s: float, end_s: float) -> PoseSequence:
    visibility = poses.visibility.copy()
    visibility[np.ix_((poses.time_s >= start_s) & (poses.time_s <= end_s), landmarks)] = 0.1
    return replace(poses, visibility=visibility)


def test_a_hand_before_the_lifted_foot_does_not_end_the_hold() -> None:
    poses = sm.film(sm.stance("left", seconds=16.0), noise_px=0.3)
    whole = only(screened(poses, "single_leg_stance"))
    covered = only(screened(hide(poses, (Landmark.RIGHT_ANKLE, Landmark.RIGHT_KNEE), 6.0, 10.0), "single_leg_stance"))
    for key in ("hold_time_s", "touch_downs"):
        assert measure(covered, key).value == pytest.approx(measure(whole, key).value, abs=0.05)
    assert len(covered.attempts) == 1


def test_a_foot_that_comes_down_while_it_is_hidden_ends_the_hold_where_the_model_guesses_it_down() -> None:
    poses = sm.film(sm.stance("left", seconds=16.0), noise_px=0.3)
    covered = only(screened(hide(poses, (Landmark.RIGHT_ANKLE, Landmark.RIGHT_KNEE), 10.0, 15.9), "single_leg_stance"))
    assert covered.holds[0].end_s == pytest.approx(13.9, abs=0.2)


def test_a_stance_that_was_not_seen_for_a_while_is_not_certain() -> None:
    poses = hide(sm.film(sm.stance(seconds=14.0)), (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE), 6.0, 7.5)
    held = measure(only(screened(poses, "single_leg_stance")), "hold_time_s")
    assert held.value == pytest.approx(10.0, abs=0.2)
    assert held.uncertainty == pytest.approx(5.5, abs=0.3)


def dropped(seen: Recording, seed: int, share: float) -> Recording:
    """The same recording without some of its pictures."""
    kept = np.random.default_rng(seed).random(len(seen.poses)) >= share
    arrays = {
        name: getattr(seen.poses, name)[kept] for name in seen.poses.__dataclass_fields__ if name not in ("width", "height")
    }
    return replace(seen, poses=replace(seen.poses, **arrays))


@pytest.mark.parametrize("share", [0.2, 0.35])
def test_dropped_pictures_change_no_time(share: float) -> None:
    seen = recording(sm.film(sm.stance("left", 9.0, seconds=10.0, rate_hz=60.0)), "single_leg_stance")
    whole, fewer = only(rescreen(seen)), only(rescreen(dropped(seen, 1, share)))
    for key in ("hold_time_s", "pelvic_drop_time_s"):
        assert measure(fewer, key).value == pytest.approx(measure(whole, key).value, abs=0.15)


def test_the_rate_in_the_report_is_what_arrived() -> None:
    seen = recording(sm.film(sm.stance(seconds=10.0, rate_hz=60.0)), "single_leg_stance")
    fewer = dropped(seen, 1, 0.35)
    fps = rescreen(fewer).report.quality.fps
    assert fps == pytest.approx((len(fewer.poses) - 1) / fewer.poses.duration_s, rel=0.01)
    assert fps == pytest.approx(39.0, abs=1.5)


def hops(count: int, height: float = 0.08, seconds: float = 12.0) -> PoseSequence:
    """Hopping on the left leg after quiet standing."""
    motion = sm.stance("left", seconds=seconds)
    t = motion.time_s
    points = motion.joints()
    for number in range(count):
        start = 3.0 + 0.5 * number
        flight = np.maximum(0.0, np.sin(np.pi * (t - start) / 0.3)) * ((t >= start) & (t <= start + 0.3))
        points[:, :, 1] -= height * flight[:, None]

    class Hopping:
        time_s = t

        def joints(self) -> Floats:
            return points

    return replace(sm.film(Hopping(), noise_px=0.3), surface_rotation_deg=np.zeros(t.size))


def test_hopping_on_one_leg_is_no_hold_and_no_squat() -> None:
    result = only(screened(hops(14), "single_leg_stance", "left"))
    assert result.status is Status.NOT_ASSESSED
    assert "hopped" in (result.reason or "")
    squats = only(screened(hops(14), "single_leg_squat", "left"))
    assert squats.status is Status.NOT_ASSESSED
    assert squats.repetitions == ()


def test_one_hop_ends_an_attempt() -> None:
    result = only(screened(hops(1, seconds=14.0), "single_leg_stance", "left"))
    assert [round(one.end_s - one.start_s) for one in result.attempts] == [1, 9]
    assert measure(result, "hold_time_s").value == pytest.approx(8.7, abs=0.3)


def test_a_short_hold_lists_its_attempt_and_is_not_completed() -> None:
    t = sm.times(9.0)
    motion = sm.Motion(t, lift_right=0.2 * (sm.ramp(t, 2.0, 2.2, 3.4, 3.6) + sm.ramp(t, 6.0, 6.2, 6.4, 6.5)))
    result: TestResult = only(screened(sm.film(motion), "single_leg_stance", "left"))
    assert result.score == 0
    assert [one.lacking for one in result.attempts] == ["it was shorter than 2 seconds"]
    assert result.window is not None
    assert result.window.start_s == pytest.approx(2.0, abs=0.2)  # from the first attempt
    assert result.window.end_s == pytest.approx(6.5, abs=0.2)  # to the last one
    assert all(found.grade is Grade.NOT_ASSESSED for found in result.measures)
