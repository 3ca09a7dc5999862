"""A station with cheap keys, and what fills it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.practice_day import CHEAP, PASSPHRASE, Clock, screening_of
from screener.station.access import users
from screener.station.access.roles import COMMAND_LINE, Actor
from screener.station.access.unit_of_work import begin
from screener.station.storage.database import Database, DatabaseLocation, create_database
from screener.station.storage.tables import Role
from screener.workflow.screening import Screening


@pytest.fixture(scope="session", autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a machine keeps of audit logs; not that of who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture
def clock() -> Clock:
    """A clock that the test turns."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """An empty station in a file."""
    with create_database(
        DatabaseLocation(tmp_path / "station.db"), PASSPHRASE, replace(CHEAP, clock=clock, timer=clock.elapsed)
    ) as opened:
        yield opened


@pytest.fixture
def actors(database: Database) -> dict[Role, Actor]:
    """One user of each role."""
    found = {}
    with begin(database, COMMAND_LINE) as work:
        for role in Role:
            user = users.create(work, f"{role}1", f"secret of {role}", role, f"The {role}")
            found[role] = Actor(user.id, role, user.full_name)
    return found


@pytest.fixture(scope="session")
def screening() -> Screening:
    """A scored single-leg stance with a picture."""
    return screening_of("left")
