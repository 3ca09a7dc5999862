"""The replay: the skeleton as numbers, the one script of the page, and both in a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.page_reading import parse_page
from helpers.screened import screened
from screener.model.pose import Landmark
from screener.model.results import Span
from screener.report.drawing.replay import POINTS, RATE_HZ, UNITS, replay_json
from screener.report.page import render_html, script_hash
from screener.workflow.screening import Screening

WINDOW = Span(start_s=3.0, end_s=7.0)


def stance() -> Screening:
    return screened(sm.film(sm.stance("left", 8.0), noise_px=0.2), "single_leg_stance", "left")


def data_of(screening: Screening, window: Span = WINDOW) -> dict[str, Any]:
    (test,) = screening.report.tests
    return dict(json.loads(replay_json(test, screening.poses, screening.series, screening.report.quality, window)))


def page_of(screening: Screening) -> str:
    return render_html(screening.report, [screening.series], [], poses=[screening.poses])


def test_the_skeleton_is_that_of_the_window_and_fits_the_drawing() -> None:
    data = data_of(stance())
    assert 300 <= data["t"][0] <= 303
    assert 696 <= data["t"][-1] <= 700
    assert np.diff(data["t"]).min() >= 100 / RATE_HZ - 1
    points = np.array(data["p"], dtype=float)
    assert points.shape == (len(data["t"]), 2 * len(POINTS))
    assert points.min() >= 0
    assert points.max() <= UNITS
    nose, ankle = (2 * POINTS.index(mark) + 1 for mark in (Landmark.NOSE, Landmark.LEFT_ANKLE))
    assert (points[:, nose] < points[:, ankle]).all()


def test_the_pelvis_turns_as_it_was_measured() -> None:
    """Seen from the front the person's right is left on the picture: a right hip that sinks turns it against the clock."""
    assert np.median(data_of(stance())["pelvis"]) == pytest.approx(-80.0, abs=8.0)


def test_what_was_not_seen_is_null_and_nobody_is_nothing() -> None:
    screening = stance()
    visibility = screening.poses.visibility.copy()
    visibility[:, Landmark.LEFT_WRIST] = 0.1
    hidden = replace(screening, poses=replace(screening.poses, visibility=visibility))
    wrist = 2 * POINTS.index(Landmark.LEFT_WRIST)
    assert all(pose[wrist] is None for pose in data_of(hidden)["p"])
    blind = replace(screening, poses=replace(screening.poses, visibility=visibility * 0))
    (test,) = blind.report.tests
    assert replay_json(test, blind.poses, blind.series, blind.report.quality, WINDOW) == ""
    assert "<script" not in page_of(blind)


def test_the_one_script_is_named_by_its_hash_and_no_other_may_run() -> None:
    html = page_of(stance())
    page = parse_page(html)
    assert {one.attributes.get("type") for one in page.all("script")} == {"application/json", None}
    assert len(page.all("script")) == 2
    text = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert script_hash() == f"'sha256-{digest}'"
    (policy,) = [node for node in page.all("meta") if node.attributes.get("http-equiv")]
    assert policy.attributes["content"].endswith(f"script-src 'sha256-{digest}'")
    for word in ("fetch", "XMLHttpRequest", "eval(", "innerHTML", "http"):
        assert word not in text


def test_thirty_seconds_stay_small() -> None:
    (test,) = stance().report.tests
    screening = screened(sm.film(sm.Motion(sm.times(30.0))), "quiet_stance")
    whole = Span(start_s=0.0, end_s=30.0)
    assert len(replay_json(test, screening.poses, screening.series, screening.report.quality, whole)) < 300_000


@pytest.mark.slow
def test_slider_button_and_curve_move_the_skeleton_in_a_browser(tmp_path: Path, chromium: Any) -> None:
    (tmp_path / "report.html").write_text(page_of(stance()), encoding="utf-8")
    faults: list[str] = []
    page = chromium.new_page(viewport={"width": 1100, "height": 900}, offline=True)
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((tmp_path / "report.html").as_uri())
    page.get_by_text("Replay and curves").click()
    figure = page.locator(".replay")
    figure.wait_for()
    canvas = "document.querySelector('.replay canvas').toDataURL()"
    slider = figure.get_by_role("slider")
    first, last = (int(slider.get_attribute(name)) for name in ("min", "max"))
    slider.fill(str(first))
    before = page.evaluate(canvas)
    figure.get_by_role("button", name="Play").click()
    page.wait_for_timeout(700)
    figure.get_by_role("button", name="Stop").click()
    assert int(slider.input_value()) > first + 30
    assert page.evaluate(canvas) != before
    box = page.locator(".curve-plot").first.bounding_box()
    page.mouse.move(box["x"] + 0.985 * box["width"], box["y"] + 60)
    assert int(slider.input_value()) == pytest.approx(last, abs=8)
    page.close()
    assert faults == []
