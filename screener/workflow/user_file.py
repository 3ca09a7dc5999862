"""Files that users write by hand, read however they were written."""

from __future__ import annotations

import tomllib
from typing import Any

MAX_SHOWN = 60
"""Characters of a wrong value that a message repeats."""


def parsed_toml(text: str) -> dict[str, Any]:
    """Return what is written in TOML.

    Raises
    ------
    ValueError
        It is not TOML, its brackets are nested too deeply, or a number has too many digits.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("its brackets are nested too deeply") from error


def shown(value: object) -> str:
    """Return a wrong value as a message repeats it: its beginning, on one line."""
    if isinstance(value, int) and value.bit_length() > 64:  # Python refuses to write down thousands of digits
        return "a huge number"
    text = str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."
