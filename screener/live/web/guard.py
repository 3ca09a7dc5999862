"""Who may talk to the page: the browser that was opened with the token, at this address, from this page; nobody else."""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")


class LiveGuard:
    """Refuses requests of other hosts, other pages and without the token; tells the browser to load nothing from elsewhere.

    The token opens the page once: the browser that brings it is given a cookie with another secret, so that whoever reads the
    token afterwards, in a list of processes or over a shoulder, has nothing.

    Parameters
    ----------
    app : ASGI application
        What is guarded, websockets included.
    port : int
        Of this server.
    token : str
        Secret of this run, part of the address.
    refusal : str
        What a browser without the token is told.
    """

    def __init__(self, app: ASGIApp, port: int, token: str, refusal: str) -> None:
        self._app, self._token, self._refusal = app, token, refusal
        self._secret, self._is_used = secrets.token_urlsafe(24), False
        self._hosts = frozenset(f"{host}:{port}" for host in HOSTS)
        self._cookie = f"screener_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = self._refuse(scope) or self._welcome(scope)
        if answer is None:
            await self._app(scope, receive, self._with_headers(send, scope))
        elif scope["type"] == "http":
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4403})

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self._hosts:
            return self._no()
        if origin not in ((None,) if scope["type"] == "http" else ()) and origin != f"http://{host}":
            return self._no()
        is_known = hmac.compare_digest(self._kept_secret(headers).encode(), self._secret.encode())
        if scope["type"] == "http" and self._asked_token(scope) is not None:
            is_token = hmac.compare_digest((self._asked_token(scope) or "").encode(), self._token.encode())
            return None if is_token and (is_known or not self._is_used) else self._no()
        return None if is_known else self._no()

    def _welcome(self, scope: Scope) -> Response | None:
        """Give a cookie for the token of the address, and go on without it."""
        if scope["type"] != "http" or self._asked_token(scope) is None:
            return None
        self._is_used = True
        answer = RedirectResponse(scope["path"], status_code=303)
        answer.set_cookie(self._cookie, self._secret, httponly=True, samesite="lax")
        return answer

    def _no(self) -> Response:
        page = f'<!doctype html><html lang="en"><title>403</title><p style="font:1.5rem sans-serif">{self._refusal}</p></html>'
        return HTMLResponse(page, status_code=403)

    def _asked_token(self, scope: Scope) -> str | None:
        asked = parse_qs(str(scope.get("query_string", b""), "latin-1")).get("token")
        return asked[0] if asked else None

    def _kept_secret(self, headers: Headers) -> str:
        try:
            kept = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return kept.value if kept else ""

    def _with_headers(self, send: Send, scope: Scope) -> Send:
        host = Headers(scope=scope).get("host", "")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_headers(host)]
            await send(message)

        return sending


def _headers(host: str) -> tuple[tuple[bytes, bytes], ...]:
    """Headers of every answer. NiceGUI compiles its templates in the page, hence `unsafe-eval`; all of it comes from here."""
    policy = (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{host}; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
    return (
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
    )
