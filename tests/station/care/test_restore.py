"""Restores that meet a running station, or are killed: nothing confirmed is lost, and the log says that it was restored."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from helpers.practice_day import CHEAP, PASSPHRASE
from screener.errors import StationError
from screener.files import STAGE_PREFIX
from screener.station.access import audit
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.care.backup import back_up, restore
from screener.station.care.startup import open_station
from screener.station.records import consents, people
from screener.station.records.forms import PersonData
from screener.station.storage import station_lock
from screener.station.storage.database import BEFORE, Database, DatabaseLocation, beside, create_database, open_database
from screener.station.storage.tables import AuditEntry, PersonRow, Purpose, VisitRow

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses signals")
RESTORE = """
import sys
from pathlib import Path
from helpers.practice_day import CHEAP, PASSPHRASE
from screener.station.care.backup import restore
from screener.station.storage.database import DatabaseLocation
{before}
restore(Path(sys.argv[1]), DatabaseLocation(Path(sys.argv[2])), PASSPHRASE, CHEAP, force=True)
"""
KILLED_AT = """
import os, pathlib, shutil, signal
def killing(call, at, calls=[]):
    def counted(*given, **named):
        calls.append(1)
        if len(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given, **named)
    return counted
for name in ("replace", "unlink"):
    setattr(pathlib.Path, name, killing(getattr(pathlib.Path, name), {step}))
