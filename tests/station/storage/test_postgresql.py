"""The station on a real PostgreSQL server, which the tests start: two stations, upgrades, backup there and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.exc import DataError

from helpers.console import Console
from helpers.postgresql_server import BINARIES, free_port, running_server
from helpers.practice_day import CHEAP, PASSPHRASE, Clock, run_together
from screener.errors import ConflictError, NotAllowedError, StationError
from screener.station.access import audit, users
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import SignInEndedError, begin
from screener.station.care import privacy
from screener.station.care.backup import back_up, restore
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import Comment, PersonData
from screener.station.records.people import PeopleFilter
from screener.station.results import reports
from screener.station.storage import migrate
from screener.station.storage.database import Database, DatabaseLocation, open_database, open_server_alone
from screener.station.storage.tables import AuditEntry, Base, PersonRow, Purpose, Role, VisitRow
from screener.workflow.screening import Screening

FIRST = Path(__file__).parent / "first_release.db"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a server of its own."""
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_server() as address:
        yield address


@pytest.fixture
def place(server: str, request: pytest.FixtureRequest) -> DatabaseLocation:
    """An empty database for one test."""
    name = f"t{abs(hash(request.node.name)) % 10**9}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return DatabaseLocation.parse(f"{server}/{name}")


@pytest.fixture
def database(place: DatabaseLocation, clock: Clock) -> Iterator[Database]:
    with open_database(place, settings=replace(CHEAP, clock=clock, timer=clock.elapsed)) as opened:
        yield opened


def fill(database: Database, screening: Screening, name: str = "Anna Müller") -> int:
    with begin(database, COMMAND_LINE) as work:
        person = people.create(work, PersonData(name=name, birth_year=1980))
        consents.give(work, person.id, Purpose.SCREENING)
        recordings.add(work, visits.begin(work, person.id).id, screening)
    return person.id


def every_row(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.snapshot() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
            for table in Base.metadata.sorted_tables
        }


def test_a_visit_on_a_server(database: Database, screening: Screening) -> None:
    person = fill(database, screening)
    with begin(database, COMMAND_LINE) as work:
        assert people.find(work, PeopleFilter("muller")).people[0].visits == 1
        assert people.find(work, PeopleFilter("100%_")).total == 0
        assert "data:image/jpeg" in reports.visit_html(work, visits.of_person(work, person)[0].id)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_two_stations_lose_no_update(place: DatabaseLocation, database: Database, screening: Screening) -> None:
    fill(database, screening)
    with open_database(place, settings=CHEAP) as other:
        with begin(other, COMMAND_LINE) as work:
            seen_there = visits.see(work, 1).visit
        with begin(database, COMMAND_LINE) as work:
            visits.change(work, 1, seen_there.version, comment=Comment(comment="written first"))
        with pytest.raises(ConflictError, match="Someone else changed this"), begin(other, COMMAND_LINE) as work:
            visits.change(work, 1, seen_there.version, comment=Comment(comment="written second"))
        with begin(other, COMMAND_LINE) as work:
            assert visits.see(work, 1).visit.comment == "written first"


def test_two_stations_that_save_at_the_same_moment(place: DatabaseLocation, database: Database, screening: Screening) -> None:
    fill(database, screening)
    told: list[str] = []
    saved: list[str] = []
    both_have_read = Barrier(2)

    def write(station: Database, comment: str) -> None:
        try:
            with begin(station, COMMAND_LINE) as work:
                visit = work.get_version(VisitRow, 1, 1)
                both_have_read.wait(10)
                visit.comment = comment
            saved.append(comment)
        except ConflictError:
            told.append(comment)

    with open_database(place, settings=CHEAP) as other:
        run_together(partial(write, database, "first"), partial(write, other, "second"))
        assert len(saved) == len(told) == 1
        with begin(other, COMMAND_LINE) as work:
            assert visits.see(work, 1).visit.comment == saved[0]


