"""Files that users write by hand or with a spreadsheet, read however they were saved."""

from __future__ import annotations

import codecs
import csv
import io
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from screener.errors import UnreadableInputError

MAX_SHOWN = 60
"""Characters of a wrong value that a message repeats."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WINDOWS = "cp1252"
"""What Excel means by CSV, and an editor of Windows by ANSI, in western Europe and America; it never says so in the file."""
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx, .ods and .xls begin."""
_SEPARATORS = ",;\t"
_SAYS_SEPARATOR = re.compile(r'"?sep=(?P<sign>[,;\t])"?\s*', re.IGNORECASE)
"""A first line with which spreadsheets tell each other the separator."""
_TRUE = frozenset({"wahr", "ja", "vrai", "oui", "verdadero", "vero"})
_FALSE = frozenset({"falsch", "nein", "faux", "non", "falso"})
"""What a spreadsheet in another language makes of TRUE and FALSE, and people of yes and no; English is known already."""


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file, whatever encoding its editor chose.

    Parameters
    ----------
    data : bytes
        What lies in it.
    name : str
        How an error calls it.

    Raises
    ------
    UnreadableInputError
        It is no text, or in an encoding that cannot be told.
    """
    if data.startswith(_WORKBOOKS):
        raise UnreadableInputError(f"{name} is a workbook of a spreadsheet, whatever its ending says.", "Save it as CSV UTF-8.")
    named = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (named,) if named else ("utf-8", _WINDOWS):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text or encoding == "utf-8":
            return text
    raise UnreadableInputError(
        f"{name} is no text, or in an encoding that cannot be told.", "Save it as UTF-8 text; in a spreadsheet: CSV UTF-8."
    )


def csv_rows(text: str) -> list[Mapping[str, str]]:
    """Return the rows of a table by their column, names in small letters, without what is empty.

    A line such as `sep=;` tells the separator, or else the head; empty lines and remarks (#) above the head are left out.

    Raises
    ------
    csv.Error
        It is no such table.
    """
    lines = iter(io.StringIO(text, newline="").readlines())
    separator, head = "", ""
    for head in lines:
        if told := _SAYS_SEPARATOR.fullmatch(head):
            separator = told["sign"]
        elif head.strip(f"{_SEPARATORS} \r\n") and not head.startswith("#"):
            break
    separator = separator or max(_SEPARATORS, key=head.count)  # a semicolon where a comma ends the whole of a number
    rows = csv.DictReader((line for part in ([head], lines) for line in part), delimiter=separator)
    return [
        {
            key.strip().lower(): value.strip()
            for key, value in row.items()
            if isinstance(key, str) and isinstance(value, str) and value.strip()
        }
        for row in rows
    ]


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


def _with_point(value: object) -> object:
    """Write a number with a point where a comma ends the whole of it."""
    is_number = isinstance(value, str) and re.fullmatch(r"[+-]?\d+,\d+", value)
    return value.replace(",", ".") if is_number and isinstance(value, str) else value


def _in_english(value: object) -> object:
    """Turn yes and no of other languages into what they mean."""
    word = value.strip().lower() if isinstance(value, str) else value
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return value


TypedNumber = Annotated[float | None, BeforeValidator(_with_point)]
TypedWholeNumber = Annotated[int | None, BeforeValidator(_with_point)]
TypedYesNo = Annotated[bool, BeforeValidator(_in_english)]
