"""Landmarks that are lost for a moment: what was seen before and after stays as it was, and nothing is made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers.screened import measure, only
from screener.model.landmarks_file import load_recording
from screener.model.pose import Landmark
from screener.model.recording import Recording
from screener.model.results import Grade
from screener.model.series import Interval
from screener.tests_clinical.battery.glute_bridge import _shortest_hold
from screener.workflow.screening import rescreen

GOLDEN = Path(__file__).parent.parent / "golden"


def hidden(recording: Recording, landmarks: tuple[Landmark, ...], start_s: float, end_s: float) -> Recording:
    """The same recording with some landmarks not visible for a while."""
    poses = recording.poses
    visibility = poses.visibility.copy()
    frames = np.flatnonzero((poses.time_s >= start_s) & (poses.time_s <= end_s))
    assert frames.size
    visibility[np.ix_(frames, np.array(landmarks))] = 0.1
    return replace(recording, poses=replace(poses, visibility=visibility))


@pytest.mark.parametrize("landmark", [Landmark.LEFT_SHOULDER, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE])
def test_a_landmark_that_blinks_in_a_stance_is_no_touch_down(landmark: Landmark) -> None:
    recording = load_recording(GOLDEN / "stance_left_stable.npz")
    before, after = (only(rescreen(one)) for one in (recording, hidden(recording, (landmark,), 4.0, 4.1)))
    assert measure(after, "touch_downs").value == 0.0
    assert measure(after, "hold_time_s").value == measure(before, "hold_time_s").value
    assert after.score == before.score


@pytest.mark.parametrize(
    ("clip", "landmark"), [("slsquat_right_good", Landmark.LEFT_KNEE), ("march_hike_right8", Landmark.LEFT_SHOULDER)]
)
def test_a_landmark_that_blinks_costs_and_adds_no_repetition(clip: str, landmark: Landmark) -> None:
    recording = load_recording(GOLDEN / f"{clip}.npz")
    before = rescreen(recording).report.tests
    middle = before[0].repetitions[0]
    moment_s = (middle.start_s + middle.end_s) / 2.0
    after = rescreen(hidden(recording, (landmark,), moment_s - 0.03, moment_s + 0.03)).report.tests
    assert [len(result.repetitions) for result in after] == [len(result.repetitions) for result in before]


def test_a_bridge_not_seen_through_has_no_shortest_hold_unless_another_was_shorter() -> None:
    recording = load_recording(GOLDEN / "glute_bridge_short_hold.npz")
    whole = only(rescreen(recording))
    longer, shorter = sorted(whole.holds, key=lambda hold: hold.start_s - hold.end_s)
    sides = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)

    def gap(start_s: float, end_s: float) -> float | None:
        found = measure(only(rescreen(hidden(recording, sides, start_s, end_s))), "hold_time_s")
        assert found.value is not None or found.grade is Grade.NOT_ASSESSED
        return found.value

    assert gap(longer.end_s - 0.4, longer.end_s) == measure(whole, "hold_time_s").value
    middle_s = (shorter.start_s + shorter.end_s) / 2.0
    assert gap(middle_s - 0.2, middle_s + 0.2) is None
    middle_s = (longer.start_s + longer.end_s) / 2.0
    assert gap(middle_s - 0.2, middle_s + 0.2) is None


@pytest.mark.parametrize(
    ("lost", "known"), [(slice(41, 42), False), (slice(19, 20), False), (slice(43, 90), True), (slice(0, 18), True)]
)
def test_only_what_hides_at_the_ends_of_a_hold_makes_it_unknown(lost: slice, known: bool) -> None:
    line, time_s = np.full(100, 170.0), np.arange(100) / 10.0
    line[lost] = np.nan
    found = _shortest_hold(line, time_s, (Interval(2.0, 4.0),), 1.0)
    assert np.isfinite(found.value) == known
