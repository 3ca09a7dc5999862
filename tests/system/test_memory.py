"""An hour of video fits into little memory, whatever is in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import bad_clips

ROOT = Path(__file__).parent.parent.parent
LIMIT_MB = 600
HOUR = 108_000
"""Frames of an hour at 30 a second."""

RECORDED = """
import dataclasses, sys
from pathlib import Path
import screener.pose.landmarker, screener.workflow.session, screener.runtime as pipeline
from screener.workflow.output import write_report
from screener.model.recorder import Recorder
from screener.model.recording import Recording
from screener.model.landmarks_file import load_recording
from screener.workflow.screening import rescreen
kept = load_recording(Path(sys.argv[1]))
recorder = Recorder(kept.poses.width, kept.poses.height)
frames = int(sys.argv[3])
for number in range(frames):
    pose = kept.poses.pose(number % len(kept.poses))
    recorder.add(dataclasses.replace(pose, time_s=number / 30))
poses = recorder.hand_over()
pipeline.give_memory_back()
screening = rescreen(Recording(poses, kept.tilt, kept.origin, kept.request))
write_report(screening, Path(sys.argv[2]))
assert len(screening.poses) == frames
(most,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))  # ru_maxrss counts the parent's
print(int(most) // 1024)
"""
WATCHED = """
import sys
from pathlib import Path
from screener.model.recording import Request
from screener.video.file import VideoFile
from screener.workflow.session import Session
def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
with Session(Request(test="single_leg_stance")) as session:
    for number, _ in enumerate(session.watch(VideoFile(Path(sys.argv[1]))), 1):
        if number in (300, 1200):
            print(resident_mb())
"""
HEAPS = """
import sys, threading
from screener.runtime import keep_memory_flat
if sys.argv[1] == "flat":
    keep_memory_flat()
gate, kept = threading.Barrier(17), []
def work():
    kept.append([bytes(1000 + number) for number in range(500)])
    gate.wait(); gate.wait()
for _ in range(16):
    threading.Thread(target=work).start()
gate.wait()
starts = [int(line.split("-")[0], 16) for line in open("/proc/self/maps") if line.split()[-1] == "0"]
gate.wait()
print(len({start for start in starts if start % 2**26 == 0}))  # glibc lays the heaps of threads on multiples of 64 MB
"""


def run(code: str, *arguments: str) -> list[float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [float(line) for line in done.stdout.split()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts the memory as Linux does")
def test_an_hour_is_scored_and_written_in_little_memory(tmp_path: Path) -> None:
    (most_mb,) = run(RECORDED, str(ROOT / "tests" / "golden" / "stance_left_drop9.npz"), str(tmp_path), str(HOUR))
    assert most_mb < LIMIT_MB - 80  # what the closed networks leave behind in a real run


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts the memory as Linux does")
def test_watching_takes_no_more_memory_the_longer_it_lasts(tmp_path: Path) -> None:
    once = bad_clips.pictures()
    clip = bad_clips.write_clip(tmp_path / "long.mp4", (rgb for _ in range(9) for rgb in once))
    early_mb, late_mb = run(WATCHED, str(clip))
    assert late_mb < LIMIT_MB - 130  # the recording of an hour comes on top
    assert late_mb - early_mb < 25


@pytest.mark.skipif(sys.platform != "linux", reason="heaps of threads are the C library's of Linux")
def test_threads_of_a_program_that_runs_for_hours_share_heaps() -> None:
    (each,), (shared,) = run(HEAPS, "usual"), run(HEAPS, "flat")
    assert shared <= 1 < each
