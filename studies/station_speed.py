"""How fast the station answers with 10,000 people and 100,000 visits: search, list, person, progress, a new visit.

Each visit has a recording of both legs with the measures of a real report. Landmarks and reports of all but one person are
short fillers, so that the file stays below a gigabyte: neither search nor progress reads them.

Usage: python studies/station_speed.py [--people 10000] [--visits 10] [--postgresql]

With --postgresql a server is started for it in place of the encrypted file.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import func, insert, select, text

from helpers.postgresql_server import running_server
from helpers.practice_day import CHEAP, PASSPHRASE, screening_of
from screener.model.results import ScreeningReport
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import UnitOfWork, begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.people import PeopleFilter
from screener.station.results import progress, reports
from screener.station.results.report_cache import ReportCache
from screener.station.storage.database import Database, DatabaseLocation, create_database
from screener.station.storage.search_text import searched
from screener.station.storage.tables import PersonRow, Purpose, StoredMeasure, StoredRecording, VisitRow

FIRST = ("Anna", "Bob", "Clara", "Deniz", "Eva", "Farid", "Greta", "Hugo", "Ines", "Jörg", "Kim", "Lena", "Müge", "Noah")
LAST = ("Meyer", "Müller", "Weiß", "Yılmaz", "Nowak", "Rossi", "Smith", "García", "Dubois", "Hansen", "Kovács", "Silva")
NOTES = ("left knee", "right hip", "runner", "desk work", "back pain in spring", "football", "after surgery", "dancer")
AT_ONCE = 500
REPEATS = 21
LIMIT_MS = 300.0


def person_row(number: int, chance: random.Random) -> dict[str, object]:
    name, notes = f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}", ", ".join(chance.sample(NOTES, 2))
    year, pseudonym = chance.randint(1930, 2010), f"P{number:08d}"
    return {
        "id": number, "pseudonym": pseudonym, "audit_ref": f"ref{number}", "name": name, "birth_year": year, "sex": "female",
        "notes": notes, "search": searched(pseudonym, name, year, notes), "created_at": datetime.now(UTC), "version": 1,
    }  # fmt: skip


def measure_rows(report: ScreeningReport) -> list[dict[str, object]]:
    return [
        {
            "test": test.key, "side": side, "measure": one.key, "label": one.label, "unit": one.unit, "value": one.value or 1.0,
            "uncertainty": one.uncertainty, "grade": one.grade.value, "firm": one.firm, "method": one.method.value,
            "smallest_detectable": 2.0,
        }
        for test in report.tests for side in ("left", "right") for one in test.measures
    ]  # fmt: skip


def fill(database: Database, count: int, each: int) -> None:
    """Insert in bulk; visits are two weeks apart."""
    chance = random.Random(1)
    measures = measure_rows(screening_of("left").report)
    now, visit = datetime.now(UTC), 0
    for start in range(1, count + 1, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count + 1))
        rows: dict[type, list[dict[str, object]]] = {PersonRow: [], VisitRow: [], StoredRecording: [], StoredMeasure: []}
        for number in numbers:
            rows[PersonRow].append(person_row(number, chance))
            first = date(2024, 1, 1) + timedelta(days=chance.randint(0, 300))
            for turn in range(each):
                visit += 1
                rows[VisitRow].append({
                    "id": visit, "person_id": number, "day": first + timedelta(weeks=2 * turn), "comment": "",
                    "created_at": now, "version": 1,
                })  # fmt: skip
                rows[StoredRecording].append({
                    "id": visit, "visit_id": visit, "created_at": now, "test": "single_leg_stance", "side": "both",
                    "markers": False, "headline": "", "landmarks": b"x" * 500, "landmarks_sha256": f"{visit:064d}",
                    "report": "x" * 1000,
                })  # fmt: skip
                ids = {"person_id": number, "visit_id": visit, "recording_id": visit}
                rows[StoredMeasure] += [{**ids, **one, "value": chance.gauss(8, 2)} for one in measures]
        with database.engine.begin() as connection:
            for table, some in rows.items():
                connection.execute(insert(table), some)


def count_on(database: Database) -> None:
    """Let the server go on counting behind the numbers that were given; a file does so by itself."""
    if database.file is None:
        with database.engine.begin() as connection:
            for table in (PersonRow, VisitRow, StoredRecording, StoredMeasure):
                name = table.__tablename__
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))
            connection.execute(text("ANALYZE"))


@contextmanager
def opened(folder: str, *, server: bool) -> Iterator[Database]:
    """Open an empty database: a file in a folder, or one on a server of its own."""
    if not server:
        with create_database(DatabaseLocation(Path(folder) / "station.db"), PASSPHRASE, CHEAP) as database:
            yield database
        return
    with running_server() as address:
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE speed")
        with create_database(DatabaseLocation.parse(f"{address}/speed"), settings=CHEAP) as database:
            yield database


def megabytes(database: Database) -> float:
    """How large it is."""
    if database.file is not None:
        return database.file.stat().st_size / 1e6
    with database.engine.connect() as connection:
        return float(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6


def admit(database: Database) -> tuple[int, int]:
    """One person with ten real visits; returns the person and the last visit."""
    with begin(database, COMMAND_LINE) as work:
        person = people.create(work, people.PersonData(name="Wilhelmina Quackenbush", birth_year=1970))
        consents.give(work, person.id, Purpose.SCREENING)
        for _ in range(10):
            visit = visits.begin(work, person.id)
            for side in ("left", "right"):
                recordings.add(work, visit.id, screening_of(side))
    return person.id, visit.id


def answers(person: int, visit: int) -> Iterator[tuple[str, bool, Callable[[UnitOfWork], object]]]:
    """What is timed, and whether it must answer within the limit."""
    yield "list of everyone, first page", True, lambda work: people.find(work)
    yield "search a name", True, lambda work: people.find(work, PeopleFilter("quackenbush"))
    yield "search that finds hundreds", True, lambda work: people.find(work, PeopleFilter("muller runner"))
    yield "search that finds nobody", True, lambda work: people.find(work, PeopleFilter("xylophone"))
    yield "seen since a day", True, lambda work: people.find(work, PeopleFilter(seen_since=date(2025, 3, 1)))
    yield "one person", True, lambda work: (people.see(work, person), visits.of_person(work, person))
    yield "progress of 10 visits", True, lambda work: progress.progress(work, person)
    yield "progress of another person", True, lambda work: progress.progress(work, 500)
    yield "report of a visit, values only", True, lambda work: reports.visit_report(work, visit)
    yield "a new visit", True, lambda work: visits.begin(work, person)
    yield "report page with curves and pictures", False, lambda work: reports.visit_html(work, visit)
    shelf = ReportCache()
    yield "the same page again", False, lambda work: reports.visit_html(work, visit, shelf)


def timed(database: Database, act: Callable[[UnitOfWork], object], repeats: int) -> list[float]:
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        with begin(database, COMMAND_LINE) as work:
            act(work)
        found.append(1000 * (time.perf_counter() - start))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=10)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(folder, server=asked.postgresql) as database:
        start = time.perf_counter()
        fill(database, asked.people, asked.visits)
        count_on(database)
        person, visit = admit(database)
        with database.transaction() as session:
            counts = [session.scalar(select(func.count()).select_from(table)) for table in (PersonRow, VisitRow, StoredMeasure)]
        took, kind = time.perf_counter() - start, "on PostgreSQL" if asked.postgresql else "encrypted"
        print("{:,} people, {:,} visits, {:,} measures".format(*counts), end=" ")
        print(f"{megabytes(database):.0f} MB {kind}, filled in {took:.0f} s", flush=True)
        slow = []
        for name, limited, act in answers(person, visit):
            times = timed(database, act, REPEATS if limited else 5)
            median = statistics.median(times)
            print(f"{name:40s} median {median:7.1f} ms, largest {max(times):7.1f} ms")
            slow += [name] if limited and median > LIMIT_MS else []
    print(f"slower than {LIMIT_MS:.0f} ms: {', '.join(slow) or 'none'}")
    raise SystemExit(1 if slow else 0)


if __name__ == "__main__":
    main()
