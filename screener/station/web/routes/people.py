"""The list of people, and a new person."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from screener.errors import NotAllowedError, ScreenerError, UsageError
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork, begin
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData, checked
from screener.station.storage.tables import Purpose
from screener.station.web.context import FormData, SignedInContext, SubmittedForm, go, page

router = APIRouter()
PAGE_LENGTH = 25


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f'The date in the field "{field}" does not exist.', "Write it like 2026-11-22.") from error


@router.get("/people")
def people_page(
    here: SignedInContext, q: str = "", since: str = "", until: str = "", at: int = 1, open: bool = False
) -> Response:
    """List people, those seen last first; a search that finds one person goes on to that one."""
    problem = None
    try:
        wanted = people.PeopleFilter(q, _day(since, "seen from"), _day(until, "seen until"))
    except UsageError as error:
        problem, wanted = error, people.PeopleFilter(q)
    number = min(max(at, 1), 1_000_000)
    with begin(here.database, here.actor) as work:
        found = people.find(work, wanted, limit=PAGE_LENGTH, offset=(number - 1) * PAGE_LENGTH)

    if open and q and found.total == 1:
        return go(f"/people/{found.people[0].person.id}")

    def address_of(other: int) -> str:
        return "/people?" + urlencode({"q": q, "since": since, "until": until, "at": other})

    pages = max(1, -(-found.total // PAGE_LENGTH))
    return page(
        here, "people.html.j2", 400 if problem else 200, found=found, q=q, since=since, until=until, number=number, pages=pages,
        before=address_of(number - 1), after=address_of(number + 1), problem=problem,
    )  # fmt: skip


def person_form(form: FormData) -> PersonData:
    """Check what was typed about a person."""
    return checked(
        PersonData,
        name=form.text("name"),
        birth_year=form.text("birth_year") or None,
        sex=form.text("sex") or None,
        notes=form.text("notes"),
    )


@router.get("/people/new")
def new_page(here: SignedInContext) -> Response:
    """Ask about a new person."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.CHANGE)
    return _new_page(here, FormData({}))


def _new_page(here: SignedInContext, typed: FormData, problem: ScreenerError | None = None) -> Response:
    status = 400 if problem else 200
    return page(here, "new_person.html.j2", status, typed=typed, texts=consents.TEXTS, problem=problem)


@router.post("/people/new")
def create(here: SignedInContext, form: SubmittedForm) -> Response:
    """Add a person, with consents and a first visit where asked for."""
    try:
        data = person_form(form)
        with begin(here.database, here.actor) as work:
            person = people.create(work, data)
            give_ticked(work, person.id, form)
            visit = visits.begin(work, person.id) if form.ticked("visit") else None
    except NotAllowedError:
        raise
    except UsageError as error:
        return _new_page(here, form, error)
    return go(f"/visits/{visit.id}" if visit else f"/people/{person.id}", "created")


def give_ticked(work: UnitOfWork, person_id: int, form: FormData) -> None:
    """Record the consents that were ticked."""
    for purpose in Purpose:
        if form.ticked(f"consent_{purpose.value}"):
            consents.give(work, person_id, purpose, form.text("given_by"))
