"""How long the core takes for every frame series of a 10-minute recording (18,000 frames).

Usage: python studies/core_speed.py
"""

from __future__ import annotations

import statistics
import time

from helpers import stickman
from screener.kinematics.motion import compute_motion
from screener.kinematics.recording_quality import assess
from screener.kinematics.side_repair import repair_sides
from screener.model.recording import CameraTilt


def main() -> None:
    motion = stickman.leg_squats("left", count=170, drop=6.0, knee_in=10.0)
    for name, camera in (("front", stickman.Camera()), ("side", stickman.Camera(yaw=90))):
        poses = stickman.film(motion, camera, noise_px=0.5)
        assessed = assess(repair_sides(poses), CameraTilt(0.0, 0.0), None)
        times = []
        for _ in range(9):
            start = time.perf_counter()
            compute_motion(assessed.poses, assessed.quality)
            times.append(1000 * (time.perf_counter() - start))
        print(f"{name} view, {len(poses)} frames: median {statistics.median(times):.1f} ms, least {min(times):.1f} ms")


if __name__ == "__main__":
    main()
