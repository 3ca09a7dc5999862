"""One person: details, consents, visits; export and erasure."""

from __future__ import annotations

import io

from fastapi import APIRouter
from fastapi.responses import Response

from screener.errors import ConflictError, NotAllowedError, ScreenerError, UsageError
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import begin
from screener.station.care import privacy
from screener.station.records import consents, people, visits
from screener.station.storage.tables import PersonRow, Purpose
from screener.station.web.context import FormData, SignedInContext, SubmittedForm, attachment, go, page
from screener.station.web.routes.people import give_ticked, person_form

router = APIRouter()


def _details(person: PersonRow) -> FormData:
    return FormData(
        {
            "name": person.name or "",
            "birth_year": str(person.birth_year or ""),
            "sex": person.sex or "",
            "notes": person.notes,
            "version": str(person.version),
        }
    )


def _page(
    here: SignedInContext,
    person_id: int,
    typed: FormData | None = None,
    problem: ScreenerError | None = None,
    erasing: bool = False,
) -> Response:
    with begin(here.database, here.actor) as work:
        person = people.see(work, person_id)
        given = consents.of_person(work, person_id)
        standing = {one.purpose for one in given if one.withdrawn_at is None}
        came = visits.of_person(work, person_id)
        recorded = {visit.id: visits.load(work, visit.id).recordings for visit in came[:50]}
    status = 200 if problem is None else 409 if isinstance(problem, ConflictError) else 400
    return page(
        here, "person.html.j2", status, person=person, typed=typed or _details(person), now=_details(person), given=given,
        standing=standing, visits=came, recorded=recorded, texts=consents.TEXTS, purposes=tuple(Purpose), problem=problem,
        conflict=isinstance(problem, ConflictError), editing=typed is not None, erasing=erasing,
    )  # fmt: skip


@router.get("/people/{person_id}")
def person_page(here: SignedInContext, person_id: int) -> Response:
    """Show a person."""
    return _page(here, person_id)


@router.post("/people/{person_id}")
def change(here: SignedInContext, form: SubmittedForm, person_id: int) -> Response:
    """Change the details; where someone else was first, both versions are shown and what was typed is kept."""
    try:
        with begin(here.database, here.actor) as work:
            people.change(work, person_id, form.whole("version"), person_form(form))
    except NotAllowedError:
        raise
    except UsageError as error:
        return _page(here, person_id, form, error)
    return go(f"/people/{person_id}", "saved")


@router.post("/people/{person_id}/consents")
def give(here: SignedInContext, form: SubmittedForm, person_id: int) -> Response:
    """Record consents."""
    with begin(here.database, here.actor) as work:
        give_ticked(work, person_id, form)
    return go(f"/people/{person_id}", "consent")


@router.post("/people/{person_id}/withdraw")
def withdraw(here: SignedInContext, form: SubmittedForm, person_id: int) -> Response:
    """Record that a consent was withdrawn."""
    if form.text("purpose") not in tuple(Purpose):
        raise UsageError("There is no such consent.", "Load the page again.")
    with begin(here.database, here.actor) as work:
        consents.withdraw(work, person_id, Purpose(form.text("purpose")))
    return go(f"/people/{person_id}", "withdrawn")


@router.post("/people/{person_id}/visits")
def begin_visit(here: SignedInContext, form: SubmittedForm, person_id: int) -> Response:
    """Begin a visit today."""
    with begin(here.database, here.actor) as work:
        visit = visits.begin(work, person_id)
    return go(f"/visits/{visit.id}")


@router.post("/people/{person_id}/export")
def export(here: SignedInContext, form: SubmittedForm, person_id: int) -> Response:
    """Give everything of a person as a zip file."""
    file = io.BytesIO()
    with begin(here.database, here.actor) as work:
        privacy.export_person(work, person_id, file)
        pseudonym = people.see(work, person_id).pseudonym
    return attachment(file.getvalue(), "application/zip", f"person-{pseudonym}.zip")


@router.post("/people/{person_id}/erase")
def erase(here: SignedInContext, form: SubmittedForm, person_id: int) -> Response:
    """Erase a person whose pseudonym was typed, and show what was found when it was looked for afterwards."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.ERASE)
        pseudonym = work.get(PersonRow, person_id).pseudonym
        came = [visit.id for visit in visits.of_person(work, person_id)]
    if form.text("typed").upper() != pseudonym:
        problem = UsageError(f"This is not {pseudonym}; nothing was erased.", "Type the id of the person exactly.")
        return _page(here, person_id, problem=problem, erasing=True)
    here.site.forget(came)
    erasure = privacy.erase_person(here.database, here.actor, person_id)
    here.site.forget(came)  # what was typed meanwhile in another window
    return page(here, "erased.html.j2", pseudonym=pseudonym, erasure=erasure)
