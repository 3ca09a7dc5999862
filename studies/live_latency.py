"""How long a picture takes from the camera to the page, with its skeleton on it: read back from the page's canvas.

Usage: python studies/live_latency.py [--seconds 30]
A clip of 640 x 480 is played at 30 pictures a second; each picture carries the time at which it was taken as black and white
blocks. A browser runs the live page in its own process, reads the blocks of what is drawn, and compares them with its clock.
Nothing is added up from parts. Inference is timed apart, in the program, to compare with.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from types import TracebackType

import numpy as np

RATE_HZ = 30.0
BITS, BLOCK_PX, BLOCK_HIGH_PX = 32, 20, 16
SAMPLES = Path(__file__).parent.parent / "samples" / "videos"
WARM_UP_S = 3.0
READ_BACK = """
(seconds) => new Promise((done) => {
  const seen = [], canvas = document.getElementById("picture"), end = performance.now() + 1000 * seconds;
  const pen = canvas.getContext("2d");
  let last = "";
  const look = () => {
    const row = pen.getImageData(0, 8, canvas.width, 1).data;
    let taken = 0;
    for (let bit = 0; bit < 32; bit++) {
      const x = canvas.width - 1 - (20 * bit + 10);  // the picture on the page is a mirror
      taken = 2 * taken + (row[4 * x + 1] > 127 ? 1 : 0);
    }
    const now = [taken, Number(canvas.dataset.number), Number(canvas.dataset.pose)];
    if (now.join() !== last) { seen.push([...now, Date.now() % 4294967296]); last = now.join(); }
    if (performance.now() < end) requestAnimationFrame(look); else done(seen);
  };
  look();
})
"""


class ClockClip:
    """A person standing quietly, for ever, the time of taking burned into every picture."""

    def __init__(self) -> None:
        from screener.video.file import VideoFile

        quiet = [frame.rgb for frame in VideoFile(SAMPLES / "stance_left_stable.mp4") if frame.time_s < 1.0]
        self._pictures = cycle(quiet + quiet[::-1])

    def __enter__(self) -> ClockClip:
        """Nothing to open."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing to release."""

    def __iter__(self) -> Iterator[object]:
        """Yield pictures at 30 a second."""
        from screener.model.picture import Frame

        start = time.monotonic()
        for number, picture in enumerate(self._pictures):
            time.sleep(max(0.0, start + number / RATE_HZ - time.monotonic()))
            yield Frame(number / RATE_HZ, with_time(picture))


def with_time(picture: np.ndarray) -> np.ndarray:
    """Copy with the wall clock in milliseconds as blocks along its upper edge."""
    taken = int(1000 * time.time()) % (1 << BITS)
    burned = picture.copy()
    for bit in range(BITS):
        white = taken >> (BITS - 1 - bit) & 1
        burned[:BLOCK_HIGH_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = 255 * white
    return burned


def serve(folder: Path) -> None:
    """Run the program with that clip; print the address, and at the end what inference took."""
    from screener.live.camera.watcher import MovementRecording
    from screener.live.controller import LiveController
    from screener.live.language import load_language
    from screener.live.results.context import FolderSink, ScreeningContext
    from screener.live.web.server import serve
    from screener.pose.models import load_model

    took, add = [], MovementRecording.add

    def timed(take: MovementRecording, frame: object) -> object:
        start = time.perf_counter()
        pose = add(take, frame)
        took.append(time.perf_counter() - start)
        return pose

    MovementRecording.add = timed
    conductor = LiveController(ClockClip, load_model(), load_language("en"), ScreeningContext(FolderSink(folder)))
    try:
        serve(conductor, 0, "", lambda address: print(address, flush=True))
    finally:
        conductor.close()
    print(json.dumps({"inference_ms": [1000 * value for value in took]}), flush=True)


def measure(seconds: float) -> None:
    """Walk to the test, read the canvas for a while, print."""
    from playwright.sync_api import sync_playwright

    from helpers.live_walker import Walker

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--serve", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            walker = Walker(browser, address)
            walker.to_camera("single_leg_stance")
            walker.to_test()
            time.sleep(WARM_UP_S)
            seen = walker.page.evaluate(READ_BACK, seconds)
            walker.forward()
            walker.wait("result")
            browser.close()
        process.send_signal(signal.SIGINT)
        facts = json.loads(process.communicate(timeout=30)[0].strip().splitlines()[-1])
        (report,) = [json.loads(path.read_text(encoding="utf-8")) for path in Path(folder).glob("*/*/report.json")]
    say(seen, seconds, facts, report)


def first_shown_ms(seen: list[list[int]], which: int) -> dict[int, int]:
    """When a picture (column 1), or a skeleton (column 2), was first on the page."""
    first: dict[int, int] = {}
    for row in seen[1:]:
        first.setdefault(row[which], row[3])
    return first


def say(seen: list[list[int]], seconds: float, facts: dict[str, list[float]], report: dict[str, dict[str, float]]) -> None:
    """Print the figures and whether the promise is kept."""
    taken = {row[1]: row[0] for row in seen}
    pictures = [shown - taken[number] for number, shown in first_shown_ms(seen, 1).items()]
    skeletons = [shown - taken[number] for number, shown in first_shown_ms(seen, 2).items() if number in taken]
    median, p95 = np.percentile(skeletons, [50, 95])
    inference = statistics.median(facts["inference_ms"][10:])
    source = report["source"]
    rate_hz = (source["frames"] - 1) / source["duration_s"]
    print(f"drawn a second: {len(pictures) / seconds:.1f} pictures, {len(skeletons) / seconds:.1f} skeletons")
    print(f"inference: median {inference:.1f} ms, 95th percentile {np.percentile(facts['inference_ms'][10:], 95):.1f} ms")
    print(f"taken to drawn: median {np.median(pictures):.0f} ms, 95th percentile {np.percentile(pictures, 95):.0f} ms")
    print("taken to drawn with the skeleton found in it:")
    print(f"  median          {median:.0f} ms, {median - inference:+.0f} over inference (promised +60)")
    print(f"  95th percentile {p95:.0f} ms, {p95 - inference:+.0f} over inference (promised +120)")
    print(f"recorded: {rate_hz:.1f} poses a second (promised 20)")
    kept = median <= inference + 60 and p95 <= inference + 120 and rate_hz >= 20
    print("kept" if kept else "NOT kept")
    raise SystemExit(0 if kept else 1)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    else:
        measure(options.seconds)


if __name__ == "__main__":
    main()
