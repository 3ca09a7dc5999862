"""One visit: what was measured, the comment, the report and its downloads."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select

from screener.errors import ConflictError, NotAllowedError, ScreenerError, StationError, UsageError
from screener.live.guide.flow import TICKS, in_order
from screener.live.language import load_language
from screener.model.results import TestResult
from screener.report.page import script_hash
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork, begin
from screener.station.measuring import recordings
from screener.station.records import consents, videos, visits
from screener.station.records.forms import Comment, checked
from screener.station.records.visits import SeenVisit
from screener.station.results import reports
from screener.station.storage.tables import PersonRow, Purpose, StoredPicture, StoredRecording, VisitRow
from screener.station.web.context import RequestContext, SignedInContext, SubmittedForm, attachment, go, page
from screener.station.web.services.guided_session import LANGUAGE, sits_here
from screener.tests_clinical import TESTS

router = APIRouter()
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-scripts; "
    f"script-src {script_hash()}"
)
"""A report runs its own script alone, named by its hash, and belongs to no origin: it reaches neither cookies nor pages."""


class DownloadLink(NamedTuple):
    """One way to save a visit."""

    make: Callable[[UnitOfWork, int], bytes | str]
    media: str
    ending: str


FORMS = MappingProxyType(
    {
        "pdf": DownloadLink(reports.visit_pdf, "application/pdf", "pdf"),
        "fhir": DownloadLink(reports.visit_fhir, "application/fhir+json", "fhir.json"),
        "csv": DownloadLink(reports.visit_csv, "text/csv; charset=utf-8", "csv"),
        "zip": DownloadLink(reports.visit_zip, "application/zip", "zip"),
    }
)


class RecordingPanel(NamedTuple):
    """One recording with its results and pictures."""

    stored: StoredRecording
    tests: tuple[TestResult, ...]
    pictures: tuple[StoredPicture, ...]


def recorded(work: UnitOfWork, seen: SeenVisit) -> tuple[RecordingPanel, ...]:
    """Return the recordings of a visit, the newest first."""
    return tuple(_done(work, stored) for stored in reversed(seen.recordings))


def _done(work: UnitOfWork, stored: StoredRecording) -> RecordingPanel:
    found = select(StoredPicture).where(StoredPicture.recording_id == stored.id).order_by(StoredPicture.id)
    return RecordingPanel(stored, recordings.report_of(work, stored.id).tests, tuple(work.session.scalars(found)))


def show(here: RequestContext, visit_id: int, comment: str | None = None, problem: ScreenerError | None = None) -> Response:
    """Draw the page of a visit; what was typed stays, after a problem and after the screen was locked."""
    with begin(here.database, here.actor) as work:
        seen = visits.see(work, visit_id)
        done = recorded(work, seen)
        standing = {purpose.value for purpose in Purpose if consents.has(work, seen.person.id, purpose)}
        earlier = [one for one in visits.of_person(work, seen.person.id) if one.id != visit_id]
    draft = here.site.drafts.find(here.actor.user_id, visit_id)
    if comment is None and draft is not None and draft.text != seen.visit.comment:
        comment = draft.text
    status = 200 if problem is None else 409 if isinstance(problem, ConflictError) else 400
    return page(
        here, "visit.html.j2", status, visit=seen.visit, person=seen.person, done=done, standing=standing,
        comment=seen.visit.comment if comment is None else comment, conflict=isinstance(problem, ConflictError),
        tests=[TESTS[key] for key in in_order(TESTS)], problem=problem, earlier=earlier,
        typed=draft if problem is None else None,
        jobs=here.site.jobs.waiting(visit_id, here.actor.user_id), texts=consents.TEXTS, guiding=here.site.guiding,
        at_station=sits_here(here.request), safety=load_language(LANGUAGE), ticks=TICKS,
    )  # fmt: skip


@router.get("/visits/{visit_id}")
def visit_page(here: SignedInContext, visit_id: int) -> Response:
    """Show a visit."""
    return show(here, visit_id)


@router.post("/visits/{visit_id}")
def change(here: SignedInContext, form: SubmittedForm, visit_id: int) -> Response:
    """Save the comment; where someone else was first, both are shown and what was typed is kept."""
    try:
        with begin(here.database, here.actor) as work:
            comment = checked(Comment, comment=form.text("comment"))
            visits.change(work, visit_id, form.whole("version"), comment=comment)
    except NotAllowedError:
        raise
    except UsageError as error:
        return show(here, visit_id, form.text("comment"), error)
    here.site.drafts.drop(here.actor.user_id, visit_id)
    return go(f"/visits/{visit_id}", "saved")


@router.post("/visits/{visit_id}/draft")
def keep_draft(here: SignedInContext, form: SubmittedForm, visit_id: int) -> Response:
    """Keep what is being typed, so that a locking screen does not lose it."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.CHANGE)
        work.get(VisitRow, visit_id)
    comment = checked(Comment, comment=form.text("comment"))
    here.site.drafts.keep(here.actor.user_id, visit_id, comment.comment, form.whole("version"))
    return JSONResponse("kept")


