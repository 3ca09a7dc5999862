"""A new test is one new file: a made-up one from another folder goes through everything that lists tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import stickman as sm
from helpers.console import Console
from helpers.screened import recording
from screener.accuracy.validate import find_cases
from screener.live.guide import flow
from screener.live.guide.movements import figure_svg, movement, short_screen
from screener.live.language import load_language
from screener.model.landmarks_file import save_recording
from screener.model.results import Grade, Status
from screener.report.page import render_html
from screener.tests_clinical import TESTS, battery, discover
from screener.workflow.screening import rescreen

FILE = """
import numpy as np

from screener.model.pose import Side, View
from screener.model.results import Tier
from screener.model.series import Interval
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, convention
from screener.tests_clinical.guide import Guide, GuideWords, Posture, StickFigure

STANDING = Posture(head=(50, 14), neck=(50, 24), hip=(50, 52), arm=((50, 28), (40, 52)), leg=((46, 52), (44, 96)))


def evaluate(motion, side):
    lean = np.abs(motion.series.trunk_lean_deg)
    window = Interval(float(motion.time_s[0]), float(motion.time_s[-1]))
    value = Value("made_up_lean_deg", float(np.nanmax(lean)), 0.5, reason="the trunk was not seen")
    return Finding(window, (value,), repetitions=(window,), key_moment_s=window.start_s)


TEST = ClinicalTest(
    key="made_up",
    title="Made-up test",
    idea="Stand like a plumb line.",
    views=(View.FRONT, View.BACK),
    sides=(None,),
    instructions=("Stand still.",),
    easy_version="Hold on to a chair.",
    camera="Place the camera in front of you.",
    measures=(
        Measure(
            key="made_up_lean_deg",
            label="Made-up lean",
            unit="deg",
            tier=Tier.EXPLORATORY,
            norm=convention(0.0, 0.1, "deg"),
            phrase="the trunk leaned by {value}",
            column="trunk_lean_deg",
            exercises=("Stand with the back against a wall, 3 times 20 seconds.",),
            names={"de": "Erfundene Neigung"},
        ),
    ),
    evaluate=evaluate,
    guide=Guide(
        repetitions=1,
        short_screen=4,
        figure=StickFigure(start=STANDING, end=STANDING),
        words={
            "de": GuideWords(
                title="Erfundener Test", idea="Gerade stehen.", steps=("Stehen Sie still.",), easier="Am Stuhl."
            )
        },
    ),
)
"""


@pytest.fixture
def made_up(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "made_up.py").write_text(FILE, encoding="utf-8")
    battery.__path__.append(str(folder))
    try:
        discover()
        yield "made_up"
    finally:
        battery.__path__.remove(str(folder))
        sys.modules.pop(f"{battery.__name__}.made_up", None)
        discover()
        assert "made_up" not in TESTS


def test_it_is_screened_and_reported(made_up: str, tmp_path: Path, console: Console) -> None:
    motion = sm.film(sm.stance("left", 1.0, lean=4.0), sm.Camera())
    made = recording(motion, made_up)
    screening = rescreen(made)
    (result,) = screening.report.tests
    assert result.status is Status.SCORED
    assert result.measures[0].grade is Grade.OUTSIDE
    assert "Stand with the back against a wall" in " ".join(screening.report.advice)
    page = render_html(screening.report, [screening.series], [])
    assert "Made-up lean" in page
    save_recording(made, tmp_path / "landmarks.npz")
    said = console("report", str(tmp_path / "landmarks.npz"), "--out", str(tmp_path / "out"))
    assert said.code == 0, said
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_command_line_knows_it(made_up: str, samples: Path, tmp_path: Path, console: Console) -> None:
    assert made_up in console("tests").out
    assert "Made-up lean" in console("norms").out
    video = tmp_path / f"anna_{made_up}.mp4"
    video.symlink_to(samples / "stance_left_stable.mp4")
    said = console("analyze", str(video), "--test", made_up, "--out", str(tmp_path / "out"), "--no-pictures", "--max-fps", "15")
    assert said.code == 0, said
    assert (tmp_path / "out" / "report.json").is_file()
    assert find_cases  # truth tables name no test


def test_the_live_page_offers_it(made_up: str) -> None:
    assert flow.in_order(TESTS)[3] == made_up == short_screen()[3]
    assert movement(made_up).repetitions == 1
    assert "<svg" in figure_svg(made_up, None)
    german = load_language("de")
    assert german.title(made_up) == "Erfundener Test"
    assert german.measure(TESTS[made_up].measures[0].key, "Made-up lean") == "Erfundene Neigung"
    assert load_language("en").steps(made_up, None) == ("Stand still.",)
