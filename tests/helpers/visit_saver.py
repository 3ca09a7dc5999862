"""A program that saves visits one after another and says which are confirmed, until it is killed.

Usage: python saver.py STATION.db PERSON
"""

from __future__ import annotations

import sys
from pathlib import Path

from helpers.practice_day import CHEAP, PASSPHRASE, screening_of
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import visits
from screener.station.records.forms import Comment
from screener.station.storage.database import DatabaseLocation, open_database


def main() -> None:
    screening = screening_of("left")
    with open_database(DatabaseLocation(Path(sys.argv[1])), PASSPHRASE, CHEAP) as database:
        print("ready", flush=True)
        while True:
            with begin(database, COMMAND_LINE) as work:
                visit = visits.begin(work, int(sys.argv[2]))
                visits.change(work, visit.id, visit.version, comment=Comment(comment="complete"))
                recordings.add(work, visit.id, screening)
            print(visit.id, flush=True)


if __name__ == "__main__":
    main()
