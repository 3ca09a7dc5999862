"""Who saw, changed, exported or deleted what: a log that only grows, each entry chained to the one before.

The database itself refuses to change an entry. Whoever gets round that still breaks the chain of hashes. An entry names nobody:
users and visits are numbers, people their `audit_ref`, which means nothing once the person is erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from screener.errors import StationError
from screener.station.storage.tables import AuditEntry

START = "0" * 64
LOCK = 0x5C2AD
"""Number under which writers on one server wait for one another before they append."""
ROWS_AT_ONCE = 1000


class Action(StrEnum):
    """What was done."""

    SAW = "saw"
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    ERASED = "erased"
    EXPORTED = "exported"
    CONSENTED = "consented"
    WITHDREW = "withdrew"
    REFUSED = "refused"
    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    CHECKED = "checked"
    FAILED = "failed"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    RESTORED = "restored"


class ObjectKind(StrEnum):
    """To what."""

    PERSON = "person"
    PEOPLE = "people"
    CONSENT = "consent"
    VISIT = "visit"
    RECORDING = "recording"
    VIDEO = "video"
    PROGRESS = "progress"
    USER = "user"
    PRACTICE = "practice"
    AUDIT = "audit"
    DATABASE = "database"


@dataclass(frozen=True)
class AuditNote:
    """What is to be written.

    Attributes
    ----------
    subject : str
        `Person.audit_ref` for what belongs to a person; otherwise a number, or empty.
    detail : str
        Numbers of visits and recordings; never a name or a text that someone typed.
    """

    action: Action
    kind: ObjectKind
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True)
class VerifiedLog:
    """A log that holds together. `last_hash` written down elsewhere shows later that nothing was cut off its end."""

    entries: int
    last_hash: str


def append(session: Session, user_id: int | None, now: datetime, notes: Sequence[AuditNote]) -> None:
    """Write entries at the end of the log; the last thing a transaction does, because others wait for it."""
    if not notes:
        return
    if session.get_bind().dialect.name != "sqlite":  # a file has one writer at a time anyway
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    last = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    before, previous = (last.id, last.hash) if last else (0, START)
    for number, note in enumerate(notes, before + 1):
        entry = AuditEntry(
            id=number,
            at=now.isoformat(timespec="microseconds"),
            user_id=user_id,
            action=note.action.value,
            kind=note.kind.value,
            subject=note.subject,
            detail=note.detail,
            previous=previous,
        )
        entry.hash = previous = content_hash(entry)
        session.add(entry)


def is_noted(session: Session, user_id: int | None, note: AuditNote, since: datetime) -> bool:
    """Whether the log has such an entry of this user, at `since` or later."""
    such = select(AuditEntry.id).where(
        AuditEntry.subject == note.subject,
        AuditEntry.user_id == user_id,
        AuditEntry.action == note.action.value,
        AuditEntry.kind == note.kind.value,
        AuditEntry.detail == note.detail,
        AuditEntry.at >= since.isoformat(timespec="microseconds"),
    )
    return session.scalar(such.limit(1)) is not None


def content_hash(entry: AuditEntry) -> str:
    """SHA-256 over an entry and the hash of the one before."""
    content = (
        entry.id, entry.at, entry.user_id, entry.action, entry.kind, entry.subject, entry.detail, entry.previous
    )  # fmt: skip
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def verify(session: Session) -> VerifiedLog:
    """Check the whole chain.

    Raises
    ------
    StationError
        An entry was changed, taken out or put in; it says which.
    """
    number, previous = 0, START
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=ROWS_AT_ONCE))
    with closing(rows) as entries:
        for entry in entries:
            number += 1
            if entry.id != number or entry.previous != previous or entry.hash != content_hash(entry):
                raise StationError(
                    f"The audit log was changed at entry {number}.",
                    "Keep the database as it is, and compare it with your backups.",
                )
            previous = entry.hash
            session.expunge(entry)
    return VerifiedLog(number, previous)
