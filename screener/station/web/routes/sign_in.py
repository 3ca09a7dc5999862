"""Sign-in, the first start, the locked screen, sign-out."""

from __future__ import annotations

import hmac

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from screener.errors import NotAllowedError, ScreenerError, UsageError
from screener.station.access import users
from screener.station.access.sessions import BrowserState
from screener.station.web.context import (
    COOKIE,
    FLASH_MESSAGES,
    FormData,
    SignedInContext,
    StationApp,
    SubmittedForm,
    go,
    own_address,
    read_form,
    render,
    site_of,
    token_of,
)

router = APIRouter()


class TooOftenError(NotAllowedError):
    """Someone tries too often. Each is a new one: an error raised again holds on to all that was typed before."""

    def __init__(self) -> None:
        super().__init__("Too many attempts from here.", "Wait a minute, then try again.")


def _gate(template: str, request: Request, problem: ScreenerError | None = None, **values: object) -> Response:
    status = 200 if problem is None else _status(problem)
    onward = own_address(request.query_params.get("next", "/people"))
    said = FLASH_MESSAGES.get(request.query_params.get("said", ""), "")
    return HTMLResponse(render(template, problem=problem, next=onward, said=said, **values), status_code=status)


def _status(problem: ScreenerError) -> int:
    if isinstance(problem, TooOftenError):
        return 429
    return 403 if isinstance(problem, NotAllowedError) else 400


def _with_cookie(answer: Response, site: StationApp, token: str) -> Response:
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=site.door.secure, path="/")
    return answer


@router.get("/")
def start(request: Request) -> Response:
    """Go to the people, or to where one signs in."""
    return go("/people" if users.has_users(site_of(request).database) else "/first")


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    """Show the sign-in."""
    if not users.has_users(site_of(request).database):
        return go("/first")
    return _gate("sign_in.html.j2", request, login="")


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Sign in with a new token, whatever the browser had before."""
    form = await read_form(request)
    try:
        return await to_thread.run_sync(_sign_in, request, form, limiter=site_of(request).secret_checks)
    except ScreenerError as error:
        return _gate("sign_in.html.j2", request, error, login=form.text("login"))


def _sign_in(request: Request, form: FormData) -> Response:
    site = site_of(request)
    address = request.client.host if request.client else ""
    if not (site.sign_ins.allows(f"from {address}") and site.sign_ins.allows(f"as {users.login_key(form.text('login'))}")):
        raise TooOftenError
    ticket = site.sessions.sign_in(form.text("login"), form.values.get("password", ""), token_of(request))
    return _with_cookie(go(own_address(form.text("next"))), site, ticket.token)


@router.get("/first")
def first_page(request: Request) -> Response:
    """Ask for the owner, once."""
    if users.has_users(site_of(request).database):
        return go("/sign-in")
    return _gate("first.html.j2", request, code=request.query_params.get("code", ""), login="", full_name="")


@router.post("/first")
async def first(request: Request) -> Response:
    """Create the owner, once, for who knows the code that the program printed."""
    form = await read_form(request)
    try:
        return await run_in_threadpool(_first, request, form)
    except ScreenerError as error:
        kept = {name: form.text(name) for name in ("code", "login", "full_name")}
        return _gate("first.html.j2", request, error, **kept)


def _first(request: Request, form: FormData) -> Response:
    site = site_of(request)
    if not site.sign_ins.allows("first"):
        raise TooOftenError
    if not hmac.compare_digest(form.text("code").encode(), site.setup_code.encode()):
        raise NotAllowedError("The start code is wrong.", "It is shown where the program was started.")
    password = form.values.get("password", "")
    if password != form.values.get("again", ""):
        raise UsageError("The two passwords are not the same.", "Type both again.")
    users.create_owner(site.database, form.text("login"), password, form.text("full_name"))
    ticket = site.sessions.sign_in(form.text("login"), password, token_of(request))
    return _with_cookie(go("/me"), site, ticket.token)


@router.get("/locked")
def locked_page(request: Request) -> Response:
    """Show the lock; who is not locked goes on."""
    presence = site_of(request).sessions.presence(token_of(request))
    if presence is BrowserState.LOCKED:
        return _gate("locked.html.j2", request)
    return go(own_address(request.query_params.get("next", "")) if presence is BrowserState.HERE else "/sign-in")


@router.post("/locked")
async def unlock(request: Request) -> Response:
    """Open the screen with the PIN."""
    form = await read_form(request)
    site = site_of(request)
    try:
        if not site.sign_ins.allows(f"pin {token_of(request)}"):
            raise TooOftenError
        await to_thread.run_sync(site.sessions.unlock, token_of(request), form.text("pin"), limiter=site.secret_checks)
    except ScreenerError as error:
        if site.sessions.presence(token_of(request)) is BrowserState.NOBODY:
            return _gate("sign_in.html.j2", request, error, login="")
        return _gate("locked.html.j2", request, error)
    return go(own_address(form.text("next")))


@router.post("/lock")
def lock(here: SignedInContext, form: SubmittedForm) -> Response:
    """Lock the screen now."""
    here.site.sessions.lock(here.token)
    return go("/locked")


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, from a locked screen too; the guard has seen to it that one of our pages asks."""
    site = site_of(request)
    await run_in_threadpool(site.sessions.sign_out, token_of(request))
    answer = go("/sign-in")
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=site.door.secure, path="/")
    return answer


@router.get("/presence")
def presence(request: Request) -> Response:
    """Tell a page that asks by itself whether the screen has locked."""
    return JSONResponse(site_of(request).sessions.presence(token_of(request)).value)


@router.get("/here")
def still_here(here: SignedInContext) -> Response:
    """Keep the screen open while someone types."""
    return JSONResponse(here.site.sessions.presence(here.token).value)
