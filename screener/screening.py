"""From a recording to its report: where poses, tests and results meet. No camera, no video, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from screener.model import Person, PoseSequence, Series, Side
from screener.pose.identity import repair_sides
from screener.pose.quality import Assessed, assess, fuse_roll
from screener.pose.store import Recording
from screener.report.picture import KeyPicture
from screener.results import Asymmetry, Grade, Score, ScreeningReport, Software, Status, TestResult
from screener.tests_clinical import TESTS, get_test
from screener.tests_clinical.advice import advice_for
from screener.tests_clinical.definition import ClinicalTest, run_test
from screener.tests_clinical.norms import norms_sha256
from screener.tests_clinical.series import LEAST_MARKERS_SEEN, Motion, analyse, markers_seen
from screener.version import __version__


@dataclass(frozen=True)
class Screening:
    """All that a run gives: the report, the curves behind it, and the recording both can be computed from again."""

    report: ScreeningReport
    series: Series
    recording: Recording
    poses: PoseSequence
    pictures: tuple[KeyPicture, ...] = ()


def rescreen(recording: Recording) -> Screening:
    """Compute a report from a recording; no video is needed.

    Parameters
    ----------
    recording : Recording
        As recorded or loaded.
    """
    request = recording.request
    test = get_test(request.test)
    assessed, motion = prepare(recording)
    person = Person(request.age_years, request.sex)
    sides = _sides(test, request.side)
    results = tuple(run_test(test, side, motion, assessed.quality, person) for side in sides)
    kept = _asked_for(results, request.side)
    scored = [result for result in kept if result.status is Status.SCORED]
    report = ScreeningReport(
        created_at=datetime.now(UTC),
        software=Software(
            version=__version__,
            mediapipe=recording.origin.mediapipe,
            model=recording.origin.model,
            model_sha256=recording.origin.model_sha256,
            norms_sha256=norms_sha256(TESTS.values()),
        ),
        source=recording.origin.source,
        quality=assessed.quality,
        headline=_headline(kept),
        tests=kept,
        asymmetry=_asymmetry(test, kept),
        score=Score(
            points=sum(result.score or 0 for result in scored),
            possible=3 * len(scored),
            assessed=len(scored),
            of=len(kept),
        ),
        advice=advice_for(kept),
    )
    return Screening(report, motion.series, recording, assessed.poses)


def prepare(recording: Recording) -> tuple[Assessed, Motion]:
    """Put the sides right, describe the recording, and compute the angles of every frame."""
    repair = repair_sides(recording.poses)
    notes = recording.origin.notes + _marker_note(recording)
    assessed = assess(repair, recording.tilt, recording.request.vertical_deg, notes)
    motion = analyse(assessed.poses, assessed.quality)
    levelled = fuse_roll(assessed, motion.quiet)
    return levelled, motion if levelled is assessed else analyse(levelled.poses, levelled.quality)


def _marker_note(recording: Recording) -> tuple[str, ...]:
    """Say when stickers were asked for and not seen well enough to be used."""
    seen = markers_seen(recording.poses)
    if not recording.request.markers or seen >= LEAST_MARKERS_SEEN:
        return ()
    return (
        f"The stickers were seen in {100 * seen:.0f} % of the frames, too few: the pelvis was measured without them. Use a "
        "colour that the clothes do not have, and keep hands and shirt off the stickers.",
    )


def _sides(test: ClinicalTest, asked: str) -> tuple[Side | None, ...]:
    if test.sides == (None,) or asked in ("both", "auto"):
        return test.sides
    return (Side(asked),)


def _asked_for(results: Sequence[TestResult], asked: str) -> tuple[TestResult, ...]:
    """With `auto`, keep the sides that were found; one refusal for all when none was."""
    if asked != "auto" or len(results) < 2:
        return tuple(results)
    found = tuple(result for result in results if result.status is not Status.NOT_ASSESSED)
    if found:
        return found
    reasons = {result.reason for result in results}
    if len(reasons) == 1:
        return (results[0].model_copy(update={"side": "both"}),)
    return tuple(results)


def _headline(results: Sequence[TestResult]) -> str:
    """Return the answer in words, the side named first where there is one."""
    return " ".join(
        f"{result.title}{f', {result.side} leg' if result.side != 'both' else ''}: {result.summary}" for result in results
    )


def _asymmetry(test: ClinicalTest, results: Sequence[TestResult]) -> tuple[Asymmetry, ...]:
    """Compare the sides where both were measured and the measure has a smallest detectable difference."""
    by_side = {result.side: {m.key: m.value for m in result.measures} for result in results}
    left, right = by_side.get("left", {}), by_side.get("right", {})
    rows = []
    for measure in test.measures:
        a, b = left.get(measure.key), right.get(measure.key)
        if not measure.smallest_detectable or a is None or b is None:
            continue
        rows.append(
            Asymmetry(
                test=test.key,
                measure=measure.key,
                label=measure.label,
                unit=measure.unit,
                left=a,
                right=b,
                difference=round(a - b, 3),
                smallest_detectable=measure.smallest_detectable,
                grade=Grade.OUTSIDE if abs(a - b) > measure.smallest_detectable else Grade.WITHIN,
            )
        )
    return tuple(rows)
