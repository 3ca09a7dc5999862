"""Heading and buttons of every panel."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from screener.live.components import button, text
from screener.live.conductor import Conductor
from screener.live.flow import Act


def heading(words: str) -> None:
    """Write the heading, which takes the keys where no button does."""
    text("h2", words, id="heading", tabindex="-1")


def act_button(conductor: Conductor, what: Act, words: str = "", classes: str = "") -> ui.element:
    """Make a button for something the person can do."""
    return button(words or conductor.language(f"page.{what.value}"), partial(conductor.act, what), classes)


def next_button(conductor: Conductor, words: str = "") -> ui.element:
    """Make the button that goes on."""
    press = partial(conductor.act, Act.NEXT)
    words = words or conductor.language("page.next")
    return button(words, press, "primary", key=conductor.language("page.space"))
