"""What of a batch is done: one line a clip, written as soon as its report lies in its folder. Survives a kill at any moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from filelock import lock_descriptor
from pydantic import ValidationError

from screener.batch.rows import ResultRow
from screener.errors import OutputError, UsageError
from screener.model.results import Record

NAME = "journal.jsonl"


class JournalEntry(Record):
    """A finished clip: the key of its content and settings, where its report lies, its rows without names."""

    key: str
    folder: str
    rows: tuple[ResultRow, ...]
    seconds: float
    exit_code: int


class Journal:
    """The journal in the folder of a batch; a context. Only one batch writes to a folder at a time.

    Parameters
    ----------
    folder : Path
        The folder of the batch; made when missing.

    Raises
    ------
    UsageError
        Another batch is writing there.
    OutputError
        The folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b")
        except OSError as error:
            raise OutputError(
                f"The folder {folder} cannot be written ({error.strerror}).", "Choose another with --out."
            ) from error
        if not lock_descriptor(self._file.fileno(), blocking=False):  # the system lets go of it, however the process ends
            self._file.close()
            raise UsageError(f"Another batch is writing to {folder}.", "Wait for it, or choose another --out.")
        self.entries = {entry.key: entry for entry in read_entries(self.path)}
        self._end_torn_line()

    def __enter__(self) -> Journal:
        """Use as a context; the file is closed, and free for another batch, at its end."""
        return self

    def __exit__(self, *_details: object) -> None:
        """Close the file."""
        self._file.close()

    def add(self, entry: JournalEntry) -> None:
        """Append an entry and bring it to the disk."""
        self._file.write(entry.model_dump_json(exclude_defaults=True).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.entries[entry.key] = entry

    def _end_torn_line(self) -> None:
        """A line that a kill cut off stays without meaning; the next one must not be glued to it."""
        if self._file.seek(0, os.SEEK_END) and not _ends_with_newline(self.path):
            self._file.write(b"\n")
            self._file.flush()


def read_entries(path: Path) -> Iterator[JournalEntry]:
    """Yield the entries of a journal; nothing where there is none, and nothing for a line that was cut off."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield JournalEntry.model_validate_json(line)
            except ValidationError:
                continue  # cut off: its clip is done again


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
