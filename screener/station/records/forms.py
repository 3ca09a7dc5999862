"""What users type, checked once, with one sentence for what is wrong."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from pydantic import Field, ValidationError, field_validator

from screener.errors import UsageError
from screener.model.recording import Sex
from screener.model.results import Record

OLDEST_BIRTH_YEAR = 1900
MAX_NAME = 200
MAX_TEXT = 10_000
Form = TypeVar("Form", bound=Record)


def checked(form: type[Form], **values: object) -> Form:
    """Check what was typed.

    Raises
    ------
    UsageError
        It names the field and what is wrong with it.
    """
    try:
        return form.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = " ".join(str(part) for part in first["loc"]).replace("_", " ")
        said = str(first["ctx"]["error"]) if "error" in first.get("ctx", {}) else first["msg"]
        raise UsageError(f"The field {field} cannot be saved: {said}.", "Correct it and save again.") from error


class PersonData(Record):
    """What is typed about a person; all of it may be left out."""

    name: str | None = Field(default=None, max_length=MAX_NAME)
    birth_year: int | None = Field(default=None, ge=OLDEST_BIRTH_YEAR)
    sex: Sex | None = None
    notes: str = Field(default="", max_length=MAX_TEXT)

    @field_validator("name")
    @classmethod
    def _no_empty_name(cls, name: str | None) -> str | None:
        return (name or "").strip() or None

    @field_validator("birth_year")
    @classmethod
    def _born_already(cls, year: int | None) -> int | None:
        if year is not None and year > date.today().year:
            raise ValueError("this year has not come yet")
        return year

    @field_validator("name", "notes")
    @classmethod
    def _no_control_signs(cls, text: str | None) -> str | None:
        return without_control_signs(text)


class PracticeData(Record):
    """Letterhead and times of the practice."""

    name: str = Field(default="", max_length=MAX_NAME)
    address: str = Field(default="", max_length=1000)
    contact: str = Field(default="", max_length=1000)
    name_on_reports: bool = False
    video_days: int = Field(default=30, ge=1, le=3650)
    idle_minutes: int = Field(default=10, ge=1, le=240)

    @field_validator("name", "address", "contact")
    @classmethod
    def _no_control_signs(cls, text: str) -> str | None:
        return without_control_signs(text)


class Comment(Record):
    """The clinician's own note to a visit."""

    comment: str = Field(default="", max_length=MAX_TEXT)

    @field_validator("comment")
    @classmethod
    def _no_control_signs(cls, text: str) -> str | None:
        return without_control_signs(text)


def without_control_signs(text: str | None) -> str | None:
    """Refuse characters that no keyboard writes and PostgreSQL does not store, such as the zero byte."""
    if text is not None and any(ord(sign) < ord(" ") and sign not in "\n\r\t" for sign in text):
        raise ValueError("it holds characters that cannot be shown")
    return text
