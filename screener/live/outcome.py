"""What became of a test, and the folder with the reports of a whole screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screener.live.flow import Item
from screener.live.watcher import Take
from screener.output import Wanted, write_screening, write_visit
from screener.results import Status
from screener.screening import Screening
from screener.session import with_pictures
from screener.visit import combine

GAP_NOTE = "The camera was gone for a while; nothing was measured across that gap."
PAGE = "report.html"


@dataclass(frozen=True)
class Outcome:
    """A test that was done or stopped, and where its report is.

    Attributes
    ----------
    folder : str
        Name inside the folder of the whole screen.
    """

    item: Item
    screening: Screening
    folder: str

    @property
    def scored(self) -> bool:
        """Whether there is a score."""
        return all(test.status is Status.SCORED for test in self.screening.report.tests)

    @property
    def stopped(self) -> bool:
        """Whether the person stopped the test."""
        return any(test.status is Status.STOPPED for test in self.screening.report.tests)


def folder_name(number: int, item: Item) -> str:
    """Name of a folder: the order of the tests, the test and its side."""
    side = f"-{item.side}" if item.side else ""
    return f"{number + 1:02d}-{item.test}{side}"


def conclude(take: Take, *, stopped: bool) -> Screening:
    """Score a recording, with the same `finish` as a file's; a stopped one is not scored and shows no picture."""
    if stopped:
        take.session.stop()
    screening = take.session.finish(notes=(GAP_NOTE,) if take.gaps else ())
    return screening if stopped else with_pictures(screening, take.memory)


def write_outcome(outcome: Outcome, folder: Path) -> None:
    """Write the report of one test as soon as it is known.

    Raises
    ------
    OutputError
        As `write_screening`.
    """
    write_screening(outcome.screening, folder / outcome.folder)


def write_all(outcomes: Sequence[Outcome], folder: Path) -> Path:
    """Write one report over all tests, the sides compared.

    Parameters
    ----------
    outcomes : sequence of Outcome
        In the order in which they were done; their own reports are already in `folder`.
    folder : Path
        Of the whole screen.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    return write_visit(combine([outcome.screening for outcome in outcomes]), folder, [Wanted()] * len(outcomes))


def served_pages(outcomes: Mapping[int, Outcome], folder: Path) -> dict[str, Path]:
    """Give the files that the page may show, by the address under /report/; nothing else of the disk is reachable."""
    pages = {f"{outcome.folder}/{PAGE}": folder / outcome.folder / PAGE for outcome in outcomes.values()}
    return {name: path for name, path in {PAGE: folder / PAGE, **pages}.items() if path.is_file()}
