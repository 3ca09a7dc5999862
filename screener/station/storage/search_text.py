"""One spelling for searching: no capitals, no accents, no invisible characters."""

from __future__ import annotations

import unicodedata

MAX_SEARCH = 100
"""Signs of a search that are looked at."""


def normalise(text: str) -> str:
    """Return the text without capitals, accents, double spaces and control characters.

    >>> normalise("Zoë  MÜLLER-Weiß")
    'zoe muller-weiss'
    """
    plain = " ".join(unicodedata.normalize("NFKD", text).casefold().split())
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] not in "MC")


def searched(pseudonym: str, name: str | None, birth_year: int | None, notes: str) -> str:
    """Return what a search looks at in a person."""
    return normalise(" ".join(str(part) for part in (pseudonym, name or "", birth_year or "", notes) if part))


def like_pattern(word: str) -> str:
    r"""Return the LIKE pattern of a word; its own characters %, _ and \ mean themselves.

    >>> like_pattern("50%")
    '%50\\%%'
    """
    for sign in "\\%_":
        word = word.replace(sign, f"\\{sign}")
    return f"%{word}%"
