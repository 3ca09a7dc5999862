"""The database on the disk: encrypted, upgraded, backed up, restored, and open to nobody without the passphrase."""

from __future__ import annotations

import shutil
import stat
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from helpers.practice_day import CHEAP, PASSPHRASE, run_together
from screener.errors import NotAllowedError, StationError
from screener.model.results import ScreeningReport
from screener.station.access import audit, users
from screener.station.access.roles import COMMAND_LINE, Actor
from screener.station.access.unit_of_work import begin
from screener.station.care.backup import back_up, restore
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.records.people import PeopleFilter
from screener.station.results import progress, reports
from screener.station.settings import ArgonCost
from screener.station.storage import cipher
from screener.station.storage.database import Database, DatabaseLocation, beside, create_database, open_database
from screener.station.storage.tables import Base, Purpose, Role
from screener.workflow.screening import Screening

FIRST = Path(__file__).parent / "first_release.db"
NAME, NOTE, COMMENT = "Wilhelmina Quackenbush", "fell from a xylophone", "walks like a zeppelin"
Rows = dict[str, list[tuple[object, ...]]]


def every_row(database: Database) -> Rows:
    with database.snapshot() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
            for table in Base.metadata.sorted_tables
        }


def fill(database: Database, screening: Screening) -> int:
    """A practice with one person, a visit, a recording and a picture; returns the person."""
    with begin(database, COMMAND_LINE) as work:
        if not users.every(work):
            users.create(work, "owner", "three words here", Role.OWNER)
        person = people.create(work, PersonData(name=NAME, notes=NOTE, birth_year=1970))
        consents.give(work, person.id, Purpose.SCREENING, "her mother")
        visit = visits.begin(work, person.id)
        visit.comment = COMMENT
        recordings.add(work, visit.id, screening)
    return person.id


def test_the_file_and_its_log_hold_no_plain_text(database: Database, screening: Screening) -> None:
    fill(database, screening)
    assert database.file is not None
    log = beside(database.file)[0]
    assert log.stat().st_size > 100_000, "nothing was in the log when it was searched"
    raw = database.file.read_bytes() + log.read_bytes()
    words = (
        NAME,
        NAME.lower(),
        "Quackenbush",
        "xylophone",
        "zeppelin",
        "her mother",
        "single_leg_stance",
        "CREATE TABLE",
        "SQLite format",
    )
    assert [word for word in words if word.encode() in raw or word.encode("utf-16-le") in raw] == []
    assert b"\xff\xd8\xff" + b"\xe0\x00\x10JFIF" not in raw
    database.close()
    assert not any(word.encode() in database.file.read_bytes() for word in words)


