"""The commands of the station, as its keeper types them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from helpers.console import Console
from helpers.practice_day import PASSPHRASE, screening_of
from screener.station.access import users
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.address import Address
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.storage.database import DatabaseLocation, open_database
from screener.station.storage.tables import Purpose


@pytest.fixture
def keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Options of a station whose passphrase is in the environment."""
    monkeypatch.setenv("SCREENER_PASSPHRASE", PASSPHRASE)
    (tmp_path / "password").write_text("three words here\n")
    return ("--database", str(tmp_path / "station.db"))


@pytest.mark.slow
def test_a_station_from_its_first_day_to_an_erased_person(console: Console, keeper: tuple[str, ...], tmp_path: Path) -> None:
    """Keys cost what they cost in practice, hence slow."""
    password = ("--password-file", str(tmp_path / "password"))
    said = console("station", "init", "--owner", "olga", *keeper, *password)
    assert said.code == 0, said.err
    assert "olga can sign in now" in said.out
    console("station", "init", *keeper, *password).require(2, f"There is already a database {tmp_path / 'station.db'}.")
    assert console("station", "add-user", "vera", "--role", "viewer", *keeper, *password).code == 0
    console("station", "add-user", "vera", *keeper, *password).require(2, "This sign-in name is taken.")
    with (
        open_database(DatabaseLocation(tmp_path / "station.db"), PASSPHRASE) as database,
        begin(database, COMMAND_LINE) as work,
    ):
        person = people.create(work, PersonData(name="Wilhelmina Quackenbush"))
        consents.give(work, person.id, Purpose.SCREENING)
        recordings.add(work, visits.begin(work, person.id).id, screening_of("left"))
    export, backup = tmp_path / "person.zip", tmp_path / "backup.db"
    assert console("station", *keeper, "export-person", person.pseudonym.lower(), str(export)).code == 0
    with zipfile.ZipFile(export) as archive:
        assert archive.testzip() is None
        assert "Quackenbush" in archive.read("person.json").decode()
    assert export.stat().st_mode & 0o077 == 0
    said = console("station", "backup", str(backup), *keeper)
    assert said.code == 0
    assert re.search(r"Its audit log: entry \d+, [0-9a-f]{16}\.", " ".join(said.out.split()))
    erased = console("station", "erase-person", person.pseudonym, "--yes", *keeper)
    assert erased.code == 0, erased.err
    assert "Nothing of it is left in any table." in erased.out.replace("\n", " ")
    console("station", "erase-person", person.pseudonym, "--yes", *keeper).require(2, f"There is no person {person.pseudonym}.")
    assert console("station", "purge", *keeper).code == 0
    said = console("station", "verify-log", *keeper)
    assert "entries in an unbroken chain" in said.out
    assert "entries are those that this machine has seen before" in said.out
    assert said.err == ""
    console("station", "restore", str(backup), *keeper).require(2)
    assert console("station", "restore", str(backup), "--force", *keeper).code == 0
    assert "Wilhelmina" not in str([file.read_bytes() for file in (tmp_path / "station.db", backup)])
    with (
        open_database(DatabaseLocation(tmp_path / "station.db"), PASSPHRASE) as database,
        begin(database, COMMAND_LINE) as work,
    ):
        assert people.by_pseudonym(work, person.pseudonym).name == "Wilhelmina Quackenbush"


@pytest.mark.slow
def test_a_log_that_was_cut_off_is_told_at_every_command(console: Console, keeper: tuple[str, ...], tmp_path: Path) -> None:
    password = ("--password-file", str(tmp_path / "password"))
    assert console("station", "init", *keeper, *password).code == 0
    assert console("station", "add-user", "vera", *keeper, *password).code == 0
    assert console("station", "unlock-user", "VERA", *keeper).out == "VERA may try again.\n"
    assert console("station", "verify-log", *keeper).code == 0
    with (
        open_database(DatabaseLocation(tmp_path / "station.db"), PASSPHRASE) as database,
        database.engine.begin() as connection,
    ):
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        connection.exec_driver_sql("DELETE FROM audit WHERE id = 3")
    said = console("station", "add-user", "anna", *keeper, *password)
    assert said.code == 0
    assert said.err.startswith("The audit log no longer holds entry 3 as this machine has seen it")
    console("station", "verify-log", *keeper).require(2)


WRONG = (
    (("--host", "0.0.0.0"), "The station is not served at 0.0.0.0 without encryption", "--tls-cert"),
    (("--host", "192.168.1.5"), "The station is not served at 192.168.1.5 without encryption", "--tls-cert"),
    (("--tls-cert", "cert.pem"), "TLS needs a certificate and its key.", "--tls-key"),
    (("--tls-cert", "no.pem", "--tls-key", "no.pem"), "There is no file no.pem.", "--tls-cert"),
    (("--database", "nothing.db"), "There is no database nothing.db.", "screener station init"),
    (("--database", "mysql://somewhere"), "This is not the address of a database", "postgresql://"),
    (("verify-log", "--database", "nothing.db"), "There is no database nothing.db.", "screener station init"),
    (("restore", "nothing.db", "--database", "other.db"), "There is no backup nothing.db.", "ls"),
    (("add-user", "vera", "--role", "king"), "There is no role king.", "clinician"),
    (("init", "--passphrase-file", "nothing", "--database", "new.db"), "The file nothing cannot be read.", "name"),
)


@pytest.mark.parametrize(("arguments", "sentence", "advice"), WRONG)
def test_wrong_use(
    console: Console,
    keeper: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
    advice: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = console("station", *arguments)
    said.require(2)
    assert said.sentence.startswith(sentence)
    assert advice in said.advice
    assert {file.name for file in tmp_path.iterdir()} == {"password"}


def test_a_passphrase_is_asked_for_at_a_terminal_only(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCREENER_PASSPHRASE", raising=False)
    said = console("station", "init", "--database", str(tmp_path / "a.db"))
    said.require(2)
    assert "SCREENER_PASSPHRASE" in said.advice


def test_a_short_passphrase_makes_no_file(console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENER_PASSPHRASE", "short")
    (tmp_path / "password").write_text("three words here")
    said = console("station", "init", "--database", str(tmp_path / "a.db"), "--password-file", str(tmp_path / "password"))
    said.require(2, "The passphrase is shorter than 12 characters.")
    assert not (tmp_path / "a.db").exists()


@pytest.mark.slow
def test_files_of_windows_hold_the_same_secrets(console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its editors put a mark in front and two characters at the end; what is on paper opens all the same."""
    monkeypatch.delenv("SCREENER_PASSPHRASE", raising=False)
    for name, text in (("passphrase", PASSPHRASE), ("password", "three words here")):
        (tmp_path / name).write_bytes(f"\ufeff{text}\r\n".encode())
    files = ("--passphrase-file", str(tmp_path / "passphrase"), "--password-file", str(tmp_path / "password"))
    said = console("station", "init", "--database", str(tmp_path / "a.db"), *files)
    assert said.code == 0, said.err
    with open_database(DatabaseLocation(tmp_path / "a.db"), PASSPHRASE) as opened:
        assert users.sign_in(opened, "owner", "three words here").user_id == 1


LOCAL = ("127.0.0.1", "127.0.0.2", "::1", "localhost")
BEYOND = ("0.0.0.0", "::", "10.0.0.1", "localhost.evil", "2130706433")


@pytest.mark.parametrize("host", LOCAL + BEYOND)
def test_what_counts_as_this_machine(host: str) -> None:
    assert Address(host).is_local is (host in LOCAL)
