"""What became of a test, and the folder with the reports of a whole screen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from screener.live.camera.watcher import MovementRecording
from screener.live.guide.flow import PlannedTest
from screener.live.guide.view_state import LiveOutcome
from screener.workflow.output import OutputOptions, write_report, write_visit
from screener.workflow.screening import Screening
from screener.workflow.session import with_pictures
from screener.workflow.visit import combine

GAP_NOTE = "The camera was not connected for a while; nothing was measured during that time."
PAGE = "report.html"


def folder_name(number: int, item: PlannedTest) -> str:
    """Name of a folder: the order of the tests, the test and its side."""
    side = f"-{item.side}" if item.side else ""
    return f"{number + 1:02d}-{item.test}{side}"


def conclude(take: MovementRecording, *, stopped: bool) -> Screening:
    """Score a recording, with the same `finish` as a file's; a stopped one is not scored and shows no picture."""
    if stopped:
        take.session.stop()
    screening = take.session.finish(notes=(GAP_NOTE,) if take.gaps else ())
    return screening if stopped else with_pictures(screening, take.memory)


def write_outcome(outcome: LiveOutcome, folder: Path) -> None:
    """Write the report of one test as soon as it is known.

    Raises
    ------
    OutputError
        As `write_report`.
    """
    write_report(outcome.screening, folder / outcome.folder)


def write_all(outcomes: Sequence[LiveOutcome], folder: Path) -> Path:
    """Write one report over all tests, the sides compared.

    Parameters
    ----------
    outcomes : sequence of LiveOutcome
        In the order in which they were done; their own reports are already in `folder`.
    folder : Path
        Of the whole screen.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    return write_visit(combine([outcome.screening for outcome in outcomes]), folder, [OutputOptions()] * len(outcomes))


class FolderSink:
    """Writes each report, and one over all of them, into a folder of this screen.

    Parameters
    ----------
    base : Path
        Each screen gets a folder of its own in it.
    """

    def __init__(self, base: Path) -> None:
        self._base = self.folder = base

    def begin(self) -> None:
        """Name a new folder after the time."""
        self.folder = self._base / time.strftime("%Y-%m-%d_%H-%M-%S")

    def keep(self, outcome: LiveOutcome) -> None:
        """Write the report of a test; OutputError where the folder cannot be written."""
        write_outcome(outcome, self.folder)

    def finish(self, outcomes: Sequence[LiveOutcome]) -> None:
        """Write the report over all tests; OutputError where the folder cannot be written."""
        write_all(outcomes, self.folder)


def served_pages(outcomes: Mapping[int, LiveOutcome], folder: Path) -> dict[str, Path]:
    """Give the files that the page may show, by the address under /report/; nothing else of the disk is reachable."""
    pages = {f"{outcome.folder}/{PAGE}": folder / outcome.folder / PAGE for outcome in outcomes.values()}
    return {name: path for name, path in {PAGE: folder / PAGE, **pages}.items() if path.is_file()}
