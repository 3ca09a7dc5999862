"""Bring a schema up to date, in one transaction, with Alembic."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from screener.errors import StationError
from screener.extras import install_command

HEAD = "head"
SCRIPTS = "screener.station.storage:migrations"
LOCK = 0x5C2EE
"""Number under which programs on one server wait for one another while they upgrade."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """Name of the newest schema that this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(connection: Connection) -> str | None:
    """Name of the schema of a database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Upgrade to a schema; the caller commits.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    to : str
        The newest where nothing is said; tests make older ones.

    Raises
    ------
    StationError
        A newer program made it.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    here = current(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if here is not None and here not in known:
        raise StationError(
            "A newer version of this program made the database, so this one does not touch it.",
            f"Install the newest version: {install_command('station')} --upgrade",
        )
    if here != newest() or to != HEAD:
        command.upgrade(_config(connection), to)
