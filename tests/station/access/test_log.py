"""The audit log in the hands of someone who may change the database: by its passphrase, or as the keeper of a server."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from helpers.practice_day import CHEAP, PASSPHRASE
from screener.errors import StationError
from screener.station.access import audit, seal
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.seal import LogAnchor
from screener.station.access.unit_of_work import begin
from screener.station.care.backup import back_up, restore
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.results import reports
from screener.station.storage.database import Database, DatabaseLocation, open_database
from screener.station.storage.tables import AuditEntry, Purpose
from screener.workflow.screening import Screening

FIRST = Path(__file__).parent.parent / "storage" / "first_release.db"
Harm = Callable[[Connection], None]


@pytest.fixture(autouse=True)
def _new_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "machine"))


def add(database: Database, count: int = 1) -> None:
    for _ in range(count):
        with begin(database, COMMAND_LINE) as work:
            people.create(work, PersonData())


def verified(database: Database) -> audit.VerifiedLog:
    with database.transaction() as session:
        return audit.verify_here(session, database.location)


def without_triggers(connection: Connection) -> None:
    for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def written_anew(connection: Connection, *, seals: str) -> None:
    """Put the log together again without its second entry, every hash as it must be."""
    rows = [dict(row) for row in connection.execute(select(AuditEntry.__table__).order_by(AuditEntry.id)).mappings()]
    connection.exec_driver_sql("DELETE FROM audit")
    previous = audit.START
    for number, row in enumerate([rows[0], *rows[2:], rows[-1]], 1):
        entry = AuditEntry(**(row | {"id": number, "previous": previous}))
        previous = audit.content_hash(entry)
        row |= {"id": number, "previous": entry.previous, "hash": previous}
        row |= {"none": {"key_id": "", "seal": ""}, "kept": {}, "another": {"key_id": "0" * 12}}[seals]
        connection.execute(insert(AuditEntry.__table__), row)


def cut_off(connection: Connection) -> None:
    connection.exec_driver_sql("DELETE FROM audit WHERE id > 3")


def emptied(connection: Connection) -> None:
    connection.exec_driver_sql("DELETE FROM audit")


HARMS: dict[str, Harm] = {
    "cut off": cut_off,
    "emptied": emptied,
    "written anew without seals": lambda connection: written_anew(connection, seals="none"),
    "written anew with the old seals": lambda connection: written_anew(connection, seals="kept"),
    "written anew as if by another machine": lambda connection: written_anew(connection, seals="another"),
}


@pytest.mark.parametrize("what", HARMS)
@pytest.mark.parametrize("seen_by", ["check", "start"])
def test_a_log_that_was_cut_off_or_written_anew_is_noticed(what: str, seen_by: str, database: Database) -> None:
    add(database, 5)
    if seen_by == "check":
        assert verified(database).entries == 5
    else:
        audit.keep_anchor(database)
    with database.engine.begin() as connection:
        without_triggers(connection)
        HARMS[what](connection)
    add(database, 3)  # it goes on as if nothing had been
    with pytest.raises(StationError, match=r"audit log (no longer holds entry 5|was changed at entry 2)"):
        verified(database)
    with pytest.raises(StationError, match="no longer holds entry 5") as caught:
        audit.keep_anchor(database)
    assert seal.anchor_file(database.location).is_file()
    assert str(seal.anchor_file(database.location)) in caught.value.advice
    with pytest.raises(StationError, match="no longer holds entry 5"):
        audit.keep_anchor(database)  # again and again, until someone has seen to it


def test_what_has_no_anchor_here_is_said(database: Database) -> None:
    add(database, 3)
    first, second = verified(database), verified(database)
    assert "for the first time" in " ".join(first.remarks)
    assert second.remarks == ("The first 3 entries are those that this machine has seen before.",)
    with database.engine.begin() as connection:
        without_triggers(connection)
        written_anew(connection, seals="none")
    seal.anchor_file(database.location).unlink()
    assert verified(database).remarks[0] == "Entries 1 to 3 are of an earlier release and not sealed."


def test_an_entry_without_a_seal_after_one_that_has_it_is_a_change(database: Database) -> None:
    add(database, 4)
    with database.engine.begin() as connection:
        without_triggers(connection)
        connection.exec_driver_sql("UPDATE audit SET key_id = '', seal = '' WHERE id = 4")
    with pytest.raises(StationError, match="changed at entry 4"):
        verified(database)


def test_entries_of_two_machines_are_one_log(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(database, 2)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "other machine"))
    add(database, 3)
    found = verified(database)
    assert (found.entries, found.sealed_elsewhere, found.unsealed) == (5, 2, 0)
    assert found.remarks[0] == "2 entries were sealed by other machines: check the log there, too."


def test_a_log_of_the_first_release_still_holds_and_goes_on_sealed(tmp_path: Path) -> None:
    file = Path(shutil.copy(FIRST, tmp_path))
    with open_database(DatabaseLocation(file), PASSPHRASE, CHEAP) as database:
        before = verified(database)
        assert before.unsealed == before.entries == 8
        add(database, 2)
        after = verified(database)
        assert (after.entries, after.unsealed) == (before.entries + 2, before.entries)
        assert after.anchored == before.entries


@pytest.mark.parametrize("number", [1, 2, 3, 9, -1])
def test_the_database_takes_an_entry_at_the_end_only(database: Database, number: int) -> None:
    add(database, 3)
    row = f"SELECT {number}, at, user_id, action, kind, subject, 'x', previous, hash, key_id, seal FROM audit WHERE id = 2"
    for statement in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"):
        with pytest.raises(Exception, match="only grows"), database.engine.begin() as connection:
            connection.exec_driver_sql(f"{statement} INTO audit {row}")
    assert verified(database).entries == 3


def test_the_key_is_made_once_and_is_its_users_alone(tmp_path: Path) -> None:
    keys = {seal.own_key().secret for _ in range(3)}
    (key,) = keys
    assert len(key) == 32
    assert (seal.folder() / "key").stat().st_mode & 0o077 == 0
    (seal.folder() / "key").write_text("no number")
    with pytest.raises(StationError, match="cannot be read or made"):
        seal.own_key()
    assert key.hex() not in str([file.read_bytes() for file in tmp_path.rglob("*.db*")])


def test_a_restore_names_the_log_it_takes_the_place_of(database: Database, tmp_path: Path) -> None:
    add(database, 3)
    backup, place = tmp_path / "backup.db", DatabaseLocation(database.file)
    back_up(database, COMMAND_LINE, backup, PASSPHRASE)
    add(database, 4)
    audit.keep_anchor(database)
    seen = seal.read_anchor(database.location)
    assert seen is not None
    assert seen.entries == 8
    database.close()
    restore(backup, place, PASSPHRASE, CHEAP, force=True)
    with open_database(place, PASSPHRASE, CHEAP) as restored:
        audit.keep_anchor(restored)
        assert verified(restored).entries == 5
        with restored.transaction() as session:
            last = session.get(AuditEntry, 5)
            assert last is not None
            assert (last.action, last.detail) == ("restored", f"for entry 8, {seen.last_hash[:16]}")


def test_reports_carry_the_end_of_the_log(database: Database, screening: Screening) -> None:
    with begin(database, COMMAND_LINE) as work:
        person = people.create(work, PersonData())
        consents.give(work, person.id, Purpose.SCREENING)
        visit = visits.begin(work, person.id)
        recordings.add(work, visit.id, screening)
    with database.transaction() as session:
        now: LogAnchor = audit.last(session, database.location)
    with begin(database, COMMAND_LINE) as work:
        assert f"Audit log: {now.text}." in reports.visit_html(work, visit.id)
    assert now.text == f"entry 4, {now.last_hash[:16]}"
