"""One page that leads to the reports of several tests; no network, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screener.report.html import render_page
from screener.results import SAFETY_SENTENCE, TestResult


@dataclass(frozen=True)
class IndexEntry:
    """A result and where its own report is, relative to the page."""

    test: TestResult
    href: str


def render_index(entries: Sequence[IndexEntry]) -> str:
    """Lay the page out.

    Parameters
    ----------
    entries : sequence of IndexEntry
        In the order of the tests.

    Returns
    -------
    str
        A self-contained HTML document.
    """
    scored = [entry.test.score for entry in entries if entry.test.score is not None]
    return render_page("index.html.j2", entries=entries, points=sum(scored), assessed=len(scored), safety=SAFETY_SENTENCE)
