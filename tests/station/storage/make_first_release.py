"""Write first_release.db: a small practice in the schema of the first release. Run once; the file is then never changed.

Usage: python tests/station/make_first_release.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import MetaData, create_engine, insert, select
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from helpers.practice_day import CHEAP, PASSPHRASE, screening_of
from screener.station.access import users
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, practice, visits
from screener.station.records.forms import Comment, PersonData, PracticeData
from screener.station.storage import cipher, migrate
from screener.station.storage.database import DatabaseLocation, create_database
from screener.station.storage.tables import Base, Purpose, Role

FILE = Path(__file__).parent / "first_release.db"


def main() -> None:
    FILE.unlink(missing_ok=True)
    key, salt = cipher.new_key(PASSPHRASE, CHEAP.key_costs[0])
    engine = create_engine("sqlite://", module=dbapi2, creator=cipher.connector(FILE, key, salt), poolclass=QueuePool)
    with (
        tempfile.TemporaryDirectory() as folder,
        create_database(DatabaseLocation(Path(folder) / "a.db"), PASSPHRASE, CHEAP) as full,
    ):
        with begin(full, COMMAND_LINE) as work:
            users.create(work, "owner", "first release", Role.OWNER, "Olga Owner")
            practice.change(work, practice.get(work).version, PracticeData(name="Practice of the first day"))
            anna = people.create(work, PersonData(name="Anna Müller", birth_year=1980, notes="left knee"))
            people.create(work, PersonData(notes="without a name"))
            consents.give(work, anna.id, Purpose.SCREENING)
            visit = visits.begin(work, anna.id)
            visits.change(work, visit.id, visit.version, comment=Comment(comment="Good control."))
            recordings.add(work, visit.id, screening_of("left"))
        with engine.begin() as connection:
            migrate.upgrade(connection, "0001")
            first = MetaData()
            first.reflect(connection)
            with full.snapshot() as source:
                for table in Base.metadata.sorted_tables:
                    old = first.tables[table.name]
                    for row in source.execute(select(table)).mappings():
                        connection.execute(insert(old), {column.name: row[column.name] for column in old.columns})
    engine.dispose()


if __name__ == "__main__":
    main()
