"""How the measures of a person go over the visits, and what may be called a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from screener.model.results import Grade, Method, ScreeningReport
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.results import reports
from screener.station.storage.tables import PersonRow, StoredMeasure, VisitRow
from screener.tests_clinical import TESTS, measure_of
from screener.tests_clinical.difference import Difference, difference
from screener.workflow.visit import compare


@dataclass(frozen=True)
class ProgressPoint:
    """One measure of one visit.

    Attributes
    ----------
    uncertainty : float, optional
        Half width of the 95 % interval; None where not known.
    """

    visit_id: int
    recording_id: int
    day: date
    value: float
    uncertainty: float | None
    grade: Grade
    firm: bool
    method: Method


@dataclass(frozen=True)
class ProgressLine:
    """One measure of one test and side over the visits, the oldest first.

    Attributes
    ----------
    smallest_detectable : float
        Published smallest change that is more than error, in `unit`; 0 where there is none.
    """

    test: str
    title: str
    side: str
    measure: str
    label: str
    unit: str
    decimals: int
    smallest_detectable: float
    points: tuple[ProgressPoint, ...]

    @property
    def since_first(self) -> Difference | None:
        """The newest visit against the first one; None with one visit only."""
        return self._between(0)

    @property
    def since_last(self) -> Difference | None:
        """The newest visit against the one before; None with one visit only."""
        return self._between(-2)

    def _between(self, earlier: int) -> Difference | None:
        if len(self.points) < 2:
            return None
        return between(self.points[earlier], self.points[-1], self.smallest_detectable)


def between(before: ProgressPoint, after: ProgressPoint, smallest_detectable: float) -> Difference:
    """Compare two visits, or two sides, of the same measure."""
    return difference(before.value, after.value, before.uncertainty, after.uncertainty, smallest_detectable)


def progress(work: UnitOfWork, person_id: int) -> tuple[ProgressLine, ...]:
    """Every measure of a person over the visits, both sides, in the order of the tests.

    Where a test was repeated in a visit the last recording that gave a value counts.
    """
    work.require(Permission.SEE)
    person = work.get(PersonRow, person_id)
    work.log(Action.SAW, ObjectKind.PROGRESS, person.audit_ref)
    rows = work.session.execute(
        select(StoredMeasure, VisitRow.day)
        .join(VisitRow, VisitRow.id == StoredMeasure.visit_id)
        .where(StoredMeasure.person_id == person_id, StoredMeasure.value.is_not(None))
        .order_by(VisitRow.day, VisitRow.id, StoredMeasure.recording_id, StoredMeasure.id)
    )
    lines: dict[tuple[str, str, str], dict[int, ProgressPoint]] = defaultdict(dict)
    newest: dict[tuple[str, str, str], StoredMeasure] = {}
    for row, day in rows:
        key = (row.test, row.side, row.measure)
        lines[key][row.visit_id] = _point(row, day)  # of a visit's repetitions the last that gave a value
        newest[key] = row
    found = [_line(newest[key], tuple(points.values())) for key, points in lines.items()]
    order = {key: number for number, key in enumerate(_order())}
    return tuple(sorted(found, key=lambda line: (order.get((line.test, line.measure), len(order)), line.side)))


def compare_visits(work: UnitOfWork, now_id: int, before_id: int) -> ScreeningReport:
    """Return the report of a visit with what changed since an earlier one.

    Raises
    ------
    UsageError
        Nothing was measured in both.
    """
    now, before = (reports.visit_report(work, visit_id) for visit_id in (now_id, before_id))
    return compare(now, before)


def _point(row: StoredMeasure, day: date) -> ProgressPoint:
    assert row.value is not None
    return ProgressPoint(
        row.visit_id, row.recording_id, day, row.value, row.uncertainty, Grade(row.grade), row.firm, Method(row.method)
    )  # fmt: skip


def _line(newest: StoredMeasure, points: tuple[ProgressPoint, ...]) -> ProgressLine:
    test, measure = TESTS.get(newest.test), measure_of(newest.test, newest.measure)
    return ProgressLine(
        test=newest.test,
        title=test.title if test else newest.test,
        side=newest.side,
        measure=newest.measure,
        label=newest.label,
        unit=newest.unit,
        decimals=measure.decimals if measure else 1,
        smallest_detectable=newest.smallest_detectable,
        points=points,
    )


def _order() -> Sequence[tuple[str, str]]:
    return [(test.key, measure.key) for test in TESTS.values() for measure in test.measures]
