"""The report of a visit: page, PDF, FHIR bundle, table, and all of them in a zip file."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Hashable
from dataclasses import replace

from screener.errors import StationError
from screener.model.landmarks_file import write_recording
from screener.model.results import ScreeningReport
from screener.report.exports.fhir import fhir_bundle
from screener.report.letterhead import Letterhead
from screener.report.page import render_html
from screener.report.pdf import write_pdf
from screener.report.tables import timeseries_csv
from screener.station.access import audit
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.measuring import recordings
from screener.station.records import practice, videos, visits
from screener.station.records.visits import SeenVisit
from screener.station.results.report_cache import ReportCache
from screener.station.storage.tables import PersonRow
from screener.workflow.screening import Screening
from screener.workflow.visit import Visit as Combined
from screener.workflow.visit import combine, combine_reports, counted

PERSON_SYSTEM = "urn:movement-screener:person"
COLUMNS = (
    "person", "visit", "day", "test", "side", "status", "score", "measure", "label", "value", "unit", "uncertainty", "grade",
    "firm", "method", "tier",
)  # fmt: skip


def visit_report(work: UnitOfWork, visit_id: int) -> ScreeningReport:
    """Return one report over all recordings of a visit; nothing is computed from landmarks, so it comes at once.

    Raises
    ------
    StationError
        Nothing was recorded.
    """
    work.require(Permission.SEE)
    seen = visits.load(work, visit_id)
    work.log(Action.SAW, ObjectKind.VISIT, seen.person.audit_ref, str(visit_id))
    _require_recorded(seen)
    reports = counted([recordings.report_of(work, one.id) for one in seen.recordings])
    return combine_reports([report for report in reports if report is not None])


def visit_html(work: UnitOfWork, visit_id: int, shelf: ReportCache | None = None) -> str:
    """Return the report page of a visit with the letterhead of the practice. Logged as seen.

    Parameters
    ----------
    shelf : Shelf, optional
        Holds pages that were drawn before.
    """
    seen = visits.see(work, visit_id)
    shelf = ReportCache() if shelf is None else shelf  # an empty one counts
    return shelf.page(_made_of(work, seen), lambda: _html(work, seen, _combined(work, seen)))


def _made_of(work: UnitOfWork, seen: SeenVisit) -> Hashable:
    """All that a report page depends on. Numbers alone would not do: a file gives those of deleted rows to new ones."""
    recorded = tuple((one.id, one.created_at, one.landmarks_sha256) for one in seen.recordings)
    whose = (seen.person.audit_ref, seen.person.version)
    return (whose, seen.visit.id, seen.visit.created_at, seen.visit.version, practice.get(work).version, recorded)


def visit_pdf(work: UnitOfWork, visit_id: int) -> bytes:
    """Return the report of a visit as PDF. Logged as exported."""
    seen = _exported(work, visit_id, "pdf")
    return write_pdf(_html(work, seen, _combined(work, seen)))


def visit_fhir(work: UnitOfWork, visit_id: int) -> str:
    """Return the report of a visit as a FHIR R4 bundle about the pseudonym. Logged as exported."""
    seen = _exported(work, visit_id, "fhir")
    return _fhir(seen.person, _combined(work, seen).report)


def visit_csv(work: UnitOfWork, visit_id: int) -> str:
    """Return every measure of a visit as a table. Logged as exported."""
    seen = _exported(work, visit_id, "csv")
    return _csv(seen, _combined(work, seen).report)


def visit_zip(work: UnitOfWork, visit_id: int, *, with_video: bool = False) -> bytes:
    """Return everything of a visit in one zip file. Logged as exported."""
    seen = _exported(work, visit_id, "zip")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        write_visit_files(work, seen, archive, with_video=with_video)
    return file.getvalue()


def write_visit_files(
    work: UnitOfWork, seen: SeenVisit, archive: zipfile.ZipFile, folder: str = "", *, with_video: bool
) -> None:
    """Write report, tables, landmarks and, where asked for, videos of a visit into a zip file.

    Parameters
    ----------
    seen : SeenVisit
        With at least one recording.
    folder : str
        Put before every name, such as "visit-1/".
    """
    together = _combined(work, seen)
    html = _html(work, seen, together)
    archive.writestr(f"{folder}report.html", html)
    archive.writestr(f"{folder}report.pdf", write_pdf(html))
    archive.writestr(f"{folder}report.json", together.report.model_dump_json(indent=2) + "\n")
    archive.writestr(f"{folder}report.fhir.json", _fhir(seen.person, together.report))
    archive.writestr(f"{folder}measures.csv", _csv(seen, together.report))
    for number, stored in enumerate(seen.recordings, start=1):
        screening = recordings.load(work, stored.id)
        landmarks = io.BytesIO()
        write_recording(screening.recording, landmarks)
        archive.writestr(f"{folder}landmarks-{number}.npz", landmarks.getvalue())
        archive.writestr(f"{folder}timeseries-{number}.csv", timeseries_csv(screening.series))
        if with_video and stored.video_until is not None:
            with archive.open(f"{folder}video-{number}.mp4", "w") as entry:
                for part in videos.parts(work, stored.id):
                    entry.write(part)


def _require_recorded(seen: SeenVisit) -> None:
    if not seen.recordings:
        raise StationError("Nothing was recorded in this visit.", "Do a test first, or import a video.")


def _combined(work: UnitOfWork, seen: SeenVisit) -> Combined:
    _require_recorded(seen)
    screenings = [recordings.load(work, one.id) for one in seen.recordings]
    reports = counted([screening.report for screening in screenings])
    kept: list[Screening] = [
        replace(screening, report=report) for screening, report in zip(screenings, reports, strict=True) if report is not None
    ]
    return combine(kept)


def _exported(work: UnitOfWork, visit_id: int, form: str) -> SeenVisit:
    work.require(Permission.EXPORT)
    seen = visits.load(work, visit_id)
    work.log(Action.EXPORTED, ObjectKind.VISIT, seen.person.audit_ref, f"{visit_id} {form}")
    return seen


def letterhead(work: UnitOfWork, seen: SeenVisit) -> Letterhead:
    """Return what stands on top of a report of a visit; the name only where the practice wants it there."""
    own, person = practice.get(work), seen.person
    facts = [("Person", person.pseudonym)]
    if own.name_on_reports and person.name:
        facts.append(("Name", person.name))
    if person.birth_year is not None:
        facts.append(("Born", str(person.birth_year)))
    facts.append(("Visit", f"{seen.visit.day.day} {seen.visit.day:%B %Y}"))
    lines = tuple(line.strip() for line in f"{own.address}\n{own.contact}".splitlines() if line.strip())
    log = audit.last(work.session, "")  # on paper it is out of the reach of who writes the log anew
    return Letterhead(own.name, lines, own.logo_png, tuple(facts), seen.visit.comment, f"Audit log: {log.text}.")


def _html(work: UnitOfWork, seen: SeenVisit, together: Combined) -> str:
    series = [screening.series for screening in together.screenings]
    poses = [screening.poses for screening in together.screenings]
    return render_html(together.report, series, together.pictures, letterhead(work, seen), poses)


def _fhir(person: PersonRow, report: ScreeningReport) -> str:
    """Add the subject, by the pseudonym, to the bundle."""
    bundle = json.loads(fhir_bundle(report))
    for entry in bundle["entry"]:
        entry["resource"]["subject"] = {"identifier": {"system": PERSON_SYSTEM, "value": person.pseudonym}}
    return json.dumps(bundle, indent=2, ensure_ascii=False) + "\n"


def _csv(seen: SeenVisit, report: ScreeningReport) -> str:
    file = io.StringIO(newline="")
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    first = (seen.person.pseudonym, seen.visit.id, seen.visit.day.isoformat())
    for test in report.tests:
        about = (*first, test.key, test.side, test.status.value, "" if test.score is None else test.score)
        if not test.measures:
            rows.writerow((*about, *[""] * (len(COLUMNS) - len(about))))
        for measure in test.measures:
            shown, spread = ("" if number is None else number for number in (measure.value, measure.uncertainty))
            said = (measure.grade.value, measure.firm, measure.method.value, measure.tier.value)
            rows.writerow((*about, measure.key, measure.label, shown, measure.unit, spread, *said))
    return file.getvalue()
