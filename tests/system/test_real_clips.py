"""Real people: a markerless four-camera reference, a crowd, and a clip with too few frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers.reference import Markerless
from screener.model.pose import Joint, Side
from screener.model.recording import Request
from screener.model.results import Status
from screener.workflow.screening import Screening
from screener.workflow.session import screen

pytestmark = pytest.mark.slow
SWAPPED = slice(36, 74)


@pytest.fixture(scope="module")
def reference(real_clips: Path) -> Markerless:
    return Markerless.load(real_clips / "pose2sim_balance")


@pytest.fixture(scope="module")
def cam02(samples: Path) -> Screening:
    return screen(samples / "pose2sim_balance_cam02.mp4", Request(test="single_leg_stance"), pictures=False)


def test_trunk_lean_follows_the_reference(cam02: Screening, reference: Markerless) -> None:
    at = {name: reference.at("cam02", name) for name in ("LHip", "RHip", "LShoulder", "RShoulder")}
    up = (at["LShoulder"] + at["RShoulder"] - at["LHip"] - at["RHip"]) / 2
    lean = np.degrees(np.arctan2(up[:, 0], -up[:, 1])) - cam02.report.quality.camera_roll_deg
    error = cam02.series.trunk_lean_deg - lean
    assert np.isfinite(error).sum() >= 90
    assert np.nanstd(error) <= 3.0


def test_pelvic_obliquity_follows_the_reference_without_false_precision(cam02: Screening, reference: Markerless) -> None:
    across = reference.at("cam02", "LHip") - reference.at("cam02", "RHip")
    true = np.degrees(np.arctan2(across[:, 1], across[:, 0])) - cam02.report.quality.camera_roll_deg
    error = cam02.series.pelvic_obliquity_deg - true
    assert np.nanstd(error) <= 5.0
    assert np.nanmean(np.abs(error) <= cam02.series.pelvic_obliquity_u95_deg) >= 0.9


def test_exchanged_sides_are_put_back_or_left_out(cam02: Screening, reference: Markerless) -> None:
    assert cam02.report.quality.side_swaps_repaired >= 15
    left, right = reference.at("cam02", "LHip"), reference.at("cam02", "RHip")
    seen = {side: cam02.poses.pixels[:, Joint.HIP.on(side)] for side in Side}
    right_way = np.linalg.norm(seen[Side.LEFT] - left, axis=1) + np.linalg.norm(seen[Side.RIGHT] - right, axis=1)
    wrong_way = np.linalg.norm(seen[Side.LEFT] - right, axis=1) + np.linalg.norm(seen[Side.RIGHT] - left, axis=1)
    assert not (wrong_way < right_way)[SWAPPED].any()


def test_camera_roll_is_found_from_the_room(cam02: Screening) -> None:
    assert cam02.report.quality.camera_roll_source == "scene"
    assert cam02.report.quality.camera_roll_deg == pytest.approx(-2.6, abs=1.5)


@pytest.mark.parametrize("camera", ["cam01", "cam03"])
def test_an_oblique_view_is_refused_for_frontal_measures(real_clips: Path, camera: str) -> None:
    found = screen(real_clips / "pose2sim_balance" / f"{camera}.mp4", Request(test="single_leg_stance"), pictures=False)
    assert found.report.score.assessed == 0
    (result,) = found.report.tests
    assert result.reason is not None
    assert "turned" in result.reason


def test_the_back_view_is_seen_and_its_roll_found(real_clips: Path) -> None:
    found = screen(real_clips / "pose2sim_balance" / "cam04.mp4", Request(test="single_leg_stance"), pictures=False)
    assert found.report.quality.view == "back"
    assert abs(found.report.quality.camera_roll_deg) == pytest.approx(26.0, abs=2.0)
    assert any("tilted" in warning for warning in found.report.quality.warnings)


def test_five_frames_a_second_are_refused_with_the_reason(real_clips: Path) -> None:
    request = Request(test="single_leg_squat")
    found = screen(real_clips / "tfjs" / "tfjs_pose_squats.mp4", request, pictures=False)
    assert found.report.score.assessed == 0
    assert found.report.tests[0].reason is not None
    assert "5 frames a second" in found.report.tests[0].reason


def test_a_crowd_is_one_person_or_said_not_to_be(real_clips: Path) -> None:
    found = screen(real_clips / "sports2d" / "demo.mp4", Request(test="single_leg_stance"), pictures=False)
    hips = found.poses.pixels[:, [Joint.HIP.on(Side.LEFT), Joint.HIP.on(Side.RIGHT)]].mean(axis=1)
    height = found.report.quality.subject_height_px or 1.0
    seen = np.isfinite(hips[:, 0])
    step = np.linalg.norm(np.diff(hips[seen], axis=0), axis=1) / height
    assert seen.mean() > 0.8
    assert (step <= 0.2 + 3.5 * np.diff(found.poses.time_s[seen])).all()  # he jumps; nobody is exchanged for the walker
    assert all(test.status is Status.NOT_ASSESSED for test in found.report.tests)


def test_a_mirrored_clip_exchanges_the_sides(ground_truth: Path, tmp_path: Path) -> None:
    from screener.model.picture import Frame
    from screener.video.file import VideoFile
    from screener.video.writer import VideoWriter

    source = ground_truth / "stance_right_drop12.mp4"
    file, flipped = VideoFile(source), tmp_path / "mirrored.mp4"
    writer = VideoWriter(flipped, file.width, file.height, 20.0)
    for frame in file:
        writer.add(replace(frame, rgb=np.ascontiguousarray(frame.rgb[:, ::-1])))
    writer.close()
    assert isinstance(frame, Frame)
    request = Request(test="single_leg_stance")
    (one,), (other,) = (screen(path, request, pictures=False).report.tests for path in (source, flipped))
    assert (one.side, other.side) == ("right", "left")
    for a, b in zip(one.measures, other.measures, strict=True):
        assert a.value is not None
        assert b.value is not None
        assert abs(a.value - b.value) <= max((a.uncertainty or 0.0) + (b.uncertainty or 0.0), 0.5)
