"""The self-check page: live."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from html import escape
from pathlib import Path
from typing import Annotated

import typer

from screener.cli.analysis import has_screen
from screener.cli.base import ModelOption, ModelPathOption, app
from screener.cli.console import out
from screener.extras import require_extra

PAGE = '<!doctype html><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url={}">'


@contextmanager
def _leading_to(address: str, folder: Path) -> Iterator[str]:
    """Give the address of a page that only this user may read and that leads on.

    Every user of the machine can read the words that a browser is started with, so the token must not be among them. The page
    lies with the reports: browsers that are packed into a box of their own see no temporary and no hidden folder of the home.
    """
    from screener.files import made, stage_in

    with made(folder), stage_in(folder) as stage:
        page = stage / "open.html"
        page.write_text(PAGE.format(escape(address)), encoding="utf-8")
        yield page.absolute().as_uri()


@app.command()
def live(
    camera: Annotated[
        str, typer.Option(help="Number of a camera, an http or rtsp address, or a video file to play in its place.")
    ] = "0",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 0,
    language: Annotated[str, typer.Option(help="Language of page and voice: en or de.")] = "en",
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the reports.")] = Path("screening/live"),
    model: ModelOption = "full",
    model_path: ModelPathOption = None,
) -> None:
    """Open the self-check page: from choosing a test to the report, guided, on this machine only."""
    require_extra("The live page", "live", "nicegui")
    from screener.files import check_writable
    from screener.live.camera.sources import source_of
    from screener.live.language import load_language
    from screener.pose.models import load_model

    words, open_source = load_language(language), source_of(camera)
    chosen = load_model(model, model_path)
    check_writable(folder)
    from screener.live.controller import LiveController
    from screener.live.results.context import ScreeningContext
    from screener.live.results.outcome import FolderSink
    from screener.live.web.server import serve

    conductor = LiveController(open_source, chosen, words, ScreeningContext(FolderSink(folder)))
    with closing(conductor), ExitStack() as opened:

        def ready(address: str) -> None:
            out.print(f"Open this address, once: {address}", highlight=False, soft_wrap=True)
            out.print("Ctrl-C ends the program.")
            if open_page and has_screen():
                webbrowser.open(opened.enter_context(_leading_to(address, folder)))

        serve(conductor, port, Path(camera).name if Path(camera).is_file() else "", ready)
    out.print("Ended; nothing is left running.")
