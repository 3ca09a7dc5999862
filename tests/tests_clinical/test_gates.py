from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording, screened
from screener.model.pose import PoseSequence, View
from screener.model.recording import CameraTilt
from screener.model.results import Asymmetry, Grade, Status, TestResult
from screener.tests_clinical.gates import (
    MIN_BRIGHTNESS,
    MIN_COUNTING_HZ,
    MIN_HEIGHT_PX,
    MIN_RATE_HZ,
    MIN_WHOLE_BODY,
    recording_gate,
)
from screener.workflow.screening import rescreen


def refused(poses: PoseSequence, tilt: CameraTilt | None = None) -> TestResult:
    result = only(screened(poses, "single_leg_stance", tilt=tilt or CameraTilt(0.0, 0.0)))
    assert result.status is Status.NOT_ASSESSED
    assert result.advice
    return result


def test_a_camera_that_turns_is_refused_and_a_trembling_one_widens_the_interval() -> None:
    poses = sm.film(sm.stance("left", 8.0))
    assert "camera turned by 9 degrees" in str(refused(poses, CameraTilt(0.0, 0.0, 8.6)).reason)
    (hidden,) = screened(poses, "single_leg_stance", tilt=CameraTilt(0.0, 0.0, 7.9)).report.tests
    assert measure(hidden, "pelvic_drop_deg").grade is Grade.UNDECIDED
    still = measure(only(screened(poses, "single_leg_stance")), "pelvic_drop_deg")
    trembling = screened(poses, "single_leg_stance", tilt=CameraTilt(0.0, 0.0, 2.0))
    wide = measure(only(trembling), "pelvic_drop_deg")
    assert still.uncertainty is not None
    assert wide.uncertainty == pytest.approx(np.hypot(still.uncertainty, 2.0), abs=0.01)
    assert any("something firm" in warning for warning in trembling.report.quality.warnings)


def test_feet_outside_the_picture_are_named() -> None:
    result = refused(sm.film(sm.stance("left", 8.0), sm.Camera(picture_height=300)))
    assert "Head or feet are outside the picture" in str(result.reason)


def test_a_picture_on_its_side_and_one_upside_down_are_told_apart() -> None:
    poses = sm.film(sm.stance("left", 8.0), sm.Camera(width=800, picture_height=800))
    middle = np.array([400.0, 400.0])
    turned = (poses.pixels - middle)[..., ::-1] * [-1.0, 1.0] + middle
    assert "turned on its side" in str(refused(poses.with_landmarks(turned, poses.world_m, poses.visibility)).reason)
    over = 800.0 - poses.pixels
    assert "upside down" in str(refused(poses.with_landmarks(over, poses.world_m, poses.visibility)).reason)


@pytest.mark.parametrize("name", ["two people", "too dark", "too small", "too slow"])
def test_each_gate_says_its_reason(name: str) -> None:
    poses = sm.film(sm.stance("left", 8.0))
    bad, words = {
        "two people": (replace(poses, people=np.full(len(poses), 2)), "More than one person"),
        "too dark": (replace(poses, brightness=np.full(len(poses), 5.0)), "too dark"),
        "too small": (sm.film(sm.stance("left", 8.0), sm.Camera(distance=14.0)), "pixels tall"),
        "too slow": (sm.film(sm.stance("left", 8.0, rate_hz=6.0)), "6 frames a second"),
    }[name]
    assert words in str(refused(bad).reason)


def test_a_nominal_rate_passes_whatever_the_camera_really_gives() -> None:
    assert only(screened(sm.film(sm.stance("left", 8.0, rate_hz=14.985)), "single_leg_stance", "left")).score is not None
    assert "14 frames a second" in str(refused(sm.film(sm.stance("left", 8.0, rate_hz=14.0))).reason)


def test_a_crushed_video_gives_no_firm_pelvis() -> None:
    kept = recording(sm.film(sm.stance("left", 8.0)), "single_leg_stance")
    source = kept.origin.source.model_copy(update={"bits_per_pixel": 0.0005})
    crushed = rescreen(replace(kept, origin=kept.origin.model_copy(update={"source": source})))
    drop = measure(only(crushed), "pelvic_drop_deg")
    assert drop.uncertainty is not None
    assert drop.uncertainty > 6.0
    assert not drop.firm
    assert any("compressed" in warning for warning in crushed.report.quality.warnings)
    assert measure(only(rescreen(kept)), "pelvic_drop_deg").firm


