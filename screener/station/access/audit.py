"""Who saw, changed, exported or deleted what: a log that only grows, each entry chained to the one before.

The database itself refuses to change an entry. Whoever gets round that still breaks the chain of hashes. Whoever writes all
of it anew, or cuts off its end, meets seals and anchor (`seal`), which are not in the database. An entry names nobody:
users and visits are numbers, people their `audit_ref`, which means nothing once the person is erased.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from screener.errors import StationError
from screener.station.access import seal
from screener.station.access.seal import LogAnchor
from screener.station.storage.database import Database
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
    """A log that holds together. `last_hash` written down elsewhere shows later that nothing was cut off its end.

    Attributes
    ----------
    unsealed : int
        Entries at its beginning from releases that did not seal them.
    sealed_elsewhere : int
        Entries sealed by other machines, whose keys are not here.
    anchored : int
        Entries that this machine had seen before, and that are still there; 0 where it had seen none.
    """

    entries: int
    last_hash: str
    unsealed: int = 0
    sealed_elsewhere: int = 0
    anchored: int = 0

    @property
    def remarks(self) -> tuple[str, ...]:
        """What of it could not be checked here, in sentences."""
        found = []
        if self.unsealed:
            found.append(f"Entries 1 to {self.unsealed} are of an earlier release and not sealed.")
        if self.sealed_elsewhere:
            found.append(f"{self.sealed_elsewhere} entries were sealed by other machines: check the log there, too.")
        if self.entries and not self.anchored:
            found.append("This machine sees this log for the first time, so that it cannot tell whether its end was cut off.")
        elif self.anchored:
            found.append(f"The first {self.anchored} entries are those that this machine has seen before.")
        return tuple(found)


def append(session: Session, user_id: int | None, now: datetime, notes: Sequence[AuditNote]) -> None:
    """Write entries at the end of the log; the last thing a transaction does, because others wait for it."""
    if not notes:
        return
    if session.get_bind().dialect.name != "sqlite":  # a file has one writer at a time anyway
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    last = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    before, previous = (last.id, last.hash) if last else (0, START)
    key = seal.own_key()
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
        entry.key_id, entry.seal = key.id, key.seal(entry.hash)
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


def last(session: Session, database: str) -> LogAnchor:
    """Return how far the log goes now.

    Parameters
    ----------
    database : str
        `Database.location`.
    """
    found = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    return LogAnchor(database=database, entries=found.id if found else 0, last_hash=found.hash if found else START)


def verify(session: Session, anchor: LogAnchor | None = None) -> VerifiedLog:
    """Check the whole chain, its seals as far as their key is here, and that it holds what was seen before.

    Parameters
    ----------
    anchor : LogAnchor, optional
        What was seen before.

    Raises
    ------
    StationError
        An entry was changed, taken out or put in; it says which.
    """
    key = seal.own_key()
    number, unsealed, elsewhere, previous = 0, 0, 0, START
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=ROWS_AT_ONCE))
    with closing(rows) as entries:
        for entry in entries:
            number += 1
            if entry.id != number or entry.previous != previous or entry.hash != content_hash(entry):
                raise _changed(number)
            if not entry.key_id and unsealed < number - 1:  # none is without a seal after one that has it
                raise _changed(number)
            if entry.key_id == key.id and not hmac.compare_digest(entry.seal, key.seal(entry.hash)):
                raise _changed(number)
            if anchor is not None and number == anchor.entries and entry.hash != anchor.last_hash:
                raise _written_anew(anchor)
            unsealed += not entry.key_id
            elsewhere += entry.key_id not in ("", key.id)
            previous = entry.hash
            session.expunge(entry)
    if anchor is not None and number < anchor.entries:
        raise _written_anew(anchor)
    return VerifiedLog(number, previous, unsealed, elsewhere, anchor.entries if anchor is not None else 0)


def verify_here(session: Session, database: str) -> VerifiedLog:
    """Check the log of a database also against what this machine has seen of it, and remember how far that is now.

    Parameters
    ----------
    database : str
        `Database.location`.
    """
    verified = verify(session, seal.read_anchor(database))
    seal.write_anchor(LogAnchor(database=database, entries=verified.entries, last_hash=verified.last_hash))
    return verified


def keep_anchor(database: Database) -> None:
    """Remember how far the log goes; quick, for the start and every hour.

    Raises
    ------
    StationError
        It no longer holds what this machine has seen. What was seen stays remembered.
    """
    anchor = seal.read_anchor(database.location)
    with database.transaction() as session:
        if anchor is not None and anchor.entries:
            seen = session.scalar(select(AuditEntry.hash).where(AuditEntry.id == anchor.entries))
            if seen != anchor.last_hash:
                raise _written_anew(anchor)
        now = last(session, database.location)
    if now != anchor:
        seal.write_anchor(now)


def _changed(number: int) -> StationError:
    return StationError(
        f"The audit log was changed at entry {number}.", "Keep the database as it is, and compare it with your backups."
    )


def _written_anew(anchor: LogAnchor) -> StationError:
    return StationError(
        f"The audit log no longer holds entry {anchor.entries} as this machine has seen it: it was cut off or written anew.",
        "Keep the database as it is, and compare it with your backups. If another machine restored a backup, as the log says, "
        f"delete {seal.anchor_file(anchor.database)} and check again.",
    )
