"""Pictures that repeat the one before are no frames; still scenes, noise and strong compression are not taken for them."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from helpers import stickman as sm
from helpers.bad_clips import STANCE, Picture, pictures, write_clip
from helpers.told_poses import ToldPoses, watched
from screener.model.picture import Frame
from screener.model.pose import Floats
from screener.video.file import VideoFile
from screener.video.repeats import Changes, repeated
from screener.workflow import session as program


def seen(frames: list[Picture], rate_hz: float) -> Changes:
    changes = Changes()
    for number, rgb in enumerate(frames):
        changes.add(Frame(number / rate_hz, rgb))
    return changes


def room(count: int, step_px: float, noise: float = 0.0) -> list[Picture]:
    """A bright block that swings before a wall, as a sensor with some noise sees it; (120, 160) pixels."""
    random = np.random.default_rng(5)
    wall = np.full((120, 160, 3), 90.0)
    frames = []
    for number in range(count):
        rgb = wall.copy()
        left = 60 + round(40 * np.sin(step_px * number / 40.0))
        rgb[30:90, left : left + 20] = 200.0
        frames.append(np.clip(rgb + noise * random.standard_normal(rgb.shape), 0, 255).astype(np.uint8))
    return frames


def padded(frames: list[Picture], from_hz: float, to_hz: float) -> list[Picture]:
    """Each picture repeated until the next one comes."""
    count = int(len(frames) * to_hz / from_hz)
    return [frames[int(number * from_hz / to_hz + 1e-9)] for number in range(count)]


def new_per_second(path: Path) -> float:
    video = VideoFile(path)
    times_s = np.array([frame.time_s for frame in video])
    return float((len(times_s) - len(video.changes.repeated_times()) - 1) / times_s[-1])


@pytest.mark.parametrize(("from_hz", "to_hz"), [(7.0, 30.0), (10.0, 30.0), (10.0, 24.0), (20.0, 60.0), (12.0, 25.0)])
@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_padding_is_taken_out(from_hz: float, to_hz: float, noise: float) -> None:
    changes = seen(padded(room(60, 6.0 * 20.0 / from_hz, noise), from_hz, to_hz), to_hz)
    count = int(60 * to_hz / from_hz)
    assert count - len(changes.repeated_times()) == pytest.approx(60, abs=6)


def test_fewer_than_five_a_second_are_far_too_few_all_the_same() -> None:
    frames = padded(room(60, 24.0), 5.0, 30.0)
    assert (len(frames) - len(seen(frames, 30.0).repeated_times())) / 12.0 < 8.0


@pytest.mark.parametrize("rate_hz", [15.0, 30.0, 60.0, 240.0])
@pytest.mark.parametrize(("step_px", "noise"), [(0.0, 0.0), (0.0, 1.0), (0.0, 4.0), (0.3, 1.0), (3.0, 0.0), (3.0, 4.0)])
def test_what_is_filmed_is_left_alone(rate_hz: float, step_px: float, noise: float) -> None:
    assert len(seen(room(120, step_px, noise), rate_hz).repeated_times()) == 0


def test_one_who_moves_now_and_then_is_left_alone() -> None:
    moving = room(12, 5.0)
    assert len(seen([rgb for _ in range(8) for rgb in (*moving, *moving[-1:] * 20)], 30.0).repeated_times()) == 0


def test_key_pictures_that_refresh_a_still_scene_are_no_rate() -> None:
    change = np.where(np.arange(300) % 12 == 0, 1.0, 0.0)
    assert not repeated(change, np.arange(300) / 25.0).any()


def test_too_few_pictures_say_nothing() -> None:
    assert not repeated(np.zeros(300), np.arange(300) / 25.0).any()
    assert len(seen(padded(room(6, 6.0), 7.0, 30.0), 30.0).repeated_times()) == 0
    assert len(seen([], 30.0).repeated_times()) == 0


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi"])
def test_a_lossy_encoder_hides_no_padding(tmp_path: Path, ending: str) -> None:
    few = pictures(STANCE)[::3]
    clip = write_clip(tmp_path / f"clip.{ending}", padded(few, 20 / 3, 30.0), rate_hz=30, keyframe_every=60, held_back=2)
    assert new_per_second(clip) == pytest.approx(20 / 3, abs=2.0)


@pytest.mark.parametrize(("crf", "noise"), [(23, 0.0), (23, 4.0), (33, 4.0), (40, 4.0)])
def test_a_lossy_encoder_makes_no_padding(tmp_path: Path, crf: int, noise: float) -> None:
    random = np.random.default_rng(1)
    clip = tmp_path / "clip.mp4"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.options = {"crf": str(crf)}
        for rgb in pictures(STANCE):
            small = cv2.resize(rgb, (320, 240), interpolation=cv2.INTER_AREA)
            noisy = np.clip(small + noise * random.standard_normal(small.shape), 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, format="rgb24")))
        container.mux(stream.encode(None))
    assert new_per_second(clip) == pytest.approx(20.0)


@pytest.mark.parametrize(("every", "scored"), [(1, True), (5, False)])
def test_the_rate_of_a_recording_is_that_of_its_new_pictures(monkeypatch: pytest.MonkeyPatch, every: int, scored: bool) -> None:
    poses = sm.film(sm.stance("left", 9.0))
    old: Floats = poses.time_s[np.arange(len(poses)) % every != 0]
    screening = watched(monkeypatch, "single_leg_stance", poses, poses.time_s, left_out=old)
    assert screening.report.quality.fps == pytest.approx(30.0 / every, rel=0.01)
    assert (screening.report.tests[0].status == "scored") is scored


def test_a_padded_file_is_refused_as_the_slow_one_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = padded(pictures(STANCE)[::3], 20 / 3, 30.0)
    clip = write_clip(tmp_path / "clip.mp4", frames, rate_hz=30, keyframe_every=60)
    poses = sm.film(sm.stance("left", 9.0, seconds=len(frames) / 30.0))
    monkeypatch.setattr(program, "PoseFinder", lambda *_args, **_more: ToldPoses(poses, poses.time_s))
    request = program.Request(test="single_leg_stance")
    screening = program.screen(clip, request, pictures=False, threads=1)
    report = screening.report
    assert report.tests[0].status == "not_assessed"
    assert "frames a second; angles over time need at least 15" in (report.tests[0].reason or "")
    assert report.source.frames == len(screening.recording.poses)
    assert 5.0 < report.source.fps < 15.0
    assert report.source.bits_per_pixel is not None
    assert any("of the pictures only repeat the one before" in warning for warning in report.quality.warnings)
