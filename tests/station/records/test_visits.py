"""From a new person to the report of a visit."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from helpers.practice_day import screening_of
from screener.errors import NotAllowedError, StationError
from screener.model.landmarks_file import read_recording
from screener.model.results import ScreeningReport
from screener.station.access.roles import Actor
from screener.station.access.unit_of_work import begin
from screener.station.measuring import recordings
from screener.station.records import consents, people, visits
from screener.station.records.forms import PersonData
from screener.station.results import progress, reports
from screener.station.storage.database import Database
from screener.station.storage.tables import Purpose, Role
from screener.workflow.screening import Screening


def test_a_visit_from_consent_to_report(database: Database, actors: dict[Role, Actor], screening: Screening) -> None:
    clinician = actors[Role.CLINICIAN]
    with begin(database, clinician) as work:
        person = people.create(work, PersonData(name="Anna <b>Meyer</b>", birth_year=1980))
        visit = visits.begin(work, person.id)
    with pytest.raises(NotAllowedError, match="has not agreed"), begin(database, clinician) as work:
        recordings.add(work, visit.id, screening)
    with begin(database, clinician) as work:
        consents.give(work, person.id, Purpose.SCREENING)
        recordings.add(work, visit.id, screening)
        recordings.add(work, visit.id, screening_of("right"))
    with begin(database, clinician) as work:
        page = reports.visit_html(work, visit.id)
        bundle = json.loads(reports.visit_fhir(work, visit.id))
        rows = list(csv.DictReader(io.StringIO(reports.visit_csv(work, visit.id))))
        lines = progress.progress(work, person.id)
    assert person.pseudonym in page
    assert "Anna" not in page
    assert page.count("data:image/jpeg") == 2
    assert {entry["resource"]["subject"]["identifier"]["value"] for entry in bundle["entry"]} == {person.pseudonym}
    assert {row["side"] for row in rows} == {"left", "right"} == {line.side for line in lines}
    drop = next(row for row in rows if row["side"] == "left" and row["value"])
    assert float(drop["value"]) == next(m.value for m in screening.report.tests[0].measures if m.key == drop["measure"])


def test_what_was_saved_comes_back_word_for_word(database: Database, actors: dict[Role, Actor], screening: Screening) -> None:
    with begin(database, actors[Role.OWNER]) as work:
        person = people.create(work, PersonData())
        visit = visits.begin(work, person.id)
        consents.give(work, person.id, Purpose.SCREENING)
        stored = recordings.add(work, visit.id, screening)
    with begin(database, actors[Role.VIEWER]) as work:
        again = recordings.load(work, stored.id)
    assert again.report == screening.report
    assert again.recording.request == screening.recording.request
    assert (again.poses.time_s == screening.poses.time_s).all()
    assert again.pictures[0].caption == screening.pictures[0].caption


def test_a_visit_without_recordings_has_no_report(database: Database, actors: dict[Role, Actor]) -> None:
    with begin(database, actors[Role.OWNER]) as work:
        visit = visits.begin(work, people.create(work, PersonData()).id)
    with pytest.raises(StationError, match="Nothing was recorded"), begin(database, actors[Role.OWNER]) as work:
        reports.visit_html(work, visit.id)


def test_the_bundle_of_a_visit_is_valid_where_a_test_was_repeated(
    database: Database, actors: dict[Role, Actor], screening: Screening
) -> None:
    from fhir.resources.R4B.bundle import Bundle

    with begin(database, actors[Role.CLINICIAN]) as work:
        person = people.create(work, PersonData())
        visit = visits.begin(work, person.id)
        consents.give(work, person.id, Purpose.SCREENING)
        for again in (screening, screening_of("right"), screening):
            recordings.add(work, visit.id, again)
        text = reports.visit_fhir(work, visit.id)
        report = reports.visit_report(work, visit.id)
    addresses = [entry.fullUrl for entry in Bundle.model_validate_json(text).entry]
    assert len(addresses) == len(set(addresses)) == 1 + sum(len(test.measures) for test in report.tests)
    assert sorted(test.side for test in report.tests) == ["left", "right"]
    assert report.score.of == 2


def test_the_zip_of_a_visit_opens_clean(database: Database, actors: dict[Role, Actor], screening: Screening) -> None:
    with begin(database, actors[Role.CLINICIAN]) as work:
        person = people.create(work, PersonData(name="../../evil"))
        visit = visits.begin(work, person.id)
        consents.give(work, person.id, Purpose.SCREENING)
        recordings.add(work, visit.id, screening)
        content = reports.visit_zip(work, visit.id)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {
            "report.html", "report.pdf", "report.json", "report.fhir.json", "measures.csv", "landmarks-1.npz",
            "timeseries-1.csv",
        }  # fmt: skip
        assert archive.read("report.pdf").startswith(b"%PDF")
        assert ScreeningReport.model_validate_json(archive.read("report.json")) == screening.report
        assert read_recording(io.BytesIO(archive.read("landmarks-1.npz")), "x").request == screening.recording.request
    with pytest.raises(NotAllowedError), begin(database, actors[Role.VIEWER]) as work:
        reports.visit_zip(work, visit.id)
