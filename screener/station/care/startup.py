"""Start-up and hourly clean-up: temporary files and expired videos."""

from __future__ import annotations

from screener.files import remove_abandoned
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring.incoming import incoming_folder
from screener.station.records import videos
from screener.station.settings import STANDARD, StationSettings
from screener.station.storage.database import Database, DatabaseLocation, open_database


def open_station(place: DatabaseLocation, passphrase: str = "", settings: StationSettings = STANDARD) -> Database:
    """Open a station as `open_database` does, and tidy up."""
    database = open_database(place, passphrase, settings)
    try:
        delete_expired(database)
    except BaseException:
        database.close()
        raise
    return database


def delete_expired(database: Database) -> int:
    """Delete expired videos, and uploads and half backups that a killed program left; return how many videos.

    Pages of erased rows that someone still read are overwritten.
    """
    for folder in (incoming_folder(database), *([database.file.parent] if database.file is not None else [])):
        remove_abandoned(folder)
    with begin(database, COMMAND_LINE) as work:
        count = videos.purge(work)
    database.flush_log()  # an erasure that met a reader left this to do
    return count