def test_the_log_stays_one_chain_with_many_writers(place: DatabaseLocation, database: Database) -> None:
    with open_database(place, settings=CHEAP) as other:

        def write(station: Database) -> None:
            for _ in range(25):
                with begin(station, COMMAND_LINE) as work:
                    people.create(work, PersonData())

        run_together(*(partial(write, station) for station in (database, other, database, other)))
    with database.transaction() as session:
        assert audit.verify(session).entries == 100


def test_the_log_of_a_server_only_grows(database: Database, screening: Screening) -> None:
    fill(database, screening)
    for statement in ("UPDATE audit SET user_id = 1", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(Exception, match="only grows"), database.transaction() as session:
            session.connection().exec_driver_sql(statement)
    with database.transaction() as session:
        audit.verify(session)
        session.connection().exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        session.query(AuditEntry).filter_by(id=2).update({"detail": "7"})
        with pytest.raises(StationError, match="changed at entry 2"):
            audit.verify(session)
        session.rollback()


def test_guesses_at_the_same_time_are_all_counted(place: DatabaseLocation, database: Database) -> None:
    users.create_owner(database, "owner", "three words here")

    def guess() -> None:
        with pytest.raises(NotAllowedError):
            users.sign_in(database, "owner", "wrong password")

    run_together(*[guess] * 5)
    with pytest.raises(NotAllowedError):
        users.sign_in(database, "owner", "three words here")


def test_a_first_schema_on_a_server_is_upgraded(place: DatabaseLocation) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(place.url)
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
        connection.execute(
            text(
                "INSERT INTO people (pseudonym, audit_ref, name, notes, created_at, version)"
                " VALUES ('AAAA-BBBB', 'r', 'Zoë Groß', '', now(), 1)"
            )
        )
    engine.dispose()
    with open_database(place, settings=CHEAP) as database, begin(database, COMMAND_LINE) as work:
        assert people.find(work, PeopleFilter("zoe gross")).people[0].person.pseudonym == "AAAA-BBBB"
    with open_database(place, settings=CHEAP) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StationError, match="newer version"):
        open_database(place, settings=CHEAP)


def test_there_and_back_again_row_by_row(
    place: DatabaseLocation, database: Database, screening: Screening, tmp_path: Path
) -> None:
    fill(database, screening)
    with begin(database, COMMAND_LINE) as work:
        users.create(work, "owner", "three words here", Role.OWNER)
    before = every_row(database)
    backup = tmp_path / "backup.db"
    back_up(database, COMMAND_LINE, backup, PASSPHRASE)
    fill(database, screening, "Added later")
    database.close()
    with pytest.raises(StationError, match="already a station"):
        restore(backup, place, PASSPHRASE, CHEAP)
    with begin(database, COMMAND_LINE) as work:
        assert people.find(work).total == 2
    database.close()
    restore(backup, place, PASSPHRASE, CHEAP, force=True)
    after = every_row(database)
    assert after.pop("audit")[: len(before["audit"])] == before.pop("audit")
    assert after == before
    assert fill(database, screening, "The next one") == 2, "numbers do not go on where they were"
    restore(backup, DatabaseLocation(tmp_path / "file.db"), PASSPHRASE, CHEAP)
    with open_database(DatabaseLocation(tmp_path / "file.db"), PASSPHRASE, CHEAP) as as_file:
        rows = every_row(as_file)
        rows.pop("audit")
        assert rows == before


def test_a_restore_leaves_tables_of_other_programs_alone(
    place: DatabaseLocation, database: Database, screening: Screening, tmp_path: Path
) -> None:
    fill(database, screening)
    backup, address = tmp_path / "backup.db", place.url.replace("+psycopg", "")
    back_up(database, COMMAND_LINE, backup, PASSPHRASE)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE billing_of_another_program (person int REFERENCES people (id), due int)")
        connection.execute("INSERT INTO billing_of_another_program VALUES (NULL, 90)")
        connection.execute("CREATE VIEW of_another_program AS SELECT due FROM billing_of_another_program")
    before = every_row(database)
    database.close()
    with pytest.raises(StationError, match="Another program's tables depend on"):
        restore(backup, place, PASSPHRASE, CHEAP, force=True)
    assert every_row(database) == before
    database.close()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE billing_of_another_program DROP CONSTRAINT billing_of_another_program_person_fkey")
        restore(backup, place, PASSPHRASE, CHEAP, force=True)
        assert connection.execute("SELECT due FROM of_another_program").fetchall() == [(90,)]
    assert len(every_row(database)["people"]) == 1


