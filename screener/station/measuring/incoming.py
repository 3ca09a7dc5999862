"""A video that is being uploaded: received in cipher into a folder nobody else can read, deleted at once."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType

from platformdirs import user_cache_path

from screener.errors import StationError, UnreadableInputError
from screener.files import stage_in
from screener.model.recording import VIDEO_SUFFIXES
from screener.station.measuring.sealed import SealedVideo, SealingFile
from screener.station.settings import StationSettings
from screener.station.storage.database import Database

NEUTRAL = "recording"
"""Every import is called this: the file name of a phone or of a colleague may hold the person's name."""
_ADVICE = "Choose the video itself, as the camera or phone wrote it."


class IncomingVideo:
    """A video that is being uploaded; a context, at whose end it is deleted.

    Parameters
    ----------
    database : Database
        Whose limits hold.
    name : str
        As the browser says; only its suffix is looked at.

    Attributes
    ----------
    path : Path
        Where it is written, in cipher.

    Raises
    ------
    UnreadableInputError
        Its suffix is none of a video.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._settings: StationSettings = database.settings
        self._name = f"{NEUTRAL}{_suffix(name)}"
        folder = incoming_folder(database)
        self._size = 0
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with ExitStack() as stack:
                self.path = stack.enter_context(stage_in(folder)) / "sealed"
                self._file = SealingFile(self.path)
                self._stage = stack.pop_all()
        except OSError as error:
            raise no_room() from error

    def __enter__(self) -> IncomingVideo:
        """Use as a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Delete everything that came."""
        with suppress(OSError):  # a full disk was already told
            self._file.close()
        self._stage.close()

    def write(self, piece: bytes) -> None:
        """Take in a piece; UnreadableInputError where it becomes too much."""
        self._size += len(piece)
        if self._size > self._settings.biggest_upload_bytes:
            most = self._settings.biggest_upload_bytes // 1_000_000
            raise UnreadableInputError(f"The video is larger than {most} MB.", "Trim it to the test, or film it in Full HD.")
        try:
            self._file.write(piece)
        except OSError as error:
            raise no_room() from error

    def complete(self) -> SealedVideo:
        """Say that all has come; returns how to open it."""
        if self._size == 0:
            raise UnreadableInputError("The video is empty.", _ADVICE)
        try:
            return self._file.sealed(self._name)
        except OSError as error:
            raise no_room() from error


def incoming_folder(database: Database) -> Path:
    """Where uploads lie while they are looked at."""
    parent = database.file.parent if database.file is not None else user_cache_path("movement-screener")
    return parent / "incoming"


def _suffix(name: str) -> str:
    suffix = PurePosixPath(PureWindowsPath(name).as_posix()).suffix.lower()
    if suffix.removeprefix(".") not in VIDEO_SUFFIXES:
        raise UnreadableInputError("This file is not a video that can be read.", _ADVICE)
    return suffix


def no_room() -> StationError:
    """Return what is told where the disk takes nothing more."""
    return StationError(
        "The video could not be saved: the disk is full or cannot be written.", "Free some space, then upload it again."
    )
