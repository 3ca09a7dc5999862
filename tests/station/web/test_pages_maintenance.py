"""A station that runs for weeks keeps no video beyond its day."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from helpers.practice_day import CHEAP, PASSPHRASE, Clock
from helpers.station_served import serving
from screener.station.access import seal
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.storage.database import Database, DatabaseLocation, create_database
from screener.station.storage.tables import AuditEntry, Purpose, VideoPart
from screener.workflow.screening import Screening

PATIENCE_S = 20.0


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def restless(tmp_path: Path, clock: Clock, screening: Screening, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with a kept video that is looked through all the time, and does not wait long for other writers."""
    monkeypatch.setattr("screener.station.storage.cipher.BUSY_MS", 50)
    settings = replace(CHEAP, clock=clock, timer=clock.elapsed, purged_every=timedelta(seconds=0.05))
    (tmp_path / "kept.mp4").write_bytes(b"a blurred video")
    with create_database(DatabaseLocation(tmp_path / "station.db"), PASSPHRASE, settings) as database:
        with begin(database, COMMAND_LINE) as work:
            person = people.create(work, PersonData())
            for purpose in Purpose:
                consents.give(work, person.id, purpose)
            recordings.add(work, visits.begin(work, person.id).id, screening, video=[(tmp_path / "kept.mp4").read_bytes()])
        yield database


def kept(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(VideoPart)) or 0


def upkeep() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "upkeep"]


def test_a_video_goes_while_the_station_runs(restless: Database, clock: Clock) -> None:
    with serving(restless):
        clock.turn(days=30)
        time.sleep(0.3)
        assert kept(restless) == 1
        clock.turn(days=1)
        assert soon(lambda: kept(restless) == 0)
        assert len(upkeep()) == 1
    assert upkeep() == []
    with restless.transaction() as session:
        gone = session.scalars(
            select(AuditEntry).where(AuditEntry.kind == ObjectKind.VIDEO, AuditEntry.action == Action.DELETED)
        )
        assert len(gone.all()) == 1


def test_what_could_not_be_deleted_is_said_and_deleted_later(
    restless: Database, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(restless):
        with restless.transaction() as session:
            session.execute(text("SELECT 1"))  # from here on nobody else can write
            clock.turn(days=31)
            assert soon(lambda: "could not be deleted. Another program holds the database" in capsys.readouterr().err)
        assert soon(lambda: kept(restless) == 0)


def test_a_log_that_is_cut_off_while_the_station_runs_is_said(restless: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(restless):
        assert soon(lambda: seal.read_anchor(restless.location) is not None)
        with restless.transaction() as session:
            session.execute(text("DROP TRIGGER audit_no_delete"))
            session.execute(text("DELETE FROM audit WHERE id > 2"))
        assert soon(lambda: "The audit log no longer holds entry" in capsys.readouterr().err)


def test_a_mistake_in_it_is_shown_and_does_not_end_it(
    restless: Database, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(restless):
        with restless.transaction() as session:
            session.execute(text("ALTER TABLE video_parts RENAME TO elsewhere"))
            clock.turn(days=31)
        assert soon(lambda: "no such table: video_parts" in capsys.readouterr().err)
        with restless.transaction() as session:
            session.execute(text("ALTER TABLE elsewhere RENAME TO video_parts"))
        assert soon(lambda: kept(restless) == 0)
