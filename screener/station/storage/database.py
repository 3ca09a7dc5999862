"""Open the database of a station: an encrypted file, or a PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from screener.errors import StationError
from screener.station.settings import STANDARD, StationSettings
from screener.station.storage import cipher, migrate
from screener.station.storage.db_errors import translated

POSTGRESQL = "postgresql"
NEW = ".new"
"""Ending of a file that is being made."""


def standard_file() -> Path:
    """Where the database lies when nothing else is said."""
    return user_data_path("movement-screener") / "station.db"


@dataclass(frozen=True)
class DatabaseLocation:
    """Where a database is: a file, or the address of a server."""

    file: Path | None
    url: str = ""

    @classmethod
    def parse(cls, text: str) -> DatabaseLocation:
        """Read a file name, or an address such as postgresql://user@host/name.

        Raises
        ------
        StationError
            It is an address of something else.
        """
        if "://" not in text:
            return cls(Path(text).expanduser())
        try:
            url = make_url(text)
        except ArgumentError as error:
            raise _no_place() from error
        if url.get_backend_name() != POSTGRESQL:
            raise _no_place()
        return cls(None, url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))


def _no_place() -> StationError:
    return StationError(
        "This is not the address of a database that the station can use.",
        "Name a file, or a server like this: postgresql://user:password@host/name",
    )


@dataclass(frozen=True)
class Database:
    """An open database whose schema is the newest; a context that closes it.

    Attributes
    ----------
    engine : Engine
        Of SQLAlchemy.
    settings : Settings
        Costs and limits.
    file : Path, optional
        The encrypted file; None for a server.
    """

    engine: Engine
    settings: StationSettings
    file: Path | None = None

    def __enter__(self) -> Database:
        """Use as a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close all connections; the last one to a file moves its log into it."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """All or nothing: committed at the end, undone when anything is raised.

        Raises
        ------
        ConflictError
            Someone else changed the same row.
        StationError
            The disk is full, or the database cannot be reached.
        """
        with translate_db_errors(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Read everything as it is at one moment, while others go on writing."""
        level = "REPEATABLE READ" if self.file is None else "AUTOCOMMIT"
        with translate_db_errors(), self.engine.connect().execution_options(isolation_level=level) as connection:
            if self.file is not None:
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                if self.file is not None:
                    connection.exec_driver_sql("ROLLBACK")

    def tidy(self) -> None:
        """Give back what deleted rows held, so that nothing of them is left in the file."""
        with translate_db_errors(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.file is None:
                connection.exec_driver_sql("VACUUM FULL")
            else:
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def translate_db_errors() -> Iterator[None]:
    """Turn what a database raises into our errors."""
    try:
        yield
    except (DBAPIError, StaleDataError) as error:
        reason = translated(error)
        if reason is None:
            raise
        raise reason from error


def open_database(place: DatabaseLocation, passphrase: str = "", settings: StationSettings = STANDARD) -> Database:
    """Open a database and bring its schema up to date; the data stays.

    Parameters
    ----------
    place : DatabaseLocation
        File or server.
    passphrase : str
        Of the file; a server needs none.
    settings : Settings
        Costs and limits.

    Raises
    ------
    StationError
        It is not there, the passphrase is wrong, the server does not answer, or a newer program made it.
    """
    if place.file is None:
        return _upgraded(Database(_server(place.url), settings))
    if not place.file.is_file():
        raise StationError(f"There is no database {place.file}.", "Create it with: screener station init")
    key, salt = cipher.find_key(place.file, passphrase, settings.key_costs)
    return _upgraded(Database(_encrypted(place.file, key, salt), settings, place.file))


def create_database(place: DatabaseLocation, passphrase: str = "", settings: StationSettings = STANDARD) -> Database:
    """Make a new database: a file that only its owner may read, or the tables on an empty server.

    Raises
    ------
    StationError
        There is one already, the passphrase is too short, or it cannot be written.
    """
    if place.file is None:
        return open_database(place, settings=settings)
    if place.file.exists():
        raise StationError(f"There is already a database {place.file}.", "Open it, or name another file with --database.")
    cipher.require_passphrase(passphrase)
    new = place.file.with_name(place.file.name + NEW)
    key, salt = cipher.new_key(passphrase, settings.key_costs[0])
    try:
        place.file.parent.mkdir(parents=True, exist_ok=True)
        _empty(new)
        _upgraded(Database(_encrypted(new, key, salt), settings, new)).close()
        new.replace(place.file)
    except StationError:
        new.unlink(missing_ok=True)
        raise
    except OSError as error:
        new.unlink(missing_ok=True)
        raise StationError(
            f"The database {place.file} cannot be made ({error.strerror or error}).",
            "Choose a folder you may write to with --database.",
        ) from error
    return Database(_encrypted(place.file, key, salt), settings, place.file)


def _empty(new: Path) -> None:
    """Make an empty file that nobody else may read, in place of what a broken-off start left."""
    for leftover in (new, *beside(new)):
        leftover.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def beside(file: Path) -> tuple[Path, Path]:
    """Files that SQLite keeps beside a database: its log and the index of the log."""
    return file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")


def _encrypted(file: Path, key: bytes, salt: bytes) -> Engine:
    engine = create_engine("sqlite://", module=dbapi2, creator=cipher.connector(file, key, salt), poolclass=QueuePool)
    with translate_db_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """Wait for other writers at the start: a reader that turns writer later could not."""
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _server(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})


def _upgraded(database: Database) -> Database:
    try:
        with translate_db_errors(), database.engine.begin() as connection:
            migrate.upgrade(connection)
    except BaseException:
        database.close()
        raise
    return database
