"""The whole program against a bare MediaPipe loop, side by side: decode, PoseLandmarker full, nothing else.

Usage: python validation/benchmark.py
Each runs in its own process, in turn; medians and the ratio of wall-clock times are printed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
SAMPLES = Path(__file__).parent.parent / "samples" / "videos"

BARE = """
import os, sys
os.environ["https_proxy"] = "http://127.0.0.1:9"
import av, numpy as np, mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision
from screener.pose.models import PUBLISHED
options = vision.PoseLandmarkerOptions(
    base_options=BaseOptions(model_asset_path=str(PUBLISHED["full"].path)), running_mode=vision.RunningMode.VIDEO)
with vision.PoseLandmarker.create_from_options(options) as landmarker, av.open(sys.argv[1]) as container:
    for frame in container.decode(video=0):
        rgb = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
        landmarker.detect_for_video(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb), round(frame.time * 1000))
"""
DEMO = "from screener.cli import run; run()"


def seconds(code: str, *arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    clip = SAMPLES / "stance_left_drop9.mp4"
    bare, demo = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            bare.append(seconds(BARE, str(clip)))
            demo.append(seconds(DEMO, "demo", "--no-open", "--clip", clip.name, "--out", folder))
    print(f"bare loop: median {statistics.median(bare):.2f} s of {ROUNDS}")
    print(f"demo of the same clip: median {statistics.median(demo):.2f} s")
    print(f"ratio: {statistics.median(d / b for d, b in zip(demo, bare, strict=True)):.2f}")


if __name__ == "__main__":
    main()