def test_nothing_is_restored_under_a_station_on_a_server(
    place: DatabaseLocation, database: Database, screening: Screening, tmp_path: Path
) -> None:
    fill(database, screening)
    backup = tmp_path / "backup.db"
    back_up(database, COMMAND_LINE, backup, PASSPHRASE)
    with pytest.raises(StationError, match="has the database of this server open"):
        restore(backup, place, PASSPHRASE, CHEAP, force=True)
    assert fill(database, screening) == 2
    database.close()
    with open_server_alone(place, CHEAP), pytest.raises(StationError, match="A restore is replacing the database"):
        open_database(place, settings=CHEAP)
    assert fill(database, screening) == 3


def test_a_person_is_erased_from_a_server(database: Database, screening: Screening) -> None:
    fill(database, screening)
    person = fill(database, screening, "Wilhelmina Quackenbush")
    erasure = privacy.erase_person(database, COMMAND_LINE, person)
    assert erasure.rows["recordings"] == erasure.rows["people"] == 1
    assert erasure.traces == ()
    assert "Quackenbush" not in str(every_row(database))


def test_an_erasure_on_a_server_says_so_while_someone_reads_what_was_there(
    place: DatabaseLocation, database: Database, screening: Screening
) -> None:
    address = place.url.replace("+psycopg", "")
    for reads in (
        "SELECT 1",
        "SELECT name FROM people",
    ):  # the first holds no table, the second keeps it from being written anew
        person = fill(database, screening)
        with psycopg.connect(address) as reader:
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reader.execute(reads)
            assert not privacy.erase_person(database, COMMAND_LINE, person).is_overwritten
            assert not database.tidy()
        assert database.tidy()
    person = fill(database, screening)
    with psycopg.connect(address) as reader:
        privacy.erase_person(database, COMMAND_LINE, person)
        reader.execute("SELECT 1")  # begins after the erasure
        assert database.tidy()


def test_the_keeper_of_a_server_cannot_cut_a_log_off_or_put_something_into_it(database: Database, screening: Screening) -> None:
    fill(database, screening)
    audit.keep_anchor(database)
    row = "SELECT {}, at, user_id, action, kind, subject, 'x', previous, hash, key_id, seal FROM audit WHERE id = 2"
    for number in (0, 2, 9):
        with pytest.raises(Exception, match="only grows"), database.transaction() as session:
            session.connection().exec_driver_sql(f"INSERT INTO audit {row.format(number)}")
    with database.transaction() as session:
        assert audit.verify_here(session, database.location).entries == 4
        session.connection().exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        session.connection().exec_driver_sql("DELETE FROM audit WHERE id > 2")
        session.connection().exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER ALL")
    fill(database, screening)
    with pytest.raises(StationError, match="no longer holds entry 4"):
        audit.keep_anchor(database)
    with pytest.raises(StationError, match="no longer holds entry 4"), database.transaction() as session:
        audit.verify_here(session, database.location)


def test_a_new_password_ends_the_sign_ins_at_every_station(place: DatabaseLocation, database: Database) -> None:
    users.create_owner(database, "owner", "three words here")
    with begin(database, COMMAND_LINE) as work:
        viewer = users.create(work, "viewer", "three words more", Role.VIEWER)
    with open_database(place, settings=CHEAP) as other:
        there = users.sign_in(other, "viewer", "three words more")
        with begin(other, there) as work:
            assert people.find(work).total == 0
        users.reset_password(database, users.sign_in(database, "owner", "three words here"), viewer.id, "other words here")
        with pytest.raises(SignInEndedError, match="password was changed"), begin(other, there):
            pass
        again = users.sign_in(other, "viewer", "other words here")
        users.change_own_password(database, again, "other words here", "yet other words")
        with pytest.raises(SignInEndedError), begin(other, again):
            pass


