"""Who may talk to the page; asked over a real socket where the page itself runs."""

from __future__ import annotations

import asyncio
import base64
import http.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from starlette.responses import PlainTextResponse

from helpers.live_program import Running, Start
from screener.live.web.guard import LiveGuard

PORT, TOKEN = 4321, "right"
HOST = f"127.0.0.1:{PORT}"
HOME = f"http://{HOST}"
COOKIE = f"screener_{PORT}"


@dataclass
class Answer:
    """What came back: a status (200 also for an accepted websocket), headers and text."""

    status: int
    headers: dict[str, str]
    text: str


async def _inside(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await PlainTextResponse("in")(scope, receive, send)
    else:
        await send({"type": "websocket.accept"})


def new_guard() -> LiveGuard:
    return LiveGuard(_inside, PORT, TOKEN, "Open the address.")


def welcomed(guard: LiveGuard) -> dict[str, str]:
    """Open the page with the token; the cookie that comes back."""
    return {"cookie": ask(guard, query=f"token={TOKEN}").headers["set-cookie"].split(";")[0]}


def ask(guard: LiveGuard, kind: str = "http", query: str = "", **headers: str) -> Answer:
    """Put one request through the guard."""
    headers = {"host": HOST, **headers}
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    scope = {
        "type": kind, "method": "GET", "path": "/", "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
    }  # fmt: skip
    guarded = guard(scope, receive, send)
    with ThreadPoolExecutor(1) as other:  # a test with a browser leaves a loop running in this thread
        other.submit(asyncio.run, guarded).result()
    if kind == "websocket":
        return Answer({"websocket.accept": 200, "websocket.close": 403}[sent[0]["type"]], {}, "")
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, sent[1]["body"].decode())


def test_the_token_opens_the_page_once_and_leaves_the_address() -> None:
    guard = new_guard()
    answer = ask(guard, query=f"token={TOKEN}")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert TOKEN not in cookie, "who reads the token later could make the cookie"
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()
    kept = {"cookie": cookie.split(";")[0]}
    assert (ask(guard, **kept).status, ask(guard, **kept).text) == (200, "in")
    assert ask(guard, query=f"token={TOKEN}").status == 403
    assert ask(guard, cookie=f"{COOKIE}={TOKEN}").status == 403
    assert ask(guard, query=f"token={TOKEN}", **kept).status == 303, "the browser that has the page may open the address again"
    assert ask(guard, **kept).status == 200


@pytest.mark.parametrize("query", ["", "token=", "token=wrong", "token=right%20", "token=r%C4%B1ght"])
def test_without_the_token_nothing_is_shown(query: str) -> None:
    guard = new_guard()
    answer = ask(guard, query=query)
    assert (answer.status, "Open the address." in answer.text) == (403, True)
    assert welcomed(guard), "a wrong token must not use up the right one"


def test_a_wrong_token_is_refused_even_with_the_cookie() -> None:
    guard = new_guard()
    assert ask(guard, query="token=wrong", **welcomed(guard)).status == 403


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=wrong", f"screener_1={TOKEN}", "nonsense;;=;"])
def test_a_wrong_cookie_is_refused(cookie: str) -> None:
    assert ask(new_guard(), cookie=cookie).status == 403


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", ""])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_another_host_is_refused(kind: str, host: str) -> None:
    guard = new_guard()
    assert ask(guard, kind, query=f"token={TOKEN}", host=host, origin=f"http://{host}").status == 403
    assert ask(guard, kind, **{**welcomed(guard), "host": host, "origin": f"http://{host}"}).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", f"https://{HOST}", "http://127.0.0.1:1"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_another_page_is_refused(kind: str, origin: str) -> None:
    guard = new_guard()
    assert ask(guard, kind, origin=origin, **welcomed(guard)).status == 403


def test_the_websocket_needs_cookie_and_origin() -> None:
    guard = new_guard()
    kept = welcomed(guard)
    assert ask(guard, "websocket", origin=HOME).status == 403
    assert ask(guard, "websocket", **kept).status == 403
    assert ask(guard, "websocket", query=f"token={TOKEN}", origin=HOME).status == 403
    assert ask(guard, "websocket", origin=HOME, **kept).status == 200


def test_answers_forbid_what_comes_from_elsewhere() -> None:
    guard = new_guard()
    policy = ask(guard, **welcomed(guard)).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


def answer_of(running: Running, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode("utf-8", "replace")
    connection.close()
    return found


@pytest.mark.slow
def test_the_running_program(start: Start, samples: Path) -> None:
    running = start(samples / "stance_left_stable.mp4")
    cookie = running.cookie()
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
    }  # fmt: skip
    assert answer_of(running, "/")[0] == 403
    assert answer_of(running, "/", Cookie=cookie)[0] == 200
    assert answer_of(running, "/", Cookie=cookie, Host=f"evil.example:{running.port}")[0] == 403
    for path in ("/stream", "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"):
        assert answer_of(running, path, Cookie=cookie, **upgrade)[0] == 403
        assert answer_of(running, path, Origin=running.origin, **upgrade)[0] == 403
        assert answer_of(running, path, Cookie=cookie, Origin="http://evil.example", **upgrade)[0] == 403
    for path in ("/docs", "/openapi.json", "/assets/", "/assets/../server.py", "/report/../../../etc/passwd", "/report/x"):
        status, body = answer_of(running, path, Cookie=cookie)
        assert status == 404, path
        assert "root:" not in body
    listening = [one for one in psutil.Process(running.process.pid).net_connections("inet") if one.status == "LISTEN"]
    assert [(one.laddr.ip, one.laddr.port) for one in listening] == [("127.0.0.1", running.port)]
    running.end()
