"""Speed of the program against a bare MediaPipe loop with the official bundle, and of a batch on one and two processes.

Usage: python studies/benchmark.py [--rounds N] [--write docs]
All run in one go, each round all of them in turn on the same clips, each in a process of its own. Frames a second of the work
itself (imports and the opening of the networks are timed apart); medians over the rounds; ratios are taken within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples" / "videos"
CLIPS = ("stance_left_drop9.mp4", "slsquat_left_valgus16.mp4", "stance_left_stable.mp4")
TESTS = {"stance": "single_leg_stance", "slsquat": "single_leg_squat"}
COPIES = 8
"""Copies of each clip for the batch: as many as keep the start of its processes small against the work."""

BARE = """
import json, os, sys, time
os.environ["https_proxy"] = "http://127.0.0.1:9"
import av, numpy as np, mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision
frames = seconds = 0
for clip in sys.argv[2:]:
    base = BaseOptions(model_asset_path=sys.argv[1])
    options = vision.PoseLandmarkerOptions(base_options=base, running_mode=vision.RunningMode.VIDEO)
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        start = time.perf_counter()
        with av.open(clip) as container:
            container.streams.video[0].thread_type = "AUTO"
            for frame in container.decode(video=0):
                rgb = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
                landmarker.detect_for_video(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb), round(frame.time * 1000))
                frames += 1
        seconds += time.perf_counter() - start
print(json.dumps([frames, seconds]))
"""
ANALYZE = """
import json, sys, time
from pathlib import Path
from screener.workflow.output import OutputOptions, write_report
from screener.pose.finder import PoseFinder
from screener.model.recording import Request
from screener.pose.surface import SurfaceReading
from screener.workflow.session import Session, screen
import scipy.ndimage, scipy.signal
import screener.pose.finder
everything, out = sys.argv[1] == "everything", Path(sys.argv[2])
if not everything:
    class NoSurface:
        def update(self, rgb, pixels, time_s):
            return SurfaceReading(float("nan"), 0, float("nan"), 0)
    screener.pose.finder.SurfaceTracker = NoSurface
frames = seconds = 0
for clip, test in zip(sys.argv[3::2], sys.argv[4::2]):
    opened = []
    make = Session.__init__
    def timed(self, *given, **named):
        begin = time.perf_counter(); make(self, *given, **named); opened.append(time.perf_counter() - begin)
    Session.__init__ = timed
    start = time.perf_counter()
    screening = screen(Path(clip), Request(test=test), pictures=everything)
    write_report(screening, out, OutputOptions(Path(clip) if everything else None))
    seconds += time.perf_counter() - start - sum(opened)
    Session.__init__ = make
    frames += len(screening.poses)
print(json.dumps([frames, seconds]))
"""
RUN = "from screener.cli import run; run()"


@dataclass(frozen=True)
class Way:
    """One way to do the work: how it is called, and what runs it and gives frames and seconds."""

    name: str
    run: Callable[[], tuple[int, float]]


def test_of(clip: str) -> str:
    return TESTS[clip.split("_")[0]]


def child(code: str, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def bare() -> tuple[int, float]:
    model = ROOT / "screener" / "pose" / "models" / "pose_landmarker_full.task"
    frames, seconds = json.loads(child(BARE, str(model), *(str(SAMPLES / clip) for clip in CLIPS)).splitlines()[-1])
    return frames, seconds


def analyze(kind: str) -> tuple[int, float]:
    pairs = [part for clip in CLIPS for part in (str(SAMPLES / clip), test_of(clip))]
    with tempfile.TemporaryDirectory() as folder:
        frames, seconds = json.loads(child(ANALYZE, kind, folder, *pairs).splitlines()[-1])
    return frames, seconds


def batch(workers: int) -> tuple[int, float]:
    """Frames of all clips over the time from the first to the last of the whole command, its start included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for clip in CLIPS:
            data = (SAMPLES / clip).read_bytes()
            for copy in range(COPIES):  # bytes behind the end make another file of it, and change no picture
                tail = b"\0\0\0\x0cfree" + copy.to_bytes(4, "big")
                (folder / "in" / f"{test_of(clip)}_{Path(clip).stem}_{copy}.mp4").write_bytes(data + tail)
        start = time.perf_counter()
        child(RUN, "batch", str(folder / "in"), "--out", str(folder / "out"), "--workers", str(workers), "--no-pictures")
        seconds = time.perf_counter() - start
        reports = [json.loads(path.read_text()) for path in (folder / "out").glob("clips/*/report.json")]
        assert len(reports) == COPIES * len(CLIPS)
        shutil.rmtree(folder / "out")
    return sum(report["source"]["frames"] for report in reports), seconds


WAYS = (
    Way("bare PoseLandmarker loop, official bundle", bare),
    Way("analyze, surface tracking and overlay off", lambda: analyze("lean")),
    Way("analyze, surface tracking, pictures, overlay.mp4", lambda: analyze("everything")),
    Way("batch --workers 1", lambda: batch(1)),
    Way("batch --workers 2", lambda: batch(2)),
)


def measure(rounds: int) -> dict[str, list[float]]:
    """Return frames a second of every way, one number a round."""
    rates: dict[str, list[float]] = {way.name: [] for way in WAYS}
    for number in range(rounds):
        for way in WAYS:
            frames, seconds = way.run()
            rates[way.name].append(frames / seconds)
            load = os.getloadavg()[0]
            print(f"round {number + 1}  {way.name}: {frames / seconds:.1f} frames a second (load {load:.1f})", flush=True)
    return rates


def ratios(rates: dict[str, list[float]], of: int, over: int) -> list[float]:
    names = [way.name for way in WAYS]
    return [a / b for a, b in zip(rates[names[of]], rates[names[over]], strict=True)]


def table(rates: dict[str, list[float]]) -> str:
    lines = ["| | frames a second, median | least to most | times the bare loop |", "|---|---|---|---|"]
    for number, way in enumerate(WAYS):
        found = rates[way.name]
        times = statistics.median(ratios(rates, number, 0))
        lines.append(f"| {way.name} | {statistics.median(found):.1f} | {min(found):.1f} to {max(found):.1f} | {times:.2f} |")
    two = ratios(rates, 4, 3)
    lines += ["", f"Two processes against one: {statistics.median(two):.2f} ({min(two):.2f} to {max(two):.2f})."]
    return "\n".join(lines)


def plot(rates: dict[str, list[float]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3))
    axes = figure.add_subplot()
    names = [way.name for way in WAYS][::-1]
    for row, name in enumerate(names):
        axes.barh(row, statistics.median(rates[name]), color="#9aa7b2" if "bare" in name else "#14507a", height=0.6)
        axes.scatter(rates[name], [row] * len(rates[name]), color="#1b2733", s=10, zorder=3)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("frames a second (bar: median; dots: rounds)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path, help="folder for speed.svg and the raw numbers")
    options = parser.parse_args()
    rates = measure(options.rounds)
    print(f"\n{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {options.rounds} rounds\n")
    print(table(rates))
    if options.write:
        plot(rates, options.write / "speed.svg")
        (options.write / "speed.json").write_text(json.dumps(rates, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
