"""Shared helpers of the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from helpers.console import Console, Said
from screener.cli import main

settings.register_profile("program", deadline=None)  # a busy machine is no fault of the program
settings.load_profile("program")
ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SCREENER_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of the bundled clips."""
    return ROOT / "samples" / "videos"


@pytest.fixture(scope="session")
def ground_truth() -> Path:
    """Folder of rendered clips with exact angles; tests that need it are skipped where it is not there."""
    folder = SHARED / "groundtruth" / "dev"
    if not folder.is_dir():
        pytest.skip("the ground truth clips are not on this machine")
    return folder


@pytest.fixture(scope="session")
def real_clips() -> Path:
    """Folder of real clips; tests that need it are skipped where it is not there."""
    folder = SHARED / "clips"
    if not folder.is_dir():
        pytest.skip("the real clips are not on this machine")
    return folder


@pytest.fixture(scope="session")
def real_people_folder() -> Path:
    """Folder of labelled recordings of real people; tests that need it are skipped where it is not there."""
    folder = SHARED / "real"
    if not folder.is_dir():
        pytest.skip("the recordings of real people are not on this machine")
    return folder


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """Drives browsers; a process can hold only one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Debian's browser; tests that need it are skipped where it is not there."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not on this machine")
    return path


@pytest.fixture(scope="session")
def chromium(playwright: Any, chromium_path: str) -> Iterator[Any]:
    """The browser without a window."""
    browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str]) -> Console:
    """Run the command line in this process: what it said and its exit code."""

    def run(*arguments: str) -> Said:
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line how many tests did not run because something is not on this machine."""
    missing = [
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)
        for report in terminalreporter.stats.get("skipped", [])
    ]
    for reason in dict.fromkeys(missing):
        terminalreporter.write_line(f"{missing.count(reason)} not run: {reason}")
