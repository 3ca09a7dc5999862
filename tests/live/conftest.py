"""The live page as its user meets it: the program in a process of its own, and Debian's Chromium."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.live_program import END_S, Running, Start
from helpers.network_camera import NetworkCamera

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `screener live` and wait for its address."""
    running: list[Running] = []

    def run(camera: object, *options: str, under: tuple[str, ...] = ()) -> Running:
        command = "from screener.cli import run; run()"
        words = ["live", "--camera", str(camera), "--no-open", "--out", str(tmp_path / "reports"), *options]
        process = subprocess.Popen(
            [*under, sys.executable, "-c", command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, process.communicate(timeout=END_S)
        running.append(Running(process, found.group(0), tmp_path / "reports"))
        return running[-1]

    yield run
    for one in running:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGINT)
            one.process.wait(END_S)
        for pipe in (one.process.stdout, one.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def network_camera(samples: Path) -> Iterator[NetworkCamera]:
    """A camera at an address that can be switched off and on."""
    camera = NetworkCamera(samples / "stance_left_stable.mp4")
    camera.switch_on()
    yield camera
    camera.switch_off()
