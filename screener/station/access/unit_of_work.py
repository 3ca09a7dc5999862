"""One unit of work: who does it, one transaction, and its entries in the audit log, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from screener.errors import NotAllowedError, StationError
from screener.station.access import audit
from screener.station.access.audit import Action, AuditNote, ObjectKind
from screener.station.access.roles import Actor, Permission
from screener.station.settings import StationSettings
from screener.station.storage.database import Database
from screener.station.storage.db_errors import conflict
from screener.station.storage.tables import Base, PersonRow, Practice, Role, User, VisitRow

Row = TypeVar("Row", bound=Base)
Versioned = TypeVar("Versioned", Practice, PersonRow, VisitRow, User)
BIGGEST_NUMBER = 2**31 - 1
"""Of a row; a server refuses a larger one as a fault of the program."""
ONE_LOOK = timedelta(hours=1)
"""Lazy-loaded assets within this window count as the page view already logged."""


class SignInEndedError(NotAllowedError):
    """The password was changed since the actor signed in."""


@dataclass
class UnitOfWork:
    """What the functions of the station work with; made by `begin`.

    Attributes
    ----------
    session : Session
        Of SQLAlchemy, in its transaction.
    actor : Actor
        Who works.
    settings : Settings
        Costs, limits, the clock.
    notes : list of Note
        Written to the audit log at the end.
    refused : Permission, optional
        What the role did not allow.
    """

    session: Session
    actor: Actor
    settings: StationSettings
    notes: list[AuditNote] = field(default_factory=list)
    refused: Permission | None = None

    @property
    def now(self) -> datetime:
        """The time."""
        return self.settings.clock()

    def require(self, permission: Permission) -> None:
        """Raise NotAllowedError unless the actor's role allows it."""
        if not self.actor.may(permission):
            self.refused = permission
            raise NotAllowedError(
                f"Your role ({self.actor.role}) does not allow this: {permission}.", "Ask the owner of the practice to do it."
            )

    def log(self, action: Action, kind: ObjectKind, subject: str = "", detail: str = "") -> None:
        """Write an entry to the audit log when the work is done."""
        self.notes.append(AuditNote(action, kind, subject, detail))

    def log_once(self, action: Action, kind: ObjectKind, subject: str = "", detail: str = "") -> None:
        """Write an entry unless the log has the same one of this user from a moment ago."""
        note = AuditNote(action, kind, subject, detail)
        if not audit.is_noted(self.session, self.actor.user_id, note, self.now - ONE_LOOK):
            self.notes.append(note)

    def get(self, table: type[Row], number: int) -> Row:
        """Fetch a row by its number; StationError where there is none."""
        row = self.session.get(table, number) if 0 < number <= BIGGEST_NUMBER else None
        if row is None:
            raise StationError("This is not there any more.", "Go back to the list; someone may have deleted it.")
        return row

    def get_version(self, table: type[Versioned], number: int, version: int) -> Versioned:
        """Fetch a row to change it; ConflictError where it is no longer the version that the user saw."""
        row = self.get(table, number)
        if row.version != version:
            raise conflict()
        return row


@contextmanager
def begin(database: Database, actor: Actor) -> Iterator[UnitOfWork]:
    """Begin a unit of work; it is saved when the block ends, and undone when anything is raised in it.

    >>> with begin(database, actor) as work:  # doctest: +SKIP
    ...     person = people.create(work, PersonData(name="Anna"))

    Parameters
    ----------
    database : Database
        Open.
    actor : Actor
        Who works; what the role does not allow is refused, and the refusal logged.
    """
    work: UnitOfWork | None = None
    try:
        with database.transaction() as session:
            work = UnitOfWork(session, _as_of_now(session, actor), database.settings)
            yield work
            session.flush()
            audit.append(session, actor.user_id, work.now, work.notes)
    except NotAllowedError:
        with database.transaction() as session:
            what = work.refused.name.lower() if work is not None and work.refused is not None else ""
            note = AuditNote(Action.REFUSED, ObjectKind.DATABASE, detail=what)
            audit.append(session, actor.user_id, database.settings.clock(), [note])
        raise


def _as_of_now(session: Session, actor: Actor) -> Actor:
    """Return the actor with the role of this moment: it may have been changed, also at another station, since the sign-in."""
    if actor.user_id is None:
        return actor
    user = session.get(User, actor.user_id)
    if user is None or not user.active:
        raise NotAllowedError("Your account is closed.", "Ask the owner of the practice.")
    if user.sign_in_epoch != actor.sign_in_epoch:
        raise SignInEndedError("Your password was changed, here or at another station.", "Sign in again.")
    return replace(actor, role=Role(user.role))
