"""An uploaded video is looked at with suspicion, measured, and saved in a visit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from screener.errors import UnreadableInputError
from screener.model.picture import Frame
from screener.model.recording import Request
from screener.pose.models import ModelFile
from screener.station.access.roles import Actor, Permission
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.measuring.blurring import blurred_copy
from screener.station.measuring.incoming import no_room
from screener.station.records import consents
from screener.station.settings import StationSettings
from screener.station.storage.database import Database
from screener.station.storage.tables import Purpose, StoredRecording, VisitRow
from screener.workflow.screening import Screening
from screener.workflow.session import screen


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
            raise UnreadableInputError(f"The video is longer than {minutes:.0f} minutes.", "Trim it to the test.")
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
        raise no_room() from error
    with begin(database, actor) as work:
        return recordings.add(work, visit_id, screening, video=blurred)
