"""From a recording to its report: where poses, tests and results meet. No camera, no video, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypedDict

import numpy as np

from screener.kinematics.body_in_view import body_in_view
from screener.kinematics.clothing import LOOSE_FROM
from screener.kinematics.events import seconds_of
from screener.kinematics.film_parts import cuts_of, parts_of, trimmed
from screener.kinematics.motion import MIN_MARKERS_SEEN, Motion, compute_motion, markers_seen
from screener.kinematics.recording_quality import AssessedRecording, assess, fuse_roll
from screener.kinematics.side_repair import repair_sides
from screener.model.picture import KeyPicture
from screener.model.pose import PoseSequence, Side, View
from screener.model.recording import Person, Recording
from screener.model.results import Asymmetry, Grade, MeasureResult, Score, ScreeningReport, Software, Status, TestResult
from screener.model.series import Series
from screener.tests_clinical import TESTS, get_test
from screener.tests_clinical.advice import advice_for
from screener.tests_clinical.definition import ClinicalTest, Measure
from screener.tests_clinical.difference import difference
from screener.tests_clinical.norms import norms_sha256
from screener.tests_clinical.scoring import run_test, stopped_test
from screener.version import __version__

MIN_BITS_PER_PIXEL = 0.001
CRUSHED_BITS_PER_PIXEL = 0.003
CRUSHED_SPREAD_DEG = 1.0
"""Below so few bits an H.264 file holds the texture of clothes still, or lets it follow late (ordinary files: 0.02 to 0.1): the
cloth is not followed at all, or its spread grows by this much, standard deviation."""
BORROWED_ZERO = (
    "No quiet standing on both feet was seen, so the level of the pelvis is taken from the body points and is less "
    "certain. Stand still on both feet for two seconds before the movement."
)
LOOSE_CLOTHING = (
    "The shirt hangs loose over the hips and need not turn with them, so the pelvis is known to about 7 degrees instead of 1 "
    "or 2. Tuck the shirt in, or use stickers."
)
POOR_TEXTURE = (
    "The clothes over the hips show too little texture to follow, so the pelvis is known to several degrees only. Film with "
    "more light, come closer, use the original file of the camera, or use stickers."
)
MIN_CLOTH_SHARE = 0.75
"""With less of the weight in the cloth its own 95 % error is above 5 degrees."""
FEW_RESULTS = 2
"""With at most this many results, the headline spells out each one."""
MIN_TRY_S = 2.0
"""A leg that stood this long was meant to be tested."""


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

    A film that cuts to another picture is judged by its best part, and the report says so.

    Parameters
    ----------
    recording : Recording
        As recorded or loaded.
    """
    get_test(recording.request.test)
    parts = parts_of(recording.poses)
    if len(parts) == 1 and not len(cuts_of(recording.poses)):
        return _screened(recording)
    screened = [_screened(trimmed(recording, part.start_s, part.end_s)) for part in parts]
    best = max(range(len(parts)), key=lambda number: (*_worth(screened[number].report), parts[number].duration_s))
    note = (
        f"The video contains a cut; only its best part was judged, {parts[best].start_s:.1f} to "
        f"{parts[best].end_s:.1f} s. Film the test without a break."
    )
    report = screened[best].report
    quality = report.quality.model_copy(update={"warnings": (*report.quality.warnings, note)})
    return replace(screened[best], report=report.model_copy(update={"quality": quality}), recording=recording)


def _worth(report: ScreeningReport) -> tuple[int, int, float]:
    """How much of the test a part of a film shows: tests that were assessed, repetitions, and how long they and holds took."""
    stretches = [span for test in report.tests for span in (*test.repetitions, *test.holds)]
    long_s = sum(span.end_s - span.start_s for span in stretches)
    return report.score.assessed, sum(len(test.repetitions) for test in report.tests), long_s


def _screened(recording: Recording) -> Screening:
    request = recording.request
    test = get_test(request.test)
    assessed, motion = prepare(recording)
    motion = replace(motion, straight_first=request.straight_first, signal_s=request.signal_s)
    person = Person(request.age_years, request.sex)
    sides = (None,) if test.by_view and motion.view is View.SIDE else _sides(test, request.side)
    results = tuple(run_test(test, side, motion, assessed.quality, person) for side in sides)
    if request.stopped:
        results = tuple(stopped_test(test, side) for side in sides)
    kept = _asked_for(test, results, request.side, motion)
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
        **summary_of(kept),
    )
    return Screening(report, motion.series, recording, assessed.poses)


