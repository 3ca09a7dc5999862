"""Every measure of a person over the visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import Response

from screener.report.wording import quantity, quantity_with_uncertainty
from screener.station.access.unit_of_work import begin
from screener.station.records import people, visits
from screener.station.results import progress as measured
from screener.station.results.progress import ProgressLine, between
from screener.station.web.chart import Chart, chart
from screener.station.web.context import SignedInContext, day_in_words, page
from screener.tests_clinical.difference import Difference

router = APIRouter()


@dataclass(frozen=True)
class ProgressRow:
    """One visit in the table beside a chart; values in the order of the sides."""

    visit_id: int
    day: date
    values: tuple[str, ...]


@dataclass(frozen=True)
class MeasureHistory:
    """One measure over the visits, all sides."""

    title: str
    label: str
    unit: str
    limit: float
    lines: tuple[ProgressLine, ...]
    rows: tuple[ProgressRow, ...]
    chart: Chart
    sides: str


def change_words(change: Difference | None, unit: str) -> str:
    """Say what became of a measure, with the difference and what it must exceed."""
    if change is None:
        return "one visit only"
    size = quantity(abs(change.value), unit)
    direction = "up" if change.value > 0 else "down"
    if change.is_change is None:
        return f"{direction} {size}; its error is not known"
    needed = quantity(change.needed, unit)
    if change.is_change:
        return f"changed: {direction} {size} (more than the error of {needed})"
    return f"no change beyond the error of {needed} ({size})"


def change_short(change: Difference | None, unit: str) -> str:
    """Say the same in a few words, for a cell of the table."""
    if change is None:
        return "–"
    word = {True: "changed", False: "no change", None: "error not known"}[change.is_change]
    sign = "+" if change.value > 0 else ""
    return f"{word}, {sign}{quantity(change.value, unit)}"


def side_words(lines: tuple[ProgressLine, ...]) -> str:
    """Say whether left and right differ in the newest visit that has both; empty where none has."""
    sides = {line.side: line for line in lines}
    if not {"left", "right"} <= sides.keys():
        return ""
    left, right = ({point.visit_id: point for point in sides[side].points} for side in ("left", "right"))
    both = [visit for visit in left if visit in right]
    if not both:
        return ""
    unit, newest = lines[0].unit, both[-1]
    found = between(right[newest], left[newest], sides["left"].smallest_detectable)
    larger = "left" if found.value > 0 else "right"
    size, needed = quantity(abs(found.value), unit), quantity(found.needed, unit)
    word = {
        True: f"{larger} larger by {size}, more than the error of {needed}",
        False: f"no difference beyond the error of {needed} ({size})",
        None: f"{size} apart; the error is not known",
    }[found.is_change]
    return f"Left against right, {day_in_words(left[newest].day)}: {word}."


def courses(lines: tuple[ProgressLine, ...]) -> tuple[MeasureHistory, ...]:
    """Put the sides of each measure together."""
    together = groupby(lines, key=lambda line: (line.test, line.measure))
    return tuple(_course(tuple(group)) for _key, group in together)


def _course(lines: tuple[ProgressLine, ...]) -> MeasureHistory:
    came = sorted({(point.day, point.visit_id) for line in lines for point in line.points}, reverse=True)
    rows = tuple(ProgressRow(visit_id, day, tuple(_value(line, visit_id) for line in lines)) for day, visit_id in came)
    first = lines[0]
    limit = max(line.smallest_detectable for line in lines)
    return MeasureHistory(first.title, first.label, first.unit, limit, lines, rows, chart(lines), side_words(lines))


def _value(line: ProgressLine, visit_id: int) -> str:
    for point in line.points:
        if point.visit_id == visit_id:
            return quantity_with_uncertainty(point.value, point.uncertainty, line.unit)
    return "–"


@router.get("/people/{person_id}/progress")
def progress_page(here: SignedInContext, person_id: int, test: str = "") -> Response:
    """Show the measures of one test over the visits, the first one where none is named."""
    with begin(here.database, here.actor) as work:
        person = people.see(work, person_id)
        lines = measured.progress(work, person_id)
        came = visits.of_person(work, person_id)
    measured_in = {point.visit_id for line in lines for point in line.points}
    titles = {line.test: line.title for line in lines}
    chosen = test if test in titles else next(iter(titles), "")
    shown = courses(tuple(line for line in lines if line.test == chosen))
    return page(
        here, "progress.html.j2", person=person, courses=shown, titles=titles, chosen=chosen, change_words=change_words,
        change_short=change_short, visits=[one for one in came if one.id in measured_in],
    )  # fmt: skip
