"""The page of the command line is the program's own help."""

from __future__ import annotations

from pathlib import Path

import typer.main

from screener.cli.base import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


def test_every_option_of_analyze_and_batch_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    command = typer.main.get_command(app)
    for name in ("analyze", "batch", "report", "live"):
        for option in command.commands[name].params:  # type: ignore[attr-defined]
            for word in option.opts:
                assert word.lstrip("-") in page, (name, word)
