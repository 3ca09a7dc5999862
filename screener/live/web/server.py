"""The server of the page: on this machine only, for one browser, until Ctrl-C or until it is closed."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast

import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import FileResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from nicegui import Client, ui
from nicegui.language import Language

from screener.errors import UsageError
from screener.live.controller import LiveController
from screener.live.results.outcome import served_pages
from screener.live.web.guard import LiveGuard
from screener.live.web.page import Page

HOST = "127.0.0.1"
LEAVING_S = 2
WORDS_OF_THE_SCRIPT = ("second", "second_help", "taken", "taken_help", "gone", "gone_help", "here")


def listen(port: int) -> socket.socket:
    """Take a port of this machine, 0 for any free one.

    Raises
    ------
    UsageError
        Another program has it.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UsageError(
            f"Port {port} cannot be used: another program has it.", "Leave --port out to use a free one."
        ) from error
    return listening


def _words_of_the_script(conductor: LiveController) -> dict[str, str]:
    """What the script says by itself; in a visit the end leads back there instead of to a terminal."""
    words, home = conductor.language, conductor.occasion.home
    said = {name: words(f"tab.{name}") for name in WORDS_OF_THE_SCRIPT}
    if home:
        said |= {"gone": words("visit.gone"), "gone_help": words("visit.gone_help"), "back": words("visit.back")}
    return said | {"home": home}


@contextlib.asynccontextmanager
async def _until_nothing_is_left(app: FastAPI) -> AsyncIterator[None]:
    """Let go of every tab at the end: NiceGUI would keep those that were open, and in them what was recorded, for the next."""
    yield
    for client in tuple(Client.instances.values()):
        client.delete()


class _Pages:
    """What is served. NiceGUI can be set up only once in a process, so that its page shows whatever screen is put here.

    Attributes
    ----------
    conductor : LiveController, optional
        Runs the flow of the screen that is shown.
    source : str
        Name of a file that is played in place of a camera; empty for a camera.
    """

    def __init__(self) -> None:
        self.conductor: LiveController | None = None
        self.source = ""
        logging.getLogger("nicegui").setLevel(logging.ERROR)  # a page that is not there is no news for the terminal
        self.app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_until_nothing_is_left)
        self.app.websocket("/stream")(self._stream)
        self.app.get("/report/{name:path}")(self._report)
        ui.page("/")(self._page)
        assets = Path(str(files("screener.live.web"))) / "assets"
        self.app.mount("/assets", StaticFiles(directory=assets), name="assets")
        ui.run_with(self.app, show_welcome_message=False, tailwind=False)

    @property
    def shown(self) -> LiveController:
        """The screen that is shown; the guard lets nobody in without one."""
        assert self.conductor is not None
        return self.conductor

    async def _stream(self, websocket: WebSocket) -> None:
        await self.shown.stream.serve(websocket)

    def _report(self, name: str) -> Response:
        folder = self.shown.occasion.keeper.folder
        page = served_pages(self.shown.outcomes, folder).get(name) if folder else None
        return FileResponse(page) if page else PlainTextResponse("There is no such report.", status_code=404)

    def _page(self) -> None:
        conductor, context = self.shown, ui.context.client
        context.page.language = cast(Language, conductor.language("page.quasar"))
        ui.page_title(conductor.language("page.title"))
        ui.add_head_html('<link rel="stylesheet" href="/assets/live.css">')
        said = json.dumps(_words_of_the_script(conductor)).replace("<", "\\u003c")
        ui.add_head_html(f"<script>const LIVE_WORDS = {said};</script>")
        ui.add_head_html('<script src="/assets/sound.js"></script><script src="/assets/live.js" defer></script>')
        Page(conductor, self.source).build()


@cache
def _pages() -> _Pages:
    return _Pages()


class _Opened:
    """A screen put on the page, at an address with a port and a token of its own."""

    def __init__(self, conductor: LiveController, port: int, source: str, host: str = HOST) -> None:
        self.listening = listen(port)
        port, token = self.listening.getsockname()[1], secrets.token_urlsafe(24)
        pages = _pages()
        pages.conductor, pages.source = conductor, source
        refusal = conductor.language("visit.refused" if conductor.occasion.home else "tab.refused")
        guarded = LiveGuard(pages.app, port=port, token=token, refusal=refusal)
        config = uvicorn.Config(
            guarded, log_level="error", timeout_graceful_shutdown=LEAVING_S, ws_per_message_deflate=False
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.origin = f"http://{host}:{port}/"
        self.address = f"{self.origin}?token={token}"
        self.listening.listen()

    def run(self) -> None:
        """Serve until the server is told to stop."""
        self.server.run(sockets=[self.listening])


def serve(conductor: LiveController, port: int, source: str, on_ready: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    conductor : LiveController
        Closed by the caller.
    port : int
        0 for any free one.
    source : str
        Name of a file that is played in place of a camera; empty for a camera.
    on_ready : callable
        Called with the address to open, token included, once the port is taken.
    """
    opened = _Opened(conductor, port, source)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has already shut down when it passes Ctrl-C on
        on_ready(opened.address)
        opened.run()


class HostedPage:
    """The page of a conductor, served beside another program until it is closed; one at a time in a process.

    Parameters
    ----------
    conductor : LiveController
        Closed by the caller, after this.
    source : str
        As for `serve`.
    host : str
        Name of this machine in the address, 127.0.0.1 or localhost.

    Attributes
    ----------
    address : str
        To open, token included.
    origin : str
        The same without the token, for the browser that has it.
    """

    def __init__(self, conductor: LiveController, source: str, host: str = HOST) -> None:
        self._stream = conductor.stream
        self._opened = _Opened(conductor, 0, source, host)
        self.address, self.origin = self._opened.address, self._opened.origin
        self._thread = threading.Thread(target=self._opened.run, name="live page", daemon=True)
        self._thread.start()
        while not self._opened.server.started and self._thread.is_alive():
            time.sleep(0.01)

    def close(self, *, lead_back: bool = True) -> None:
        """End the server.

        Parameters
        ----------
        lead_back : bool
            Send the page back where it came from first; without, it says that all has ended.
        """
        if lead_back:
            self._stream.tell({"kind": "ended"})
            until = time.monotonic() + LEAVING_S
            while self._stream.watched and time.monotonic() < until:
                time.sleep(0.02)
        self._opened.server.should_exit = True
        self._thread.join(timeout=5.0 * LEAVING_S)
        _pages().conductor = None
