"""A test recorded with the camera of the device, in a browser whose camera plays a bundled clip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from sqlalchemy import select

from helpers.station_served import Served, faults, sign_in
from screener.model.results import Status
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.measuring.incoming import incoming_folder
from screener.station.storage.tables import StoredRecording
from screener.video.file import VideoFile

pytestmark = pytest.mark.slow
MEASURING_MS = 240_000


@pytest.fixture(scope="module")
def with_camera(playwright: Any, chromium_path: str, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser whose camera plays a clip over and over."""
    played = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    with played.open("wb") as file:
        for frame in VideoFile(samples / "stance_left_stable.mp4"):
            file.write(cv2.imencode(".jpg", frame.rgb[..., ::-1])[1].tobytes())
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={played}",
    ]
    browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox", *camera])
    yield browser
    browser.close()


@pytest.fixture
def visit(peopled: Served, with_camera: Any) -> Iterator[tuple[Any, int]]:
    """The page of a visit."""
    context = with_camera.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, peopled, "clinician")
    page.goto(f"{peopled.address}/visits/{peopled.visit_ids[0]}")
    page.locator("[name=side]").select_option("left")
    yield page, peopled.visit_ids[0]
    context.close()


def newest(served: Served) -> StoredRecording:
    with served.database.transaction() as session:
        found = session.scalar(select(StoredRecording).order_by(StoredRecording.id.desc()).limit(1))
        assert found is not None
        return found


def start(page: Any, keep: str = "") -> None:
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Start").click()
    page.locator(".count", has_text="●").wait_for(timeout=15_000)
    if keep:
        page.wait_for_timeout(2000)
        page.screenshot(path=Path(keep) / "camera.png")


def test_what_the_camera_recorded_is_measured_and_deleted(peopled: Served, visit: tuple[Any, int]) -> None:
    page, number = visit
    start(page, os.environ.get("SCREENS", ""))
    assert not faults(page)
    page.wait_for_timeout(9000)
    page.get_by_role("button", name="Finish and measure").click()
    page.wait_for_url("**said=imported", timeout=MEASURING_MS)
    recorded = newest(peopled)
    assert recorded.visit_id == number
    with begin(peopled.database, COMMAND_LINE) as work:
        report = recordings.report_of(work, recorded.id)
    assert report.source.frames > 100
    assert report.quality.found_fraction > 0.9
    assert {test.key for test in report.tests} == {"single_leg_stance"}
    assert not list(incoming_folder(peopled.database).iterdir())


def test_a_stopped_test_is_stored_as_stopped(peopled: Served, visit: tuple[Any, int]) -> None:
    page, _number = visit
    start(page)
    page.wait_for_timeout(2500)
    page.keyboard.press("Escape")
    page.wait_for_url("**said=imported", timeout=MEASURING_MS)
    with begin(peopled.database, COMMAND_LINE) as work:
        report = recordings.report_of(work, newest(peopled).id)
    assert {test.status for test in report.tests} == {Status.STOPPED}
