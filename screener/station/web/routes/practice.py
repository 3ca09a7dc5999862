"""Settings of the practice: letterhead, how long things are kept, when the screen locks."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from screener.errors import ConflictError, NotAllowedError, ScreenerError, UsageError
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import begin
from screener.station.records import practice
from screener.station.records.forms import PracticeData, checked
from screener.station.web.context import FormData, SignedInContext, SubmittedForm, go, page

router = APIRouter()
FIELDS = ("name", "address", "contact", "video_days", "idle_minutes")


def _page(here: SignedInContext, typed: FormData | None = None, problem: ScreenerError | None = None) -> Response:
    with begin(here.database, here.actor) as work:
        work.require(Permission.PRACTICE)
        own = practice.get(work)
    stored = {field: str(getattr(own, field)) for field in FIELDS} | {"version": str(own.version)}
    if own.name_on_reports:
        stored["name_on_reports"] = "on"
    status = 200 if problem is None else 409 if isinstance(problem, ConflictError) else 400
    return page(
        here, "practice.html.j2", status, typed=typed or FormData(stored), version=own.version,
        has_logo=own.logo_png is not None, problem=problem,
    )  # fmt: skip


@router.get("/settings")
def practice_page(here: SignedInContext) -> Response:
    """Show the settings."""
    return _page(here)


@router.post("/settings")
def change(here: SignedInContext, form: SubmittedForm) -> Response:
    """Change the settings."""
    try:
        values = {field: form.text(field) for field in FIELDS} | {"name_on_reports": form.ticked("name_on_reports")}
        with begin(here.database, here.actor) as work:
            practice.change(work, form.whole("version"), checked(PracticeData, **values))
            if form.file or form.ticked("no_logo"):
                practice.set_logo(work, form.file or None)
    except NotAllowedError:
        raise
    except UsageError as error:
        return _page(here, form, error)
    here.site.follow_practice()
    return go("/settings", "saved")


@router.get("/settings/logo")
def logo(here: SignedInContext) -> Response:
    """Show the logo of the letterhead."""
    with begin(here.database, here.actor) as work:
        png = practice.get(work).logo_png
    return Response(png or b"", media_type="image/png", status_code=200 if png else 404)
