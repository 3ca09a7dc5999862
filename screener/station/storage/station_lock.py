"""Who may use a station's database: many programs together, or one alone that puts another in its place.

The system, or the server, lets go of a lock however its program ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import ReadWriteLock, Timeout
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from screener.errors import StationError

SUFFIX = ".lock"
WAIT_S = 2.0
"""How long one who joins waits for one who is alone: putting a file in place is quick, restoring is not."""
SERVER_LOCK = 0x5C2DB
"""Number of the lock on a server, in the database of the station."""
TOGETHER = "SELECT pg_try_advisory_lock_shared(%s)"
ALONE = "SELECT pg_try_advisory_lock(%s)"


def join(file: Path) -> ReadWriteLock:
    """Use the database of a file together with others, until the lock that is returned is closed.

    Raises
    ------
    StationError
        A restore is putting another in its place.
    """
    with _said(file):
        lock = ReadWriteLock(_lock_file(file), is_singleton=False)
        try:
            lock.acquire_read(timeout=WAIT_S)
        except Timeout as error:
            lock.close()
            raise _is_replaced(str(file)) from error
    return lock


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Be the only one to use the database of a file, there or not.

    Raises
    ------
    StationError
        A station or a command uses it.
    """
    with _said(file):
        lock = ReadWriteLock(_lock_file(file), is_singleton=False)
        try:
            lock.acquire_write(timeout=0)
        except Timeout as error:
            lock.close()
            raise _is_used(str(file)) from error
    try:
        yield
    finally:
        lock.close()


def guard_server(engine: Engine, *, is_alone: bool) -> None:
    """Have each connection to a server hold the lock for as long as it is open; StationError where it cannot be had."""

    @event.listens_for(engine, "connect")
    def hold(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(ALONE if is_alone else TOGETHER, (SERVER_LOCK,))
            is_free = cursor.fetchone() == (True,)
        connection.commit()
        if not is_free:
            connection.close()
            raise _is_used("of this server") if is_alone else _is_replaced("of this server")


def _lock_file(file: Path) -> Path:
    """Beside the database itself, whichever links lead to it."""
    real = file.resolve()
    return real.with_name(real.name + SUFFIX)


@contextmanager
def _said(file: Path) -> Iterator[None]:
    """Say where there can be no lock: in a folder that may not be written, on a share whose server knows none."""
    try:
        yield
    except (OSError, ValueError, sqlite3.Error) as error:
        raise StationError(
            f"The database {file} cannot be locked ({error}).",
            "Check that you may write its folder; put it on a disk of this machine if it is on a share.",
        ) from error


def _is_used(what: str) -> StationError:
    return StationError(f"A program has the database {what} open.", "Stop the station and its other commands first.")


def _is_replaced(what: str) -> StationError:
    return StationError(f"A restore is replacing the database {what}.", "Try again when it is done.")
