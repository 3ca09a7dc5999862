"""Texts: every language complete, nothing that a self-check must not say."""

from __future__ import annotations

import re
import string

import pytest

from screener.errors import UsageError
from screener.live.guide.flow import TICKS, Act
from screener.live.language import languages, load_language
from screener.model.pose import Side
from screener.model.results import SAFETY_SENTENCE, Grade
from screener.tests_clinical import TESTS

ENGLISH = load_language("en")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_english_and_german_are_there() -> None:
    assert {"en", "de"} <= set(languages())


@pytest.mark.parametrize("code", languages())
def test_every_language_has_the_same_keys_lists_and_places(code: str) -> None:
    other = load_language(code).texts
    assert set(other) == set(ENGLISH.texts)
    for key, text in ENGLISH.texts.items():
        assert type(other[key]) is type(text), key
        if isinstance(text, list):
            assert len(other[key]) == len(text), key
        else:
            assert places(other[key]) == places(text), key


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("test", sorted(TESTS))
@pytest.mark.parametrize("side", [None, *Side])
def test_every_test_has_words_in_every_language(code: str, test: str, side: Side | None) -> None:
    words = load_language(code)
    if side not in TESTS[test].sides:
        return
    lines = (words.title(test), words.idea(test), words.easier(test), *words.steps(test, side))
    assert all(lines)
    assert not re.search(r"[{}]|--", " ".join(lines))


def test_a_language_without_words_for_a_test_speaks_with_its_instructions() -> None:
    bare = type(ENGLISH)("fr", ENGLISH.texts)
    assert bare.title("hip_hinge") == TESTS["hip_hinge"].title
    assert bare.steps("hip_hinge", None) == TESTS["hip_hinge"].instructions


@pytest.mark.parametrize("test", sorted(TESTS))
def test_instructions_are_for_a_person_and_not_for_a_terminal(test: str) -> None:
    assert not any("--" in line for line in TESTS[test].instructions)


def test_the_sentence_is_the_one_of_every_report() -> None:
    assert ENGLISH("safety.sentence") == SAFETY_SENTENCE


@pytest.mark.parametrize("code", languages())
def test_nothing_is_diagnosed(code: str) -> None:
    said = " ".join(str(text) for text in load_language(code).texts.values()).lower()
    for word in ("trendelenburg", "gluteus", "injury risk", "verletzungsrisiko", "weakness"):
        assert word not in said


def test_what_the_code_asks_for_is_there() -> None:
    wanted = [f"safety.tick.{key}" for key in TICKS] + [f"grade.{grade.value}" for grade in Grade]
    wanted += [f"page.{what.value}" for what in (Act.NEXT, Act.BACK, Act.STOP, Act.AGAIN, Act.SKIP, Act.WAIT)]
    assert [key for key in wanted if not ENGLISH.has(key)] == []


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as refused:
        load_language("xx")
    assert "de, en" in refused.value.advice
