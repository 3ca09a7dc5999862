"""What is done when a station is opened, and every hour while it is served: leftovers and videos whose time is over go."""

from __future__ import annotations

from screener.output import remove_abandoned
from screener.station import videos
from screener.station.database import Database, Place, open_database
from screener.station.imports import incoming_folder
from screener.station.roles import COMMAND_LINE
from screener.station.settings import STANDARD, Settings
from screener.station.work import begin


def open_station(place: Place, passphrase: str = "", settings: Settings = STANDARD) -> Database:
    """Open a station as `open_database` does, and tidy up."""
    database = open_database(place, passphrase, settings)
    try:
        purge(database)
    except BaseException:
        database.close()
        raise
    return database


def purge(database: Database) -> int:
    """Delete videos whose time is over, and uploads that a killed program left; return how many videos."""
    folder = incoming_folder(database)
    if folder.is_dir():
        remove_abandoned(folder)
    with begin(database, COMMAND_LINE) as work:
        return videos.purge(work)
