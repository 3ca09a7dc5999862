"""Every clip that is not as it should be: one clear sentence, one piece of advice, the right exit code.

0 done, 2 wrong use, 3 nothing could be measured (the report says why), 4 the input could not be read.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from helpers.bad_clips import (
    HINGE,
    RATE_HZ,
    SQUAT,
    STANCE,
    changed,
    cut_off,
    pictures,
    side_by_side,
    turn_by_metadata,
    walked_in,
    without_person,
    write_clip,
    write_no_frames,
    write_sound,
    write_still,
)
from helpers.console import Console, Said
from screener.model.results import ScreeningReport
from screener.video.camera import fitted
from screener.video.file import VideoFile

CONTRACT = {"report.json", "report.html", "timeseries.csv", "landmarks.npz"}
MAX_MEMORY_MB = 1200


def report_of(folder: Path) -> ScreeningReport:
    """The report in a folder, after a look whether it is whole."""
    assert {file.name for file in folder.iterdir()} == CONTRACT
    return ScreeningReport.model_validate_json((folder / "report.json").read_text(encoding="utf-8"))


def not_measured(console: Console, clip: Path, test: str = "single_leg_stance") -> Said:
    """Run a clip that can be read and not measured; the report must be there and give the reason printed."""
    folder = clip.parent / "out"
    said = console("analyze", str(clip), "--test", test, "--out", str(folder))
    said.require(3)
    report = report_of(folder)
    reason = report.tests[0].reason
    assert reason
    assert said.sentence == f"Nothing could be measured: {reason}"
    assert all(result.status == "not_assessed" and result.score is None for result in report.tests)
    assert reason[1:] in (folder / "report.html").read_text(encoding="utf-8")
    return said


def measured(console: Console, clip: Path, test: str = "single_leg_stance") -> ScreeningReport:
    """Run a clip that can be measured."""
    folder = clip.parent / "out"
    said = console("analyze", str(clip), "--test", test, "--out", str(folder))
    assert (said.code, said.err) == (0, "")
    return report_of(folder)


def shows_the_drop(report: ScreeningReport) -> bool:
    """Whether the only side that was scored has the pelvic drop of the rendered clip, 9 degrees, within its uncertainty."""
    (result,) = report.tests
    (drop,) = [measure for measure in result.measures if measure.key == "pelvic_drop_deg"]
    assert drop.value is not None
    assert drop.uncertainty is not None
    return abs(drop.value - 9.0) <= drop.uncertainty


def missing(path: Path) -> None:
    assert not path.exists()


def text(path: Path) -> None:
    path.write_text("This is a text, not a video.\n" * 50, encoding="utf-8")


def end_cut_off(path: Path) -> None:
    cut_off(write_clip(path.with_suffix(".whole.mp4"), pictures(STANCE, 0, 20)), path, 0.7)


def first_picture_cut_off(path: Path) -> None:
    whole = write_clip(path.with_suffix(".whole.mp4"), pictures(STANCE, 0, 20), flags="faststart")
    path.write_bytes(whole.read_bytes()[:6000])


def unknown_codec(path: Path) -> None:
    data = write_clip(path, pictures(STANCE, 0, 3)).read_bytes()
    path.write_bytes(data.replace(b"avc1\x00\x00\x00\x00", b"zzzz\x00\x00\x00\x00"))


UNREADABLE: tuple[tuple[str, Callable[[Path], object], str], ...] = (
    ("missing", missing, "There is no file clip.mp4."),
    ("folder", Path.mkdir, "clip.mp4 is a folder, not a video."),
    ("pipe", lambda path: os.mkfifo(path), "clip.mp4 is a device or a pipe, not a video file."),
    ("empty", Path.touch, "clip.mp4 is empty."),
    ("text", text, "clip.mp4 is not a video that can be read."),
    ("moov_at_the_lost_end", end_cut_off, "clip.mp4 is not a video that can be read."),
    ("cut_in_first_picture", first_picture_cut_off, "clip.mp4 holds no pictures that can be read."),
    ("no_frames", write_no_frames, "clip.mp4 holds no pictures that can be read."),
    ("sound_only", write_sound, "clip.mp4 has no picture track."),
    ("unknown_codec", unknown_codec, "The pictures in clip.mp4 are in a format that cannot be read."),
    ("png", lambda path: write_still(path, "png"), "clip.mp4 is a still picture, not a video."),
    ("jpeg", lambda path: write_still(path, "mjpeg"), "clip.mp4 is a still picture, not a video."),
)


@pytest.mark.parametrize(("make", "sentence"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_unreadable_file(console: Console, tmp_path: Path, make: Callable[[Path], object], sentence: str) -> None:
    make(tmp_path / "clip.mp4")
    said = console("analyze", str(tmp_path / "clip.mp4"), "--test", "single_leg_stance", "--out", str(tmp_path / "a" / "out"))
    said.require(4, sentence)
    assert not (tmp_path / "a").exists()


def test_a_png_is_named_as_a_picture(console: Console, tmp_path: Path) -> None:
    picture = write_still(tmp_path / "photo.png", "png")
    console("analyze", str(picture), "--test", "nonsense").require(2)
    console("analyze", str(picture), "--test", "hip_hinge").require(4, "photo.png is a still picture, not a video.")


@pytest.mark.parametrize("flags", ["faststart", "frag_keyframe+empty_moov"])
def test_a_file_that_breaks_off_is_read_up_to_there(tmp_path: Path, flags: str) -> None:
    frames = pictures(STANCE, 0, 60)
    clip = cut_off(write_clip(tmp_path / "whole.mp4", frames, flags=flags), tmp_path / "clip.mp4", 0.6)
    video = VideoFile(clip)
    times = [frame.time_s for frame in video]
    assert 20 <= len(times) < 60
    assert video.damaged_after_s == pytest.approx(times[-1])
    whole = VideoFile(tmp_path / "whole.mp4")
    assert len(list(whole)) == 60
    assert whole.damaged_after_s is None


def joined(tmp_path: Path, shape: tuple[int, int]) -> VideoFile:
    """Two seconds as they are, then pictures of another height and width."""
    frames = pictures(STANCE, 0, 60)
    other = [cv2.resize(frame, shape[::-1]) for frame in frames[40:]]
    times = [0.05 * number for number in range(60)]
    first = write_clip(tmp_path / "first.ts", frames[:40], times_s=times[:40])
    then = write_clip(tmp_path / "then.ts", other, times_s=times[40:])
    (tmp_path / "clip.ts").write_bytes(first.read_bytes() + then.read_bytes())
    return VideoFile(tmp_path / "clip.ts")


def test_a_stream_that_changes_its_resolution_gives_pictures_of_one_size(tmp_path: Path) -> None:
    video = joined(tmp_path, (240, 320))
    frames = list(video)
    assert len(frames) > 50
    assert {frame.rgb.shape for frame in frames} == {(480, 640, 3)}
    assert video.reshaped_after_s is None
    late = video.picture_at(2.5)
    assert late is not None
    assert late.shape == (480, 640, 3)


def test_a_telephone_that_was_turned_is_read_up_to_there_and_said(console: Console, tmp_path: Path) -> None:
    video = joined(tmp_path, (640, 480))
    times = [frame.time_s for frame in video]
    assert 35 <= len(times) <= 41
    assert video.reshaped_after_s == pytest.approx(times[-1])
    console("analyze", str(video.path), "--test", "single_leg_stance", "--out", str(tmp_path / "out"))
    warnings = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["quality"]["warnings"]
    assert any("changes its shape after" in warning for warning in warnings)


def test_a_camera_that_changes_its_mode_gives_pictures_of_the_first_size() -> None:
    wide = fitted(np.full((30, 90, 3), 9, np.uint8), (48, 64))
    assert wide.shape == (48, 64, 3)
    assert (wide[24] == 9).all()
    assert (wide[[0, -1]] == 127).all()
    tall = fitted(np.full((96, 64, 3), 9, np.uint8), (48, 64))
    assert (tall[:, 16:48] == 9).all()
    assert (tall[:, [0, -1]] == 127).all()
    same = np.zeros((48, 64, 3), np.uint8)
    assert fitted(same, (48, 64)) is same


def test_a_break_is_told_in_the_report(console: Console, tmp_path: Path) -> None:
    clip = cut_off(write_clip(tmp_path / "whole.mp4", pictures(STANCE, 0, 50), flags="faststart"), tmp_path / "clip.mp4", 0.5)
    not_measured(console, clip)
    assert "The file is damaged after" in report_of(tmp_path / "out").quality.warnings[0]


@pytest.mark.parametrize("frames", [2, 3])
def test_very_short_clip(console: Console, tmp_path: Path, frames: int) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, frames))
    assert "No stance" in not_measured(console, clip).sentence


def test_one_frame(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 1))
    assert not_measured(console, clip).sentence.endswith("The video contains only one picture.")


@pytest.mark.parametrize("test", ["single_leg_squat", "hip_hinge"])
def test_very_short_clip_of_other_tests(console: Console, tmp_path: Path, test: str) -> None:
    source = HINGE if test == "hip_hinge" else SQUAT
    not_measured(console, write_clip(tmp_path / "clip.mp4", pictures(source, 0, 3)), test)


def test_16_by_16_pixels(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", changed(pictures(STANCE, 0, 20), lambda rgb: rgb[::30, ::40]))
    not_measured(console, clip)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory in use from /proc")
def test_8k_video_does_not_eat_memory(tmp_path: Path) -> None:
    frames = [np.repeat(np.repeat(rgb, 9, 0), 12, 1) for rgb in pictures(STANCE, 0, 3)]
    clip = write_clip(tmp_path / "clip.mp4", frames)
    assert {frame.rgb.shape for frame in VideoFile(clip)} == {(1080, 1920, 3)}
    arguments = ["analyze", str(clip), "--test", "single_leg_stance", "--out", str(tmp_path / "out")]
    code = f"from screener.cli import main; main({arguments!r}); print(open('/proc/self/status').read())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    most_kb = int(re.findall(r"VmHWM:\s+(\d+) kB", done.stdout)[0])
    assert most_kb < 1024 * MAX_MEMORY_MB
    assert report_of(tmp_path / "out").source.width == 7680


def test_5_frames_a_second(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pictures()[::4], rate_hz=5)
    said = not_measured(console, clip)
    assert "5 frames a second" in said.sentence
    assert said.advice == "Film at 30 frames a second."


def test_nobody(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", changed(pictures(STANCE, 0, 20), without_person))
    assert not_measured(console, clip).sentence.endswith("Nobody was found in the picture.")
    assert report_of(tmp_path / "out").quality.warnings == ()


def test_leaving_before_the_hold_is_complete(console: Console, tmp_path: Path) -> None:
    frames = pictures()
    clip = write_clip(tmp_path / "clip.mp4", frames[:20] + changed(frames[20:40], without_person))
    assert "No stance" in not_measured(console, clip).sentence
    assert "not found in 50 % of the frames" in report_of(tmp_path / "out").quality.warnings[0]


@pytest.mark.slow
def test_leaving_after_a_hold_is_measured_up_to_there(console: Console, tmp_path: Path) -> None:
    frames = pictures()
    clip = write_clip(tmp_path / "clip.mp4", frames[:100] + changed(frames[100:], without_person))
    report = measured(console, clip)
    assert shows_the_drop(report)
    assert any("not found in" in warning for warning in report.quality.warnings)
    (result,) = report.tests
    assert result.window is not None
    assert result.window.end_s <= 100 / RATE_HZ


def test_two_people_of_one_size(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", side_by_side(pictures(STANCE, 0, 20), pictures(SQUAT, 0, 20)))
    said = not_measured(console, clip)
    assert said.sentence.startswith("Nothing could be measured: More than one person of about the same size")
    assert report_of(tmp_path / "out").quality.warnings == ()


@pytest.mark.slow
def test_somebody_who_walks_in_is_not_measured(console: Console, tmp_path: Path) -> None:
    frames, others = pictures(STANCE), pictures(SQUAT)
    middles = [*range(720, 450, -9), *range(450, 720, 9)]
    visited = [
        walked_in(rgb, other, middles[number - 40]) if 40 <= number < 40 + len(middles) else rgb
        for number, (rgb, other) in enumerate(zip(frames, others, strict=False))
    ]
    report = measured(console, write_clip(tmp_path / "clip.mp4", visited))
    assert shows_the_drop(report)
    assert any("Somebody else was in the picture" in warning for warning in report.quality.warnings)


def test_seen_from_the_side_where_the_front_is_needed(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pictures(HINGE, 0, 20))
    said = not_measured(console, clip)
    assert said.sentence.endswith("The camera sees the body from the side; this test needs a view from the front or back.")
    assert said.advice.startswith("Place the camera in front of you")


def test_seen_from_the_front_where_the_side_is_needed(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 20))
    said = not_measured(console, clip, "hip_hinge")
    assert said.sentence.endswith("The camera sees the body from the front; this test needs a view from the side.")


def test_upside_down(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", changed(pictures(STANCE, 0, 30), lambda rgb: rgb[::-1, ::-1]))
    assert not_measured(console, clip).sentence.endswith("The picture is upside down.")


@pytest.mark.slow
def test_portrait(console: Console, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", changed(pictures(), lambda rgb: rgb[:, 140:500]))
    report = measured(console, clip)
    assert (report.source.width, report.source.height) == (360, 480)
    assert shows_the_drop(report)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_metadata_is_applied(tmp_path: Path, degrees: int) -> None:
    frames = pictures(STANCE, 0, 3)
    stored = changed(frames, lambda rgb: np.rot90(rgb, degrees // 90))
    clip = turn_by_metadata(write_clip(tmp_path / "clip.mp4", stored), degrees)
    video = VideoFile(clip)
    shown = [frame.rgb for frame in video]
    assert (video.width, video.height) == (640, 480)
    assert [np.abs(a.astype(int) - b).mean() < 4.0 for a, b in zip(shown, frames, strict=True)] == [True] * 3
    assert all(rgb.flags.c_contiguous for rgb in shown)


def test_mirrored_by_metadata(tmp_path: Path) -> None:
    frames = pictures(STANCE, 0, 2)
    clip = write_clip(tmp_path / "clip.mp4", changed(frames, lambda rgb: rgb[:, ::-1]))
    shown = next(iter(VideoFile(turn_by_metadata(clip, "mirrored")))).rgb
    assert np.abs(shown.astype(int) - frames[0]).mean() < 4.0


def test_variable_frame_rate_keeps_the_times_of_the_container(tmp_path: Path) -> None:
    steps = np.random.default_rng(7).choice([0.033, 0.05, 0.083], 39)
    times = [0.0, *np.cumsum(steps)]
    clip = write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 40), times_s=times)
    assert [frame.time_s for frame in VideoFile(clip)] == pytest.approx(times, abs=0.002)


@pytest.mark.slow
def test_variable_frame_rate_is_measured(console: Console, tmp_path: Path) -> None:
    frames = pictures()
    times = np.cumsum(np.random.default_rng(7).choice([0.033, 0.05, 0.083], len(frames)))
    report = measured(console, write_clip(tmp_path / "clip.mp4", frames, times_s=list(times)))
    assert shows_the_drop(report)
    assert report.source.duration_s == pytest.approx(times[-1] - times[0], abs=0.01)
    assert json.loads((tmp_path / "out" / "report.json").read_text())["source"]["frames"] == len(frames)
