"""An uploaded video is measured apart, with suspicion, and saved in a visit."""

from __future__ import annotations

from collections.abc import Callable

from screener.model.recording import Request
from screener.pose.models import ModelFile
from screener.station.access.roles import Actor, Permission
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.measuring.apart import Cancellation, MeasuredUpload, measured_apart
from screener.station.measuring.measurer import MeasuringOrder
from screener.station.measuring.sealed import SealedVideo
from screener.station.records import consents
from screener.station.settings import StationSettings
from screener.station.storage.database import Database
from screener.station.storage.tables import Purpose, StoredRecording, VisitRow


def _nobody_follows(_time_s: float) -> None:
    """Show no progress."""


def measure_upload(
    video: SealedVideo, request: Request, settings: StationSettings, *, keep_video: bool = False,
    model: ModelFile | None = None, follow: Callable[[float], None] = _nobody_follows,
    cancellation: Cancellation | None = None,
) -> MeasuredUpload:  # fmt: skip
    """Measure an uploaded video within the limits of the station; long work, outside any transaction."""
    order = MeasuringOrder(
        video, request, keep_video, model, settings.longest_upload_s, settings.most_upload_frames, settings.measuring_bytes
    )
    return measured_apart(order, settings.longest_measuring_s, follow, cancellation or Cancellation())


def import_video(
    database: Database, actor: Actor, visit_id: int, video: SealedVideo, request: Request, *,
    keep_video: bool = False, model: ModelFile | None = None, follow: Callable[[float], None] = _nobody_follows,
    cancellation: Cancellation | None = None,
) -> StoredRecording:  # fmt: skip
    """Measure a video and save it in a visit. What is not allowed is refused before the long work.

    Parameters
    ----------
    visit_id : int
        The visit.
    video : SealedVideo
        What `IncomingVideo.complete` gave.
    request : Request
        Test, side, stickers; age and sex as `request_for` puts them in.
    keep_video : bool
        Also keep the video, its face blurred.
    model : ModelFile, optional
        The embedded full model when not given.
    follow : callable, optional
        Called with the time of each frame in the video, for a progress display.
    cancellation : Cancellation, optional
        Ends it.

    Raises
    ------
    NotAllowedError
        The role does not allow it, or the person has not agreed.
    UnreadableInputError
        The file is not a video that can be measured within the limits of the station.
    StationError
        It was cancelled.
    """
    with begin(database, actor) as work:
        work.require(Permission.CHANGE)
        person_id = work.get(VisitRow, visit_id).person_id
        consents.require(work, person_id, Purpose.SCREENING)
        if keep_video:
            consents.require(work, person_id, Purpose.VIDEO)
    measured = measure_upload(
        video, request, database.settings, keep_video=keep_video, model=model, follow=follow, cancellation=cancellation
    )
    with begin(database, actor) as work:
        return recordings.add(work, visit_id, measured.screening, video=measured.blurred or None)