def test_only_its_owner_may_read_the_file(database: Database) -> None:
    assert database.file is not None
    for file in (database.file, *beside(database.file)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_key_is_nowhere_on_the_disk(tmp_path: Path, database: Database) -> None:
    from screener.station.storage import cipher

    assert database.file is not None
    salt = database.file.read_bytes()[:16]
    key = cipher.derive_key(PASSPHRASE, salt, CHEAP.key_costs[0])
    for file in tmp_path.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            assert key not in raw
            assert key.hex().encode() not in raw
            assert PASSPHRASE.encode() not in raw


def test_a_wrong_passphrase_is_one_sentence(database: Database) -> None:
    assert database.file is not None
    with pytest.raises(StationError) as refused:
        open_database(DatabaseLocation(database.file), "not the passphrase", CHEAP)
    assert refused.value.message == "The passphrase does not open station.db."


@pytest.mark.parametrize("content", [b"", b"short", b"SQLite format 3\x00" + bytes(5000), bytes(20000)])
def test_a_file_that_is_no_station(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.db").write_bytes(content)
    with pytest.raises(StationError, match=r"does not open other\.db"):
        open_database(DatabaseLocation(tmp_path / "other.db"), PASSPHRASE, CHEAP)
    assert (tmp_path / "other.db").read_bytes() == content


def test_a_damaged_file_is_said_to_be_damaged(database: Database, screening: Screening) -> None:
    fill(database, screening)
    database.close()
    assert database.file is not None
    raw = bytearray(database.file.read_bytes())
    for page in range(4, len(raw) // 4096):
        raw[page * 4096 + 100 : page * 4096 + 140] = bytes(40)
    database.file.write_bytes(raw)
    with pytest.raises(StationError, match=r"damaged|cannot be written"), begin(database, COMMAND_LINE) as work:
        reports.visit_html(work, 1)


def test_a_dearer_key_for_new_files_opens_old_ones(database: Database) -> None:
    assert database.file is not None
    dearer = replace(CHEAP, key_costs=(ArgonCost(16, 2, 1), *CHEAP.key_costs))
    open_database(DatabaseLocation(database.file), PASSPHRASE, dearer).close()


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="shorter than 12"):
        create_database(DatabaseLocation(tmp_path / "a.db"), "secret", CHEAP)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(database: Database) -> None:
    assert database.file is not None
    with pytest.raises(StationError, match="already a database"):
        create_database(DatabaseLocation(database.file), PASSPHRASE, CHEAP)


def test_the_schema_of_the_steps_is_the_one_of_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def values(report: ScreeningReport) -> dict[tuple[str, str, str], float | None]:
    """What was measured; a later release may word and grade it otherwise."""
    return {(test.key, test.side, m.key): m.value for test in report.tests for m in test.measures}


def test_the_first_release_is_upgraded_with_all_its_data(tmp_path: Path, screening: Screening) -> None:
    file = Path(shutil.copy(FIRST, tmp_path))
    with open_database(DatabaseLocation(file), PASSPHRASE, CHEAP) as database:
        assert users.sign_in(database, "owner", "first release").name == "Olga Owner"
        with begin(database, COMMAND_LINE) as work:
            found = people.find(work, PeopleFilter("MULLER knee 1980"))
            assert [(one.person.name, one.visits) for one in found.people] == [("Anna Müller", 1)]
            assert people.find(work).total == 2
            assert visits.see(work, 1).visit.comment == "Good control."
            then, now = values(recordings.load(work, 1).report), values(screening.report)
            assert then.keys() == now.keys()
            for key, value in then.items():
                assert now[key] == pytest.approx(value, abs=0.3)  # a hold begins two frames sooner than in the first release
            assert len(progress.progress(work, found.people[0].person.id)) > 0
            assert "Practice of the first day" in reports.visit_html(work, 1)
        with database.transaction() as session:
            assert audit.verify(session).entries > 8
    assert FIRST.read_bytes() != file.read_bytes()


def test_an_upgrade_keeps_every_row_and_column(tmp_path: Path) -> None:
    file = Path(shutil.copy(FIRST, tmp_path))
    key, salt = cipher.find_key(file, PASSPHRASE, CHEAP.key_costs)

    def rows(columns: dict[str, str]) -> Rows:
        connection = cipher.connect(file, key, salt)
        found = {table: connection.execute(f"SELECT {of} FROM {table} ORDER BY id").fetchall() for table, of in columns.items()}
        connection.close()
        return found

    connection = cipher.connect(file, key, salt)
    columns = {
        table.name: ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table.name})"))
        for table in Base.metadata.sorted_tables
        if connection.execute(f"PRAGMA table_info({table.name})").fetchall()
    }
    connection.close()
    before = rows(columns)
    assert sum(map(len, before.values())) > 20
    open_database(DatabaseLocation(file), PASSPHRASE, CHEAP).close()
    assert rows(columns) == before


def test_a_newer_schema_is_left_alone(database: Database) -> None:
    assert database.file is not None
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    before = database.file.read_bytes()
    with pytest.raises(StationError, match="newer version") as refused:
        open_database(DatabaseLocation(database.file), PASSPHRASE, CHEAP)
    assert "pip install" in refused.value.advice
    assert database.file.read_bytes() == before


def test_a_restored_backup_is_the_same_row_by_row(database: Database, screening: Screening, tmp_path: Path) -> None:
    fill(database, screening)
    backup, again = tmp_path / "backup.db", tmp_path / "again.db"
    count = back_up(database, COMMAND_LINE, backup, PASSPHRASE)
    before = every_row(database)
    assert count == sum(map(len, before.values()))
    assert restore(backup, DatabaseLocation(again), PASSPHRASE, CHEAP) == count
    with open_database(DatabaseLocation(again), PASSPHRASE, CHEAP) as restored:
        after = every_row(restored)
        with restored.transaction() as session:
            assert audit.verify(session).entries == len(before["audit"]) + 1
    assert all(len(rows) for name, rows in before.items() if name != "video_parts" and name != "practice")
    assert after.pop("audit")[:-1] == before.pop("audit")
    assert after == before
    assert {file.name for file in tmp_path.iterdir()} == {
        "backup.db",
        "again.db",
        "again.db.lock",
        *(p.name for p in tmp_path.glob("station.db*")),
    }


def test_a_backup_holds_no_plain_text_and_needs_the_passphrase(
    database: Database, screening: Screening, tmp_path: Path
) -> None:
    fill(database, screening)
    back_up(database, COMMAND_LINE, tmp_path / "backup.db", PASSPHRASE)
    assert b"Quackenbush" not in (tmp_path / "backup.db").read_bytes()
    with pytest.raises(StationError, match=r"does not open backup\.db"):
        restore(tmp_path / "backup.db", DatabaseLocation(tmp_path / "again.db"), "not the passphrase", CHEAP)
    assert not (tmp_path / "again.db").exists()