class ReportSummary(TypedDict):
    """The parts of a report that follow from its test results."""

    headline: str
    tests: tuple[TestResult, ...]
    asymmetry: tuple[Asymmetry, ...]
    score: Score
    advice: tuple[str, ...]


def summary_of(results: tuple[TestResult, ...]) -> ReportSummary:
    """Score, comparison of the sides and advice of some test results, in one recording or in several."""
    scored = [result for result in results if result.score is not None]
    keys = dict.fromkeys(result.key for result in results)
    return ReportSummary(
        headline=_headline(results),
        tests=results,
        asymmetry=tuple(row for key in keys for row in _asymmetry(TESTS[key], [r for r in results if r.key == key])),
        score=Score(
            points=sum(result.score or 0 for result in scored),
            possible=3 * len(scored),
            assessed=len(scored),
            of=len(results),
        ),
        advice=advice_for(results),
    )


def prepare(recording: Recording) -> tuple[AssessedRecording, Motion]:
    """Put the sides right, describe the recording, settle the camera's roll, and compute the angles of every frame, once."""
    test = get_test(recording.request.test)
    repair = repair_sides(_trusted(recording))
    notes = recording.origin.notes + _marker_note(recording) + _compression_note(recording)
    assessed = assess(repair, recording.tilt, recording.request.vertical_deg, notes)
    body = body_in_view(assessed.poses, assessed.quality)
    if not test.judges_standing:
        levelled = fuse_roll(assessed, body.rest)
        if levelled is not assessed:
            del body  # a long recording is not held twice
            assessed, body = levelled, body_in_view(levelled.poses, levelled.quality)
    motion = compute_motion(assessed.poses, assessed.quality, body, two_legs=test.stands_on_two)
    if test.judges_standing:
        return assessed, motion
    return _with_pelvis(assessed, test, motion), motion


def _with_pelvis(assessed: AssessedRecording, test: ClinicalTest, motion: Motion) -> AssessedRecording:
    """Say from what the pelvis was measured, and why it is less certain than it could be, where the test shows it."""
    shown = any(measure.column.startswith("pelvic_") for measure in test.measures)
    if not shown or not motion.mediolateral_sign or not assessed.poses.found.any():
        return assessed
    known = bool(np.isfinite(motion.cloth_share))  # not with stickers, which stand alone
    notes = (
        (not motion.rest.any(), BORROWED_ZERO),
        (known and motion.clothing.looseness >= LOOSE_FROM, LOOSE_CLOTHING),
        (known and motion.clothing.looseness < LOOSE_FROM and motion.cloth_share < MIN_CLOTH_SHARE, POOR_TEXTURE),
    )
    update = {
        "cloth_share": round(motion.cloth_share, 2) if known else None,
        "loose_clothing": round(motion.clothing.looseness, 2),
        "warnings": (*assessed.quality.warnings, *(note for applies, note in notes if applies)),
    }
    return replace(assessed, quality=assessed.quality.model_copy(update=update))


def _bits(recording: Recording) -> float:
    """Bits for each pixel of the file; infinite where there is none."""
    bits = recording.origin.source.bits_per_pixel
    return float("inf") if bits is None else bits


def _trusted(recording: Recording) -> PoseSequence:
    """Poses whose surface is less sure, or lost, where strong compression froze the texture that it follows."""
    poses, bits = recording.poses, _bits(recording)
    if bits >= CRUSHED_BITS_PER_PIXEL:
        return poses
    if bits >= MIN_BITS_PER_PIXEL:
        return replace(poses, surface_u_deg=np.hypot(poses.surface_u_deg, CRUSHED_SPREAD_DEG))
    lost = np.full(len(poses), np.nan)
    return replace(poses, surface_rotation_deg=lost, surface_u_deg=lost)


def _compression_note(recording: Recording) -> tuple[str, ...]:
    if _bits(recording) >= CRUSHED_BITS_PER_PIXEL or not get_test(recording.request.test).frontal:
        return ()
    return (
        "The video is strongly compressed, so the clothes show little texture to follow and the pelvis is less certain. "
        "Use the original file from the camera, not a copy that was sent or made smaller.",
    )


def _marker_note(recording: Recording) -> tuple[str, ...]:
    """Say when stickers were asked for and not seen well enough to be used."""
    seen = markers_seen(recording.poses)
    if not recording.request.markers or seen >= MIN_MARKERS_SEEN:
        return ()
    return (
        f"The stickers were seen in {100 * seen:.0f} % of the frames, too few: the pelvis was measured without them. Use a "
        "colour that the clothes do not have, and keep hands and shirt off the stickers.",
    )


