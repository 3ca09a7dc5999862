"""Heading and buttons of every panel."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from screener.live.controller import LiveController
from screener.live.guide.flow import Act
from screener.live.web.widgets import button, text


def heading(words: str) -> None:
    """Write the heading, which takes the keys where no button does."""
    text("h2", words, id="heading", tabindex="-1")


def act_button(conductor: LiveController, what: Act, words: str = "", classes: str = "") -> ui.element:
    """Make a button for something the person can do."""
    return button(words or conductor.language(f"page.{what.value}"), partial(conductor.act, what), classes)


def next_button(conductor: LiveController, words: str = "") -> ui.element:
    """Make the button that goes on."""
    press = partial(conductor.act, Act.NEXT)
    words = words or conductor.language("page.next")
    return button(words, press, "primary", key=conductor.language("page.space"))