shutil.copy = killing(shutil.copy, {step})
"""


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_for(happened: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


def add(database: Database, name: str) -> None:
    with begin(database, COMMAND_LINE) as work:
        people.create(work, PersonData(name=name))


def names(database: Database) -> set[str | None]:
    with database.transaction() as session:
        audit.verify(session)
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        return set(session.scalars(select(PersonRow.name)))


def last_action(database: Database) -> str | None:
    with database.transaction() as session:
        return session.scalar(select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1))


@pytest.fixture
def practice(tmp_path: Path) -> tuple[DatabaseLocation, Path]:
    """A station with one person who is in its backup, and one who came later."""
    place, backup = DatabaseLocation(tmp_path / "station.db"), tmp_path / "backup.db"
    with create_database(place, PASSPHRASE, CHEAP) as database:
        add(database, "in the backup")
        back_up(database, COMMAND_LINE, backup, PASSPHRASE)
        add(database, "later")
    return place, backup


def test_a_station_does_not_start_while_its_database_is_being_replaced(
    practice: tuple[DatabaseLocation, Path], tmp_path: Path
) -> None:
    place, backup = practice
    running = run(RESTORE.format(before=""), backup, place.file)
    wait_for(lambda: list(tmp_path.glob(f"{STAGE_PREFIX}*/*")))
    running.send_signal(signal.SIGSTOP)  # stands for a backup of many gigabytes
    with pytest.raises(StationError, match="A restore is replacing the database"):
        open_database(place, PASSPHRASE, CHEAP)
    with pytest.raises(StationError, match=r"has the database .* open"):
        restore(backup, place, PASSPHRASE, CHEAP, force=True)
    running.send_signal(signal.SIGCONT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 0, said
    with open_database(place, PASSPHRASE, CHEAP) as database:
        assert names(database) == {"in the backup"}
        assert last_action(database) == "restored"


def test_a_link_to_a_database_is_the_same_database(practice: tuple[DatabaseLocation, Path], tmp_path: Path) -> None:
    place, backup = practice
    assert place.file is not None
    (tmp_path / "elsewhere").mkdir()
    link = DatabaseLocation(tmp_path / "elsewhere" / "link.db")
    link.file.symlink_to(place.file)
    with open_database(place, PASSPHRASE, CHEAP), pytest.raises(StationError, match=r"has the database .* open"):
        restore(backup, link, PASSPHRASE, CHEAP, force=True)
    restore(backup, link, PASSPHRASE, CHEAP, force=True)
    assert link.file.is_symlink()
    for one in (place, link):
        with open_database(one, PASSPHRASE, CHEAP) as database:
            assert names(database) == {"in the backup"}
    with open_database(DatabaseLocation(place.file.with_name(place.file.name + BEFORE)), PASSPHRASE, CHEAP) as database:
        assert names(database) == {"in the backup", "later"}


def test_a_database_that_cannot_be_locked_is_one_sentence(practice: tuple[DatabaseLocation, Path]) -> None:
    place, backup = practice
    assert place.file is not None
    lock = place.file.with_name(place.file.name + station_lock.SUFFIX)
    lock.unlink()
    lock.mkdir()
    with pytest.raises(StationError, match="cannot be locked"):
        open_database(place, PASSPHRASE, CHEAP)
    with pytest.raises(StationError, match="cannot be locked"):
        restore(backup, place, PASSPHRASE, CHEAP, force=True)


def test_nothing_is_restored_under_a_station_that_runs(practice: tuple[DatabaseLocation, Path]) -> None:
    place, backup = practice
    with open_database(place, PASSPHRASE, CHEAP) as database, open_database(place, PASSPHRASE, CHEAP):
        running = run(RESTORE.format(before=""), backup, place.file)
        _, said = running.communicate(timeout=60)
        assert running.returncode == 1
        assert "A program has the database" in said
        add(database, "later still")
        assert names(database) == {"in the backup", "later", "later still"}


@pytest.mark.slow
def test_what_a_killed_station_left_in_its_log_is_kept_and_not_read_by_the_new_database(
    practice: tuple[DatabaseLocation, Path],
) -> None:
    place, backup = practice
    assert place.file is not None
    with open_database(place, PASSPHRASE, CHEAP) as database, begin(database, COMMAND_LINE) as work:
        person = people.create(work, PersonData(name="filmed"))
        consents.give(work, person.id, Purpose.SCREENING)
    saver = run("from helpers.visit_saver import main; main()", place.file, person.id)
    assert saver.stdout is not None
    assert saver.stdout.readline() == "ready\n"
    confirmed = {int(saver.stdout.readline()) for _ in range(3)}
    saver.kill()
    saver.communicate()
    assert beside(place.file)[0].stat().st_size > 0
    restore(backup, place, PASSPHRASE, CHEAP, force=True)
    with open_database(place, PASSPHRASE, CHEAP) as database:
        assert names(database) == {"in the backup"}
    kept = DatabaseLocation(place.file.with_name(place.file.name + BEFORE))
    with open_database(kept, PASSPHRASE, CHEAP) as database:
        assert names(database) == {"in the backup", "later", "filmed"}
        with database.transaction() as session:
            assert confirmed <= set(session.scalars(select(VisitRow.id)))
    with pytest.raises(StationError, match="is still there, from the last restore"):
        restore(backup, place, PASSPHRASE, CHEAP, force=True)


@pytest.mark.slow
def test_a_restore_killed_at_any_step_of_the_swap_loses_neither_side(
    practice: tuple[DatabaseLocation, Path], tmp_path: Path
) -> None:
    """Whatever there is afterwards is whole; a database that was put in place says so in its log."""
    place, backup = practice
    assert place.file is not None
    before = place.file.with_name(place.file.name + BEFORE)
    kills = 0
    for step in range(1, 30):
        running = run(RESTORE.format(before=KILLED_AT.format(step=step)), backup, place.file)
        _, said = running.communicate(timeout=60)
        kills += running.returncode == -signal.SIGKILL
        if before.exists() and not place.file.exists():
            with pytest.raises(StationError, match="a restore was broken off"):
                open_database(place, PASSPHRASE, CHEAP)
            before.replace(place.file)
        with open_station(place, PASSPHRASE, CHEAP) as database:
            found = names(database)
            assert (found, last_action(database)) in (
                ({"in the backup", "later"}, "created"),
                ({"in the backup"}, "restored"),
            )
        assert not list(tmp_path.glob(f"{STAGE_PREFIX}*"))
        if running.returncode == 0:
            break
        if before.exists():
            before.replace(place.file)
            for stale in beside(place.file):
                stale.unlink(missing_ok=True)
    assert running.returncode == 0, said
    assert kills >= 4