def test_what_was_typed_is_in_no_error(database: Database) -> None:
    """An error that nobody meant is printed with its parameters where nothing forbids it."""
    person = PersonRow(pseudonym="A", audit_ref="r", name="Wilhelmina\0Quackenbush", created_at=database.settings.clock())
    with pytest.raises(DataError) as caught, begin(database, COMMAND_LINE) as work:
        work.session.add(person)
    assert "Quackenbush" not in str(caught.value)
    assert "hide_parameters" in str(caught.value)


@pytest.mark.parametrize(
    ("address", "environment", "is_safe"),
    [
        ("postgresql://station@127.0.0.1/x", {}, True),
        ("postgresql://station@localhost/x", {}, True),
        ("postgresql://station@[::1]/x", {}, True),
        ("postgresql:///x", {}, True),
        ("postgresql://station@/x?host=/var/run/postgresql", {}, True),
        ("postgresql://station@db.practice.example/x", {}, False),
        ("postgresql://station@10.0.0.5/x?sslmode=require", {}, False),
        ("postgresql://station@10.0.0.5/x?sslmode=verify-ca", {}, False),
        ("postgresql://station@10.0.0.5/x?sslmode=verify-full", {}, True),
        ("postgresql://station@10.0.0.5/x?sslmode=verify-full&sslmode=disable", {}, False),
        ("postgresql://station@10.0.0.5/x", {"PGSSLMODE": "verify-full"}, True),
        ("postgresql://station@10.0.0.5/x?sslmode=disable", {"PGSSLMODE": "verify-full"}, False),
        ("postgresql:///x?host=10.0.0.5", {}, False),
        ("postgresql:///x?host=localhost,10.0.0.5", {}, False),
        ("postgresql:///x?host=localhost&host=10.0.0.5", {}, False),
        ("postgresql://station@localhost/x?hostaddr=10.0.0.5", {}, False),
        ("postgresql:///x?service=practice", {}, False),
        ("postgresql:///x", {"PGHOST": "10.0.0.5"}, False),
        ("postgresql:///x", {"PGHOSTADDR": "10.0.0.5"}, False),
        ("postgresql:///x", {"PGSERVICE": "practice"}, False),
    ],
)
def test_a_server_beyond_this_machine_is_reached_with_a_checked_certificate_only(
    address: str, environment: dict[str, str], is_safe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if is_safe:
        assert not DatabaseLocation.parse(address).names_password
        return
    with pytest.raises(StationError, match="without a checked encryption") as refused:
        DatabaseLocation.parse(address)
    assert "sslmode=verify-full" in refused.value.advice


def test_a_password_comes_from_a_file(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE USER keeper PASSWORD 'the servers own'")
        connection.execute("CREATE DATABASE of_keeper OWNER keeper")
    (tmp_path / "pgpass").write_text("*:*:*:keeper:the servers own\n")
    (tmp_path / "pgpass").chmod(0o600)
    (tmp_path / "password").write_text("three words here\n")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    address = server.replace("station@", "keeper@") + "/of_keeper"
    words = ("station", "init", "--password-file", str(tmp_path / "password"), "--database")
    said = console(*words, address)
    assert (said.code, said.err) == (0, "")
    said = console("station", "verify-log", "--database", address.replace("keeper@", "keeper:secret@"))
    assert said.code == 0
    assert said.err.startswith("Every user of this machine can read the password in the address")
    assert "secret" not in said.err


def test_a_server_that_does_not_answer() -> None:
    with pytest.raises(StationError, match="does not answer"):
        open_database(DatabaseLocation.parse(f"postgresql://nobody:secret-word@127.0.0.1:{free_port()}/x"), settings=CHEAP)
