"""The page: one panel a stage, and the picture beside it. It draws what the conductor shows and passes on what is wanted."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from screener.live.controller import LiveController
from screener.live.guide.flow import RECORDING, STOPPABLE, Act, FlowState, Stage
from screener.live.guide.view_state import CameraState, ViewState
from screener.live.web import panels
from screener.live.web.widgets import box, button, text

EVERY_S = 0.1
STAGES = tuple(Stage)

Key = tuple[object, ...]


def picture_shown(shown: ViewState) -> bool:
    """Whether the camera's picture belongs on the page."""
    return shown.state.stage in STOPPABLE and shown.camera.state in (CameraState.ON, CameraState.LOST)


def what_changes_the_page(conductor: LiveController) -> Key:
    """All that needs another panel; what changes within one is sent by the stream."""
    shown = conductor.shown()
    state = shown.state
    outcome = shown.outcome.screening.report.created_at if shown.outcome else None
    camera = shown.camera.state if state.stage in STOPPABLE | {Stage.SAFETY, Stage.CHOOSE} else None
    probed = camera if camera is CameraState.ABSENT or state.stage in STOPPABLE else None
    return state.stage, state.number, state.waiting, state.stopped, probed, outcome, shown.problem


def step_words(conductor: LiveController, state: FlowState) -> str:
    """Say which recording of how many this is."""
    if state.stage not in STOPPABLE | {Stage.RESULT}:
        return ""
    return conductor.language("page.step", number=state.number + 1, of=len(state.plan))


class Page:
    """One browser tab."""

    def __init__(self, conductor: LiveController, source: str) -> None:
        self._conductor, self._words, self._source = conductor, conductor.language, source
        self._drawn: Key = ()
        self._next: ui.element | None = None

    def build(self) -> None:
        """Lay the page out."""
        with box("div", "screen") as self._screen:
            self._header()
            with box("div", "stage"):
                self._picture()
                self._readout()
                self._panel = box("section", "panel", id="panel", tabindex="-1", aria_label=self._words("page.title"))
            self._footer()
        ui.timer(EVERY_S, self._follow)

    def _header(self) -> None:
        with box("div", "bar"):
            text("h1", self._words("page.title"))
            self._step = text("p", "", "step")
            self._mute("voice", self._conductor.speaker.toggle_voice)
            self._mute("beep", self._conductor.speaker.toggle_beeps)
            if self._conductor.occasion.home:
                text("a", self._words("visit.back"), "button small", href=self._conductor.occasion.home)

    def _mute(self, which: str, toggle: object) -> None:
        speaker = self._conductor.speaker

        def words() -> str:
            on = speaker.voice if which == "voice" else speaker.beeps
            return self._words(f"page.{which}_{'on' if on else 'off'}")

        def change() -> None:
            (speaker.toggle_voice if which == "voice" else speaker.toggle_beeps)()
            switch.text = words()

        switch = button(words(), change, "small")

    def _picture(self) -> None:
        with box("div", "view"):
            box("canvas", "picture", id="picture", role="img", aria_label=self._words("page.picture"))
            text("p", "", "cue", id="cue", role="status", aria_live="polite")
            text("p", "", "count", id="count")

    def _readout(self) -> None:
        with box("div", "readout"):
            with box("p", "numbers"):
                text("span", "", "big", id="big")
                text("span", "", "small", id="small")
            self._gauge()

    def _gauge(self) -> None:
        with box("div", "gauge", id="gauge"):
            text("p", "", "gauge-label", id="gauge-label")
            text("p", "", "gauge-text", id="gauge-text")
            with box("div", "scale", aria_hidden="true"):
                for part in ("beyond", "spread", "limit", "value"):
                    box("div", part, id=f"gauge-{part}")
            text("p", "", "gauge-word", id="gauge-word")
            text("p", "", "gauge-guide", id="gauge-guide")

    def _footer(self) -> None:
        with box("div", "foot"):
            with box("div", "keys"):
                text("p", self._words("page.keys"))
                if self._source:
                    text("p", self._words("page.file", name=self._source))
            stop = partial(self._conductor.act, Act.STOP)
            self._stop = button(self._words("page.stop"), stop, "stop", key=self._words("page.stop_key"))

    def _follow(self) -> None:
        """Draw another panel when there is another thing to show."""
        key = what_changes_the_page(self._conductor)
        if key != self._drawn:
            self._drawn = key
            self._redraw()
        self._offer_next()

    def _redraw(self) -> None:
        shown = self._conductor.shown()
        state = shown.state
        self._screen.classes(
            add=f"at-{state.stage.value} {'pictured' if picture_shown(shown) else 'wordy'}",
            remove=" ".join(f"at-{stage.value}" for stage in STAGES if stage is not state.stage)
            + (" wordy" if picture_shown(shown) else " pictured"),
        )
        self._step.text = step_words(self._conductor, state)
        self._stop.set_visibility(state.stage in STOPPABLE)
        self._panel.clear()
        with self._panel:
            self._next = panels.draw(self._conductor, shown)
        ui.run_javascript(f"live.entered({'true' if state.stage in RECORDING else 'false'})")

    def _offer_next(self) -> None:
        """Let the button that goes on be pressed only where it leads on."""
        if self._next is None:
            return
        blocked = not panels.may_go_on(self._conductor.shown().state)
        if self._next._props.get("aria-disabled") != str(blocked).lower():
            self._next._props["aria-disabled"] = str(blocked).lower()
            self._next.update()
