"""How long the core takes for every frame series of a 10-minute recording (18,000 frames).

Usage: python validation/core_speed.py
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import stickman
from screener.pose.identity import repair_sides
from screener.pose.quality import assess
from screener.pose.scene import CameraTilt
from screener.tests_clinical.series import analyse


def main() -> None:
    motion = stickman.leg_squats("left", count=170, drop=6.0, knee_in=10.0)
    for name, camera in (("front", stickman.Camera()), ("side", stickman.Camera(yaw=90))):
        poses = stickman.film(motion, camera, noise_px=0.5)
        assessed = assess(repair_sides(poses), CameraTilt(0.0, 0.0), None)
        times = []
        for _ in range(9):
            start = time.perf_counter()
            analyse(assessed.poses, assessed.quality)
            times.append(1000 * (time.perf_counter() - start))
        print(f"{name} view, {len(poses)} frames: median {statistics.median(times):.1f} ms, least {min(times):.1f} ms")


if __name__ == "__main__":
    main()
