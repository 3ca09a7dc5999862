"""Every error a user can meet.

ScreenerError                 one sentence, one piece of advice, one exit code
|-- UsageError           (2)  an option, a test name or an output folder that cannot be used
|   |-- OutputError      (2)  the result could not be written
|   `-- StationError     (2)  the clinic station refuses: its database, a sign-in, a permission
|       |-- NotAllowedError    who asks may not do this
|       `-- ConflictError      someone else changed it in the meantime
|-- NothingMeasuredError (3)  the input was read, but nothing in it could be measured
|-- UnreadableInputError (4)  a file or camera that gives no pictures
`-- ModelError           (4)  the pose model is missing or is not the one it should be
"""

from __future__ import annotations

import re

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that steer a terminal, or the direction of what is written after them, instead of being shown."""
_STEERING_IN_LINES = re.compile(f"(?![\t\n]){_STEERING.pattern}")


def printable(text: str) -> str:
    """Return a text of one line that can be written down and shown.

    The name of a file may hold bytes that are not UTF-8, and escape sequences that clear a terminal or rename its window.
    """
    return _STEERING.sub("?", text.encode("utf-8", "replace").decode("utf-8"))


def printable_lines(text: str) -> str:
    """Return a text of several lines that can be shown, as `printable`."""
    return _STEERING_IN_LINES.sub("?", text)


class ScreenerError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    message : str
        One clear sentence: what is wrong.
    advice : str
        One piece of advice for the person filming or typing.
    """

    exit_code = 2

    def __init__(self, message: str, advice: str) -> None:
        self.message = printable(message)
        super().__init__(self.message)
        self.advice = advice


class UsageError(ScreenerError):
    """The program was called in a way that cannot work."""

    exit_code = 2


class OutputError(UsageError):
    """The result could not be written; nothing half-written is left behind."""


class StationError(UsageError):
    """The clinic station cannot do what was asked; nothing was saved."""


class NotAllowedError(StationError):
    """The user's role, a missing consent or a closed session forbids it."""


class ConflictError(StationError):
    """Someone else changed the same thing in the meantime."""


class NothingMeasuredError(ScreenerError):
    """The input was read but nothing in it could be measured."""

    exit_code = 3


class UnreadableInputError(ScreenerError):
    """The input file or camera gives no pictures."""

    exit_code = 4


class ModelError(ScreenerError):
    """The pose model is missing, or its checksum is not the published one."""

    exit_code = 4
