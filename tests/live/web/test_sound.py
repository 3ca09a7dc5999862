"""The voice of the page in Debian's Chromium, with voices that a test brings: the machine has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parents[3] / "screener/live/web/assets/sound.js"
NEAR = {"name": "near", "lang": "en-GB", "localService": True}
FAR = {"name": "far", "lang": "en-US", "localService": False}
STAND_IN = """
window.voices = [];
window.spoken = [];
const voice = {
  speaking: false, onvoiceschanged: null, cancel() {}, getVoices: () => window.voices,
  speak: (words) => window.spoken.push([words.text, words.voice ? words.voice.name : "the browser's own choice"]),
};
Object.defineProperty(window, "speechSynthesis", {value: voice});
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; this.voice = null; } };
window.load = (voices) => { window.voices = voices; if (voice.onvoiceschanged) voice.onvoiceschanged(); };
"""


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context()
    tab = context.new_page()
    tab.add_script_tag(content=STAND_IN)
    tab.add_script_tag(path=str(SCRIPT))
    yield tab
    context.close()


def say(page: Any, text: str, now: bool = True) -> None:
    page.evaluate("(sentence) => sound.say(sentence)", {"text": text, "lang": "en", "now": now})


def spoken(page: Any) -> list[list[str]]:
    found: list[list[str]] = page.evaluate("spoken")
    return found


def load(page: Any, *voices: dict[str, object]) -> None:
    page.evaluate("(voices) => load(voices)", list(voices))


def test_the_first_sentence_waits_for_a_voice_of_this_machine(page: Any) -> None:
    say(page, "Step back.")
    assert spoken(page) == []
    load(page, FAR, NEAR)
    load(page, FAR, NEAR)
    assert spoken(page) == [["Step back.", "near"]]
    say(page, "Turn sideways.")
    assert spoken(page)[1:] == [["Turn sideways.", "near"]]


def test_only_the_newest_sentence_that_waits_is_spoken(page: Any) -> None:
    for number in "321":
        say(page, number)
    load(page, NEAR)
    assert spoken(page) == [["1", "near"]]


def test_what_was_muted_meanwhile_is_not_spoken(page: Any) -> None:
    say(page, "Step back.")
    page.evaluate("sound.hush()")
    load(page, NEAR)
    assert spoken(page) == []


def test_a_voice_of_the_network_never_speaks(page: Any) -> None:
    say(page, "Step back.")
    load(page, FAR)
    say(page, "Turn sideways.", now=False)
    assert spoken(page) == []
