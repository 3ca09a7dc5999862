"""Gauge, counter and end of a test, read from recordings that are still growing."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import recording, screened
from screener.live.guide.flow import PlannedTest
from screener.live.guide.movements import movement
from screener.live.guide.progress import Gauge, LiveReading, is_complete, is_over, read
from screener.live.guide.speech import gauge_message
from screener.live.language import load_language
from screener.model.pose import PoseSequence, Side
from screener.tests_clinical.guide import Guide

STANCE = PlannedTest("single_leg_stance", Side.LEFT)
SQUAT = PlannedTest("single_leg_squat", Side.LEFT)
HINGE = PlannedTest("hip_hinge", None)


def until(poses: PoseSequence, seconds: float) -> PoseSequence:
    """The recording as it was at a time."""
    count = int((poses.time_s <= seconds).sum())
    arrays = {f.name: getattr(poses, f.name)[:count] for f in fields(poses) if f.name not in ("width", "height")}
    return replace(poses, **arrays)


def reading(poses: PoseSequence, item: PlannedTest) -> LiveReading:
    return read(recording(poses, item.test, item.side.value if item.side else "both"), item)


def test_nothing_is_read_from_nothing() -> None:
    poses = sm.film(sm.stance())
    assert reading(until(poses, 0.2), STANCE) == LiveReading()
    empty = poses.with_landmarks(poses.pixels * np.nan, poses.world_m * np.nan, poses.visibility * 0)
    assert reading(empty, STANCE) == LiveReading()


def test_quiet_standing_is_counted_before_the_test() -> None:
    poses = sm.film(sm.stance(seconds=9.0))
    assert reading(until(poses, 1.5), STANCE).quiet_s == pytest.approx(1.5, abs=0.3)
    assert not reading(until(poses, 1.5), STANCE).moved


def test_the_hold_is_counted_while_it_lasts_and_the_gauge_shows_the_drop() -> None:
    poses = sm.film(sm.stance(drop=8.0, seconds=12.0))
    middle = reading(until(poses, 8.0), STANCE)
    assert middle.holding
    assert middle.hold_s == pytest.approx(5.6, abs=0.5)
    assert middle.gauge is not None
    assert (middle.gauge.measure, middle.gauge.limit) == ("pelvic_drop_deg", 5.0)
    assert middle.gauge.value == pytest.approx(8.0, abs=1.0)
    assert middle.gauge.u95 > 0
    assert middle.gauge.beyond
    after = reading(poses, STANCE)
    assert not after.holding


def test_the_last_reading_agrees_with_the_report() -> None:
    poses = sm.film(sm.leg_squats(count=3, knee_in=10.0))
    shown = reading(poses, SQUAT)
    (result,) = screened(poses, "single_leg_squat", "left").report.tests
    assert shown.repetitions == len(result.repetitions) == 3
    (hold,) = screened(sm.film(sm.stance()), "single_leg_stance", "left").report.tests[0].holds
    assert reading(sm.film(sm.stance()), STANCE).hold_s == pytest.approx(hold.end_s - hold.start_s, abs=0.01)


def test_repetitions_rise_one_by_one() -> None:
    poses = sm.film(sm.hinges(count=3), sm.Camera(yaw=90))
    counts = [reading(until(poses, seconds), HINGE).repetitions for seconds in (1.9, 6.0, 10.0, 14.0)]
    assert counts == [0, 1, 2, 3]


def test_still_is_said_only_of_the_end_of_the_recording() -> None:
    poses = sm.film(sm.stance(seconds=14.0))
    assert reading(poses, STANCE).still_s == 1.5
    assert reading(until(poses, 9.0), STANCE).still_s == 0.0


@pytest.mark.parametrize(
    ("how", "seen", "elapsed_s", "over"),
    [
        (Guide(hold_s=30), LiveReading(hold_s=31, holding=True), 33.0, False),
        (Guide(hold_s=30), LiveReading(hold_s=31, still_s=1.5), 34.0, True),
        (Guide(hold_s=30), LiveReading(hold_s=12, holding=True), 14.0, False),
        (Guide(hold_s=30), LiveReading(hold_s=12, still_s=1.5), 15.0, True),
        (Guide(hold_s=30), LiveReading(still_s=4.0), 15.0, False),
        (Guide(hold_s=30), LiveReading(), 50.0, True),
        (Guide(repetitions=5), LiveReading(repetitions=5), 20.0, False),
        (Guide(repetitions=5), LiveReading(repetitions=5, still_s=1.5), 20.0, True),
        (Guide(repetitions=5), LiveReading(repetitions=4, still_s=1.5), 20.0, False),
        (Guide(repetitions=5), LiveReading(repetitions=4, still_s=4.0), 20.0, True),
        (Guide(repetitions=5), LiveReading(), 90.0, True),
        (Guide(repetitions=5, still_s=2), LiveReading(repetitions=5), 20.0, True),
        (Guide(), LiveReading(repetitions=1, still_s=4.0), 20.0, True),
        (Guide(), LiveReading(still_s=4.0), 20.0, False),
    ],
)
def test_when_a_test_is_over(how: Guide, seen: LiveReading, elapsed_s: float, over: bool) -> None:
    assert is_over(seen, how, elapsed_s) is over


def test_complete_means_what_was_asked_for() -> None:
    assert is_complete(LiveReading(hold_s=30.0), movement("single_leg_stance"))
    assert not is_complete(LiveReading(repetitions=4), movement("hip_hinge"))
    assert not is_complete(LiveReading(repetitions=99), Guide())


@pytest.mark.parametrize(
    ("value", "u95", "state"),
    [(2.0, 1.0, "within"), (9.0, 2.0, "beyond"), (6.0, 2.0, "unsure"), (4.0, 2.0, "unsure"), (float("nan"), 2.0, "unseen")],
)
def test_the_gauge_says_in_words_what_it_shows(value: float, u95: float, state: str) -> None:
    words = load_language("en")
    shown = gauge_message(Gauge("pelvic_drop_deg", "Pelvic drop", "degrees", value, u95, 5.0), words)
    assert shown["state"] == state
    assert shown["word"] == words(f"test.{state}")
    assert shown["guide"] == "guide line 5°"
    if np.isfinite(value):
        assert 0 <= shown["from"] <= shown["value"] <= shown["to"] <= 1
        assert (shown["value"] > shown["limit"]) == (value > 5.0)
        assert shown["text"] == f"{value:.0f} ± {u95:.0f}°"


def test_a_measure_without_a_guide_line_is_shown_and_not_compared() -> None:
    gauge = Gauge("trunk_inclination_deg", "Trunk inclination", "degrees", 40.0, float("nan"), float("nan"))
    shown = gauge_message(gauge, load_language("en"))
    assert (shown["state"], shown["limit"], shown["text"], shown["guide"]) == ("no_guide", None, "40°", "")
    assert not gauge.beyond


def test_a_second_attempt_goes_on_though_the_first_was_longer() -> None:
    t = sm.times(14.0)
    lift = sm.ramp(t, 2.0, 2.3, 8.0, 8.3) + sm.ramp(t, 11.0, 11.3, 20.0, 20.3)
    kept = recording(sm.film(sm.Motion(t, lift_right=0.2 * lift)), "single_leg_stance", "left")
    reading = read(kept, PlannedTest("single_leg_stance", Side.LEFT))
    assert reading.holding
    assert reading.hold_s == pytest.approx(6.3, abs=0.2)


def test_what_was_held_before_the_signal_is_not_shown() -> None:
    t = sm.times(12.0)
    kept = recording(sm.film(sm.Motion(t, lift_right=0.2 * sm.ramp(t, 2.0, 2.3, 8.0, 8.3))), "single_leg_stance", "left")
    told = replace(kept, request=kept.request.model_copy(update={"signal_s": 6.0}))
    assert read(told, PlannedTest("single_leg_stance", Side.LEFT)).hold_s == pytest.approx(2.2, abs=0.2)
