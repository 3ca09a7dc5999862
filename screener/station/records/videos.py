"""Videos, kept only on request: the face blurred before anything is stored, deleted when they expire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta

from sqlalchemy import delete, select, update

from screener.errors import StationError
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.records import practice
from screener.station.storage.tables import PersonRow, StoredRecording, VideoPart, VisitRow


def keep(work: UnitOfWork, recording: StoredRecording, person: PersonRow, video: Iterable[bytes]) -> None:
    """Store a blurred video, given in pieces, until it expires; `recordings.add` has seen to the consent."""
    recording.video_until = (work.now + timedelta(days=practice.get(work).video_days)).date()
    for number, content in enumerate(video):
        work.session.add(VideoPart(recording_id=recording.id, number=number, content=content))
        work.session.flush()
    work.log(Action.CREATED, ObjectKind.VIDEO, person.audit_ref, str(recording.id))


def read(work: UnitOfWork, recording_id: int) -> Iterator[bytes]:
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
    work.log(Action.SAW, ObjectKind.VIDEO, _person(work, recording).audit_ref, str(recording_id))
    return iter(parts(work, recording_id))


def parts(work: UnitOfWork, recording_id: int) -> Iterator[bytes]:
    """Give the pieces of a video without an entry in the log, which is the caller's; nothing where none is kept."""
    found = select(VideoPart.content).where(VideoPart.recording_id == recording_id).order_by(VideoPart.number)
    with closing(work.session.scalars(found.execution_options(yield_per=1))) as pieces:
        yield from pieces


def remove(work: UnitOfWork, recording_id: int) -> None:
    """Delete the video of a recording; the recording stays."""
    work.require(Permission.CHANGE)
    recording = work.get(StoredRecording, recording_id)
    _delete(work, _person(work, recording), recording_id)


def delete_of_person(work: UnitOfWork, person: PersonRow) -> None:
    """Delete every video of a person."""
    kept = select(StoredRecording.id).join(VisitRow, VisitRow.id == StoredRecording.visit_id)
    for recording_id in work.session.scalars(
        kept.where(VisitRow.person_id == person.id, StoredRecording.video_until.is_not(None))
    ).all():
        _delete(work, person, recording_id)


def purge(work: UnitOfWork) -> int:
    """Delete the expired videos, whoever asks; return how many."""
    today = work.now.date()
    over = work.session.scalars(select(StoredRecording).where(StoredRecording.video_until < today)).all()
    for recording in over:
        _delete(work, _person(work, recording), recording.id)
    return len(over)


def _delete(work: UnitOfWork, person: PersonRow, recording_id: int) -> None:
    work.session.execute(delete(VideoPart).where(VideoPart.recording_id == recording_id))
    work.session.execute(update(StoredRecording).where(StoredRecording.id == recording_id).values(video_until=None))
    work.log(Action.DELETED, ObjectKind.VIDEO, person.audit_ref, str(recording_id))


def _person(work: UnitOfWork, recording: StoredRecording) -> PersonRow:
    return work.get(PersonRow, work.get(VisitRow, recording.visit_id).person_id)
