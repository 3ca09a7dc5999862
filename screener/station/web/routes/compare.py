"""Two visits of a person side by side."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from screener.errors import NotAllowedError, UsageError
from screener.model.results import Change
from screener.station.access.unit_of_work import UnitOfWork, begin
from screener.station.records import people, visits
from screener.station.results import progress as measured
from screener.station.storage.tables import StoredPicture, VisitRow
from screener.station.web.context import SignedInContext, page
from screener.station.web.routes.visit import RecordingPanel, recorded
from screener.tests_clinical import TESTS

router = APIRouter()


def _visit(work: UnitOfWork, person_id: int, visit_id: int) -> VisitRow:
    visit = work.get(VisitRow, visit_id)
    if visit.person_id != person_id:
        raise UsageError("This visit is of someone else.", "Choose two visits of the same person.")
    return visit


def pairs(
    now: tuple[RecordingPanel, ...], before: tuple[RecordingPanel, ...]
) -> list[tuple[str, StoredPicture | None, StoredPicture | None]]:
    """Put the pictures of the worst moments of the same test and side beside each other."""
    left, right = (_newest(before), _newest(now))
    keys = sorted(set(left) | set(right))
    return [(_title(*key), left.get(key), right.get(key)) for key in keys]


def _newest(done: tuple[RecordingPanel, ...]) -> dict[tuple[str, str], StoredPicture]:
    found: dict[tuple[str, str], StoredPicture] = {}
    for one in done:
        for picture in one.pictures:
            found.setdefault((picture.test, picture.side), picture)
    return found


def _title(test: str, side: str) -> str:
    name = TESTS[test].title if test in TESTS else test
    return name if side == "both" else f"{name}, {side}"


@router.get("/people/{person_id}/compare")
def compare_page(here: SignedInContext, person_id: int, before: int, now: int) -> Response:
    """Show two visits side by side, the earlier one on the left."""
    problem: UsageError | None = None
    changes: tuple[Change, ...] = ()
    with begin(here.database, here.actor) as work:
        person = people.see(work, person_id)
        both = sorted((_visit(work, person_id, one) for one in (before, now)), key=lambda one: (one.day, one.id))
        came = visits.of_person(work, person_id)
        done = [recorded(work, visits.see(work, one.id)) for one in both]
        try:
            changes = measured.compare_visits(work, both[1].id, both[0].id).changes
        except NotAllowedError:
            raise
        except UsageError as error:  # nothing in common: the pictures and visits are shown all the same
            problem = error
    return page(
        here, "compare.html.j2", person=person, before=both[0], now=both[1], visits=came, changes=changes,
        pairs=pairs(done[1], done[0]), title=_title, problem=problem,
    )  # fmt: skip
