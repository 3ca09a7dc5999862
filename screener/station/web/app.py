"""All pages of one station together, and what is shown when a request cannot be answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from screener.errors import ConflictError, NotAllowedError, ScreenerError, StationError
from screener.station.access.rate_limit import RateLimiter
from screener.station.access.unit_of_work import SignInEndedError
from screener.station.storage.database import Database
from screener.station.web.context import (
    ScreenLockedError,
    SignedOutError,
    StationApp,
    gate_address,
    go,
    render,
    site_of,
    token_of,
)
from screener.station.web.guard import READING, Endpoint, StationGuard
from screener.station.web.routes import compare, guide, people, person, practice, progress, sign_in, staff, upload, visit
from screener.station.web.services.maintenance import Maintenance

PAGES = (sign_in, people, person, visit, guide, upload, progress, compare, practice, staff)


def make_app(database: Database, door: Endpoint, setup_code: str, camera: str = "0") -> FastAPI:
    """Put the station together.

    Parameters
    ----------
    database : Database
        Open; closed by the caller.
    door : Endpoint
        How it is reached.
    setup_code : str
        Who creates the first user must know it.
    camera : str
        For guided recordings, as `screener.live.camera.sources.source_of` takes it.
    """
    site = StationApp(database, door, setup_code, camera)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        upkeep = Maintenance(database)
        yield
        await run_in_threadpool(upkeep.close)
        await run_in_threadpool(site.guiding.end, lead_back=False)  # where to would it lead
        site.jobs.close()

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=life)
    app.state.site = site
    for one in PAGES:
        app.include_router(one.router)
    app.mount("/assets", StaticFiles(directory=Path(str(files("screener.station.web"))) / "assets"), name="assets")
    app.add_exception_handler(SignedOutError, lambda request, _: go(gate_address("/sign-in", request)))
    app.add_exception_handler(ScreenLockedError, lambda request, _: go(gate_address("/locked", request)))
    app.add_exception_handler(SignInEndedError, _signed_out)
    app.add_exception_handler(ScreenerError, _refused)
    app.add_exception_handler(ClientDisconnect, lambda _request, _error: Response(status_code=400))  # nobody reads it
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _not_there)
    app.add_middleware(StationGuard, door=door, limiter=RateLimiter(database.settings.requests, timer=database.settings.timer))
    return app


def _signed_out(request: Request, _error: Exception) -> Response:
    """Where the password was changed at another station, this one does not know of it before."""
    site_of(request).sessions.end(token_of(request))
    return go("/sign-in", "password")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ScreenerError)
    return HTMLResponse(render("problem.html.j2", error=error), status_code=_status(request, error))


def _status(request: Request, error: ScreenerError) -> int:
    if isinstance(error, NotAllowedError):
        return 403
    if isinstance(error, ConflictError):
        return 409
    return 404 if isinstance(error, StationError) and request.method in READING else 400


def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    said = StationError("There is no such page.", "Go back to the list of people.")
    return HTMLResponse(render("problem.html.j2", error=said), status_code=status)
