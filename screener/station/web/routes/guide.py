"""Start and end of a guided recording, and the way back from it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from screener.errors import NotAllowedError, ScreenerError, UsageError
from screener.live.guide.flow import PlannedTest, in_order
from screener.live.guide.flow import plan_of as every_side
from screener.live.guide.movements import sides_to_record
from screener.live.results.context import ScreeningContext
from screener.live.web.guard import HOSTS
from screener.model.recording import Request
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import begin
from screener.station.records import consents, people
from screener.station.storage.tables import Purpose, VisitRow
from screener.station.web.context import FormData, RequestContext, SignedInContext, SubmittedForm, go, own_address, page, render
from screener.station.web.routes.upload import require_side
from screener.station.web.routes.visit import show
from screener.station.web.services.guided_session import GuidedRecording, VisitSink, sits_here
from screener.tests_clinical import TESTS, get_test

router = APIRouter()


def plan_of(tests: Iterable[str], side: str) -> tuple[PlannedTest, ...]:
    """List the recordings: each test on the side asked for, or on each of its sides, one after another.

    Raises
    ------
    UsageError
        No such test or side.
    """
    require_side(side)
    wanted = in_order(dict.fromkeys(get_test(key).key for key in tests))
    every = every_side(wanted, {key: sides_to_record(get_test(key)) for key in wanted})
    return tuple(item for item in every if item.side is None or side in ("auto", "both", item.side.value))


def _elsewhere() -> NotAllowedError:
    return NotAllowedError(
        "A guided recording is made at the station's own machine, where its camera is.",
        "Use the camera of this device, or import a video.",
    )


def _asked(form: FormData) -> tuple[PlannedTest, ...]:
    if not form.ticked("safety"):
        raise UsageError("The safety list comes first.", "Go through it with the person, then tick that you did.")
    more = [key for key in TESTS if form.ticked(f"also_{key}")]
    return plan_of([form.text("test"), *more], form.text("side") or "auto")


def _about(here: RequestContext, visit_id: int, first: str, *, stickers: bool) -> Request:
    """Refuse what would be refused at the first result; return what is known of the person."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.CHANGE)
        person_id = work.get(VisitRow, visit_id).person_id
        consents.require(work, person_id, Purpose.SCREENING)
        return people.request_for(work, person_id, Request(test=first, markers=stickers))


def _open(here: RequestContext, visit_id: int, plan: tuple[PlannedTest, ...], about: Request) -> GuidedRecording:
    home = f"{here.site.door.scheme}://{here.request.headers['host']}/back?to=/visits/{visit_id}"
    occasion = ScreeningContext(VisitSink(here.database, here.actor, visit_id), plan, about, home)
    name = here.request.url.hostname or ""
    host = name if name in HOSTS else HOSTS[0]
    present = partial(here.site.sessions.is_here, here.token)
    return GuidedRecording(visit_id, here.actor.user_id, occasion, here.site.guiding.camera, present, host)


@router.post("/visits/{visit_id}/guide")
def start(here: SignedInContext, form: SubmittedForm, visit_id: int) -> Response:
    """Open camera and live page, and lead the browser there."""
    if not (sits_here(here.request) and here.site.guiding.possible):
        raise _elsewhere()
    try:
        plan = _asked(form)
        about = _about(here, visit_id, plan[0].test, stickers=form.ticked("stickers"))
        guided = here.site.guiding.start(lambda: _open(here, visit_id, plan, about))
    except NotAllowedError:
        raise
    except ScreenerError as error:
        return show(here, visit_id, problem=error)
    return page(here, "guide.html.j2", address=guided.address, visit_id=visit_id)


@router.post("/visits/{visit_id}/guide/end")
def end(here: SignedInContext, form: SubmittedForm, visit_id: int) -> Response:
    """End the guided recording, of this visit or of another one, and release the camera."""
    if not sits_here(here.request):
        raise _elsewhere()
    with begin(here.database, here.actor) as work:
        work.require(Permission.CHANGE)
        work.get(VisitRow, visit_id)
    here.site.guiding.end()
    return go(f"/visits/{visit_id}", "guided")


@router.get("/back")
def back(to: str = "") -> Response:
    """Lead on to a page of the station.

    The live page is another site to a browser where the station has TLS, so that a link from there would come without the
    cookie, which is for links of this site only. This page's own link is one.
    """
    return HTMLResponse(render("onward.html.j2", to=own_address(to)))