def test_a_strongly_compressed_video_is_followed_with_more_doubt() -> None:
    kept = recording(sm.film(sm.stance("left", 8.0)), "single_leg_stance")
    source = kept.origin.source.model_copy(update={"bits_per_pixel": 0.002})
    crushed = rescreen(replace(kept, origin=kept.origin.model_copy(update={"source": source})))
    own, doubted = (measure(only(one), "pelvic_drop_deg") for one in (rescreen(kept), crushed))
    assert doubted.value == pytest.approx(own.value, abs=0.5)
    assert (doubted.uncertainty or 0.0) > (own.uncertainty or 0.0) + 0.3
    assert any("compressed" in warning for warning in crushed.report.quality.warnings)


def test_compression_is_no_matter_where_no_cloth_is_followed() -> None:
    kept = recording(sm.film(sm.hinges(), sm.Camera(yaw=90), 0.2), "hip_hinge")
    source = kept.origin.source.model_copy(update={"bits_per_pixel": 0.002})
    hinge = rescreen(replace(kept, origin=kept.origin.model_copy(update={"source": source})))
    assert not any("compressed" in warning for warning in hinge.report.quality.warnings)


def both_legs(left: float, right: float, known_surface: bool = True) -> PoseSequence:
    """Left stance, then right stance, in one recording."""
    first, second = sm.film(sm.stance("left", left)), sm.film(sm.stance("right", right))
    later = second.time_s + first.time_s[-1] + 1 / 30
    joined = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in PoseSequence.__dataclass_fields__
        if name not in ("time_s", "width", "height")
    }
    if not known_surface:
        joined["surface_rotation_deg"] = np.full(len(later) * 2, np.nan)
    return PoseSequence(time_s=np.concatenate([first.time_s, later]), width=640, height=480, **joined)


def drop_row(poses: PoseSequence) -> Asymmetry:
    report = screened(poses, "single_leg_stance").report
    assert [test.side for test in report.tests] == ["left", "right"]
    return next(row for row in report.asymmetry if row.measure == "pelvic_drop_deg")


def test_sides_differ_only_beyond_both_errors() -> None:
    row = drop_row(both_legs(9.0, 1.0))
    assert (row.grade, row.difference) == (Grade.OUTSIDE, pytest.approx(8.0, abs=0.1))
    same = drop_row(both_legs(2.0, 1.0))
    assert same.grade is Grade.WITHIN
    assert same.uncertainty is not None
    assert same.uncertainty < same.smallest_detectable
    assert drop_row(both_legs(3.0, 1.0, known_surface=False)).grade is Grade.NOT_ASSESSED


def test_a_leg_that_was_tried_is_never_dropped_silently() -> None:
    poses = both_legs(2.0, 2.0)
    second = np.arange(len(poses)) >= len(poses) // 2
    visibility = poses.visibility.copy()
    visibility[second & (np.arange(len(poses)) % 3 == 0)] = 0.1  # the second leg is hardly seen
    report = screened(replace(poses, visibility=visibility), "single_leg_stance").report
    assert {test.side: test.status for test in report.tests} == {"left": Status.SCORED, "right": Status.NOT_ASSESSED}
    assert (report.score.assessed, report.score.of) == (1, 2)


@pytest.mark.parametrize(
    ("what", "needed", "less"),
    [
        ("whole_body_fraction", MIN_WHOLE_BODY, 0.01),
        ("brightness", MIN_BRIGHTNESS, 0.1),
        ("subject_height_px", MIN_HEIGHT_PX, 0.1),
        ("fps", MIN_RATE_HZ, 0.6),
    ],
)
def test_just_what_is_needed_is_enough(what: str, needed: float, less: float) -> None:
    quality = screened(sm.film(sm.stance("left")), "single_leg_stance").report.quality
    for value, passes in ((needed, True), (needed - less, False)):
        refusal = recording_gate(quality.model_copy(update={what: value}), (View.FRONT,), "In front.")
        assert (refusal is None) == passes


@pytest.mark.parametrize(("fps", "countable"), [(MIN_COUNTING_HZ, True), (MIN_COUNTING_HZ - 0.1, False)])
def test_from_four_frames_a_second_on_repetitions_are_counted(fps: float, countable: bool) -> None:
    quality = screened(sm.film(sm.stance("left")), "single_leg_stance").report.quality
    refusal = recording_gate(quality.model_copy(update={"fps": fps}), (View.FRONT,), "In front.")
    assert refusal is not None
    assert refusal.countable == countable
