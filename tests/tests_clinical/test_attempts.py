"""Repetitions count one by one: what hides or stops half way does not spoil the others, and no side is dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording, screened
from screener.kinematics.events import Repetition
from screener.live.guide.progress import LiveReading, later
from screener.model.pose import Landmark, PoseSequence
from screener.model.results import Status
from screener.report import wording
from screener.tests_clinical.summaries import AROUND_DEEPEST_S, repetition_values, set_value
from screener.workflow.screening import prepare
from tests_clinical.case import FRONT, LEFT_NEAR
from tests_clinical.cases_glute_bridge import FLOOR_CAMERA, bridges
from tests_clinical.cases_lunge import lunges
from tests_clinical.cases_squat import squats


def one_after_the_other(first: sm.Motion, second: sm.Motion) -> sm.Motion:
    one, two = sm.columns(first), sm.columns(second)
    t = np.concatenate([one.time_s, one.time_s[-1] + 1 / 30 + two.time_s])
    names = [name for name in sm.Motion.__dataclass_fields__ if name != "time_s"]
    return sm.Motion(t, **{name: np.concatenate([getattr(one, name), getattr(two, name)]) for name in names})


BOTH_LUNGES = one_after_the_other(lunges("left", count=2), lunges("right", count=2))


def hidden(poses: PoseSequence, joint: Landmark, start_s: float, end_s: float) -> PoseSequence:
    visibility = poses.visibility.copy()
    visibility[(poses.time_s >= start_s) & (poses.time_s <= end_s), joint] = 0.1
    return replace(poses, visibility=visibility)


def test_lunges_of_both_sides_in_turn_are_all_counted() -> None:
    results = screened(sm.film(BOTH_LUNGES, FRONT, 0.2), "lunge").report.tests
    assert {result.side: len(result.repetitions) for result in results} == {"left": 2, "right": 2}
    assert {result.status for result in results} == {Status.SCORED}


def test_a_leg_that_hides_between_its_own_repetitions_costs_none() -> None:
    """Between the first and the last lunge of one side lie those of the other."""
    turn = one_after_the_other(one_after_the_other(lunges("left", count=1), lunges("right", count=2)), lunges("left", count=1))
    poses = sm.film(turn, FRONT, 0.2)
    ends = lunges(count=1).time_s[-1]
    poses = hidden(poses, Landmark.LEFT_KNEE, ends + 2.5, ends + lunges(count=2).time_s[-1] - 2.5)
    left = next(result for result in screened(poses, "lunge", "both").report.tests if result.side == "left")
    assert (left.status, len(left.repetitions)) == (Status.SCORED, 2)


def test_a_refused_side_keeps_its_repetitions_and_is_told_of() -> None:
    poses = sm.film(BOTH_LUNGES, FRONT, 0.2)
    half = len(poses) // 2
    visibility = poses.visibility.copy()
    visibility[half + 60 :, Landmark.RIGHT_KNEE] = 0.1  # the front knee of the right lunges
    results = screened(replace(poses, visibility=visibility), "lunge", "auto").report.tests
    right = next(result for result in results if result.side == "right")
    assert right.status is Status.NOT_ASSESSED
    assert "of the frames of the movement could be used" in str(right.reason)
    assert len(right.repetitions) == 2
    assert len(right.attempts) == 2


@pytest.mark.parametrize(("frames", "scored"), [(0.15, True), (0.23, False)])
def test_one_repetition_seen_well_enough_is_enough(frames: float, scored: bool) -> None:
    poses = sm.film(squats(count=1), FRONT, 0.2)
    whole = only_span(poses)
    cut = whole.start_s + frames * (whole.end_s - whole.start_s)
    result = screened(hidden(poses, Landmark.LEFT_ANKLE, whole.start_s, cut), "squat").report.tests[0]
    assert (result.status is Status.SCORED) is scored


def only_span(poses: PoseSequence) -> Repetition:
    (span,) = screened(poses, "squat").report.tests[0].repetitions
    return Repetition(span.start_s, (span.start_s + span.end_s) / 2, span.end_s)


def test_a_repetition_that_hides_does_not_count_in_the_value() -> None:
    motion = prepare(recording(sm.film(squats(), FRONT), "squat"))[1]
    values = np.where(motion.time_s < 5.0, 1.0, 3.0)
    values[(motion.time_s > 2.0) & (motion.time_s < 3.0)] = np.nan  # 40 % of the first one
    three = [Repetition(2.0 + 3.5 * k, 3.25 + 3.5 * k, 4.5 + 3.5 * k) for k in range(3)]
    found = set_value("depth_deg", motion, values, np.ones(len(values)), three)
    assert (found.value, found.usable) == (3.0, 1.0)
    found = set_value("depth_deg", motion, values, np.ones(len(values)), three[:1])
    assert found.value == 1.0
    assert found.usable == pytest.approx(0.6, abs=0.05)


def test_a_second_bridge_that_reaches_half_the_height_is_named() -> None:
    one, half = bridges(), sm.film(bridges(), FLOOR_CAMERA)
    result = only(screened(half, "glute_bridge"))
    assert all(attempt.complete for attempt in result.attempts)
    assert len(result.attempts) == len(result.repetitions)
    assert one is not None


def test_an_incomplete_squat_is_counted_apart() -> None:
    t = sm.times(16.0)
    deep = sum(h * sm.ramp(t, 2 + 3.5 * k, 3.1 + 3.5 * k, 3.4 + 3.5 * k, 4.5 + 3.5 * k) for k, h in enumerate((1, 0.5, 1)))
    result = only(screened(sm.film(sm.Motion(t, bend=4.0 + 90.0 * deep), LEFT_NEAR, 0.2), "squat"))
    assert len(result.repetitions) == 2
    assert [attempt.complete for attempt in result.attempts] == [True, False, True]
    assert "as far as the others" in str(result.attempts[1].lacking)
    assert wording.incomplete(result).startswith(" 1 more did not count: at ")
    assert wording.incomplete(result.model_copy(update={"attempts": result.attempts[:1]})) == ""


def test_a_live_counter_never_runs_backwards() -> None:
    before, now = LiveReading(repetitions=3, hold_s=5.0, still_s=1.0), LiveReading(repetitions=1, hold_s=6.0, still_s=0.5)
    assert later(before, now) == LiveReading(repetitions=3, hold_s=6.0, still_s=0.5)
    assert later(now, before) == LiveReading(repetitions=3, hold_s=6.0, still_s=1.0)


def test_the_counts_of_the_two_legs_belong_to_them() -> None:
    result = screened(sm.film(squats(count=2), FRONT, 0.2), "squat").report.tests[0]
    assert measure(result, "depth_deg").value == pytest.approx(60.0, abs=4.0)
    assert [(one.start_s, one.end_s) for one in result.attempts] == [(one.start_s, one.end_s) for one in result.repetitions]


def test_a_value_is_the_median_around_the_deepest_point_both_ends_included() -> None:
    time_s = np.array([0.0, AROUND_DEEPEST_S, 2 * AROUND_DEEPEST_S])
    assert repetition_values(np.array([1.0, 3.0, 50.0]), time_s, [Repetition(0.0, 0.0, 1.0)]).tolist() == [2.0]
