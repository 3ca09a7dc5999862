"""The server of the page: on this machine only, for one browser, until Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import socket
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import cast

import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import FileResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from nicegui import ui
from nicegui.language import Language

from screener.errors import UsageError
from screener.live.conductor import Conductor
from screener.live.outcome import served_pages
from screener.live.page import Page
from screener.live.security import Guard

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
            f"Port {port} cannot be used: another program has it.", "Leave --port out: a free one is taken."
        ) from error
    return listening


def make_app(conductor: Conductor, port: int, token: str, source: str) -> FastAPI:
    """Put the page together.

    Parameters
    ----------
    conductor : Conductor
        Runs the flow.
    port : int
        Where it is served.
    token : str
        Secret of this run.
    source : str
        Name of a file that is played in place of a camera; empty for a camera.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    words = conductor.language

    @app.websocket("/stream")
    async def stream(websocket: WebSocket) -> None:
        await conductor.stream.serve(websocket)

    @app.get("/report/{name:path}")
    def report(name: str) -> Response:
        page = served_pages(conductor.outcomes, conductor.folder).get(name)
        return FileResponse(page) if page else PlainTextResponse("There is no such report.", status_code=404)

    @ui.page("/", title=words("page.title"), language=cast(Language, words("page.quasar")))
    def index() -> None:
        ui.add_head_html('<link rel="stylesheet" href="/assets/live.css">')
        said = json.dumps({name: words(f"tab.{name}") for name in WORDS_OF_THE_SCRIPT}).replace("<", "\\u003c")
        ui.add_head_html(f"<script>const LIVE_WORDS = {said};</script>")
        ui.add_head_html('<script src="/assets/sound.js"></script><script src="/assets/live.js" defer></script>')
        Page(conductor, source).build()

    app.mount("/assets", StaticFiles(directory=Path(str(files("screener.live"))) / "assets"), name="assets")
    ui.run_with(app, title=words("page.title"), show_welcome_message=False, tailwind=False)
    app.add_middleware(Guard, port=port, token=token, refusal=words("tab.refused"))
    return app


def serve(conductor: Conductor, port: int, source: str, on_ready: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    conductor : Conductor
        Closed by the caller.
    port : int
        0 for any free one.
    source : str
        As for `make_app`.
    on_ready : callable
        Called with the address to open, token included, once the port is taken.
    """
    logging.getLogger("nicegui").setLevel(logging.ERROR)  # a page that is not there is no news for the terminal
    listening = listen(port)
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = make_app(conductor, port, token, source)
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=LEAVING_S, ws_per_message_deflate=False)
    listening.listen()
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has already shut down when it passes Ctrl-C on
        on_ready(f"http://{HOST}:{port}/?token={token}")
        uvicorn.Server(config).run(sockets=[listening])
