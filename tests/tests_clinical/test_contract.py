"""The contract that every clinical test inherits, by discovery."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import only, recording, screened
from screener import TESTS
from screener.model.pose import MIRRORED_LANDMARKS, PoseSequence, Side
from screener.model.recorder import Recorder
from screener.model.results import Grade, Method, ScreeningReport, Status, TestResult
from screener.tests_clinical.definition import ClinicalTest
from screener.tests_clinical.norms import norm_rows
from screener.workflow.screening import Screening, rescreen
from tests_clinical.case import Case
from tests_clinical.cases import CASES

every_case = pytest.mark.parametrize("case", CASES, ids=[f"{case.test}-{case.name}" for case in CASES])
assessed_case = pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected], ids=[f"{case.test}-{case.name}" for case in CASES if case.expected]
)
every_test = pytest.mark.parametrize("test", TESTS.values(), ids=list(TESTS))

NO_CLOCK = {"created_at"}


def filmed(case: Case, noise_px: float = 0.3) -> PoseSequence:
    return sm.film(case.motion, case.camera, noise_px)


def of(case: Case, screening: Screening, side: str | None = None) -> TestResult:
    """The result of the case's side; the only one where the case is not assessed."""
    results = [result for result in screening.report.tests if result.side == (side or case.side)]
    return results[0] if results else only(screening)


def view_camera(test: ClinicalTest) -> sm.Camera:
    return sm.Camera() if test.frontal else sm.Camera(yaw=90)


@every_case
def test_the_golden_motion_is_graded_as_it_was_built(case: Case) -> None:
    result = of(case, screened(filmed(case), case.test))
    if not case.expected:
        assert result.status is Status.NOT_ASSESSED
        assert result.score is None
        assert result.reason
        assert result.advice
        assert result.measures == ()
        return
    assert result.side == case.side
    grades = {measure.key: measure.grade for measure in result.measures}
    assert {key: grades[key] for key in case.expected} == case.expected
    compared = [grade for grade in grades.values() if grade is not Grade.NOT_ASSESSED]
    best = None if compared[:1] == [Grade.UNDECIDED] else 3
    worst = 1 if Grade.OUTSIDE in compared else 2 if Grade.WATCH in compared else best
    assert result.score == worst


@every_test
def test_has_a_case_within_one_outside_and_one_not_assessed(test: ClinicalTest) -> None:
    expected = [case.expected for case in CASES if case.test == test.key]
    assert any(Grade.WITHIN in e.values() for e in expected)
    assert any(Grade.OUTSIDE in e.values() for e in expected)
    assert {} in expected


@assessed_case
def test_live_equals_batch(case: Case) -> None:
    poses = filmed(case)
    recorder = Recorder(poses.width, poses.height)
    for frame in range(len(poses)):
        recorder.add(poses.pose(frame))
    live, batch = screened(recorder.sequence(), case.test), screened(poses, case.test)
    assert live.report.model_dump(exclude=NO_CLOCK) == batch.report.model_dump(exclude=NO_CLOCK)


@every_test
def test_quiet_standing_is_within_or_not_assessed(test: ClinicalTest) -> None:
    poses = sm.film(sm.Motion(sm.times(8.0)), view_camera(test), noise_px=0.5)
    for result in screened(poses, test.key).report.tests:
        assert result.status is Status.NOT_ASSESSED or result.score == 3


@every_test
def test_nobody_in_view_is_not_assessed_with_advice(test: ClinicalTest) -> None:
    poses = sm.film(sm.Motion(sm.times(5.0)), view_camera(test))
    empty = poses.with_landmarks(np.full_like(poses.pixels, np.nan), np.full_like(poses.world_m, np.nan), 0 * poses.visibility)
    report = screened(empty, test.key).report
    assert report.score.assessed == 0
    assert report.tests[0].reason == "Nobody was found in the picture."
    assert report.tests[0].advice


