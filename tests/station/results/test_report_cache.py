"""A report page that was drawn is shown again at once, and never for anything else than what it was drawn from."""

from __future__ import annotations

import time

from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, practice, visits
from screener.station.records.forms import Comment, PersonData, PracticeData
from screener.station.results import reports
from screener.station.results.report_cache import MAX_KEPT, ReportCache
from screener.station.storage.database import Database
from screener.station.storage.tables import AuditEntry, Purpose
from screener.workflow.screening import Screening


def test_a_page_is_drawn_once_and_the_oldest_makes_room() -> None:
    shelf, drawn = ReportCache(), list[int]()

    def draw(number: int) -> str:
        return shelf.page(number, lambda: drawn.append(number) or f"page {number}")

    for number in (*range(MAX_KEPT), 0, MAX_KEPT):
        assert draw(number) == f"page {number}"
    assert len(shelf) == MAX_KEPT
    assert drawn == [*range(MAX_KEPT), MAX_KEPT]
    draw(0)
    draw(1)
    assert drawn[-1] == 1
    shelf.clear()
    draw(0)
    assert drawn[-1] == 0


def admit(database: Database, name: str, screening: Screening) -> tuple[int, int]:
    with begin(database, COMMAND_LINE) as work:
        person = people.create(work, PersonData(name=name))
        consents.give(work, person.id, Purpose.SCREENING)
        visit = visits.begin(work, person.id)
        recordings.add(work, visit.id, screening)
    return person.id, visit.id


def seen(database: Database, visit_id: int, shelf: ReportCache) -> str:
    with begin(database, COMMAND_LINE) as work:
        return reports.visit_html(work, visit_id, shelf)


def test_whatever_changes_draws_the_page_anew(database: Database, screening: Screening) -> None:
    person_id, visit_id = admit(database, "Anna", screening)
    shelf = ReportCache()
    first = seen(database, visit_id, shelf)
    start = time.perf_counter()
    assert seen(database, visit_id, shelf) == first
    assert time.perf_counter() - start < 0.3
    with begin(database, COMMAND_LINE) as work:
        visits.change(work, visit_id, 1, comment=Comment(comment="A new comment."))
    assert "A new comment." in seen(database, visit_id, shelf)
    with begin(database, COMMAND_LINE) as work:
        own = practice.get(work)
        practice.change(work, own.version, PracticeData(name="Practice at the Mill", name_on_reports=True))
    assert "Practice at the Mill" in seen(database, visit_id, shelf)
    with begin(database, COMMAND_LINE) as work:
        people.change(work, person_id, 1, PersonData(name="Berta"))
    page = seen(database, visit_id, shelf)
    assert "Berta" in page
    assert "Anna" not in page
    with begin(database, COMMAND_LINE) as work:
        recordings.add(work, visit_id, screening)
    pages = len(shelf)
    seen(database, visit_id, shelf)
    assert len(shelf) == pages + 1
    with database.transaction() as session:
        assert session.query(AuditEntry).filter_by(action="saw", kind="visit").count() == 6  # from the shelf too


def test_a_number_that_is_given_again_shows_the_new_person(database: Database, screening: Screening) -> None:
    _person, visit_id = admit(database, "Anna", screening)
    shelf = ReportCache()
    with begin(database, COMMAND_LINE) as work:
        practice.change(work, practice.get(work).version, PracticeData(name_on_reports=True))
    assert "Anna" in seen(database, visit_id, shelf)
    with begin(database, COMMAND_LINE) as work:
        visits.remove(work, visit_id)
    _other, again = admit(database, "Berta", screening)
    assert again == visit_id
    assert "Anna" not in seen(database, again, shelf)
