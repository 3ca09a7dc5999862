"""One encrypted file with every row, and back again; from a file to a server and the other way round, too."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Integer, MetaData, func, insert, select, text

from screener.errors import StationError
from screener.station.access import audit
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Actor, Permission
from screener.station.access.unit_of_work import begin
from screener.station.settings import STANDARD, StationSettings
from screener.station.storage import migrate
from screener.station.storage.database import (
    Database,
    DatabaseLocation,
    beside,
    create_database,
    open_database,
    translate_db_errors,
)
from screener.station.storage.tables import Base

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
        Overwrite a station that is there.

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
    _require_room(place, force=force)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copyfile(file, Path(folder) / file.name))
        copy.chmod(0o600)
        with open_database(DatabaseLocation(copy), passphrase, settings) as source:
            with source.transaction() as session:
                audit.verify(session)
            rows = _to_server(source, place, settings, force) if place.file is None else _filled(source, place.file, passphrase)
    with open_database(place, passphrase, settings) as restored, restored.transaction() as session:
        audit.append(session, None, settings.clock(), [audit.AuditNote(Action.RESTORED, ObjectKind.DATABASE)])
    return rows


def _require_room(place: DatabaseLocation, *, force: bool) -> None:
    if place.file is None or not place.file.exists():
        return
    if not force:
        raise _is_there(str(place.file))
    if beside(place.file)[0].exists():
        raise StationError(
            f"A program has the database {place.file} open.",
            "Stop the station first. If it was killed, start and stop it once, or move the file away.",
        )


def _is_there(what: str) -> StationError:
    return StationError(f"There is already a station in {what}; nothing was restored.", "Add --force to overwrite it.")


def _filled(source: Database, file: Path, passphrase: str) -> int:
    """Write a file beside and put it in place when it is complete."""
    partial = file.with_name(file.name + ".partial")
    for leftover in (partial, *beside(partial)):
        leftover.unlink(missing_ok=True)
    try:
        with (
            create_database(DatabaseLocation(partial), passphrase, source.settings) as target,
            translate_db_errors(),
            target.engine.begin() as connection,
        ):
            rows = _copy(source, connection)
        partial.replace(file)
    finally:
        for leftover in (partial, *beside(partial)):
            leftover.unlink(missing_ok=True)
    return rows


def _to_server(source: Database, place: DatabaseLocation, settings: StationSettings, force: bool) -> int:
    """Fill the tables of a server in one transaction, so that a broken-off restore leaves what was there."""
    with open_database(place, settings=settings) as target, translate_db_errors(), target.engine.begin() as connection:
        if any(connection.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables):
            if not force:
                raise _is_there("this database")
            _empty(connection)
            migrate.upgrade(connection)
        rows = _copy(source, connection)
        _continue_numbers(connection)
    return rows


def _empty(connection: Connection) -> None:
    there = MetaData()
    there.reflect(connection)
    there.drop_all(connection)
    connection.execute(text("DROP FUNCTION IF EXISTS audit_only_grows()"))


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
