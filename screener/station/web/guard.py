"""What is checked of every request before any page sees it, and the headers of every answer."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from screener.station.access.rate_limit import RateLimiter

BIGGEST_FORM_BYTES = 6_000_000
UPLOADS = "/intake/"
"""Only here more may be sent; it is counted while it comes."""
READING = frozenset({"GET", "HEAD"})
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True)
class Endpoint:
    """How the station is reached.

    Attributes
    ----------
    scheme : str
        https with TLS, else http.
    hosts : tuple of str
        Names with port that a request may ask for; empty for any, which only TLS may have: there a foreign name fails at the
        certificate.
    """

    scheme: str
    hosts: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether cookies are for TLS only."""
        return self.scheme == "https"


class StationGuard:
    """Refuses requests of other hosts and other pages, too many and too large ones.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    door : Endpoint
        How it is reached.
    limiter : RateLimiter
        By address of the sender.
    """

    def __init__(self, app: ASGIApp, door: Endpoint, limiter: RateLimiter) -> None:
        self._app, self._door, self._limiter = app, door, limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 4403})
        else:
            answer = self._refusal(scope)
            await (answer or self._app)(scope, receive, _with_headers(send, self._door))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._door.hosts and host not in self._door.hosts:
            return _no(421, "The station is not known by this name.")
        if scope["method"] not in READING and headers.get("origin") != f"{self._door.scheme}://{host}":
            return _no(403, "This request did not come from a page of the station.")
        client = scope.get("client")
        if not self._limiter.allows(client[0] if client else ""):
            return _no(429, "Too many requests. Wait a minute.")
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):  # no database looks for it
            return _no(400, "The address holds characters that cannot be read.")
        return _too_much(scope, headers)


def _too_much(scope: Scope, headers: Headers) -> Response | None:
    if scope["method"] in READING or scope["path"].startswith(UPLOADS):
        return None
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return _no(411, "The request does not say how large it is.")
    return _no(413, "The request is too large.") if int(length) > BIGGEST_FORM_BYTES else None


def _no(status: int, words: str) -> Response:
    return PlainTextResponse(words, status_code=status)


def _with_headers(send: Send, door: Endpoint) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", POLICY)
            headers.setdefault("cache-control", "no-store")
            if door.secure:
                headers["strict-transport-security"] = "max-age=31536000"
        await send(message)

    return sending
