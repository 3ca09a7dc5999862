"""Whether the live page can run for long: one screen after the other on a looping clip, memory and threads watched.

Usage: python studies/live_soak.py [--minutes 60] [--csv FILE]
Starts `screener live` as a user would, walks through it in a browser again and again, and looks at the program from outside
every ten seconds. Promised: less than 5 % growth of memory after the first five minutes, and nothing left after Ctrl-C.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
CLIP = ROOT / "samples" / "videos" / "stance_left_stable.mp4"
WARM_UP_S, EVERY_S = 300.0, 10.0
WINDOW = 60
"""Samples at each end whose median is compared: ten minutes, thirty screens. Between the stages of one screen memory swings by
half, so that less would compare stages."""
MAX_GROWTH = 0.05


@dataclass(frozen=True)
class Sample:
    """The program seen from outside."""

    time_s: float
    memory_mb: float
    threads: int
    screens: int


class Watch:
    """Looks at a process every so often."""

    def __init__(self, pid: int) -> None:
        self._process, self._start = psutil.Process(pid), time.monotonic()
        self.samples: list[Sample] = []
        self.screens = 0

    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def look(self) -> None:
        """Take a sample when it is time to."""
        if self.samples and self.elapsed_s() - self.samples[-1].time_s < EVERY_S:
            return
        memory = self._process.memory_info()  # without mapped files: theirs is shared with whatever else maps them
        memory_mb = (memory.rss - memory.shared) / 2**20
        self.samples.append(Sample(round(self.elapsed_s(), 1), memory_mb, self._process.num_threads(), self.screens))


def one_screen(walker: object, watch: Watch) -> None:
    """From the safety list to the report and back."""
    walker.to_camera("single_leg_stance")
    while walker.stage != "report":
        watch.look()
        if walker.stage in ("camera", "example") and walker.page.inner_text(".step").startswith("Step 2"):
            walker.page.keyboard.press("Escape")  # nobody stands on the other leg in this clip
        elif walker.stage in ("example", "result"):
            walker.page.keyboard.press("PageDown")
        time.sleep(0.5)
    watch.screens += 1
    walker.page.click("text=Start a new check")


def soak(minutes: float) -> Watch:
    """Run the program and walk through it for a while."""
    from playwright.sync_api import sync_playwright

    from helpers.live_walker import Walker

    with tempfile.TemporaryDirectory() as folder:
        code = "from screener.cli import run; run()"
        command = [sys.executable, "-c", code, "live", "--camera", str(CLIP), "--no-open", "--out", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        watch = Watch(process.pid)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            walker = Walker(browser, address.group(0))
            while watch.elapsed_s() < 60 * minutes:
                one_screen(walker, watch)
            browser.close()
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
        left = [child for child in psutil.Process().children(recursive=True) if child.pid == process.pid]
        print(f"Ctrl-C: exit code {code}, processes left: {len(left)}")
    return watch


def say(watch: Watch) -> bool:
    """Print the figures; whether the promise is kept."""
    later = [sample for sample in watch.samples if sample.time_s >= WARM_UP_S] or watch.samples
    first, last = (statistics.median(sample.memory_mb for sample in part) for part in (later[:WINDOW], later[-WINDOW:]))
    slope, _ = statistics.linear_regression(
        [sample.time_s / 3600.0 for sample in later], [sample.memory_mb for sample in later]
    )
    growth = last / first - 1
    threads = {sample.threads for sample in later}
    print(f"{watch.screens} screens in {watch.elapsed_s() / 60:.1f} minutes")
    print(f"memory: {first:.0f} MB after {later[0].time_s / 60:.1f} min, {last:.0f} MB at the end: {100 * growth:+.1f} %")
    print(f"trend: {slope:+.0f} MB an hour; threads: {min(threads)} to {max(threads)}")
    print("kept" if growth < MAX_GROWTH else "NOT kept")
    return growth < MAX_GROWTH


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    watch = soak(options.minutes)
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("time_s", "memory_mb", "threads", "screens"))
            writer.writerows((s.time_s, round(s.memory_mb, 1), s.threads, s.screens) for s in watch.samples)
    raise SystemExit(0 if say(watch) else 1)


if __name__ == "__main__":
    main()