@router.post("/visits/{visit_id}/draft/drop")
def drop_draft(here: SignedInContext, form: SubmittedForm, visit_id: int) -> Response:
    """Go back to what is saved."""
    here.site.drafts.drop(here.actor.user_id, visit_id)
    return go(f"/visits/{visit_id}")


@router.post("/visits/{visit_id}/consent")
def consent(here: SignedInContext, form: SubmittedForm, visit_id: int) -> Response:
    """Record the consent to screening without leaving the visit."""
    with begin(here.database, here.actor) as work:
        consents.give(work, work.get(VisitRow, visit_id).person_id, Purpose.SCREENING, form.text("given_by"))
    return go(f"/visits/{visit_id}", "consent")


@router.post("/visits/{visit_id}/delete")
def remove(here: SignedInContext, form: SubmittedForm, visit_id: int) -> Response:
    """Delete a visit once `delete` was typed."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.ERASE)
        person_id = work.get(VisitRow, visit_id).person_id
        if form.text("typed").lower() == "delete":
            visits.remove(work, visit_id)
            here.site.forget([visit_id])
            return go(f"/people/{person_id}", "deleted")
    return show(here, visit_id, problem=UsageError("The visit was not deleted.", "Type the word delete to delete it."))


@router.post("/recordings/{recording_id}/delete")
def remove_recording(here: SignedInContext, form: SubmittedForm, recording_id: int) -> Response:
    """Delete a recording that went wrong."""
    with begin(here.database, here.actor) as work:
        visit_id = work.get(StoredRecording, recording_id).visit_id
        recordings.remove(work, recording_id)
    here.site.shelf.clear()
    return go(f"/visits/{visit_id}", "deleted")


@router.get("/visits/{visit_id}/report")
def report(here: SignedInContext, visit_id: int) -> Response:
    """Show the report; it may run nothing and load nothing."""
    with begin(here.database, here.actor) as work:
        html = reports.visit_html(work, visit_id, here.site.shelf)
    return Response(html, media_type="text/html", headers={"content-security-policy": REPORT_POLICY})


@router.get("/visits/{visit_id}/download/{form}")
def download(here: SignedInContext, visit_id: int, form: str) -> Response:
    """Give a visit in one of its forms."""
    if form not in FORMS:
        raise StationError("There is no such download.", "Choose one on the visit's page.")
    how = FORMS[form]
    with begin(here.database, here.actor) as work:
        work.require(Permission.EXPORT)
        seen = visits.load(work, visit_id)
        content = how.make(work, visit_id)
    name = f"{seen.person.pseudonym}-{seen.visit.day.isoformat()}-{visit_id}.{how.ending}"
    return attachment(content, how.media, name)


@router.get("/pictures/{picture_id}")
def picture(here: SignedInContext, picture_id: int) -> Response:
    """Show a picture; the visit it belongs to was logged when its page was shown, or is now."""
    with begin(here.database, here.actor) as work:
        jpeg = recordings.see_picture(work, picture_id)
    return Response(jpeg, media_type="image/jpeg")


@router.get("/recordings/{recording_id}/video")
def video(here: SignedInContext, recording_id: int) -> Response:
    """Give the kept video, its face blurred."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.EXPORT)
        content = b"".join(videos.read(work, recording_id))
        person = work.get(PersonRow, work.get(VisitRow, work.get(StoredRecording, recording_id).visit_id).person_id)
    return attachment(content, "video/mp4", f"{person.pseudonym}-{recording_id}.mp4")
