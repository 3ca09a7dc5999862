"""`--from` and `--to`: only a part of a video, or of its landmarks, is looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.console import Console
from screener.model.landmarks_file import load_recording
from screener.video.file import Pace

GOLDEN = Path(__file__).parent / "golden"
STANCE = GOLDEN / "stance_left_drop9.npz"


@pytest.mark.parametrize(
    ("pace", "inside", "outside"),
    [
        (Pace(from_s=2.0), [2.0, 9.0], [0.0, 1.99]),
        (Pace(to_s=5.0), [0.0, 5.0], [5.01]),
        (Pace(from_s=2.0, to_s=5.0), [2.0, 3.0, 5.0], [1.99, 5.01]),
        (Pace(), [0.0, 100.0], []),
    ],
)
def test_a_pace_covers_its_part(pace: Pace, inside: list[float], outside: list[float]) -> None:
    assert all(pace.covers(time_s) and pace.wants(0, -1.0, time_s) for time_s in inside)
    assert not any(pace.covers(time_s) or pace.wants(0, -1.0, time_s) for time_s in outside)


def test_the_report_names_the_part() -> None:
    assert Pace(from_s=2.0, to_s=5.5).note == ("Only part of the video was analyzed: from 2 s to 5.5 s.",)
    assert Pace(to_s=5.5).note == ("Only part of the video was analyzed: from 0 s to 5.5 s.",)
    assert Pace(from_s=2.0).note == ("Only part of the video was analyzed: from 2 s to its end.",)
    assert Pace().note == ()
    assert len(Pace(every=2, from_s=2.0).note) == 2


def test_a_report_of_landmarks_can_leave_out_begin_and_end(console: Console, tmp_path: Path) -> None:
    said = console("report", str(STANCE), "--from", "0.5", "--to", "4.5", "--out", str(tmp_path))
    assert said.code == 0, said.err
    report = json.loads((tmp_path / "report.json").read_text())
    held = next(one for one in report["tests"][0]["measures"] if one["key"] == "hold_time_s")
    assert held["value"] == pytest.approx(4.5 - 1.35, abs=0.15)
    assert "at least" in held["statement"]
    times = load_recording(tmp_path / "landmarks.npz").poses.time_s
    assert (times[0], times[-1]) == (pytest.approx(0.5), pytest.approx(4.5))


def test_a_part_that_is_none_is_wrong_use(console: Console, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path))
    console("report", str(STANCE), "--from", "5", "--to", "5", *out).require(2, "--to 5 is not after --from 5.")
    console("report", str(STANCE), "--from", "90", *out).require(2, "The recording has no pictures between --from and --to.")
    two = console("report", str(STANCE), str(STANCE), "--from", "1", *out)
    two.require(2, "--from and --to need one recorded video.")
