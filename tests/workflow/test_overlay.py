"""The texts on the overlay: of the side that moves, as the report has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from screener.model.landmarks_file import load_recording
from screener.model.results import Grade
from screener.report.drawing.picture import OverlayLine
from screener.workflow.overlay import overlay_lines
from screener.workflow.screening import Screening, rescreen

GOLDEN = Path(__file__).parent.parent / "golden"


def at_key_moment(screening: Screening, side: str) -> tuple[OverlayLine, ...]:
    (moment_s,) = (test.key_moment_s for test in screening.report.tests if test.side == side)
    assert moment_s is not None
    return overlay_lines(screening, int(np.argmin(np.abs(screening.series.time_s - moment_s))))


def test_in_a_march_the_side_that_lifts_is_shown_and_flagged() -> None:
    screening = rescreen(load_recording(GOLDEN / "march_hike_right8.npz"))
    flagged = {side: [line.text for line in at_key_moment(screening, side) if line.flagged] for side in ("left", "right")}
    assert not flagged["left"]
    assert [text.split("  ")[0] for text in flagged["right"]] == ["Pelvic hike at the start of the lift, right"]


def test_in_a_squat_both_knees_are_shown() -> None:
    screening = rescreen(load_recording(GOLDEN / "squat_valgus_right14.npz"))
    outside = {test.side for test in screening.report.tests for m in test.measures if m.grade is Grade.OUTSIDE}
    lines = at_key_moment(screening, "right")
    assert outside == {"right"}
    assert [line.text.split("  ")[0] for line in lines if line.flagged] == ["Knee inwards (valgus), right"]
    assert any(line.text.startswith("Knee inwards (valgus), left") for line in lines)


def test_before_a_leg_lifts_in_a_march_its_own_values_are_shown() -> None:
    screening = rescreen(load_recording(GOLDEN / "march_hike_right8.npz"))
    left, right = screening.report.tests
    start_s = right.repetitions[0].start_s
    assert right.window is not None
    assert start_s == right.window.start_s > left.repetitions[0].end_s
    just_before = int(np.flatnonzero(screening.series.time_s < start_s - 0.02)[-1])
    assert {line.text.split("  ")[0].rpartition(", ")[2] for line in overlay_lines(screening, just_before)} == {"right"}


def test_a_recording_of_one_side_does_not_name_it_and_nothing_is_shown_outside_the_movement() -> None:
    screening = rescreen(load_recording(GOLDEN / "stance_left_drop9.npz"))
    assert any(line.text.startswith("Pelvic drop  ") for line in at_key_moment(screening, "left"))
    assert overlay_lines(screening, 0) == ()
