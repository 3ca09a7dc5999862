"""Recordings of a visit: put a screening in, take it out again as it was."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PIL import Image
from sqlalchemy import select

from screener.model.landmarks_file import read_recording, write_recording
from screener.model.picture import KeyPicture
from screener.model.results import MeasureResult, ScreeningReport, Status, TestResult
from screener.model.series import nearest_frame
from screener.report.drawing.face import blur_face
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.records import consents, videos
from screener.station.records.visits import delete_recording_rows
from screener.station.storage.tables import PersonRow, Purpose, StoredMeasure, StoredPicture, StoredRecording, VisitRow
from screener.tests_clinical import get_test
from screener.workflow.screening import Screening, rescreen

JPEG_QUALITY = 88


def add(work: UnitOfWork, visit_id: int, screening: Screening, *, video: Iterable[bytes] | None = None) -> StoredRecording:
    """Save a screening, live or imported, in a visit.

    Parameters
    ----------
    visit_id : int
        The visit.
    screening : Screening
        What `Session.finish` or `screen` gave. Its pictures are kept with blurred faces.
    video : iterable of bytes, optional
        What `blurred_copy` made, in pieces, where it is to be kept; the person must have agreed to it.

    Raises
    ------
    NotAllowedError
        The person has not agreed to be screened, or to the video.
    """
    work.require(Permission.CHANGE)
    visit = work.get(VisitRow, visit_id)
    person = work.get(PersonRow, visit.person_id)
    consents.require(work, person.id, Purpose.SCREENING)
    landmarks = _landmarks(screening)
    request = screening.recording.request
    stored = StoredRecording(
        visit_id=visit_id,
        user_id=work.actor.user_id,
        created_at=work.now,
        test=request.test,
        side=request.side,
        markers=request.markers,
        headline=screening.report.headline,
        landmarks=landmarks,
        landmarks_sha256=hashlib.sha256(landmarks).hexdigest(),
        report=screening.report.model_dump_json(),
    )
    work.session.add(stored)
    work.session.flush()
    work.session.add_all(_picture(stored.id, picture) for picture in screening.pictures)
    work.session.add_all(
        _measure(visit, stored.id, test, measure)
        for test in screening.report.tests
        if test.status is Status.SCORED
        for measure in test.measures
    )
    work.log(Action.CREATED, ObjectKind.RECORDING, person.audit_ref, str(stored.id))
    if video is not None:
        consents.require(work, person.id, Purpose.VIDEO)
        videos.keep(work, stored, person, video)
    return stored


def load(work: UnitOfWork, recording_id: int) -> Screening:
    """Return a screening as it was: its report word for word, curves and poses from its landmarks, its pictures.

    Reading is logged by who asked for the visit.
    """
    work.require(Permission.SEE)
    stored = work.get(StoredRecording, recording_id)
    screening = rescreen(read_recording(io.BytesIO(stored.landmarks), "landmarks.npz"))
    report = ScreeningReport.model_validate_json(stored.report)
    return replace(screening, report=report, pictures=_pictures(work, recording_id, screening))


def report_of(work: UnitOfWork, recording_id: int) -> ScreeningReport:
    """Return the report of a recording alone, at once."""
    work.require(Permission.SEE)
    return ScreeningReport.model_validate_json(work.get(StoredRecording, recording_id).report)


def see_picture(work: UnitOfWork, picture_id: int) -> bytes:
    """Return a picture as JPEG. Its visit was logged as seen when the page was shown, or is now."""
    work.require(Permission.SEE)
    picture = work.get(StoredPicture, picture_id)
    visit = work.get(VisitRow, work.get(StoredRecording, picture.recording_id).visit_id)
    work.log_once(Action.SAW, ObjectKind.VISIT, work.get(PersonRow, visit.person_id).audit_ref, str(visit.id))
    return picture.jpeg


def remove(work: UnitOfWork, recording_id: int) -> None:
    """Delete a recording that went wrong."""
    work.require(Permission.CHANGE)
    stored = work.get(StoredRecording, recording_id)
    person = work.get(PersonRow, work.get(VisitRow, stored.visit_id).person_id)
    delete_recording_rows(work, recording_id)
    work.log(Action.DELETED, ObjectKind.RECORDING, person.audit_ref, str(recording_id))


def _landmarks(screening: Screening) -> bytes:
    file = io.BytesIO()
    write_recording(screening.recording, file)
    return file.getvalue()


def _picture(recording_id: int, picture: KeyPicture) -> StoredPicture:
    file = io.BytesIO()
    Image.fromarray(blur_face(picture.rgb, picture.pose)).save(file, format="JPEG", quality=JPEG_QUALITY)
    return StoredPicture(
        recording_id=recording_id,
        test=picture.test,
        side=picture.side,
        time_s=picture.time_s,
        caption=picture.caption,
        jpeg=file.getvalue(),
    )


def _pictures(work: UnitOfWork, recording_id: int, screening: Screening) -> tuple[KeyPicture, ...]:
    rows = work.session.execute(
        select(StoredPicture, StoredPicture.jpeg).where(StoredPicture.recording_id == recording_id).order_by(StoredPicture.id)
    )
    found = []
    for row, jpeg in rows:
        index = nearest_frame(screening.poses.time_s, row.time_s)
        rgb = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), np.uint8)
        found.append(KeyPicture(row.test, row.side, row.time_s, rgb, screening.poses.pose(index), row.caption))
    return tuple(found)


def _measure(visit: VisitRow, recording_id: int, test: TestResult, measure: MeasureResult) -> StoredMeasure:
    limits = {one.key: one.smallest_detectable for one in get_test(test.key).measures}
    return StoredMeasure(
        person_id=visit.person_id,
        visit_id=visit.id,
        recording_id=recording_id,
        test=test.key,
        side=test.side,
        measure=measure.key,
        label=measure.label,
        unit=measure.unit,
        value=measure.value,
        uncertainty=measure.uncertainty,
        grade=measure.grade.value,
        firm=measure.firm,
        method=measure.method.value,
        smallest_detectable=limits.get(measure.key, 0.0),
    )
