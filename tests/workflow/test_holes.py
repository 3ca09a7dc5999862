"""Times without pictures in a recorded video: nothing is held across them, and the report says so."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only
from helpers.told_poses import watched
from screener.model.pose import Floats
from screener.workflow.holes import HoleFinder

EVEN = np.arange(0.0, 4.0, 1.0 / 30.0)


def found(times_s: Floats) -> HoleFinder:
    finder = HoleFinder()
    for time_s in times_s:
        finder.add(float(time_s))
    return finder


@pytest.mark.parametrize("hole_s", [0.5, 2.0, 3600.0, 1e7])
def test_a_hole_is_found_once(hole_s: float) -> None:
    finder = found(np.concatenate([EVEN, EVEN[-1] + hole_s + EVEN]))
    assert finder.holes == 1
    assert finder.seconds == pytest.approx(hole_s)


@pytest.mark.parametrize("rate_hz", [2.0, 5.0, 15.0, 60.0, 240.0])
def test_the_pace_of_a_video_is_no_hole(rate_hz: float) -> None:
    assert found(np.arange(60) / rate_hz).note == ()


def test_pictures_lost_in_poor_light_are_no_hole() -> None:
    kept = np.random.default_rng(3).random(EVEN.size) > 0.4
    assert found(EVEN[kept]).holes == 0
    assert found(np.concatenate([EVEN, EVEN[-1] + 2.5 * EVEN[1:]])).holes == 0


def test_several_holes_are_added_up() -> None:
    finder = found(np.concatenate([EVEN, 10.0 + EVEN, 20.0 + EVEN]))
    assert finder.note[0].startswith("The video has 2 holes without pictures, 12.1 s together")


@pytest.mark.parametrize(("hole_s", "sure_s"), [(0.0, 5.0), (6.0, 2.5), (3600.0, 2.5), (1e7, 2.5)])
def test_no_hold_runs_across_a_hole(monkeypatch: pytest.MonkeyPatch, hole_s: float, sure_s: float) -> None:
    poses = sm.film(sm.stance("left", 9.0))
    times_s = poses.time_s + np.where(poses.time_s > 4.5, hole_s, 0.0)
    screening = watched(monkeypatch, "single_leg_stance", poses, times_s)
    hold = measure(only(screening), "hold_time_s")
    assert hold.value == pytest.approx(sure_s, abs=0.1)
    assert any("hole without pictures" in warning for warning in screening.report.quality.warnings) is (hole_s > 0)
