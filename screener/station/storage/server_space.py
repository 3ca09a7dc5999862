"""Overwrite what deleted rows held on a PostgreSQL server."""

from __future__ import annotations

import time

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from screener.station.storage.tables import Base

LOOK_S = 0.1
LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE: others hold a table for too long."""
NOW = text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
EARLIER_READERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND age(backend_xmin) >= age(CAST(CAST(:now AS text) AS xid))"
)


def overwrite(connection: Connection, wait_s: float) -> bool:
    """Write the station's tables anew without their deleted rows; other programs' tables are left alone.

    Parameters
    ----------
    connection : Connection
        Outside of a transaction.
    wait_s : float
        How long who reads an earlier state is waited for; what they see stays.

    Returns
    -------
    bool
        Whether nobody was in the way.
    """
    now, end = connection.scalar(NOW), time.monotonic() + wait_s
    while (readers := connection.scalar(EARLIER_READERS, {"now": now})) and time.monotonic() < end:
        time.sleep(LOOK_S)
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    connection.exec_driver_sql(f"SET lock_timeout = {max(1, round(1000 * wait_s))}")
    try:
        connection.exec_driver_sql(f"VACUUM (FULL) {tables}")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        return False
    finally:
        connection.exec_driver_sql("RESET lock_timeout")
    return not readers
