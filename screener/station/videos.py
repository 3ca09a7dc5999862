"""Videos, kept only on request: the face blurred before anything is stored, deleted when their time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import delete, select, update

from screener.errors import StationError
from screener.model import Pose, PoseSequence
from screener.pose.video import Frame, VideoFile, VideoWriter
from screener.report.picture import blur_face
from screener.station import practice
from screener.station.audit import Action, Kind
from screener.station.roles import Permission
from screener.station.tables import Person, StoredRecording, VideoPart, Visit
from screener.station.work import Work

PART_BYTES = 1_000_000


class BlurredWriter:
    """Write a video whose face is blurred, frame by frame, as a live page or a copy needs it.

    Parameters
    ----------
    path : Path
        MP4 to write.
    rate_hz : float
        Nominal rate.
    """

    def __init__(self, path: Path, rate_hz: float) -> None:
        self._path, self._rate_hz = path, max(rate_hz, 1.0)
        self._writer: VideoWriter | None = None

    def add(self, frame: Frame, pose: Pose) -> None:
        """Append a frame; where nobody was found, the whole picture is made coarse."""
        height, width = frame.rgb.shape[:2]
        self._writer = self._writer or VideoWriter(self._path, width, height, self._rate_hz)
        self._writer.add(Frame(frame.time_s, blur_face(frame.rgb, pose)))

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


def blurred_copy(video: Path, poses: PoseSequence, to: Path, on_frame: Callable[[Frame], None] | None = None) -> Path:
    """Copy a video with the face blurred, without its sound and whatever else the file carries.

    Parameters
    ----------
    video : Path
        The original.
    poses : PoseSequence
        Found in it.
    to : Path
        MP4 to write.
    on_frame : callable, optional
        Called after each frame.

    Raises
    ------
    StationError
        There is no frame in it.
    """
    if len(poses) == 0:
        raise StationError("There are no pictures to keep.", "Record again.")
    writer = BlurredWriter(to, poses.rate_hz)
    try:
        for frame in VideoFile(video):
            writer.add(frame, poses.pose(int(np.argmin(np.abs(poses.time_s - frame.time_s)))))
            if on_frame is not None:
                on_frame(frame)
    finally:
        writer.close()
    return to


def keep(work: Work, recording: StoredRecording, person: Person, video: Path) -> None:
    """Store a blurred video until its time is over; `recordings.add` has seen to the consent."""
    recording.video_until = (work.now + timedelta(days=practice.get(work).video_days)).date()
    with video.open("rb") as file:
        for number, content in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
            work.session.add(VideoPart(recording_id=recording.id, number=number, content=content))
            work.session.flush()
    work.log(Action.CREATED, Kind.VIDEO, person.audit_ref, str(recording.id))


def read(work: Work, recording_id: int) -> Iterator[bytes]:
    """Give the pieces of a kept video, in order; read them before the work ends.

    Raises
    ------
    StationError
        None is kept.
    """
    work.require(Permission.SEE)
    recording = work.get(StoredRecording, recording_id)
    if recording.video_until is None:
        raise StationError("No video of this recording is kept.", "Ask for it before the next recording.")
    work.log(Action.SAW, Kind.VIDEO, _person(work, recording).audit_ref, str(recording_id))
    return iter(parts(work, recording_id))


def parts(work: Work, recording_id: int) -> Iterator[bytes]:
    """Give the pieces of a video without an entry in the log, which is the caller's; nothing where none is kept."""
    found = select(VideoPart.content).where(VideoPart.recording_id == recording_id).order_by(VideoPart.number)
    with closing(work.session.scalars(found.execution_options(yield_per=1))) as pieces:
        yield from pieces


def remove(work: Work, recording_id: int) -> None:
    """Delete the video of a recording; the recording stays."""
    work.require(Permission.CHANGE)
    recording = work.get(StoredRecording, recording_id)
    _delete(work, _person(work, recording), recording_id)


def delete_of_person(work: Work, person: Person) -> None:
    """Delete every video of a person."""
    kept = select(StoredRecording.id).join(Visit, Visit.id == StoredRecording.visit_id)
    for recording_id in work.session.scalars(
        kept.where(Visit.person_id == person.id, StoredRecording.video_until.is_not(None))
    ).all():
        _delete(work, person, recording_id)


def purge(work: Work) -> int:
    """Delete the videos whose time is over, whoever asks; return how many."""
    today = work.now.date()
    over = work.session.scalars(select(StoredRecording).where(StoredRecording.video_until < today)).all()
    for recording in over:
        _delete(work, _person(work, recording), recording.id)
    return len(over)


def _delete(work: Work, person: Person, recording_id: int) -> None:
    work.session.execute(delete(VideoPart).where(VideoPart.recording_id == recording_id))
    work.session.execute(update(StoredRecording).where(StoredRecording.id == recording_id).values(video_until=None))
    work.log(Action.DELETED, Kind.VIDEO, person.audit_ref, str(recording_id))


def _person(work: Work, recording: StoredRecording) -> Person:
    return work.get(Person, work.get(Visit, recording.visit_id).person_id)