@assessed_case
def test_frames_that_were_not_seen_have_no_influence(case: Case) -> None:
    poses = filmed(case)
    hidden = np.zeros(len(poses), dtype=bool)
    hidden[len(poses) // 3 : len(poses) // 3 + 4] = True
    results = []
    for garbage in (0.0, 5000.0):
        pixels = poses.pixels.copy()
        pixels[hidden] += garbage
        visibility = np.where(hidden[:, None], 0.1, poses.visibility)
        unseen = replace(poses, pixels=pixels, visibility=visibility)
        results.append(screened(unseen, case.test).report.tests)
    assert results[0] == results[1]


@assessed_case
@pytest.mark.parametrize("half_s", [0.15, 0.6])
def test_a_body_lost_at_its_key_moments_gives_a_report(case: Case, half_s: float) -> None:
    poses = filmed(case)
    whole = screened(poses, case.test).report
    moments = [test.key_moment_s for test in whole.tests if test.key_moment_s is not None]
    moments += [(span.start_s + span.end_s) / 2 for test in whole.tests for span in (*test.repetitions, *test.holds)]
    lost = np.any([np.abs(poses.time_s - moment) < half_s for moment in moments], axis=0)
    pixels, world = poses.pixels.copy(), poses.world_m.copy()
    pixels[lost], world[lost] = np.nan, np.nan
    broken = poses.with_landmarks(pixels, world, np.where(lost[:, None], 0.0, poses.visibility))
    assert {result.key for result in screened(broken, case.test).report.tests} == {case.test}


@assessed_case
def test_one_hidden_joint_is_never_guessed(case: Case) -> None:
    poses = filmed(case)
    near = Side.LEFT if case.camera.yaw == 90 else Side.RIGHT
    side = near if case.side == "both" else Side(case.side)
    visibility = poses.visibility.copy()
    visibility[:, 25 if side is Side.LEFT else 26] = 0.1  # the knee
    for result in screened(replace(poses, visibility=visibility), case.test).report.tests:
        assert result.status is Status.NOT_ASSESSED


@every_case
def test_json_round_trip(case: Case) -> None:
    report = screened(filmed(case), case.test).report
    assert ScreeningReport.model_validate_json(report.model_dump_json()) == report


@every_test
def test_every_norm_has_a_population_and_a_source(test: ClinicalTest) -> None:
    rows = norm_rows([test])
    assert rows
    for row in rows:
        assert row.norm.population
        assert len(row.norm.source.citation) > 20


def mirrored(poses: PoseSequence) -> PoseSequence:
    """The recording of the mirror image of the same movement."""
    order = list(MIRRORED_LANDMARKS)
    pixels = poses.pixels[:, order] * [-1.0, 1.0] + [poses.width, 0.0]
    world = poses.world_m[:, order] * [-1.0, 1.0, 1.0]
    return replace(
        poses,
        pixels=pixels,
        world_m=world,
        visibility=poses.visibility[:, order],
        surface_rotation_deg=-poses.surface_rotation_deg,
    )


@every_case
def test_mirror_exchanges_the_sides(case: Case) -> None:
    poses = filmed(case)
    swap = {"left": "right", "right": "left", "both": "both"}
    result = of(case, screened(poses, case.test))
    other = of(case, screened(mirrored(poses), case.test), swap[case.side])
    assert other.side == swap[result.side]
    assert other.score == result.score
    for a, b in zip(result.measures, other.measures, strict=True):
        assert a.grade == b.grade
        assert a.value == pytest.approx(b.value, abs=1e-3)


@assessed_case
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_speed_does_not_change_the_grade(case: Case, factor: float) -> None:
    motion = replace(case.motion, time_s=case.motion.time_s / factor)
    result = of(case, screened(sm.film(motion, case.camera, 0.3), case.test))
    grades = {measure.key: measure.grade for measure in result.measures}
    expected = {key: grade for key, grade in case.expected.items() if key not in case.timed}
    assert {key: grades[key] for key in expected} == expected


@assessed_case
@pytest.mark.parametrize("which", [0, 1], ids=["near", "far"])
def test_distance_does_not_change_the_grade(case: Case, which: int) -> None:
    camera = replace(case.camera, distance=case.distances[which], focal=400.0)
    result = of(case, screened(sm.film(case.motion, camera, 0.2), case.test))
    grades = {measure.key: measure.grade for measure in result.measures}
    assert {key: grades[key] for key in case.expected} == case.expected


@assessed_case
@pytest.mark.parametrize("roll", [-12.0, 9.0])
def test_camera_roll_that_is_known_does_not_change_the_grade(case: Case, roll: float) -> None:
    poses = sm.film(case.motion, replace(case.camera, roll=roll), 0.3)
    given = recording(poses, case.test)
    given = replace(given, request=given.request.model_copy(update={"vertical_deg": roll}))
    result = of(case, rescreen(given))
    grades = {measure.key: measure.grade for measure in result.measures}
    assert {key: grades[key] for key in case.expected} == case.expected


@every_case
def test_a_grade_is_firm_only_where_the_interval_clears_the_limit(case: Case) -> None:
    for measure in of(case, screened(filmed(case), case.test)).measures:
        if measure.grade is Grade.NOT_ASSESSED:
            assert not measure.firm
            assert measure.reason
            continue
        assert measure.norm is not None
        assert measure.value is not None
        assert measure.firm == (abs(measure.value - measure.norm.outside) > (measure.uncertainty or 0.0))
        assert measure.method in Method


@every_test
def test_wording_never_diagnoses(test: ClinicalTest) -> None:
    words = " ".join(
        (
            *(test.title, test.idea, test.easy_version, test.camera),
            *test.instructions,
            *(f"{m.label} {m.phrase} {m.phrase_below_zero}" for m in test.measures),
        )
    ).lower()
    for banned in ("trendelenburg", "weak", "injury", "diagnos", "patient", "disease"):
        assert banned not in words
