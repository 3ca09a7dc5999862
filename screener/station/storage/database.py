"""Open the database of a station: an encrypted file, or a PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from filelock import ReadWriteLock
from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from screener.errors import StationError
from screener.files import stage_in
from screener.station.settings import STANDARD, StationSettings
from screener.station.storage import cipher, migrate, server_address, server_space, station_lock
from screener.station.storage.db_errors import translated

POSTGRESQL = "postgresql"
BEFORE = ".before"
"""Suffix of what a restore put out of the way."""


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
            It is an address of something else, or of a server beyond this machine that would be reached without encryption.
        """
        if "://" not in text:
            return cls(Path(text).expanduser())
        try:
            url = make_url(text)
        except ArgumentError as error:
            raise _no_place() from error
        if url.get_backend_name() != POSTGRESQL:
            raise _no_place()
        server_address.require_safe(url, os.environ)
        return cls(None, url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))

    @property
    def names_password(self) -> bool:
        """Whether a password stands in the address, which every user of the machine can read in the list of processes."""
        return bool(self.url) and make_url(self.url).password is not None


def _no_place() -> StationError:
    return StationError(
        "This is not the address of a database that the station can use.",
        "Name a file, or a server like this: postgresql://user@host/name?sslmode=verify-full",
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
    lock : ReadWriteLock, optional
        Keeps a restore away while it is open; None where no other program knows the file, or where connections hold a server's.
    """

    engine: Engine
    settings: StationSettings
    file: Path | None = None
    lock: ReadWriteLock | None = None

    def __enter__(self) -> Database:
        """Use as a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    @property
    def location(self) -> str:
        """Which database it is, the same each time it is opened; without user and password."""
        if self.file is not None:
            return str(self.file.resolve())
        url = self.engine.url
        return f"postgresql://{url.host or ''}:{url.port or ''}/{url.database or ''}"

    def close(self) -> None:
        """Close all connections; the last one to a file moves its log into it."""
        self.engine.dispose()
        if self.lock is not None:
            self.lock.close()

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

    def tidy(self) -> bool:
        """Overwrite what deleted rows held.

        Returns
        -------
        bool
            False where a reader, such as a backup that runs, keeps some of it for now: `flush_log` does the rest for a file,
            another `tidy` for a server.
        """
        if self.file is None:
            with translate_db_errors(), self._autocommit() as connection:
                return server_space.overwrite(connection, self.settings.readers_wait_s)
        with translate_db_errors(), self._autocommit() as connection:
            connection.exec_driver_sql("VACUUM")
        return self.flush_log(self.settings.readers_wait_s)

    def flush_log(self, wait_s: float = 0.0) -> bool:
        """Bring the log of a file into it and empty the log; False where a reader is in the way. A server does so by itself."""
        if self.file is None:
            return True
        with translate_db_errors(), self._autocommit() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * wait_s)}")
            try:
                busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {cipher.BUSY_MS}")
        return not busy

    def _autocommit(self) -> AbstractContextManager[Connection]:
        return self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


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
        return _upgraded(Database(_server(place.url, is_alone=False), settings))
    _require_file(place.file)
    lock = station_lock.join(place.file)
    try:
        return replace(open_file(place.file, passphrase, settings), lock=lock)
    except BaseException:
        lock.close()
        raise


def open_server_alone(place: DatabaseLocation, settings: StationSettings) -> Database:
    """Open the database of a server that no station and no command uses, with one connection; StationError otherwise."""
    return _upgraded(Database(_server(place.url, is_alone=True), settings))


def open_file(file: Path, passphrase: str, settings: StationSettings) -> Database:
    """Open a file that no other program knows, such as a copy; otherwise as `open_database`."""
    _require_file(file)
    key, salt = cipher.find_key(file, passphrase, settings.key_costs)
    return _upgraded(Database(_encrypted(file, key, salt), settings, file))


def _require_file(file: Path) -> None:
    if file.is_file():
        return
    before = file.with_name(file.name + BEFORE)
    if before.is_file():
        raise StationError(
            f"There is no database {file}: a restore was broken off.", f"Restore again, or rename {before.name} to {file.name}."
        )
    raise StationError(f"There is no database {file}.", "Create it with: screener station init")


def create_database(place: DatabaseLocation, passphrase: str = "", settings: StationSettings = STANDARD) -> Database:
    """Make a new database: a file that only its owner may read, or the tables on an empty server.

    Raises
    ------
    StationError
        There is one already, the passphrase is too short, or it cannot be written.
    """
    if place.file is None:
        return open_database(place, settings=settings)
    require_no_file(place.file)
    cipher.require_passphrase(passphrase)
    try:
        place.file.parent.mkdir(parents=True, exist_ok=True)
        with station_lock.alone(place.file), stage_in(place.file.parent) as stage:
            require_no_file(place.file)
            new = stage / place.file.name
            create_file(new, passphrase, settings).close()
            new.replace(place.file)
    except OSError as error:
        raise StationError(
            f"The database {place.file} cannot be made ({error.strerror or error}).",
            "Choose a folder you may write to with --database.",
        ) from error
    return open_database(place, passphrase, settings)


def require_no_file(file: Path) -> None:
    """Refuse to make a database over a file."""
    if file.exists():
        raise StationError(f"There is already a database {file}.", "Open it, or name another file with --database.")


def create_file(file: Path, passphrase: str, settings: StationSettings) -> Database:
    """Make a new file that only its owner may read and no other program knows yet, such as a backup that is being written.

    Raises
    ------
    StationError
        The passphrase is too short.
    OSError
        It cannot be written.
    """
    cipher.require_passphrase(passphrase)
    key, salt = cipher.new_key(passphrase, settings.key_costs[0])
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return _upgraded(Database(_encrypted(file, key, salt), settings, file))


def beside(file: Path) -> tuple[Path, Path]:
    """Files that SQLite keeps beside a database: its log and the index of the log."""
    return file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")


def _encrypted(file: Path, key: bytes, salt: bytes) -> Engine:
    open_one = cipher.connector(file, key, salt)
    engine = create_engine("sqlite://", module=dbapi2, creator=open_one, poolclass=QueuePool, hide_parameters=True)
    with translate_db_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """Wait for other writers at the start: a reader that turns writer later could not."""
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _server(url: str, *, is_alone: bool) -> Engine:
    size: dict[str, int] = {"pool_size": 1, "max_overflow": 0} if is_alone else {}
    waits = {"connect_timeout": 10}
    engine = create_engine(url, pool_pre_ping=True, connect_args=waits, hide_parameters=True, **size)
    station_lock.guard_server(engine, is_alone=is_alone)
    return engine


def _upgraded(database: Database) -> Database:
    try:
        with translate_db_errors(), database.engine.begin() as connection:
            migrate.upgrade(connection)
    except BaseException:
        database.close()
        raise
    return database
