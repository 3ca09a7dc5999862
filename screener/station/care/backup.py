"""One encrypted file with every row, and back again; from a file to a server and the other way round, too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Integer, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from screener.errors import StationError
from screener.files import stage_in, user_temporary_folder
from screener.station.access import audit, seal
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Actor, Permission
from screener.station.access.seal import LogAnchor
from screener.station.access.unit_of_work import begin
from screener.station.settings import STANDARD, StationSettings
from screener.station.storage import migrate, station_lock
from screener.station.storage.database import (
    BEFORE,
    Database,
    DatabaseLocation,
    beside,
    create_file,
    open_file,
    open_server_alone,
    translate_db_errors,
)
from screener.station.storage.tables import Base

DEPENDENT_OBJECTS = "2BP01"
"""SQLSTATE: something else needs the table."""
ROWS_AT_ONCE = 20
"""A row may hold a megabyte of video."""


def back_up(database: Database, actor: Actor, file: Path, passphrase: str) -> int:
    """Write every row into a new encrypted file, a station of its own; the station goes on meanwhile.

    Parameters
    ----------
    file : Path
        Must not be there yet.
    passphrase : str
        Opens the backup.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    StationError
        The file is there already, or cannot be written; nothing is left of it then.
    """
    with begin(database, actor) as work:
        work.require(Permission.BACKUP)
        work.log(Action.EXPORTED, ObjectKind.DATABASE)
    if file.exists():
        raise StationError(f"There is already a file {file}.", "Give the backup another name.")
    return _filled(database, file, passphrase)


def restore(
    file: Path, place: DatabaseLocation, passphrase: str, settings: StationSettings = STANDARD, *, force: bool = False
) -> int:
    """Put a backup in place of a station; what is there stays untouched until the backup has been read to its end.

    Parameters
    ----------
    file : Path
        What `back_up` wrote, by this program or an older one; not changed.
    place : DatabaseLocation
        Where the station is to be.
    passphrase : str
        Of the backup; also of the new station's file.
    force : bool
        Put it in place of a station that is there; its file is kept under the same name with `.before`.

    Returns
    -------
    int
        Rows restored.

    Raises
    ------
    StationError
        There is a station already, it runs, or the backup cannot be read.
    """
    if not file.is_file():
        raise StationError(f"There is no backup {file}.", "Check its name with: ls")
    if place.file is None:
        with _checked_copy(file, user_temporary_folder(), passphrase, settings) as source:
            return _to_server(source, place, settings, force=force)
    there = place.file.resolve()  # a link stays one
    _require_room(there, force=force)
    there.parent.mkdir(parents=True, exist_ok=True)
    with station_lock.alone(there):  # from the first look to the swap: a station that starts meanwhile would be lost
        _require_room(there, force=force)
        with _checked_copy(file, there.parent, passphrase, settings) as source:
            return _filled(source, there, passphrase, is_restored=True)


@contextmanager
def _checked_copy(file: Path, folder: Path, passphrase: str, settings: StationSettings) -> Iterator[Database]:
    """Open a copy of a backup, upgraded, whose log holds together; the backup itself is not changed."""
    with stage_in(folder) as stage:
        copy = Path(shutil.copyfile(file, stage / file.name))
        copy.chmod(0o600)
        with open_file(copy, passphrase, settings) as source:
            with source.transaction() as session:
                audit.verify(session)
            yield source


def _require_room(file: Path, *, force: bool) -> None:
    if not file.exists():
        return
    if not force:
        raise _is_there(str(file))
    before = file.with_name(file.name + BEFORE)
    if before.exists():
        raise StationError(
            f"{before} is still there, from the last restore.", "Move it away, or delete it if nothing in it is needed."
        )


def _is_there(what: str) -> StationError:
    return StationError(f"There is already a station in {what}; nothing was restored.", "Add --force to overwrite it.")


def _filled(source: Database, file: Path, passphrase: str, *, is_restored: bool = False) -> int:
    """Write a file in a stage and put it in place when it is complete."""
    with stage_in(file.parent) as stage:
        partial = stage / file.name
        with (
            create_file(partial, passphrase, source.settings) as target,
            translate_db_errors(),
            target.engine.begin() as connection,
        ):
            rows = _copy(source, connection)
            anchor = _note_restored(connection, source.settings, str(file.resolve())) if is_restored else None
        if anchor is not None:
            _set_aside(file)
        partial.replace(file)
    if anchor is not None:
        seal.write_anchor(anchor)
    return rows


def _note_restored(connection: Connection, settings: StationSettings, database: str) -> LogAnchor:
    """Write it in the log before it is in place, so that no kill comes between the two; also what log it takes the place of."""
    earlier = seal.read_anchor(database)
    note = audit.AuditNote(Action.RESTORED, ObjectKind.DATABASE, detail=f"for {earlier.text}" if earlier is not None else "")
    with Session(connection) as session:
        audit.append(session, None, settings.clock(), [note])
        session.flush()
        return audit.last(session, database)


def _set_aside(file: Path) -> None:
    """Keep what is there under another name, with the log that a killed station left beside it.

    The log is copied first and removed last: a kill in between leaves a database with its log, under one name or the other.
    """
    before = file.with_name(file.name + BEFORE)
    (log, _), (log_before, _) = beside(file), beside(before)
    if file.exists():
        for stray in beside(before):
            stray.unlink(missing_ok=True)
        if log.exists():
            shutil.copy(log, log_before)
        file.replace(before)
    for stale in beside(file):  # of a file that is not there any more; the new one would be read through it
        stale.unlink(missing_ok=True)


def _to_server(source: Database, place: DatabaseLocation, settings: StationSettings, *, force: bool) -> int:
    """Fill the tables of a server in one transaction, so that a broken-off restore leaves what was there."""
    with open_server_alone(place, settings) as target, translate_db_errors(), target.engine.begin() as connection:
        if any(connection.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables):
            if not force:
                raise _is_there("this database")
            _empty(connection)
            migrate.upgrade(connection)
        rows = _copy(source, connection)
        _continue_numbers(connection)
        anchor = _note_restored(connection, settings, target.location)
    seal.write_anchor(anchor)
    return rows


def _empty(connection: Connection) -> None:
    """Drop what the station made, and nothing else: other programs may have their tables there."""
    try:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        for function in ("audit_only_grows", "audit_only_appends"):
            connection.execute(text(f"DROP FUNCTION IF EXISTS {function}()"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != DEPENDENT_OBJECTS:
            raise
        raise StationError(
            "Another program's tables depend on those of the station; nothing was restored.",
            "Restore into a database of its own, or have that program let go of them.",
        ) from error


def _copy(source: Database, target: Connection) -> int:
    """Copy every row of every table."""
    count = 0
    with source.snapshot() as connection:
        for table in Base.metadata.sorted_tables:
            found = connection.execute(select(table).order_by(table.c.id), execution_options={"yield_per": ROWS_AT_ONCE})
            with closing(found) as rows:
                for some in rows.mappings().partitions():
                    target.execute(insert(table), [dict(row) for row in some])
                    count += len(some)
    return count


def _continue_numbers(connection: Connection) -> None:
    """Let a server count on from the largest number of each table."""
    for table in Base.metadata.sorted_tables:
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
        if sequence is not None:
            largest = connection.scalar(select(func.max(table.c.id)))
            connection.execute(select(func.setval(sequence, func.coalesce(largest, 1, type_=Integer), largest is not None)))
