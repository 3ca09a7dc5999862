"""What is said, beeped and written large: from one moment to the next. The words are the language file's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from screener.live.guide.flow import COUNT_FROM, RESULT_S, Act, Stage
from screener.live.guide.movements import movement
from screener.live.guide.progress import Gauge, is_complete
from screener.live.guide.view_state import ViewState
from screener.live.language import Language
from screener.model.results import Status
from screener.report.wording import PLUS_MINUS, limit, number

NO_LIMIT_SPAN = 90.0
"""Length of the scale of a measure that has no guide line, in its unit."""
SAY_LEFT_S = 10.0
ADVICE_PAUSE_S = 4.0

Message = dict[str, Any]


def _rounded(value: float, unit: str) -> str:
    return limit(float(round(value)), unit)


def gauge_message(gauge: Gauge, language: Language) -> Message:
    """Describe the gauge as the page draws it: places on the scale from 0 to 1, and everything also as words."""
    has_limit = math.isfinite(gauge.limit)
    span = 2.0 * abs(gauge.limit) if has_limit and gauge.limit else NO_LIMIT_SPAN
    low = -span / 4.0

    def place(value: float) -> float:
        return round(min(1.0, max(0.0, (value - low) / (span - low))), 3)

    known, spread = math.isfinite(gauge.value), gauge.u95 if math.isfinite(gauge.u95) else 0.0
    text = ""
    if known:
        text = _rounded(gauge.value, gauge.unit)
        text = f"{number(gauge.value, 0)} {PLUS_MINUS} {_rounded(spread, gauge.unit)}" if spread else text
    return {
        "label": language.measure(gauge.measure, gauge.label),
        "text": text,
        "word": language(f"test.{_gauge_word(gauge)}"),
        "state": _gauge_word(gauge),
        "guide": language("test.guide", limit=limit(gauge.limit, gauge.unit)) if has_limit else "",
        "limit": place(gauge.limit) if has_limit else None,
        "value": place(gauge.value) if known else None,
        "from": place(gauge.value - spread) if known else None,
        "to": place(gauge.value + spread) if known else None,
    }


def _gauge_word(gauge: Gauge) -> str:
    if not math.isfinite(gauge.value):
        return "unseen"
    if not math.isfinite(gauge.limit):
        return "no_guide"
    if math.isfinite(gauge.u95) and abs(gauge.value - gauge.limit) <= gauge.u95:
        return "unsure"
    return "beyond" if gauge.beyond else "within"


def _counter(shown: ViewState, language: Language) -> tuple[str, str]:
    """Return the counter and what it counts up to; empty where nothing is counted yet."""
    how, reading = movement(shown.state.item.test), shown.reading
    if how.repetitions is not None or (how.hold_s is None and reading.repetitions):
        of = language("test.repetitions_of", target=how.repetitions) if how.repetitions else ""
        of = of if reading.repetitions <= (how.repetitions or 0) else ""  # never "13 of 5"
        return language("test.repetitions", count=reading.repetitions), of
    of = language("test.hold_of", target=f"{how.hold_s:g}") if how.hold_s else ""
    return language("test.hold", seconds=int(reading.hold_s)), of


def _complete(shown: ViewState) -> bool:
    return shown.state.stage is Stage.TEST and is_complete(shown.reading, movement(shown.state.item.test))


def advice_text(shown: ViewState, language: Language) -> str:
    """Text of the newest advice; empty without any."""
    return language(f"check.{shown.advice.key}", detail=shown.advice.detail) if shown.advice else ""


def _cue(shown: ViewState, language: Language) -> tuple[str, str]:
    """Return the large line and its tone: todo, good or plain."""
    state = shown.state
    if shown.lost:
        return language("camera.lost"), "todo"
    lying = bool(state.plan) and movement(state.item.test).still_s is not None
    match state.stage:
        case Stage.CAMERA:
            return advice_text(shown, language), "good" if shown.advice and shown.advice.good else "todo"
        case Stage.BASELINE:
            return language("baseline.still_heading" if lying else "baseline.heading"), "plain"
        case Stage.COUNTDOWN:
            return language("countdown.heading"), "plain"
        case Stage.TEST if _complete(shown):
            return language("test.complete_lying" if lying else "test.complete"), "good"
        case Stage.TEST:
            return language("test.begin") if not shown.reading.moved else "", "plain"
        case _:
            return "", "plain"


def count_now(shown: ViewState) -> int:
    """Return the number of the countdown: 3, 2, 1."""
    return max(1, math.ceil(COUNT_FROM - shown.state.elapsed_s))


def _goes_on_in(shown: ViewState) -> float | None:
    state = shown.state
    if state.waiting:
        return None
    if state.stage is Stage.EXAMPLE:
        return shown.example_left_s
    result_waits = state.stopped or shown.outcome is None or not shown.outcome.scored
    return RESULT_S - state.elapsed_s if state.stage is Stage.RESULT and not result_waits else None


def display(shown: ViewState, language: Language) -> Message:
    """Everything on the page that changes within a stage."""
    state = shown.state
    cue, tone = _cue(shown, language)
    big, small = _counter(shown, language) if state.stage is Stage.TEST else ("", "")
    left = _goes_on_in(shown)
    gauge = shown.reading.gauge if state.stage is Stage.TEST else None
    return {
        "kind": "show",
        "stage": state.stage.value,
        "cue": cue,
        "tone": tone,
        "count": str(count_now(shown)) if state.stage is Stage.COUNTDOWN else "",
        "big": big,
        "small": small,
        "left": language("example.goes_on", seconds=max(0, math.ceil(left))) if left is not None else "",
        "gauge": gauge_message(gauge, language) if gauge else None,
        "stop": Act.STOP.value,
    }


def _say(text: str, language: Language, *, now: bool = True) -> Message:
    return {"kind": "say", "text": text, "lang": language.code, "now": now}


def _beep(which: str) -> Message:
    return {"kind": "beep", "which": which}


def sounds(before: ViewState, after: ViewState, language: Language) -> Iterator[Message]:
    """Yield what is to be heard between two moments: `say` and `beep` messages."""
    stage = after.state.stage
    same = (before.state.stage, before.state.number) == (stage, after.state.number)
    if before.lost != after.lost:
        yield _beep("lost" if after.lost else "good")
        yield _say(language("say.lost" if after.lost else "say.back"), language)
    if not same:
        yield from _entering(after, language)
    elif stage is Stage.COUNTDOWN and count_now(before) != count_now(after):
        yield from _counted(after, language)
    elif stage is Stage.TEST:
        yield from _during(before, after, language)


def _counted(shown: ViewState, language: Language) -> Iterator[Message]:
    yield _beep("count")
    yield _say(str(count_now(shown)), language)


def _entering(shown: ViewState, language: Language) -> Iterator[Message]:
    state = shown.state
    match state.stage:
        case Stage.CAMERA:
            name = language.name(state.item.test, state.item.side)
            yield _say(f"{language('camera.next_test', name=name)}. {language('camera.heading')}.", language)
        case Stage.EXAMPLE:
            yield _beep("good")
            lines = list(language.steps(state.item.test, state.item.side))
            lines += [language("example.easier", text=language.easier(state.item.test))] if state.easy else []
            yield _say(" ".join([f"{language.name(state.item.test, state.item.side)}.", *lines]), language)
        case Stage.BASELINE:
            yield _say(_cue(shown, language)[0], language)
        case Stage.COUNTDOWN:
            yield from _counted(shown, language)
        case Stage.TEST:
            yield _beep("start")
            yield _say(language("countdown.go"), language)
        case Stage.RESULT:
            yield _beep("stop")
            yield _say(_result_words(shown, language), language)
        case Stage.REPORT:
            yield _say(language("visit.done" if state.given else "say.report"), language)
        case _:
            yield {"kind": "hush"}


def _result_words(shown: ViewState, language: Language) -> str:
    outcome, state = shown.outcome, shown.state
    if state.stopped or outcome is None:
        return language("say.stopped")
    (result, *_more) = outcome.screening.report.tests
    if result.score is None:
        return language("result.not_assessed" if result.status is Status.NOT_ASSESSED else "result.no_points")
    return f"{language.name(state.item.test, state.item.side)}: {language('result.points', points=result.score)}"


def _during(before: ViewState, after: ViewState, language: Language) -> Iterator[Message]:
    old, new = before.reading, after.reading
    target_s = movement(after.state.item.test).hold_s
    if new.repetitions > old.repetitions:
        yield _beep("count")
        yield _say(str(new.repetitions), language)
    if target_s and old.hold_s < target_s - SAY_LEFT_S <= new.hold_s < target_s:
        yield _say(language("test.seconds_left", seconds=f"{SAY_LEFT_S:g}"), language)
    if _complete(after) and not _complete(before):
        yield _beep("stop")
        yield _say(_cue(after, language)[0], language, now=False)


class Speaker:
    """Sends what is new to the page; voice and beeps can be muted.

    Parameters
    ----------
    language : Language
        Of the page.
    tell : callable
        Takes a message to the page.
    """

    def __init__(self, language: Language, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self._language, self._tell = language, tell
        self._before: ViewState | None = None
        self._display: Message = {}
        self._advised, self._advised_at = "", -ADVICE_PAUSE_S
        self.voice, self.beeps = True, True

    def display(self, shown: ViewState) -> Message:
        """All that changes within a stage, for a page that has just come."""
        return display(shown, self._language)

    def toggle_voice(self) -> None:
        """Mute the voice, or let it speak."""
        self.voice = not self.voice
        self._tell({"kind": "hush"})

    def toggle_beeps(self) -> None:
        """Mute the beeps, or let them sound."""
        self.beeps = not self.beeps

    def follow(self, shown: ViewState) -> None:
        """Send what differs from the moment before."""
        new = display(shown, self._language)
        if new != self._display:
            self._display = new
            self._tell(new)
        for message in sounds(self._before, shown, self._language) if self._before else ():
            self._sound(message)
        self._advise(shown)
        self._before = shown

    def _advise(self, shown: ViewState) -> None:
        """Say what to do about the camera: when it changes, and again after a while, but not with every frame."""
        text = advice_text(shown, self._language)
        now_s = shown.state.now_s
        changed = text != self._advised
        if not text or shown.lost or now_s - self._advised_at < (ADVICE_PAUSE_S / 2 if changed else 2 * ADVICE_PAUSE_S):
            return
        self._advised, self._advised_at = text, now_s
        self._sound(_say(text, self._language, now=False))

    def _sound(self, message: Message) -> None:
        wanted = {"say": self.voice, "beep": self.beeps}.get(message["kind"], True)
        if wanted:
            self._tell(message)
