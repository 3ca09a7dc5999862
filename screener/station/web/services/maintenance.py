"""Periodic maintenance while the server runs: deletes expired videos."""

from __future__ import annotations

import sys
import threading
import traceback

from screener.errors import ScreenerError
from screener.station.access import audit
from screener.station.care.startup import delete_expired
from screener.station.storage.database import Database


class Maintenance:
    """Deletes what has had its time, in a thread of its own, until it is closed.

    What is done at the start alone would let a station that runs for weeks keep a video beyond its day.

    Parameters
    ----------
    database : Database
        Of the station; its settings say how often.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; a deletion that runs is finished."""
        self._ending.set()
        self._thread.join()
        _watch_log(self._database)

    def _run(self) -> None:
        while not self._ending.wait(self._database.settings.purged_every.total_seconds()):
            _purge(self._database)
            _watch_log(self._database)


def _purge(database: Database) -> None:
    """Delete, or say in the terminal why not; the next time tries again. Ending the station would end who works with it."""
    try:
        delete_expired(database)
    except ScreenerError as error:
        said = f"Expired videos could not be deleted. {error.message} {error.advice}"
        print(said, file=sys.stderr, flush=True)
    except Exception:
        traceback.print_exc()


def _watch_log(database: Database) -> None:
    """Remember how far the audit log goes, or say in the terminal that it was tampered with; the people go on working."""
    try:
        audit.keep_anchor(database)
    except ScreenerError as error:
        print(f"{error.message} {error.advice}", file=sys.stderr, flush=True)
    except Exception:
        traceback.print_exc()
