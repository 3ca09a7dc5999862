"""The few building blocks of the page: plain HTML elements, so that keys, screen readers and large text work by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement


def text(tag: str, words: str, classes: str = "", **attributes: str) -> TextElement:
    """Make an element with text; NiceGUI escapes it."""
    element = TextElement(tag=tag, text=words)
    element.classes(classes)
    element._props.update({name.replace("_", "-"): value for name, value in attributes.items()})
    return element


def box(tag: str = "div", classes: str = "", **attributes: str) -> ui.element:
    """Make an element to put others in."""
    element = ui.element(tag).classes(classes)
    element._props.update({name.replace("_", "-"): value for name, value in attributes.items()})
    return element


def drawing(svg: Markup, classes: str = "") -> None:
    """Put in markup of the program's own."""
    ui.html(str(svg), sanitize=False).classes(classes)


def button(words: str, on_click: Callable[[], None], classes: str = "", *, key: str = "") -> TextElement:
    """Make a button; `key` is shown on it."""
    element = text("button", words, f"button {classes}", type="button")
    if key:
        element._props["data-key"] = key
    element.on("click", lambda: on_click(), args=[])
    return element


def items(words: Sequence[str], tag: str = "ul", classes: str = "") -> None:
    """Make a list."""
    with box(tag, classes):
        for line in words:
            text("li", line)


def tick(words: str, on_change: Callable[[], None], name: str, *, checked: bool) -> ui.element:
    """Make a line to tick."""
    with box("label", "tick") as line:
        mark = box("input", type="checkbox", name=name)
        if checked:
            mark._props["checked"] = True
        mark.on("change", lambda: on_change(), args=[])
        text("span", words)
    return line
