"""A video that someone uploads: received into a folder nobody else can read, looked at with suspicion, deleted at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType

from platformdirs import user_cache_path

from screener.errors import StationError, UnreadableInputError
from screener.files import stage_in
from screener.model.picture import Frame
from screener.model.recording import VIDEO_SUFFIXES, Request
from screener.pose.models import ModelFile
from screener.station.access.roles import Actor, Permission
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.measuring.blurring import blurred_copy
from screener.station.records import consents
from screener.station.settings import StationSettings
from screener.station.storage.database import Database
from screener.station.storage.tables import Purpose, StoredRecording, VisitRow
from screener.video.file import VideoFile
from screener.workflow.screening import Screening
from screener.workflow.session import screen

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
        Where it is written.

    Raises
    ------
    UnreadableInputError
        Its suffix is none of a video.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._settings: StationSettings = database.settings
        suffix = _suffix(name)
        folder = incoming_folder(database)
        self._size = 0
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with ExitStack() as stack:
                self.path = stack.enter_context(stage_in(folder)) / f"{NEUTRAL}{suffix}"
                self._file = self.path.open("wb")
                self._stage = stack.pop_all()
        except OSError as error:
            raise _no_room() from error

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
            raise UnreadableInputError(f"The video is larger than {most} MB.", "Cut it to the test, or film it in Full HD.")
        try:
            self._file.write(piece)
        except OSError as error:
            raise _no_room() from error

    def complete(self) -> Path:
        """Say that all has come; returns the file once it is known to be a video."""
        try:
            self._file.close()
        except OSError as error:
            raise _no_room() from error
        VideoFile(self.path)
        return self.path


def incoming_folder(database: Database) -> Path:
    """Where uploads lie while they are looked at."""
    parent = database.file.parent if database.file is not None else user_cache_path("movement-screener")
    return parent / "incoming"


def screen_upload(
    video: Path, request: Request, settings: StationSettings, model: ModelFile | None = None,
    on_frame: Callable[[Frame], None] | None = None,
) -> Screening:  # fmt: skip
    """Measure an uploaded video; long work, outside any transaction.

    Raises
    ------
    UnreadableInputError
        It gives no pictures, or it is too long.
    """

    def watched(frame: Frame) -> None:
        if frame.time_s > settings.longest_upload_s:
            minutes = settings.longest_upload_s / 60
            raise UnreadableInputError(f"The video is longer than {minutes:.0f} minutes.", "Cut it to the test.")
        if on_frame is not None:
            on_frame(frame)

    return screen(video, request, model, on_frame=watched)


def import_video(
    database: Database, actor: Actor, visit_id: int, video: Path, request: Request, *,
    keep_video: bool = False, model: ModelFile | None = None, on_frame: Callable[[Frame], None] | None = None,
) -> StoredRecording:  # fmt: skip
    """Measure a video and save it in a visit. What is not allowed is refused before the long work.

    Parameters
    ----------
    visit_id : int
        The visit.
    video : Path
        What `Incoming.complete` gave.
    request : Request
        Test, side, stickers; age and sex as `request_for` puts them in.
    keep_video : bool
        Also keep the video, its face blurred.
    model : ModelFile, optional
        The embedded full model when not given.
    on_frame : callable, optional
        Called after each frame, for a progress display.

    Raises
    ------
    NotAllowedError
        The role does not allow it, or the person has not agreed.
    UnreadableInputError
        The file is not a video that can be measured.
    """
    with begin(database, actor) as work:
        work.require(Permission.CHANGE)
        person_id = work.get(VisitRow, visit_id).person_id
        consents.require(work, person_id, Purpose.SCREENING)
        if keep_video:
            consents.require(work, person_id, Purpose.VIDEO)
    screening = screen_upload(video, request, database.settings, model, on_frame)
    try:
        blurred = blurred_copy(video, screening.poses, video.with_name("blurred.mp4")) if keep_video else None
    except OSError as error:
        raise _no_room() from error
    with begin(database, actor) as work:
        return recordings.add(work, visit_id, screening, video=blurred)


def _suffix(name: str) -> str:
    suffix = PurePosixPath(PureWindowsPath(name).as_posix()).suffix.lower()
    if suffix.removeprefix(".") not in VIDEO_SUFFIXES:
        raise UnreadableInputError("This file is not a video that can be read.", _ADVICE)
    return suffix


def _no_room() -> StationError:
    return StationError(
        "The video could not be taken in: the disk is full or may not be written.", "Free some space, then upload it again."
    )
