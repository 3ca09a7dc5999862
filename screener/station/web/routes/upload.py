"""A recorded video comes in: streamed to the side, measured in the background, deleted."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from screener.errors import ConflictError, NotAllowedError, ScreenerError, UsageError
from screener.model.recording import Request
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import begin
from screener.station.measuring.imports import import_video
from screener.station.measuring.incoming import IncomingVideo
from screener.station.measuring.sealed import SealedVideo
from screener.station.records import consents, people
from screener.station.storage.tables import Purpose, VisitRow
from screener.station.web.context import PassiveContext, RequestContext, SignedInContext, SubmittedForm
from screener.station.web.services.jobs import MeasureJob
from screener.tests_clinical import get_test

router = APIRouter()
SIDES = ("auto", "left", "right", "both")


@router.post("/intake/{visit_id}")
async def take_in(
    here: SignedInContext, request: HttpRequest, visit_id: int, name: str, test: str, side: str = "auto",
    stickers: bool = False, keep: bool = False, stopped: bool = False,
) -> Response:  # fmt: skip
    """Take in a video whose bytes are the body of the request; answers with the job that measures it."""
    try:
        if not here.site.sessions.is_csrf(here.token, request.headers.get("x-csrf", "")):
            raise NotAllowedError(
                "This upload does not belong to your sign-in.", "Load the page again, and choose the video once more."
            )
        wanted = await run_in_threadpool(_allowed, here, visit_id, _request(test, side, stickers, stopped), keep)
        with ExitStack() as files:
            incoming = files.enter_context(await run_in_threadpool(IncomingVideo, here.database, name))
            async for piece in request.stream():
                await run_in_threadpool(incoming.write, piece)
            video = await run_in_threadpool(incoming.complete)
            run = partial(_measure, here, visit_id, video, wanted, keep)
            job = here.site.jobs.start(here.actor.user_id, visit_id, run, files.pop_all())
    except ScreenerError as error:
        status = 403 if isinstance(error, NotAllowedError) else 409 if isinstance(error, ConflictError) else 400
        return JSONResponse({"problem": f"{error.message} {error.advice}"}, status_code=status)
    return JSONResponse({"job": job.key})


def require_side(side: str) -> None:
    """Raise UsageError where this is no side that a recording can be of."""
    if side not in SIDES:
        raise UsageError("There is no such side.", f"Choose one of {', '.join(SIDES)}.")


def _request(test: str, side: str, stickers: bool, stopped: bool) -> Request:
    get_test(test)
    require_side(side)
    return Request.model_validate({"test": test, "side": side, "markers": stickers, "stopped": stopped})


def _allowed(here: RequestContext, visit_id: int, wanted: Request, keep: bool) -> Request:
    """Refuse before anything is sent what would be refused after it."""
    with begin(here.database, here.actor) as work:
        work.require(Permission.CHANGE)
        person_id = work.get(VisitRow, visit_id).person_id
        consents.require(work, person_id, Purpose.SCREENING)
        if keep:
            consents.require(work, person_id, Purpose.VIDEO)
        return people.request_for(work, person_id, wanted)


def _measure(here: RequestContext, visit_id: int, video: SealedVideo, wanted: Request, keep: bool, job: MeasureJob) -> None:
    import_video(
        here.database, here.actor, visit_id, video, wanted,
        keep_video=keep, follow=job.follow, cancellation=job.cancellation,
    )  # fmt: skip


@router.get("/jobs/{key}")
def progress(here: PassiveContext, key: str) -> Response:
    """Tell how far the measuring of a video is, and how many are measured before it."""
    jobs = here.site.jobs
    found = jobs.find(key, here.actor.user_id)
    if found is None:
        return JSONResponse({"done": True, "seconds": 0, "problem": "This upload is no longer known. Load the page again."})
    told = {"done": found.done, "seconds": round(found.seconds, 1), "problem": found.problem, "ahead": jobs.ahead(found)}
    return JSONResponse(told)


@router.post("/jobs/{key}/cancel")
def cancel(here: SignedInContext, form: SubmittedForm, key: str) -> Response:
    """End the measuring of a video."""
    found = here.site.jobs.find(key, here.actor.user_id)
    if found is not None:
        here.site.jobs.cancel(found)
    return progress(here, key)
