"""Screenings, clocks and settings that the tests of the station share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import numpy as np

from screener.model.landmarks_file import load_recording
from screener.model.picture import KeyPicture
from screener.station.settings import ArgonCost, StationSettings
from screener.workflow.screening import Screening, rescreen

PASSPHRASE = "four words of a test"
CHEAP = StationSettings(password_cost=ArgonCost(8, 1, 1), key_costs=(ArgonCost(8, 1, 1),), readers_wait_s=0.3)
GOLDEN = Path(__file__).parent.parent / "golden"


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.passed = timedelta()

    def __call__(self) -> datetime:
        return self.time

    def elapsed(self) -> timedelta:
        return self.passed

    def turn(self, **ahead: float) -> None:
        self.time += timedelta(**ahead)
        self.passed += timedelta(**ahead)

    def set_back(self, **by: float) -> None:
        """Change what it shows; no time passes."""
        self.time -= timedelta(**by)


def screening_of(side: str) -> Screening:
    """A single-leg stance on one leg, with a grey picture of the key moment."""
    name = {"left": "stance_left_drop9", "right": "stance_right_drop12"}[side]
    found = rescreen(load_recording(GOLDEN / f"{name}.npz"))
    test = found.report.tests[0]
    poses = found.poses
    index = len(poses) // 2
    rgb = np.full((poses.height, poses.width, 3), 128, np.uint8)
    picture = KeyPicture(test.key, test.side, float(poses.time_s[index]), rgb, poses.pose(index), "The key moment.")
    return replace(found, pictures=(picture,))


def run_together(*jobs: Callable[[], None]) -> None:
    """Run each in a thread of its own, and wait for all."""
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
