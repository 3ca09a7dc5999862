"""The panel of each stage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from screener.live.controller import LiveController
from screener.live.guide.flow import TICKS, Act, Stage, in_order, may_go_back, may_go_on
from screener.live.guide.movements import figure_svg, movement
from screener.live.guide.view_state import CameraState, ViewState
from screener.live.web.controls import act_button, heading, next_button
from screener.live.web.result_panels import report, result
from screener.live.web.widgets import box, drawing, items, text, tick
from screener.tests_clinical import TESTS

__all__ = ["draw", "may_go_on"]

COMMANDS = ("screener live --camera 1", "screener live --camera rtsp://ADDRESS", "screener live --camera FILE.mp4")


def draw(conductor: LiveController, shown: ViewState) -> ui.element | None:
    """Draw the panel of the stage; return the button that goes on."""
    missing = shown.camera.state in (CameraState.ABSENT, CameraState.OPENING)
    if shown.state.stage is Stage.CAMERA and missing:
        _no_camera(conductor, shown)
        return None
    return _PANELS[shown.state.stage](conductor, shown)


def _no_camera(conductor: LiveController, shown: ViewState) -> None:
    words = conductor.language
    absent = shown.camera.state is CameraState.ABSENT
    heading(words("camera.absent" if absent else "camera.opening"))
    if absent:
        _camera_cure(conductor, shown)
    if may_go_back(shown.state):
        with box("div", "buttons"):
            act_button(conductor, Act.BACK)


def _camera_cure(conductor: LiveController, shown: ViewState) -> None:
    words = conductor.language
    with box("div", "warning", role="alert"):
        text("p", f"{shown.camera.message} {shown.camera.advice}".strip(), "strong", lang="en")
        if shown.state.given:
            text("p", words("visit.absent_help"))
            return
        text("p", words("camera.absent_help"))
        with box("ul"):
            for command in COMMANDS:
                with box("li"):
                    text("code", command)
        text("p", words("camera.absent_phone"))


def _safety(conductor: LiveController, shown: ViewState) -> ui.element:
    words = conductor.language
    heading(words("safety.heading"))
    if shown.camera.state is CameraState.ABSENT:
        text("p", words("camera.absent"), "strong")
        _camera_cure(conductor, shown)
    with box("div", "columns"):
        with box("div", "stop-list"):
            text("h3", words("safety.stop_heading"))
            for group in ("emergency", "see"):
                text("h4", words(f"safety.{group}_heading"), group)
                items(words.texts[f"safety.{group}"])
        with box("div"):
            with box("fieldset"):
                text("legend", words("safety.tick_heading"))
                for key in TICKS:
                    checked = key in shown.state.ticked
                    tick(words(f"safety.tick.{key}"), partial(conductor.tick, key), key, checked=checked)
            with box("div", "buttons"):
                forward = next_button(conductor)
                text("p", words("safety.missing"), "missing")
            text("p", f"{words('safety.sentence')} {words('safety.privacy')}", "sentence")
    return forward


def _choose(conductor: LiveController, shown: ViewState) -> ui.element:
    words = conductor.language
    heading(words("choose.heading"))
    text("p", words("choose.short"))
    with box("div", "buttons"):
        forward = next_button(conductor, words("choose.start"))
        act_button(conductor, Act.BACK)
        text("p", words("choose.none"), "missing")
        tick(words("choose.easy"), conductor.easy, "easy", checked=shown.state.easy)
    with box("div", "cards"):
        for key in in_order(TESTS):
            _card(conductor, key, checked=key in shown.state.chosen)
    return forward


def _card(conductor: LiveController, key: str, *, checked: bool) -> None:
    words = conductor.language
    with tick(words.title(key), partial(conductor.choose, key), key, checked=checked).classes("card"):
        text("span", words.idea(key), "idea")
        drawing(figure_svg(key, None), "thumb")


def _camera(conductor: LiveController, shown: ViewState) -> ui.element:
    words, item = conductor.language, shown.state.item
    heading(words("camera.next_test", name=words.name(item.test, item.side)))
    how = movement(item.test)
    where = "hint_low" if how.low_camera else "hint_far" if how.starts_far else "hint"
    text("p", words("camera.lost_help" if shown.lost else f"camera.{where}"))
    with box("div", "buttons"):
        forward = next_button(conductor, words("camera.anyway"))
        if may_go_back(shown.state):
            act_button(conductor, Act.BACK)
        act_button(conductor, Act.SKIP)
    return forward


def _example(conductor: LiveController, shown: ViewState) -> ui.element:
    words, item = conductor.language, shown.state.item
    heading(words("example.heading", name=words.name(item.test, item.side)))
    with box("div", "example"):
        drawing(figure_svg(item.test, item.side), "figure")
        with box("div"):
            items(words.steps(item.test, item.side), "ol", "steps")
            if shown.state.easy:
                text("p", words("example.easier", text=words.easier(item.test)), "strong")
    text("p", "", "left", id="left")
    with box("div", "buttons"):
        forward = next_button(conductor)
        act_button(conductor, Act.WAIT, words("page.go_on" if shown.state.waiting else "page.wait"))
        act_button(conductor, Act.BACK)
        act_button(conductor, Act.SKIP)
    return forward


def _recording(conductor: LiveController, shown: ViewState) -> ui.element:
    """Baseline, countdown and test: the picture says it all, the panel repeats what to do."""
    words, item = conductor.language, shown.state.item
    heading(words.name(item.test, item.side))
    if shown.lost:
        text("p", words("camera.lost_help"), "strong")
    elif shown.state.stage is Stage.BASELINE:
        text("p", words("baseline.help" if movement(item.test).still_s is None else "baseline.still_help"))
    if shown.state.stage is not Stage.TEST:
        items(words.steps(item.test, item.side)[1:], "ul", "steps")
    with box("div", "buttons"):
        done = words("test.done") if shown.state.stage is Stage.TEST else ""
        forward = next_button(conductor, done)
    return forward


_PANELS: dict[Stage, Callable[[LiveController, ViewState], ui.element | None]] = {
    Stage.SAFETY: _safety,
    Stage.CHOOSE: _choose,
    Stage.CAMERA: _camera,
    Stage.EXAMPLE: _example,
    Stage.BASELINE: _recording,
    Stage.COUNTDOWN: _recording,
    Stage.TEST: _recording,
    Stage.RESULT: result,
    Stage.REPORT: report,
}
