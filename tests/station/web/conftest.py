"""A station with invented people, served in this process, and browsers in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.station_served import LOGINS, PASSPHRASE, PASSWORD, PIN, Clock, Served, serving
from screener.model.recording import Request
from screener.station.access import users
from screener.station.access.roles import COMMAND_LINE
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import Comment, PersonData
from screener.station.settings import ArgonCost, StationSettings
from screener.station.storage.database import DatabaseLocation, create_database
from screener.station.storage.tables import Purpose, Role
from screener.workflow.screening import Screening
from screener.workflow.session import screen

CHEAP = ArgonCost(64, 1, 1)


def _serve(folder: Path, clock: Clock, camera: Path, **limits: Any) -> Iterator[Served]:
    settings = StationSettings(password_cost=CHEAP, key_costs=(CHEAP,), clock=clock, timer=clock.elapsed, **limits)
    with (
        create_database(DatabaseLocation(folder / "station.db"), PASSPHRASE, settings) as database,
        serving(database, str(camera)) as (app, port),
    ):
        served = Served(f"http://127.0.0.1:{port}", database, app.state.site, clock)
        yield served
        for client in served.clients:
            client.close()


@pytest.fixture
def empty(tmp_path: Path, samples: Path) -> Iterator[Served]:
    """A station at its first start; a clip stands in for its camera."""
    yield from _serve(tmp_path, Clock(), samples / "stance_left_drop9.mp4", requests=100_000)


@pytest.fixture
def station(empty: Served) -> Served:
    """A station with an owner, a clinician and a viewer; all have a PIN."""
    users.create_owner(empty.database, "owner", PASSWORD, LOGINS["owner"])
    with begin(empty.database, COMMAND_LINE) as work:
        for role in (Role.CLINICIAN, Role.VIEWER):
            users.create(work, role.value, PASSWORD, role, LOGINS[role.value])
    for login in LOGINS:
        actor = users.sign_in(empty.database, login, PASSWORD)
        users.set_pin(empty.database, actor, PIN)
    return empty


@pytest.fixture(scope="session")
def stance(samples: Path) -> Screening:
    """A measured bundled clip, with its pictures."""
    clip = samples / "stance_left_stable.mp4"
    return screen(clip, Request(test="single_leg_stance", side="left"))


def shifted(screening: Screening, by: float) -> Screening:
    """The same screening with other values, as an invented earlier visit."""

    def moved(measure: Any) -> Any:
        if measure.value is None or not measure.key.endswith("_deg"):
            return measure
        return measure.model_copy(update={"value": round(measure.value + by, 2)})

    tests = tuple(
        test.model_copy(update={"measures": tuple(moved(one) for one in test.measures)}) for test in screening.report.tests
    )
    return replace(screening, report=screening.report.model_copy(update={"tests": tests}))


def other_side(screening: Screening) -> Screening:
    """The same screening as if it were of the right leg."""
    tests = tuple(test.model_copy(update={"side": "right"}) for test in screening.report.tests)
    pictures = tuple(replace(picture, side="right") for picture in screening.pictures)
    return replace(screening, report=screening.report.model_copy(update={"tests": tests}), pictures=pictures)


@pytest.fixture
def peopled(station: Served, stance: Screening) -> Served:
    """A station with invented people; the first one came three times."""
    station.person_id, station.visit_ids = fill(station, stance)
    return station


def fill(station: Served, stance: Screening) -> tuple[int, list[int]]:
    made = [("Mara Lindqvist", 1968, "female"), ("Tomas Okafor", 1991, "male"), ("Ines Vesterby", 1975, "female"),
            ("Jonas Bergamo", 1959, "male"), (None, None, None), ("Aiko Marsh", 2001, "female")]  # fmt: skip
    visit_ids: list[int] = []
    first = 0
    with begin(station.database, COMMAND_LINE) as work:
        for name, year, sex in reversed(made):
            person = people.create(work, PersonData(name=name, birth_year=year, sex=sex))
            first = person.id
            if name is not None:
                visits.begin(work, person.id, date(2026, 3, 1) + timedelta(days=person.id))
        people.change(work, first, 1, PersonData(name="Mara Lindqvist", birth_year=1968, sex="female",
                                                 notes="Left hip since a fall in 2024. Prefers mornings."))  # fmt: skip
        for purpose in Purpose:
            consents.give(work, first, purpose)
        for day, by in ((date(2026, 6, 2), 7.5), (date(2026, 8, 11), 3.0), (date(2026, 10, 5), 0.0)):
            visit = visits.begin(work, first, day)
            recordings.add(work, visit.id, shifted(stance, by))
            recordings.add(work, visit.id, other_side(shifted(stance, by / 3 + 1)))
            visits.change(work, visit.id, 1, comment=Comment(comment="Went well; a little unsure on the left."))
            visit_ids.append(visit.id)
    assert np.isfinite(stance.poses.time_s).all()
    return first, visit_ids


@pytest.fixture
def browser_page(chromium: Any) -> Iterator[Any]:
    """A fresh browser at 1280x800 that complains of every mistake of a script and every refused load."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert not complaints
