"""The command line. Exit codes: 0 done, 2 wrong use, 3 nothing could be measured, 4 input could not be read."""

from __future__ import annotations

import logging
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import typer

from screener.cli import accuracy, analysis, batch, info, live, station
from screener.cli.base import app
from screener.cli.console import INTERRUPTED, report_error

COMMANDS = (analysis, live, station, batch, info, accuracy)
"""Modules whose import puts their commands into `app`."""


def _files_are_files(arguments: list[str]) -> list[str]:
    """Mark arguments such as -clip.mp4 that look like options but name a file."""
    return [f"./{word}" if word.startswith("-") and Path(word).is_file() else word for word in arguments]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; no traceback unless asked for."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    arguments = _files_are_files([argument for argument in arguments if argument != "--debug"])
    try:
        code: Any = app(arguments, prog_name="screener", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except (Exception, KeyboardInterrupt) as error:  # the border of the program: every error becomes a sentence
        return report_error(error, debug=debug)
    if code == INTERRUPTED:  # typer makes a bare exit code of Ctrl-C
        return report_error(KeyboardInterrupt(), debug=False)
    return code if isinstance(code, int) else 0


def run() -> None:
    """Entry point of the console script; a sign that the terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it remarks at length on a home that it cannot write to
    raise SystemExit(main())
