"""Visits of a person: begin one, comment on it, delete it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from screener.errors import UsageError
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.records.forms import Comment
from screener.station.storage.tables import PersonRow, StoredMeasure, StoredPicture, StoredRecording, VideoPart, VisitRow


@dataclass(frozen=True)
class SeenVisit:
    """A visit with its person and recordings, landmarks and reports not loaded."""

    visit: VisitRow
    person: PersonRow
    recordings: tuple[StoredRecording, ...]


def begin(work: UnitOfWork, person_id: int, day: date | None = None) -> VisitRow:
    """Begin a visit, today where no day is given.

    Raises
    ------
    UsageError
        The day is in the future.
    """
    work.require(Permission.CHANGE)
    person = work.get(PersonRow, person_id)
    today = work.now.astimezone().date()
    if day is not None and day > today:
        raise UsageError("A visit cannot be in the future.", "Correct the day.")
    visit = VisitRow(person_id=person_id, user_id=work.actor.user_id, day=day or today, created_at=work.now, comment="")
    work.session.add(visit)
    work.session.flush()
    work.log(Action.CREATED, ObjectKind.VISIT, person.audit_ref, str(visit.id))
    return visit


def of_person(work: UnitOfWork, person_id: int) -> Sequence[VisitRow]:
    """Every visit of a person, the newest first."""
    work.require(Permission.SEE)
    found = select(VisitRow).where(VisitRow.person_id == person_id).order_by(VisitRow.day.desc(), VisitRow.id.desc())
    return work.session.scalars(found).all()


def see(work: UnitOfWork, visit_id: int) -> SeenVisit:
    """Return a visit to show; StationError where there is none."""
    work.require(Permission.SEE)
    seen = load(work, visit_id)
    work.log(Action.SAW, ObjectKind.VISIT, seen.person.audit_ref, str(visit_id))
    return seen


def load(work: UnitOfWork, visit_id: int) -> SeenVisit:
    """Return a visit for something that writes its own entry to the log."""
    visit = work.get(VisitRow, visit_id)
    recorded = select(StoredRecording).where(StoredRecording.visit_id == visit_id).order_by(StoredRecording.id)
    return SeenVisit(visit, work.get(PersonRow, visit.person_id), tuple(work.session.scalars(recorded)))


def change(work: UnitOfWork, visit_id: int, version: int, *, comment: Comment, day: date | None = None) -> VisitRow:
    """Change the clinician's comment, and the day where one is given.

    Raises
    ------
    ConflictError
        Someone else changed the visit since `version` was shown.
    """
    work.require(Permission.CHANGE)
    visit = work.get_version(VisitRow, visit_id, version)
    visit.comment = comment.comment
    if day is not None:
        if day > work.now.astimezone().date():
            raise UsageError("A visit cannot be in the future.", "Correct the day.")
        visit.day = day
    work.session.flush()
    work.log(Action.CHANGED, ObjectKind.VISIT, work.get(PersonRow, visit.person_id).audit_ref, str(visit_id))
    return visit


def remove(work: UnitOfWork, visit_id: int) -> None:
    """Delete a visit with all its recordings. Owners only."""
    work.require(Permission.ERASE)
    seen = load(work, visit_id)
    for recording in seen.recordings:
        delete_recording_rows(work, recording.id)
    work.session.delete(seen.visit)
    work.log(Action.DELETED, ObjectKind.VISIT, seen.person.audit_ref, str(visit_id))


def delete_recording_rows(work: UnitOfWork, recording_id: int) -> None:
    """Delete a recording and all that hangs on it; the caller logs it."""
    for table in (StoredMeasure, StoredPicture, VideoPart):
        work.session.execute(delete(table).where(table.recording_id == recording_id))
    work.session.execute(delete(StoredRecording).where(StoredRecording.id == recording_id))
