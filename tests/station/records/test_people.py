"""Finding people, consents, progress, what is typed, and what is asked for with bad intent."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from PIL import Image

from helpers.practice_day import Clock
from screener.errors import NotAllowedError, StationError, UsageError
from screener.model.results import Grade, MeasureResult, Method
from screener.station.access.roles import Actor
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, practice, visits
from screener.station.records.forms import Comment, PersonData, PracticeData, checked
from screener.station.records.people import PeopleFilter
from screener.station.results import progress, reports
from screener.station.results.progress import ProgressPoint, between
from screener.station.storage.database import Database
from screener.station.storage.tables import PersonRow, Purpose, Role, VisitRow
from screener.workflow.screening import Screening


@pytest.fixture
def clinician(actors: dict[Role, Actor]) -> Actor:
    return actors[Role.CLINICIAN]


def named(database: Database, actor: Actor, text: str) -> list[str | None]:
    with begin(database, actor) as work:
        return [one.person.name for one in people.find(work, PeopleFilter(text)).people]


def test_people_are_found_however_they_are_typed(database: Database, clinician: Actor) -> None:
    with begin(database, clinician) as work:
        anna = people.create(work, PersonData(name="Anna Müller-Weiß", birth_year=1980, notes="left knee, runner"))
        people.create(work, PersonData(name="Bob", birth_year=1975, notes="100 % sure"))
        people.create(work, PersonData(notes="no name"))
    assert named(database, clinician, "MULLER weiss") == ["Anna Müller-Weiß"]
    assert named(database, clinician, "müller 1980 runner") == ["Anna Müller-Weiß"]
    assert named(database, clinician, anna.pseudonym.lower()) == ["Anna Müller-Weiß"]
    assert named(database, clinician, "anna bob") == []
    assert named(database, clinician, "no name") == [None]
    assert len(named(database, clinician, "")) == 3


@pytest.mark.parametrize(
    "text",
    [
        "' OR '1'='1",
        "'; DROP TABLE people; --",
        '" OR 1=1 --',
        "%",
        "_",
        "\\",
        "%' ESCAPE '!",
        "\x00%",
        "😀" * 500,
        "a" * 100_000,
    ],
)
def test_signs_of_sql_are_only_signs(database: Database, clinician: Actor, text: str) -> None:
    with begin(database, clinician) as work:
        people.create(work, PersonData(name="Bob"))
    assert named(database, clinician, text) == []
    with begin(database, clinician) as work:
        people.create(work, checked(PersonData, name=f"A{text[:100]}".replace("\x00", ""), notes="odd"))
    assert len(named(database, clinician, "odd")) == 1
    assert named(database, clinician, "bob") == ["Bob"]


def test_a_sign_of_a_pattern_finds_itself(database: Database, clinician: Actor) -> None:
    with begin(database, clinician) as work:
        for notes in ("100% sure", "a_b", "back\\slash", "plain"):
            people.create(work, PersonData(name=notes, notes=notes))
    assert named(database, clinician, "0%") == ["100% sure"]
    assert named(database, clinician, "a_b") == ["a_b"]
    assert named(database, clinician, "k\\s") == ["back\\slash"]


def test_the_newest_visit_comes_first_and_dates_filter(database: Database, clinician: Actor) -> None:
    with begin(database, clinician) as work:
        first, second, third = (people.create(work, PersonData(name=name)) for name in ("first", "second", "third"))
        visits.begin(work, first.id, date(2026, 3, 1))
        visits.begin(work, first.id, date(2025, 1, 1))
        visits.begin(work, second.id, date(2026, 2, 1))
    with begin(database, clinician) as work:
        everyone = people.find(work)
        assert [(one.person.name, one.visits, one.last_visit) for one in everyone.people] == [
            ("first", 2, date(2026, 3, 1)),
            ("second", 1, date(2026, 2, 1)),
            ("third", 0, None),
        ]
        recent = people.find(work, PeopleFilter(seen_since=date(2026, 2, 15)))
        assert [one.person.name for one in recent.people] == ["first"]
        between = people.find(work, PeopleFilter(seen_since=date(2026, 1, 1), seen_until=date(2026, 2, 15)))
        assert [one.person.name for one in between.people] == ["second"]
        page = people.find(work, limit=1, offset=1)
        assert ([one.person.name for one in page.people], page.total) == (["second"], 3)
    assert third.version == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "x" * 201}, "name"),
        ({"birth_year": 1850}, "birth year"),
        ({"birth_year": 2300}, "birth year"),
        ({"birth_year": "soon"}, "birth year"),
        ({"notes": "x" * 10_001}, "notes"),
        ({"notes": "zero \x00 byte"}, "notes"),
        ({"sex": "unknown"}, "sex"),
        ({"audit_ref": "mine"}, "audit ref"),
    ],
)
def test_what_is_typed_wrong_is_named(typed: dict[str, object], field: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked(PersonData, **typed)
    assert refused.value.message.startswith(f"The field {field} cannot be saved")


def test_nothing_is_recorded_without_consent(
    database: Database, clinician: Actor, screening: Screening, tmp_path: object
) -> None:
    with begin(database, clinician) as work:
        person = people.create(work, PersonData())
        visit = visits.begin(work, person.id)
        first = consents.give(work, person.id, Purpose.SCREENING, "her mother")
        assert consents.give(work, person.id, Purpose.SCREENING).id == first.id
        recordings.add(work, visit.id, screening)
        consents.withdraw(work, person.id, Purpose.SCREENING)
        assert not consents.has(work, person.id, Purpose.SCREENING)
    with pytest.raises(NotAllowedError, match="has not agreed to be screened"), begin(database, clinician) as work:
        recordings.add(work, visit.id, screening)
    with begin(database, clinician) as work:
        consents.give(work, person.id, Purpose.SCREENING)
        rows = consents.of_person(work, person.id)
    assert [(row.given_by, row.withdrawn_at is None, row.text_version) for row in rows] == [
        ("her mother", False, "1"),
        ("", True, "1"),
    ]


def with_value(screening: Screening, value: float, uncertainty: float | None) -> Screening:
    """The same screening with another value of its first measure that has a smallest detectable change."""

    def changed(measure: MeasureResult) -> MeasureResult:
        return measure.model_copy(update={"value": value, "uncertainty": uncertainty}) if measure.key == MEASURE else measure

    tests = tuple(
        test.model_copy(update={"measures": tuple(changed(measure) for measure in test.measures)})
        for test in screening.report.tests
    )
    return replace(screening, report=screening.report.model_copy(update={"tests": tests}))


MEASURE = "pelvic_obliquity_deg"


def line_of(database: Database, actor: Actor, person: int) -> progress.ProgressLine:
    with begin(database, actor) as work:
        return next(line for line in progress.progress(work, person) if line.measure == MEASURE)


def test_progress_over_visits(database: Database, clinician: Actor, screening: Screening, clock: Clock) -> None:
    global MEASURE
    from screener.tests_clinical import get_test

    MEASURE = next(m.key for m in get_test("single_leg_stance").measures if m.smallest_detectable)
    limit = next(m.smallest_detectable for m in get_test("single_leg_stance").measures if m.key == MEASURE)
    steps = [(10.0, 1.0), (10.0 - 0.9 * limit, 0.1), (10.0 - 1.1 * limit, 0.1)]
    with begin(database, clinician) as work:
        person = people.create(work, PersonData())
        consents.give(work, person.id, Purpose.SCREENING)
    visit_ids = []
    for value, uncertainty in steps:
        with begin(database, clinician) as work:
            visit = visits.begin(work, person.id)
            recordings.add(work, visit.id, with_value(screening, value, uncertainty))
        visit_ids.append(visit.id)
        clock.turn(days=7)
    line = line_of(database, clinician, person.id)
    assert [(point.value, point.uncertainty) for point in line.points] == steps
    assert [point.day for point in line.points] == [date(2026, 3, 2) + timedelta(weeks=week) for week in range(3)]
    assert line.smallest_detectable == limit
    assert line.since_first is not None
    assert line.since_last is not None
    assert (line.since_first.is_change, line.since_last.is_change) == (True, False)
    assert line.since_first.value == pytest.approx(-1.1 * limit)
    with begin(database, clinician) as work:
        within = progress.compare_visits(work, visit_ids[1], visit_ids[0])
        beyond = progress.compare_visits(work, visit_ids[2], visit_ids[0])
    assert next(change.changed for change in within.changes if change.measure == MEASURE) is False
    assert next(change.changed for change in beyond.changes if change.measure == MEASURE) is True


@pytest.mark.parametrize(
    ("step", "first", "second", "limit", "changed"),
    [
        (5.0, 3.0, 3.0, 4.0, True),  # beyond 4.24 and 4
        (4.1, 3.0, 3.0, 4.0, False),  # within its own error
        (5.0, 1.0, 1.0, 6.0, False),  # within the published one
        (-7.0, 1.0, 1.0, 6.0, True),
        (100.0, None, 1.0, 0.0, None),  # an error that is not known proves nothing
    ],
)
def test_changed_only_beyond_both_errors(
    step: float, first: float | None, second: float, limit: float, changed: bool | None
) -> None:
    def point(value: float, uncertainty: float | None) -> ProgressPoint:
        return ProgressPoint(1, 1, date(2026, 1, 1), value, uncertainty, Grade.WITHIN, True, Method.LANDMARKS)

    assert between(point(10.0, first), point(10.0 + step, second), limit).is_change is changed


def test_age_and_sex_of_the_person_go_into_the_request(database: Database, clinician: Actor, screening: Screening) -> None:
    with begin(database, clinician) as work:
        person = people.create(work, checked(PersonData, birth_year=1956, sex="female"))
        asked = people.request_for(work, person.id, screening.recording.request)
    assert (asked.age_years, asked.sex) == (70, "female")


def test_the_letterhead_of_the_practice(database: Database, actors: dict[Role, Actor], screening: Screening) -> None:
    logo = io.BytesIO()
    Image.fromarray(np.full((40, 120, 3), 200, np.uint8)).save(logo, format="JPEG")
    with begin(database, actors[Role.OWNER]) as work:
        own = PracticeData(name="Practice <script>alert(1)</script>", address="Street 1\nTown", name_on_reports=True)
        practice.change(work, practice.get(work).version, own)
        practice.set_logo(work, logo.getvalue())
        person = people.create(work, PersonData(name="Anna <img src=x>"))
        consents.give(work, person.id, Purpose.SCREENING)
        visit = visits.begin(work, person.id)
        visits.change(work, visit.id, visit.version, comment=Comment(comment="Good.\n<b>Again</b> in May."))
        recordings.add(work, visit.id, screening)
        page = reports.visit_html(work, visit.id)
    assert "Practice &lt;script&gt;" in page
    assert "Anna &lt;img src=x&gt;" in page
    assert "&lt;b&gt;Again&lt;/b&gt; in May." in page
    assert "data:image/png;base64," in page
    assert "<script>alert" not in page
    with pytest.raises(UsageError, match="not a picture"), begin(database, actors[Role.OWNER]) as work:
        practice.set_logo(work, b"<svg onload=alert(1)>")


def test_a_visit_is_not_in_the_future(database: Database, clinician: Actor) -> None:
    with begin(database, clinician) as work:
        person = people.create(work, PersonData())
    with pytest.raises(UsageError, match="future"), begin(database, clinician) as work:
        visits.begin(work, person.id, date(2031, 1, 1))


def test_what_is_not_there_is_said(database: Database, clinician: Actor) -> None:
    for act in (people.see, visits.see, recordings.load, progress.progress):
        with pytest.raises(StationError, match="not there any more"), begin(database, clinician) as work:
            act(work, 4711)
    with pytest.raises(StationError, match="no person"), begin(database, clinician) as work:
        people.by_pseudonym(work, "AAAA-AAAA")


def test_the_log_names_nobody(database: Database, clinician: Actor, screening: Screening) -> None:
    with begin(database, clinician) as work:
        person = people.create(work, PersonData(name="Quackenbush", notes="xylophone"))
        consents.give(work, person.id, Purpose.SCREENING)
        visit = visits.begin(work, person.id)
        recordings.add(work, visit.id, screening)
        reports.visit_fhir(work, visit.id)
        people.find(work, PeopleFilter("quackenbush"))
    with database.transaction() as session:
        said = str([tuple(row) for row in session.connection().exec_driver_sql("SELECT * FROM audit")]).lower()
        assert session.get(PersonRow, person.id) is not None
        assert session.get(VisitRow, visit.id) is not None
    assert "quackenbush" not in said
    assert "xylophone" not in said
    assert person.pseudonym.lower() not in said
    assert said.count(person.audit_ref.lower()) == 5
