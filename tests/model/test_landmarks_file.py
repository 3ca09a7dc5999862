from __future__ import annotations

import threading
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import recording
from screener.model.landmarks_file import load_recording, save_recording
from screener.model.pose import Pose, PoseSequence
from screener.model.recorder import Recorder
from screener.model.recording import CameraTilt
from screener.workflow.screening import rescreen


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    poses = sm.film(sm.stance("left", 8.0), noise_px=0.5)
    kept = recording(poses, "single_leg_stance", tilt=CameraTilt(2.0, float("nan")))
    save_recording(kept, tmp_path / "landmarks.npz")
    back = load_recording(tmp_path / "landmarks.npz")
    for field in fields(PoseSequence):
        assert np.array_equal(getattr(back.poses, field.name), getattr(poses, field.name), equal_nan=True)
    assert (back.request, back.origin) == (kept.request, kept.origin)
    assert back.tilt.roll_deg == 2.0
    assert np.isnan(back.tilt.pitch_deg)
    again, first = rescreen(back).report, rescreen(kept).report
    assert again.model_dump(exclude={"created_at"}) == first.model_dump(exclude={"created_at"})


def test_a_file_from_before_the_hem_was_looked_at_is_read(tmp_path: Path) -> None:
    kept = recording(sm.film(sm.stance("left", 8.0)), "single_leg_stance")
    save_recording(kept, tmp_path / "new.npz")
    with np.load(tmp_path / "new.npz") as stored:
        np.savez(tmp_path / "old.npz", **{name: stored[name] for name in stored.files if not name.startswith("hem_")})
    back = load_recording(tmp_path / "old.npz").poses
    for array in (back.hem_step, back.hem_contrast):
        assert np.isnan(array).all()
        assert array.shape == back.time_s.shape


def test_the_recorder_grows_and_filters_nothing() -> None:
    poses = sm.film(sm.Motion(sm.times(40.0)), noise_px=1.0)
    recorder = Recorder(poses.width, poses.height)
    for frame in range(len(poses)):
        recorder.add(poses.pose(frame))
    copied = recorder.sequence()
    assert len(copied) == len(poses) == 1200
    for field in fields(PoseSequence):
        kept, given = getattr(copied, field.name), getattr(poses, field.name)
        assert np.array_equal(kept, np.asarray(given, np.asarray(kept).dtype), equal_nan=True)
    assert copied.pixels.dtype == copied.time_s.dtype == np.float64
    assert recorder.latest().time_s.tolist() == [poses.time_s[-1]]


def test_time_only_moves_forward() -> None:
    poses = sm.film(sm.Motion(sm.times(1.0)))
    recorder = Recorder(640, 480)
    recorder.add(poses.pose(3))
    with pytest.raises(ValueError, match="not later"):
        recorder.add(poses.pose(3))


def test_a_recording_handed_over_is_the_copy_and_leaves_nothing() -> None:
    poses = sm.film(sm.Motion(sm.times(40.0)), noise_px=1.0)
    recorder = Recorder(poses.width, poses.height)
    for frame in range(len(poses)):
        recorder.add(poses.pose(frame))
    copied, handed = recorder.sequence(), recorder.hand_over()
    for field in fields(PoseSequence):
        assert np.array_equal(getattr(copied, field.name), getattr(handed, field.name), equal_nan=True)
    assert len(recorder) == 0
    assert len(recorder.sequence()) == 0
    recorder.add(poses.pose(0))
    assert len(recorder) == 1


def test_a_copy_is_whole_while_another_thread_records_on() -> None:
    recorder, wrong = Recorder(640, 480), []
    enough = threading.Event()

    def add() -> None:
        for number in range(4000):
            recorder.add(Pose.missing(number / 30.0))
        enough.set()

    thread = threading.Thread(target=add)
    thread.start()
    while not enough.is_set():
        for copy in (recorder.sequence(), recorder.latest()):
            if len(copy.brightness) != len(copy.time_s):
                wrong.append(len(copy))
    thread.join()
    assert not wrong
    assert len(recorder.sequence()) == 4000
