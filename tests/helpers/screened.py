"""From a figure's motion to results, through the program's own core."""

from __future__ import annotations

from screener.model.pose import PoseSequence
from screener.model.recording import CameraTilt, Origin, Person, Recording, Request
from screener.model.results import MeasureResult, SourceVideo, TestResult
from screener.workflow.screening import Screening, rescreen

LEVEL = CameraTilt(0.0, 0.0)


def recording(
    poses: PoseSequence, test: str, side: str = "auto", tilt: CameraTilt = LEVEL, person: Person | None = None
) -> Recording:
    person = person or Person()
    source = SourceVideo(
        file="figure",
        sha256="0" * 64,
        width=poses.width,
        height=poses.height,
        fps=round(poses.rate_hz, 3),
        frames=len(poses),
        duration_s=round(poses.duration_s, 3),
    )
    origin = Origin(source=source, mediapipe="0", model="figure", model_sha256="0" * 64)
    request = Request(test=test, side=side, age_years=person.age_years, sex=person.sex)
    return Recording(poses, tilt, origin, request)


def screened(
    poses: PoseSequence, test: str, side: str = "auto", tilt: CameraTilt = LEVEL, person: Person | None = None
) -> Screening:
    return rescreen(recording(poses, test, side, tilt, person))


def only(screening: Screening) -> TestResult:
    (result,) = screening.report.tests
    return result


def measure(result: TestResult, key: str) -> MeasureResult:
    return next(found for found in result.measures if found.key == key)
