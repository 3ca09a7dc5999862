"""The page in a real browser, with a clip in place of the camera."""

from __future__ import annotations

import csv
import json
import os
import signal
import statistics
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from helpers.live_program import Running, Start
from helpers.live_walker import Walker
from helpers.network_camera import NetworkCamera
from helpers.system_calls import CALLS, leaks
from screener.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent.parent
STANCE, HINGE = "single_leg_stance", "hip_hinge"
SERIOUS = {"serious", "critical"}


def faults_of(walker: Walker) -> list[str]:
    """Serious accessibility faults of what is shown now."""
    found = Axe().run(walker.page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for fault in found
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


def require_local(walker: Walker, running: Running) -> None:
    """Nothing was asked of any other place, and nothing went wrong in the page."""
    home = (f"{running.origin}/", f"ws://127.0.0.1:{running.port}/", "blob:", "data:")
    assert walker.requests
    assert [url for url in walker.requests if not url.startswith(home)] == []
    assert walker.faults == []


def same_again(folder: Path, tmp_path: Path) -> dict[str, Any]:
    """Report of a folder; `screener report` of its landmarks must give the same numbers."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    landmarks = [str(path) for path in sorted(folder.glob("landmarks*.npz"))]
    assert main(["report", *landmarks, "--out", str(tmp_path / "again")]) in (0, 3)
    again = json.loads((tmp_path / "again/report.json").read_text(encoding="utf-8"))
    differing = {key for key in report if report[key] != again[key]}
    assert differing <= {"created_at"}
    return report


def test_a_stance_on_each_leg_from_the_stop_list_to_the_report(
    start: Start, chromium: Any, samples: Path, tmp_path: Path
) -> None:
    running = start(samples / "stance_left_drop9.mp4")
    walker = Walker(chromium, running.address)
    assert "token" not in walker.page.url
    assert walker.page.inner_text(".stop-list").index("Emergency") < walker.page.inner_text(".stop-list").index("See someone")
    assert "does not diagnose, treat or rule out any condition" in walker.words
    seen = {"safety": faults_of(walker)}
    walker.page.click("#panel .primary", force=True)  # not before every line is ticked
    time.sleep(0.5)
    assert walker.stage == "safety"
    walker.to_camera(STANCE)
    seen["camera"] = faults_of(walker)
    walker.wait("example")
    seen["example"] = faults_of(walker)
    walker.forward()
    walker.wait("countdown")
    seen["countdown"] = faults_of(walker)
    walker.wait("test")
    walker.page.wait_for_selector("#gauge[data-state=beyond]", timeout=20_000)
    assert "beyond the guide line" in walker.page.inner_text("#gauge")
    assert "°" in walker.page.inner_text("#gauge-text")
    seen["test"] = faults_of(walker)
    walker.wait("result", 40)
    assert "The pelvis lowered on the lifted side" in walker.words
    assert walker.page.get_attribute(".worst img", "src").startswith("data:image/jpeg")
    seen["result"] = faults_of(walker)
    walker.forward()
    walker.wait("camera")
    assert "right leg" in walker.page.inner_text("#heading")
    walker.to_test()
    walker.forward()  # "I am done": nobody stood on the right leg in this clip
    walker.wait("result")
    assert "This could not be measured" in walker.words
    walker.forward()
    walker.wait("report")
    seen["report"] = faults_of(walker)
    assert {stage: faults for stage, faults in seen.items() if faults} == {}
    with walker.context.expect_page() as opened:
        walker.page.click("text=Read the whole report")
    assert "The pelvis lowered on the lifted side" in opened.value.inner_text("body")
    require_local(walker, running)
    walker.close()
    (folder,) = running.folder.iterdir()
    apart = ("01-single_leg_stance-left", "02-single_leg_stance-right")
    assert {"report.html", "report.json", "landmarks-1.npz", "landmarks-2.npz", *apart} <= {
        one.name for one in folder.iterdir()
    }
    same_again(folder, tmp_path)
    left = same_again(folder / "01-single_leg_stance-left", tmp_path)
    drop = next(measure for measure in left["tests"][0]["measures"] if measure["key"] == "pelvic_drop_deg")
    assert drop["value"] == pytest.approx(9.0, abs=2.0)
    assert drop["grade"] == "outside"
    assert left["source"]["file"] == "camera"
    same_again(folder / "02-single_leg_stance-right", tmp_path)
    assert "Ended" in running.end()


def test_hinges_are_counted_until_the_set_is_complete(start: Start, chromium: Any, samples: Path, tmp_path: Path) -> None:
    running = start(samples / "hinge_neutral.mp4")
    walker = Walker(chromium, running.address)
    walker.to_camera(HINGE)
    walker.to_test()
    walker.page.wait_for_function("/^[3-9]/.test(document.getElementById('big').textContent)", timeout=30_000)
    walker.wait("result", 60)
    walker.forward()
    walker.wait("report")
    require_local(walker, running)
    walker.close()
    (folder,) = running.folder.iterdir()
    report = same_again(folder / "01-hip_hinge", tmp_path)
    assert len(report["tests"][0]["repetitions"]) >= 5
    with (folder / "01-hip_hinge/timeseries.csv").open(encoding="utf-8") as file:
        times = [float(row["time_s"]) for row in csv.DictReader(file)]
    assert 1.0 / statistics.median(after - before for before, after in pairwise(times)) >= 19.5  # the clip's own 20


def test_keys_alone_lead_to_the_report_and_stop_at_any_time(start: Start, chromium: Any, samples: Path) -> None:
    running = start(samples / "stance_left_stable.mp4")
    walker = Walker(chromium, running.address)
    keys = walker.page.keyboard
    walker.wait("safety")
    for _line in range(6):
        keys.press("Space")
        keys.press("ArrowDown")
    walker.page.wait_for_selector("#panel .primary[aria-disabled=false]")
    keys.press("Space")
    walker.wait("choose")
    walker.page.wait_for_selector("#panel .primary:focus")
    keys.press("Space")
    walker.wait("camera")
    walker.wait("example")
    keys.press("Space")
    walker.wait("baseline")
    walker.wait("test", 60)
    keys.press("Escape")
    walker.wait("result")
    assert "Stopped. Nothing is scored." in walker.words
    for _button in range(2):
        keys.press("ArrowRight")
    keys.press("Space")
    walker.wait("report")
    walker.close()
    (folder,) = running.folder.iterdir()
    (stopped,) = [path for path in folder.iterdir() if path.is_dir()]
    report = json.loads((stopped / "report.json").read_text(encoding="utf-8"))
    (result,) = report["tests"]
    assert (result["status"], result["score"], report["score"]["possible"]) == ("stopped", None, 0)


def test_a_reload_in_the_middle_of_a_test_loses_nothing(start: Start, chromium: Any, samples: Path) -> None:
    running = start(samples / "stance_left_stable.mp4")
    walker = Walker(chromium, running.address)
    walker.to_camera(STANCE)
    walker.to_test()
    walker.page.wait_for_function("parseInt(document.getElementById('big').textContent) >= 2", timeout=20_000)
    walker.page.reload()
    walker.wait("test", 5)
    walker.page.wait_for_function("Number(document.getElementById('picture').dataset.number) > 0")
    assert not walker.page.is_visible("#cover")
    walker.forward()
    walker.wait("result")
    walker.close()
    (folder,) = running.folder.iterdir()
    report = json.loads((folder / "01-single_leg_stance-left/report.json").read_text(encoding="utf-8"))
    assert report["tests"][0]["status"] == "scored"


def test_the_second_tab_is_told_and_may_take_over(start: Start, chromium: Any, samples: Path) -> None:
    running = start(samples / "stance_left_stable.mp4")
    first = Walker(chromium, running.address)
    first.wait("safety")
    second = Walker(chromium, running.address, beside=first)
    second.page.wait_for_selector("#cover[open]")
    assert "already open in another tab" in second.page.inner_text("#cover")
    assert faults_of(second) == []
    second.page.click("#cover button")
    first.page.wait_for_selector("#cover[open]")
    assert "in another tab" in first.page.inner_text("#cover")
    second.page.wait_for_selector("#cover:not([open])", state="attached")
    second.tick_all()
    first.close()


def test_a_lost_camera_is_said_and_the_test_goes_on_when_it_is_back(
    start: Start, chromium: Any, network_camera: NetworkCamera
) -> None:
    running = start(network_camera.address)
    walker = Walker(chromium, running.address)
    walker.to_camera(STANCE)
    walker.to_test()
    walker.page.wait_for_function("parseInt(document.getElementById('big').textContent) >= 3", timeout=30_000)
    network_camera.switch_off()
    walker.page.wait_for_selector("#cue:has-text('The camera is not connected')", timeout=15_000)
    time.sleep(2.0)
    assert walker.stage == "test"
    network_camera.switch_on()
    walker.page.wait_for_function("!document.getElementById('cue').textContent.includes('gone')", timeout=20_000)
    time.sleep(1.0)
    walker.forward()
    walker.wait("result")
    walker.close()
    (folder,) = running.folder.iterdir()
    report = json.loads((folder / "01-single_leg_stance-left/report.json").read_text(encoding="utf-8"))
    (result,) = report["tests"]
    assert result["status"] == "scored"
    assert any("camera was not connected" in warning for warning in report["quality"]["warnings"])
    assert all(hold["end_s"] - hold["start_s"] < 6.0 for hold in result["holds"])  # 5 s in the clip; none across the gap


def test_without_a_camera_the_page_says_how_to_get_one(start: Start, chromium: Any) -> None:
    running = start("97")
    walker = Walker(chromium, running.address)
    walker.page.wait_for_selector("text=No picture from any camera", timeout=15_000)
    assert "No camera answers at 97." in walker.words
    assert "screener live --camera 1" in walker.words
    assert faults_of(walker) == []
    walker.to_camera(STANCE)
    walker.page.wait_for_selector("text=No picture from any camera", timeout=15_000)
    assert "Traceback" not in walker.words
    walker.close()
    running.end()


def test_the_program_itself_talks_to_nobody(start: Start, chromium: Any, samples: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    trace = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(log))
    running = start(samples / "stance_left_stable.mp4", under=trace)
    walker = Walker(chromium, running.address)
    walker.to_camera(STANCE)
    walker.page.wait_for_function("Number(document.getElementById('picture').dataset.pose) > 5")
    walker.page.keyboard.press("Escape")
    walker.wait("result")
    walker.close()
    (program,) = psutil.Process(running.process.pid).children()
    program.send_signal(signal.SIGINT)
    running.process.wait(30)
    assert leaks(log.read_text(encoding="utf-8", errors="replace")) == []


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_every_stage_fits_a_laptop_and_a_phone(start: Start, chromium: Any, samples: Path, size: tuple[int, int]) -> None:
    running = start(samples / "stance_left_drop9.mp4")
    walker = Walker(chromium, running.address, width=size[0], height=size[1])

    def require_fit() -> None:
        wide = walker.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], (walker.stage, wide)
        forward = walker.page.query_selector("#panel .primary")
        assert forward is not None
        if size[0] > size[1] and walker.stage != "choose":
            box = forward.bounding_box()
            assert box["y"] + box["height"] <= size[1], (walker.stage, box)
        stop = walker.page.query_selector("button.stop")
        if stop is not None and stop.is_visible():
            box = stop.bounding_box()
            assert box["height"] >= 44
            assert 0 <= box["x"] <= size[0] - box["width"]
            assert box["y"] + box["height"] <= size[1]

    walker.wait("safety")
    require_fit()
    walker.to_camera(STANCE)
    require_fit()
    walker.wait("example")
    require_fit()
    assert walker.page.is_visible("button.stop")
    walker.forward()
    walker.wait("test", 60)
    require_fit()
    walker.forward()
    walker.wait("result")
    require_fit()
    walker.close()


def test_german_and_less_motion(start: Start, chromium: Any, samples: Path) -> None:
    running = start(samples / "hinge_neutral.mp4", "--language", "de")
    walker = Walker(chromium, running.address, reduced_motion="reduce")
    assert walker.page.get_attribute("html", "lang") == "de"
    walker.wait("safety")
    assert "Bevor Sie anfangen" in walker.words
    walker.to_camera(HINGE)
    walker.wait("example")
    assert "Hüftbeuge" in walker.page.inner_text("#heading")
    assert walker.page.is_visible(".figure svg.still")
    assert not walker.page.is_visible(".figure svg.moves")
    walker.close()


def test_the_picture_of_the_readme(start: Start, chromium: Any, samples: Path, tmp_path: Path) -> None:
    """With SCREENER_PICTURES=docs the picture in the folder docs is made anew."""
    running = start(samples / "stance_left_drop9.mp4")
    walker = Walker(chromium, running.address)
    walker.to_camera(STANCE)
    walker.to_test()
    walker.page.wait_for_selector("#gauge[data-state=beyond]", timeout=20_000)
    walker.page.wait_for_function("parseInt(document.getElementById('big').textContent) >= 3", timeout=20_000)
    picture = Path(os.environ.get("SCREENER_PICTURES", tmp_path)) / "live.png"
    walker.page.screenshot(path=picture)
    walker.close()
    made, kept = (Image.open(path) for path in (picture, ROOT / "docs" / "live.png"))
    assert made.size == kept.size == (1280, 720)
    with made, kept:
        difference = np.abs(np.asarray(made.convert("L"), float) - np.asarray(kept.convert("L"), float))
    assert difference.mean() < 12.0  # the same page; the person stands a little differently


def test_the_picture_is_a_mirror_and_the_poses_are_not(start: Start, chromium: Any, samples: Path) -> None:
    running = start(samples / "stance_left_drop9.mp4")
    walker = Walker(chromium, running.address)
    walker.to_camera(STANCE)
    walker.page.wait_for_function("Number(document.getElementById('picture').dataset.number) > 5")
    # The clip has a brown door on one side and a blue picture on the other; the page shows them swapped.
    left, right = walker.page.evaluate(
        """() => { const canvas = document.getElementById('picture'), pen = canvas.getContext('2d');
        const mean = (x) => { const d = pen.getImageData(x, 200, 40, 100).data; let r = 0, b = 0;
          for (let i = 0; i < d.length; i += 4) { r += d[i]; b += d[i + 2]; } return r - b; };
        return [mean(0.19 * canvas.width), mean(0.76 * canvas.width)]; }"""
    )
    from screener.video.file import VideoFile

    first = next(iter(VideoFile(samples / "stance_left_drop9.mp4"))).rgb.astype(int)

    def reddish(share: float) -> int:
        x = int(share * first.shape[1])
        part = first[200:300, x : x + 40]
        return int((part[..., 0] - part[..., 2]).sum())

    assert (left > right) != (reddish(0.19) > reddish(0.76))
    walker.close()
