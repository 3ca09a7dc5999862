"""What can go wrong in a database, as one sentence and one piece of advice."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from screener.errors import ConflictError, StationError

SQLITE_BUSY = 5
SQLITE_READONLY = 8
SQLITE_IOERR = 10
SQLITE_CORRUPT = 11
SQLITE_FULL = 13
SQLITE_NOTADB = 26
DISK_FULL_SQLSTATE = "53100"
MET_ANOTHER = (787, 1555, 2067, "23503", "23505")
"""A row that someone else just added with the same key, or that someone else just deleted: foreign key, primary key, unique."""

_SQLITE = {
    SQLITE_FULL: ("The disk of the database is full; nothing was saved.", "Free some space, then save again."),
    SQLITE_IOERR: (
        "The disk of the database cannot be written; nothing was saved.",
        "Free some space on it, check that it is still there, then save again.",
    ),
    SQLITE_READONLY: ("The database may not be written; nothing was saved.", "Check that you may write its file and folder."),
    SQLITE_BUSY: ("Another program holds the database; nothing was saved.", "Try again when its work is done."),
    SQLITE_CORRUPT: ("The database file is damaged.", "Restore a backup: screener station restore FILE --force"),
    SQLITE_NOTADB: ("The database file is damaged.", "Restore a backup: screener station restore FILE --force"),
}


def _code(error: DBAPIError) -> int | str | None:
    """Return the error number of SQLite, or the SQLSTATE of PostgreSQL."""
    number: int | str | None = getattr(error.orig, "sqlite_errorcode", None)
    return number if number is not None else getattr(error.orig, "sqlstate", None)


def conflict() -> ConflictError:
    """Say that the version someone started from is no longer the newest."""
    return ConflictError(
        "Someone else changed this in the meantime; your change was not saved.",
        "Load it again, look at what is new, and enter your change once more.",
    )


def translated(error: Exception) -> StationError | None:
    """Translate a driver error; None for a bug, which must not be hidden."""
    if isinstance(error, StaleDataError):
        return conflict()
    if isinstance(error, IntegrityError):
        return conflict() if _code(error) in MET_ANOTHER else None
    if not isinstance(error, DBAPIError):
        return None
    if getattr(error.orig, "sqlstate", None) == DISK_FULL_SQLSTATE:
        return StationError(*_SQLITE[SQLITE_FULL])
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        sentence = _SQLITE.get(code & 0xFF)
        return StationError(*sentence) if sentence else None
    if error.connection_invalidated or type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout", "AdminShutdown"):
        return StationError(
            "The database server does not answer; nothing was saved.",
            "Check its address, your user and password there, and that it runs.",
        )
    return None
