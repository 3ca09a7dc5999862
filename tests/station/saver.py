"""A program that saves visits one after another and says which are confirmed, until it is killed.

Usage: python saver.py STATION.db PERSON
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from practice_day import CHEAP, PASSPHRASE, screening_of

from screener.station import recordings, visits
from screener.station.database import Place, open_database
from screener.station.forms import Comment
from screener.station.roles import COMMAND_LINE
from screener.station.work import begin


def main() -> None:
    screening = screening_of("left")
    with open_database(Place(Path(sys.argv[1])), PASSPHRASE, CHEAP) as database:
        print("ready", flush=True)
        while True:
            with begin(database, COMMAND_LINE) as work:
                visit = visits.begin(work, int(sys.argv[2]))
                visits.change(work, visit.id, visit.version, comment=Comment(comment="complete"))
                recordings.add(work, visit.id, screening)
            print(visit.id, flush=True)


if __name__ == "__main__":
    main()
