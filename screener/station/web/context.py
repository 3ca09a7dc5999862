"""One station as its pages know it: who sits at the browser, forms that are really ours, pages drawn from templates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any
from urllib.parse import quote

from anyio import CapacityLimiter
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import UploadFile

from screener.errors import NotAllowedError, UsageError
from screener.model.recording import VIDEO_SUFFIXES
from screener.report import wording
from screener.report.drawing.icons import icon
from screener.station.access.rate_limit import RateLimiter
from screener.station.access.roles import COMMAND_LINE, Actor, Permission
from screener.station.access.sessions import Sessions
from screener.station.access.unit_of_work import begin
from screener.station.records import practice, videos
from screener.station.records.forms import without_control_signs
from screener.station.results.report_cache import ReportCache
from screener.station.storage.database import Database
from screener.station.web.guard import Endpoint
from screener.station.web.services.drafts import CommentDrafts
from screener.station.web.services.guided_session import GuideService
from screener.station.web.services.jobs import MeasureQueue

COOKIE = "station"
SECRET_CHECKS = 2
"""Passwords and PINs that are looked at at the same time: each takes 64 MB and a core, and others wait for neither."""
MAX_FIELD_BYTES = 100_000
MAX_FIELDS = 40
FLASH_MESSAGES = {
    "saved": "Saved.",
    "created": "Added.",
    "deleted": "Deleted.",
    "consent": "The consent is recorded.",
    "withdrawn": "The consent is withdrawn; kept videos were deleted.",
    "erased": "The person was erased: rows, pictures, landmarks and videos. The log keeps only that it happened.",
    "pin": "The PIN is set.",
    "password": "The password is changed. Sign in with it.",
    "guided": "The guided recording has ended.",
    "imported": "The video was measured and saved in this visit.",
}
"""What a page says after something was done; an address names only the key."""


class SignedOutError(Exception):
    """Nobody is signed in at this browser."""


class ScreenLockedError(Exception):
    """The screen is locked."""


@dataclass
class StationApp:
    """One station.

    Attributes
    ----------
    setup_code : str
        Printed where the program was started; who creates the first user must know it.
    camera : str
        For guided recordings: a number, an address, or a video file in its place.
    """

    database: Database
    door: Endpoint
    setup_code: str
    camera: str = "0"
    sessions: Sessions = field(init=False)
    sign_ins: RateLimiter = field(init=False)
    jobs: MeasureQueue = field(init=False)
    guiding: GuideService = field(init=False)
    drafts: CommentDrafts = field(init=False)
    secret_checks: CapacityLimiter = field(init=False)
    shelf: ReportCache = field(init=False, default_factory=ReportCache)

    def __post_init__(self) -> None:
        """Start with nobody signed in."""
        settings = self.database.settings
        self.sessions = Sessions(self.database)
        self.sign_ins = RateLimiter(settings.sign_ins, timer=settings.timer)
        self.jobs = MeasureQueue(self.database)
        self.guiding = GuideService(self.camera)
        self.drafts = CommentDrafts(settings)
        self.secret_checks = CapacityLimiter(SECRET_CHECKS)
        self.follow_practice()

    def follow_practice(self) -> None:
        """Take over when the screen locks, and delete expired videos."""
        with begin(self.database, COMMAND_LINE) as work:
            self.sessions.idle = timedelta(minutes=practice.get(work).idle_minutes)
            videos.purge(work)

    def forget(self, visits: Collection[int]) -> None:
        """Let go of what is in memory of visits that are deleted."""
        running = self.guiding.running
        if running is not None and running.visit_id in visits:
            self.guiding.end()
        self.drafts.forget(visits)
        self.shelf.clear()


@dataclass(frozen=True)
class RequestContext:
    """Who asks, from which browser."""

    site: StationApp
    request: Request
    token: str
    actor: Actor
    csrf: str

    @property
    def database(self) -> Database:
        """The database of the station."""
        return self.site.database

    def may(self, name: str) -> bool:
        """Whether to show what the role allows; each function checks it again."""
        return self.actor.may(Permission[name])


def site_of(request: Request) -> StationApp:
    """Return the station a request is for."""
    site: StationApp = request.app.state.site
    return site


def token_of(request: Request) -> str:
    """Return the token in the cookie; empty where there is none."""
    return request.cookies.get(COOKIE, "")


def _seat(request: Request, *, touch: bool) -> RequestContext:
    site, token = site_of(request), token_of(request)
    found = site.sessions.find(token, touch=touch)
    if found is None:
        raise SignedOutError
    if found.locked:
        raise ScreenLockedError
    return RequestContext(site, request, token, found.actor, found.csrf)


def seat(request: Request) -> RequestContext:
    """Return who asks; the screen stays open."""
    return _seat(request, touch=True)


def watching(request: Request) -> RequestContext:
    """Return for whom a page asks by itself; it does not keep the screen open."""
    return _seat(request, touch=False)


SignedInContext = Annotated[RequestContext, Depends(seat)]
PassiveContext = Annotated[RequestContext, Depends(watching)]


@dataclass(frozen=True)
class FormData:
    """What a form sent, by a name."""

    values: Mapping[str, str]
    file: bytes = b""

    def text(self, name: str) -> str:
        """Return what was typed, without outer spaces; empty for nothing."""
        return self.values.get(name, "").strip()

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.values.get(name))

    def whole(self, name: str) -> int:
        """Return a whole number; UsageError where it is none."""
        try:
            return int(self.text(name))
        except ValueError as error:
            raise UsageError(f"The field {name} is not a whole number.", "Correct it and save again.") from error


def _require_text(name: str, value: str) -> None:
    """Refuse here, once for every field, what a server does not store and no keyboard writes."""
    try:
        without_control_signs(value)
    except ValueError as error:
        raise UsageError(f"The field {name} cannot be read: {error}.", "Type it again.") from error


async def read_form(request: Request) -> FormData:
    """Read a form, a little one, with at most one file."""
    async with request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES) as form:
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        for name, value in values.items():
            _require_text(name, value)
        sent = next((value for value in form.values() if isinstance(value, UploadFile)), None)
        return FormData(values, await sent.read() if sent is not None else b"")


async def posted(request: Request, here: SignedInContext) -> FormData:
    """Read the form of who is signed in; NotAllowedError where it does not carry the token of this sign-in."""
    form = await read_form(request)
    if not here.site.sessions.is_csrf(here.token, form.values.get("csrf", "")):
        raise NotAllowedError("This form does not belong to your sign-in.", "Open the page again, and send it once more.")
    return form


SubmittedForm = Annotated[FormData, Depends(posted)]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("screener.station.web"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    types = ",".join(("video/*", *(f".{suffix}" for suffix in sorted(VIDEO_SUFFIXES))))
    environment.globals.update(icon=icon, words=wording, day=day_in_words, video_types=types)
    return environment


def day_in_words(day: date) -> str:
    """Write a day so that no country reads it as another one, such as 3 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def render(template: str, **values: Any) -> str:
    """Draw a template; all values are escaped."""
    return _environment().get_template(template).render(**values)


def page(here: RequestContext, template: str, status: int = 200, **values: Any) -> Response:
    """Draw a page for who is signed in."""
    said = FLASH_MESSAGES.get(here.request.query_params.get("said", ""), "")
    return HTMLResponse(render(template, here=here, said=said, **{"problem": None} | values), status_code=status)


def go(address: str, said: str = "") -> Response:
    """Send the browser on after something was done."""
    return RedirectResponse(f"{address}?said={said}" if said else address, status_code=303)


def own_address(address: str) -> str:
    """Return an address of this station to go on to; the start for anything else."""
    inside = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if inside and address.isprintable() else "/people"


def gate_address(gate: str, request: Request) -> str:
    """Return the address of the sign-in or lock page, remembering where to go on to."""
    onward = request.url.path if request.method == "GET" else "/people"
    return f"{gate}?next={quote(onward)}"


def attachment(content: bytes | str, media: str, name: str) -> Response:
    """Give something to save under a name of ours."""
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})