def _sides(test: ClinicalTest, asked: str) -> tuple[Side | None, ...]:
    if test.sides == (None,) or asked in ("both", "auto"):
        return test.sides
    return (Side(asked),)


def _asked_for(test: ClinicalTest, results: Sequence[TestResult], asked: str, motion: Motion) -> tuple[TestResult, ...]:
    """With `auto`, keep the sides that were found or tried; one refusal for all when there is none."""
    if asked != "auto" or len(results) < 2:
        return tuple(results)
    tried = tuple(
        result
        for result in results
        if result.status is not Status.NOT_ASSESSED
        or result.repetitions
        or (test.stands_on_side and _stood(motion, result.side))
    )
    if any(result.status is not Status.NOT_ASSESSED for result in tried):
        return tried
    if len({result.repetitions for result in results}) > 1:
        return tuple(result for result in tried if result.repetitions)
    words = {(result.reason or "").replace(f"the {result.side} leg", "one leg") for result in results}
    if len(words) > 1:
        return tuple(results)
    reason = words.pop()
    summary = f"Could not be measured: {reason[0].lower()}{reason[1:]}"
    return (results[0].model_copy(update={"side": "both", "reason": reason, "summary": summary}),)


def _stood(motion: Motion, side: str) -> bool:
    """Whether the person stood on a leg for long enough to have meant it."""
    return seconds_of(motion.series.stance == side, motion.time_s) >= MIN_TRY_S


def _headline(results: Sequence[TestResult]) -> str:
    """Return the answer in words: each result where they are few, otherwise what was outside, to watch, or not assessed."""
    if len(results) <= FEW_RESULTS:
        return " ".join(f"{result.title}{_leg(result)}: {result.summary}" for result in results)
    scored = [result for result in results if result.score is not None]
    groups = (
        ("Not completed", [result for result in scored if result.score == 0]),
        ("Outside the guide range", [result for result in scored if result.score == 1]),
        ("To watch", [result for result in scored if result.score == 2]),
        ("Measured, no points", [r for r in results if r.status is Status.SCORED and r.score is None]),
        ("Stopped", [result for result in results if result.status is Status.STOPPED]),
        ("Could not be measured", [result for result in results if result.status is Status.NOT_ASSESSED]),
    )
    found = [f"{name}: {', '.join(_short(result) for result in group)}." for name, group in groups if group]
    within = sum(result.score == 3 for result in scored)
    return " ".join(
        (
            *found,
            f"Within the guide range: {within} of {len(scored)}."
            if found
            else "Everything that could be judged is within the guide range.",
        )
    )


def _leg(result: TestResult) -> str:
    return f", {result.side} leg" if result.side != "both" else ""


def _short(result: TestResult) -> str:
    """Name of a result, its side, and whether what was outside is certain."""
    outside = [measure for measure in result.measures if measure.grade is Grade.OUTSIDE]
    doubt = bool(outside) and not any(measure.firm for measure in outside)
    notes = [*([result.side] if result.side != "both" else []), *(["not certain"] if doubt else [])]
    return result.title.lower() + (f" ({', '.join(notes)})" if notes else "")


def _asymmetry(test: ClinicalTest, results: Sequence[TestResult]) -> tuple[Asymmetry, ...]:
    """Compare the sides where both were measured and the measure has a smallest detectable difference."""
    by_side = {result.side: {m.key: m for m in result.measures} for result in results}
    left, right = by_side.get("left", {}), by_side.get("right", {})
    pairs = ((measure, left.get(measure.key), right.get(measure.key)) for measure in test.measures)
    rows = (_compare_sides(test, measure, a, b) for measure, a, b in pairs if measure.smallest_detectable and a and b)
    return tuple(row for row in rows if row is not None)


def _compare_sides(test: ClinicalTest, measure: Measure, left: MeasureResult, right: MeasureResult) -> Asymmetry | None:
    """Outside only beyond both the published and the own error; within only where the own error is smaller than that."""
    if left.value is None or right.value is None:
        return None
    found = difference(right.value, left.value, right.uncertainty or 0.0, left.uncertainty or 0.0, measure.smallest_detectable)
    own = found.u95 or 0.0
    known = own <= measure.smallest_detectable
    return Asymmetry(
        test=test.key,
        measure=measure.key,
        label=measure.label,
        unit=measure.unit,
        left=left.value,
        right=right.value,
        difference=round(found.value, 3),
        uncertainty=round(own, 3),
        smallest_detectable=measure.smallest_detectable,
        grade=Grade.OUTSIDE if found.is_change else Grade.WITHIN if known else Grade.NOT_ASSESSED,
    )