def test_nothing_is_restored_over_a_station_without_force(database: Database, screening: Screening, tmp_path: Path) -> None:
    assert database.file is not None
    backup = tmp_path / "backup.db"
    back_up(database, COMMAND_LINE, backup, PASSPHRASE)
    fill(database, screening)
    with pytest.raises(StationError, match="already a station"):
        restore(backup, DatabaseLocation(database.file), PASSPHRASE, CHEAP)
    with pytest.raises(StationError, match=r"has the database .* open"):
        restore(backup, DatabaseLocation(database.file), PASSPHRASE, CHEAP, force=True)
    database.close()
    restore(backup, DatabaseLocation(database.file), PASSPHRASE, CHEAP, force=True)
    with open_database(DatabaseLocation(database.file), PASSPHRASE, CHEAP) as restored, begin(restored, COMMAND_LINE) as work:
        assert people.find(work).total == 0


def test_a_backup_of_the_first_release_is_restored(tmp_path: Path) -> None:
    restore(FIRST, DatabaseLocation(tmp_path / "a.db"), PASSPHRASE, CHEAP)
    with (
        open_database(DatabaseLocation(tmp_path / "a.db"), PASSPHRASE, CHEAP) as restored,
        begin(restored, COMMAND_LINE) as work,
    ):
        assert people.find(work, PeopleFilter("anna")).total == 1


def test_a_backup_is_not_made_over_a_file_nor_by_anyone(database: Database, actors: dict[Role, Actor], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StationError, match="already a file"):
        back_up(database, COMMAND_LINE, tmp_path / "mine.txt", PASSPHRASE)
    with pytest.raises(NotAllowedError):
        back_up(database, actors[Role.CLINICIAN], tmp_path / "backup.db", PASSPHRASE)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not (tmp_path / "backup.db").exists()


@pytest.mark.parametrize("address", ["mysql://localhost/x", "sqlite:///x.db", "http://localhost"])
def test_addresses_that_are_no_place(address: str) -> None:
    with pytest.raises(StationError, match="not the address"):
        DatabaseLocation.parse(address)


def test_dates_of_visits_come_back_as_dates(database: Database, screening: Screening) -> None:
    person = fill(database, screening)
    with begin(database, COMMAND_LINE) as work:
        assert [visit.day for visit in visits.of_person(work, person)] == [date(2026, 3, 2)]


def test_writers_of_one_file_wait_for_one_another(database: Database) -> None:
    def write() -> None:
        for _ in range(20):
            with begin(database, COMMAND_LINE) as work:
                people.create(work, PersonData())

    run_together(*[write] * 6)
    with database.transaction() as session:
        assert audit.verify(session).entries == 120
    with begin(database, COMMAND_LINE) as work:
        assert people.find(work).total == 120


PAPER = "vier Wörter für Köln"
TYPED = {
    "composed": PAPER,
    "decomposed": unicodedata.normalize("NFD", PAPER),
    "from a file of Windows": f"\ufeff{PAPER}",
    "both": "\ufeff" + unicodedata.normalize("NFD", PAPER),
}


@pytest.mark.parametrize("made_with", TYPED)
def test_the_passphrase_on_paper_opens_however_it_was_typed(made_with: str, tmp_path: Path) -> None:
    place = DatabaseLocation(tmp_path / "station.db")
    create_database(place, TYPED[made_with], CHEAP).close()
    for typed in TYPED.values():
        open_database(place, typed, CHEAP).close()
    with pytest.raises(StationError, match="does not open"):
        open_database(place, PAPER.replace("ö", "o"), CHEAP)


@pytest.mark.parametrize("made_with", ["composed", "decomposed", "from a file of Windows"])
def test_the_passphrase_on_paper_opens_what_an_earlier_release_made(made_with: str, tmp_path: Path) -> None:
    """It took the passphrase byte by byte; the first release's file stands for its schema, this one for its key."""
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    create_database(DatabaseLocation(new), PAPER, CHEAP).close()
    key, salt = cipher.find_key(new, PAPER, CHEAP.key_costs)
    raw = cipher.derive_key(TYPED[made_with], salt, CHEAP.key_costs[0])
    connection = cipher.connect(new, key, salt)
    connection.execute(f"ATTACH DATABASE '{old}' AS old KEY \"x'{raw.hex()}{salt.hex()}'\"")
    connection.execute("SELECT sqlcipher_export('old')")
    connection.close()
    open_database(DatabaseLocation(old), PAPER, CHEAP).close()
    backup = tmp_path / "backup.db"
    with open_database(DatabaseLocation(old), TYPED[made_with], CHEAP) as opened:
        back_up(opened, COMMAND_LINE, backup, TYPED[made_with])
    open_database(DatabaseLocation(backup), PAPER, CHEAP).close()
