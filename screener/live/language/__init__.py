"""Every text of the live page, one file a language. English is complete; another language has the same keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from screener.errors import UsageError
from screener.model.pose import Side
from screener.tests_clinical import get_test, named_measure
from screener.tests_clinical.guide import GuideWords


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in table.items():
        out |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return out


def languages() -> tuple[str, ...]:
    """Codes of the languages there are."""
    folder = files(__package__)
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@dataclass(frozen=True)
class Language:
    """The texts of one language.

    Attributes
    ----------
    code : str
        As in `lang="de"`.
    texts : mapping
        Text, or list of texts, by its dotted key.
    """

    code: str
    texts: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its {places} filled; KeyError for a key that is not there."""
        return str(self.texts[key]).format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self.texts

    def side(self, side: Side | None) -> str:
        """Name a side; empty for both."""
        return self(f"side.{side.value}") if side else ""

    def _words(self, test: str) -> GuideWords | None:
        return get_test(test).how.words.get(self.code)

    def title(self, test: str) -> str:
        """Title of a test; its own English one where there is no other."""
        words = self._words(test)
        return words.title if words else get_test(test).title

    def name(self, test: str, side: Side | None) -> str:
        """Title of a test with its side."""
        return f"{self.title(test)}, {self.side(side)}" if side else self.title(test)

    def idea(self, test: str) -> str:
        """What a test is about."""
        words = self._words(test)
        return words.idea if words else get_test(test).idea

    def steps(self, test: str, side: Side | None) -> tuple[str, ...]:
        """What to do, for one side; the test's own English lines where there are no others."""
        words = self._words(test)
        if words is None:
            return get_test(test).instructions
        names = {"side": self.side(side), "other": self.side(side.other if side else None)}
        return tuple(line.format(**names) for line in words.steps)

    def easier(self, test: str) -> str:
        """Return the easier version of a test."""
        words = self._words(test)
        return words.easier if words else get_test(test).easy_version

    def measure(self, key: str, label: str) -> str:
        """Name of a measure; its own English one where there is no other."""
        known = named_measure(key)
        return known.names.get(self.code, label) if known else label


@cache
def load_language(code: str) -> Language:
    """Read a language file.

    Raises
    ------
    UsageError
        No such language.
    """
    if code not in languages():
        raise UsageError(f"There is no language {code}.", f"Choose one of: {', '.join(languages())}.")
    return Language(code, _flat(tomllib.loads(files(__package__).joinpath(f"{code}.toml").read_text(encoding="utf-8"))))
