"""Killed while saving, and a disk that is full: what was confirmed is there, and nothing is half there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpers.practice_day import CHEAP, PASSPHRASE
from screener.errors import StationError
from screener.station.access import audit
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.care.backup import back_up
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.storage.database import Database, DatabaseLocation, create_database, open_database
from screener.station.storage.tables import AuditEntry, Purpose, StoredMeasure, StoredPicture, StoredRecording, VisitRow
from screener.workflow.screening import Screening

KILLS = 50


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own with little room."""
    folder = Path(tempfile.mkdtemp())
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


def person_who_agreed(database: Database) -> int:
    with begin(database, COMMAND_LINE) as work:
        person = people.create(work, PersonData(name="Someone"))
        consents.give(work, person.id, Purpose.SCREENING)
    return person.id


def save(database: Database, person: int, screening: Screening) -> int:
    with begin(database, COMMAND_LINE) as work:
        visit = visits.begin(work, person)
        visit.comment = "complete"
        recordings.add(work, visit.id, screening)
    return visit.id


def save_until_refused(database: Database, person: int, screening: Screening, confirmed: set[int]) -> None:
    for _ in range(200):
        confirmed.add(save(database, person, screening))


def killed_after(file: Path, person: int, seconds: float) -> set[int]:
    """Let the saver work for a while, kill it, and return the visits that it called confirmed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "helpers.visit_saver", str(file), str(person)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as saver:
        assert saver.stdout is not None
        assert saver.stdout.readline() == "ready\n"
        time.sleep(seconds)
        saver.send_signal(signal.SIGKILL)
        said = saver.stdout.read()
    return {int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")}


def require_whole(database: Database, confirmed: set[int], measures: int) -> int:
    """Every confirmed visit is there, every visit is whole, and the log holds together; returns how many there are."""
    with database.transaction() as session:
        there = set(session.scalars(select(VisitRow.id)))
        assert confirmed <= there
        assert set(session.scalars(select(VisitRow.comment))) <= {"complete"}
        for table, of_each in ((StoredRecording, 1), (StoredMeasure, measures)):
            counts = session.execute(select(table.visit_id, func.count()).group_by(table.visit_id)).all()
            assert {count for _, count in counts} <= {of_each}
            assert {visit for visit, _ in counts} == there
        assert session.scalar(select(func.count()).select_from(StoredPicture)) == len(there)
        created = select(func.count()).where(AuditEntry.kind == "visit", AuditEntry.action == "created")
        assert session.scalar(created) == len(there)
        audit.verify(session)
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert session.connection().exec_driver_sql("PRAGMA cipher_integrity_check").all() == []
        assert session.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
    return len(there)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="uses signals")
def test_killed_fifty_times_while_saving(tmp_path: Path, screening: Screening) -> None:
    file = tmp_path / "station.db"
    with create_database(DatabaseLocation(file), PASSPHRASE, CHEAP) as database:
        person = person_who_agreed(database)
    chance = random.Random(7)
    confirmed: set[int] = set()
    measures = sum(len(test.measures) for test in screening.report.tests)
    for _ in range(KILLS):
        confirmed |= killed_after(file, person, chance.uniform(0.0, 0.25))
        with open_database(DatabaseLocation(file), PASSPHRASE, CHEAP) as database:
            saved = require_whole(database, confirmed, measures)
    print(f"{KILLS} kills: {len(confirmed)} confirmed visits, all there; {saved} saved, none half")
    assert len(confirmed) > KILLS


def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path, screening: Screening) -> None:
    file = small_disk / "station.db"
    with create_database(DatabaseLocation(file), PASSPHRASE, CHEAP) as database:
        person = person_who_agreed(database)
        confirmed: set[int] = set()
        with pytest.raises(StationError) as full:
            save_until_refused(database, person, screening, confirmed)
        assert full.value.message in (
            "The disk of the database is full; nothing was saved.",
            "The disk of the database cannot be written; nothing was saved.",
        )
        assert "Free some space" in full.value.advice
        assert len(confirmed) > 3
        measures = sum(len(test.measures) for test in screening.report.tests)
        subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
        assert require_whole(database, confirmed, measures) == len(confirmed)
        last = save(database, person, screening)
    with open_database(DatabaseLocation(file), PASSPHRASE, CHEAP) as database:
        assert require_whole(database, confirmed | {last}, measures) == len(confirmed) + 1


def test_a_backup_on_a_full_disk_leaves_nothing(database: Database, small_disk: Path, screening: Screening) -> None:
    person = person_who_agreed(database)
    with begin(database, COMMAND_LINE) as work:
        for _ in range(40):
            recordings.add(work, visits.begin(work, person).id, screening)
    with pytest.raises(StationError, match="disk of the database"):
        back_up(database, COMMAND_LINE, small_disk / "backup.db", PASSPHRASE)
    assert list(small_disk.iterdir()) == []
