"""Several recordings in one report, and a report against an earlier one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from helpers import stickman as sm
from helpers.console import Console
from helpers.screened import screened
from screener.errors import UnreadableInputError, UsageError
from screener.model.landmarks_file import save_recording
from screener.model.recording import Request, Sex
from screener.model.results import Grade, ScreeningReport
from screener.workflow.output import OutputOptions, write_visit
from screener.workflow.plan import read_plan, takes_of
from screener.workflow.screening import Screening
from screener.workflow.visit import combine, compare, counted
from tests_clinical.case import LEFT_NEAR
from tests_clinical.cases_lunge import lunges
from tests_clinical.cases_toe_touch import bends


def stood(side: str, drop: float) -> Screening:
    return screened(sm.film(sm.stance(side, drop)), "single_leg_stance")


def hinged() -> Screening:
    return screened(sm.film(sm.hinges(2), LEFT_NEAR), "hip_hinge")


def test_a_visit_has_one_score_and_compares_sides_filmed_apart() -> None:
    visit = combine([stood("left", 9.0), stood("right", 1.0), hinged()])
    report = visit.report
    assert [(test.key, test.side, test.recording) for test in report.tests] == [
        ("single_leg_stance", "left", 0),
        ("single_leg_stance", "right", 1),
        ("hip_hinge", "both", 2),
    ]
    assert [one.quality.view for one in report.recordings] == ["front", "front", "side"]
    assert (report.score.points, report.score.possible, report.score.assessed, report.score.of) == (1 + 3 + 3, 9, 3, 3)
    row = next(row for row in report.asymmetry if row.measure == "pelvic_drop_deg")
    assert (row.grade, row.difference) == (Grade.OUTSIDE, pytest.approx(8.0, abs=0.2))
    assert any(line.startswith("Glute bridge") for line in report.advice)
    assert ScreeningReport.model_validate_json(report.model_dump_json()) == report


def test_what_was_not_assessed_stays_beside_the_score() -> None:
    wrong_view = screened(sm.film(sm.hinges(2)), "hip_hinge")
    report = combine([stood("left", 1.0), wrong_view]).report
    assert (report.score.points, report.score.possible, report.score.assessed, report.score.of) == (3, 3, 1, 2)


def failed(screening: Screening) -> Screening:
    """A try that could not be assessed."""
    tests = tuple(
        test.model_copy(update={"status": "not_assessed", "score": None, "measures": (), "reason": "Nobody was seen."})
        for test in screening.report.tests
    )
    return replace(screening, report=screening.report.model_copy(update={"tests": tests}))


def test_a_test_done_again_counts_once() -> None:
    left, right = stood("left", 1.0), stood("right", 1.0)
    kept = counted([one.report for one in (failed(left), left, right, left)])
    assert kept == (None, None, right.report, left.report)
    alone = counted([failed(left).report])
    assert alone == (failed(left).report,)


def test_a_failed_try_does_not_take_the_place_of_a_good_one() -> None:
    left, right = stood("left", 9.0), stood("right", 1.0)
    once, again = combine([left, right]).report, combine([left, right, failed(left)]).report
    assert again.tests == once.tests
    assert (again.score, again.asymmetry) == (once.score, once.asymmetry)
    assert again.recordings[2].quality.warnings[-1] == (
        "Recording 1 counts for the single-leg stance (left): it is the last one scored. This one could not be assessed."
    )
    twice = combine([left, right, stood("left", 1.0)]).report
    assert (
        twice.recordings[0]
        .quality.warnings[-1]
        .startswith("Recording 3 counts for the single-leg stance (left): it is the last one scored. This one scored 1 of 3: ")
    )
    assert again.recordings[:2] == once.recordings
    assert compare(again, stood("left", 1.0).report).changes


def test_the_headline_of_many_results_names_what_was_outside() -> None:
    wrong_view = screened(sm.film(sm.hinges(2)), "hip_hinge")
    headline = combine([stood("left", 9.0), stood("right", 1.0), wrong_view]).report.headline
    assert headline == (
        "Outside the guide range: single-leg stance (left). Could not be measured: hip hinge. Within the guide range: 1 of 2."
    )


def test_one_recording_is_no_visit_and_none_is_an_error() -> None:
    screening = stood("left", 1.0)
    assert combine([screening]).report is screening.report
    with pytest.raises(UsageError):
        combine([])


def test_the_files_of_a_visit_carry_numbers_and_give_the_report_again(tmp_path: Path, console: Console) -> None:
    visit = combine([stood("left", 9.0), screened(sm.film(lunges()), "lunge")])
    page = write_visit(visit, tmp_path, [OutputOptions(), OutputOptions()])
    assert {file.name for file in tmp_path.iterdir()} == {
        "report.json",
        "report.html",
        "landmarks-1.npz",
        "landmarks-2.npz",
        "timeseries-1.csv",
        "timeseries-2.csv",
    }
    html = page.read_text(encoding="utf-8")
    assert "2 recordings" in html
    assert html.count("1. figure") == html.count("2. figure") == 1
    said = console("report", *(str(tmp_path / f"landmarks-{n}.npz") for n in (1, 2)), "--out", str(tmp_path / "again"))
    assert said.code == 0
    again = json.loads((tmp_path / "again" / "report.json").read_text())
    first = json.loads((tmp_path / "report.json").read_text())
    assert {**again, "created_at": ""} == {**first, "created_at": ""}


def test_a_change_is_one_only_beyond_the_error_of_both() -> None:
    little, far = (screened(sm.film(bends(angle), LEFT_NEAR), "toe_touch").report for angle in (75.0, 112.0))
    changes = {change.measure: change for change in compare(far, little).changes}
    reach = changes["reach_pct_height"]
    assert reach.difference < -8.0
    assert reach.changed is True
    same = {change.measure: change for change in compare(far, far).changes}
    assert same["reach_pct_height"].changed is False
    assert same["reach_pct_height"].uncertainty == pytest.approx(4.0 * 2**0.5, rel=0.05)


def test_a_value_without_an_error_is_never_called_changed() -> None:
    before, now = stood("left", 1.0).report, stood("left", 9.0).report
    touch_downs = next(change for change in compare(now, before).changes if change.measure == "touch_downs")
    assert (touch_downs.uncertainty, touch_downs.changed) == (None, None)


def test_nothing_in_common_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="cannot be compared"):
        compare(stood("left", 1.0).report, hinged().report)


PLAN = """
age = 62
sex = "female"
[[recording]]
video = "a.mp4"
test = "single_leg_stance"
side = "left"
[[recording]]
video = "b.mp4"
test = "hip_hinge"
straight_first = true
"""


def test_a_plan_names_videos_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    first, second = read_plan(tmp_path / "plan.toml")
    assert first.video == str(tmp_path / "a.mp4")
    assert first.request == Request(test="single_leg_stance", side="left", age_years=62, sex=Sex.FEMALE)
    assert second.request.straight_first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("recording = 3", "wrong at recording"),
        ("", "wrong at recording"),
        ("[[recording]]\nvideo = 'a.mp4'", "recording.0.test"),
        ("[[recording]]\nvideo = 'a.mp4'\ntest = 'squat'\nknee = 1", "recording.0.knee"),
        ("not toml", "is not a plan"),
    ],
)
def test_a_wrong_plan_says_where(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(UnreadableInputError, match=words) as caught:
        read_plan(tmp_path / "plan.toml")
    assert "[[recording]]" in caught.value.advice


def test_a_plan_that_is_not_there_or_names_an_unknown_test(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "plan.toml").write_text("[[recording]]\nvideo = 'a.mp4'\ntest = 'jump'")
    with pytest.raises(UsageError, match="no test jump"):
        read_plan(tmp_path / "plan.toml")


def test_videos_and_tests_are_paired_in_order() -> None:
    request = Request(test="", age_years=40)
    both = takes_of(["a.mp4", "b.mp4"], ["squat", "hip_hinge"], request)
    assert [(take.video, take.request.test) for take in both] == [("a.mp4", "squat"), ("b.mp4", "hip_hinge")]
    assert [take.request.test for take in takes_of(["a.mp4", "b.mp4"], ["squat"], request)] == ["squat", "squat"]
    for videos, tests in ((["a.mp4"], []), ([], ["squat"]), (["a", "b", "c"], ["squat", "march"])):
        with pytest.raises(UsageError):
            takes_of(videos, tests, request)


def test_a_plan_and_videos_together_are_wrong_use(tmp_path: Path, console: Console) -> None:
    said = console("analyze", "a.mp4", "--test", "squat", "--plan", str(tmp_path / "plan.toml"))
    assert said.code == 2
    assert "plan" in said.err


@pytest.mark.slow
def test_a_visit_of_real_pictures(samples: Path, tmp_path: Path, console: Console) -> None:
    (tmp_path / "plan.toml").write_text(
        f"[[recording]]\nvideo = '{samples / 'stance_left_drop9.mp4'}'\ntest = 'single_leg_stance'\n"
        f"[[recording]]\nvideo = '{samples / 'hinge_neutral.mp4'}'\ntest = 'hip_hinge'\n"
    )
    said = console("analyze", "--plan", str(tmp_path / "plan.toml"), "--out", str(tmp_path / "visit"))
    assert said.code == 0
    report = ScreeningReport.model_validate_json((tmp_path / "visit" / "report.json").read_text())
    assert [test.key for test in report.tests] == ["single_leg_stance", "hip_hinge"]
    assert (tmp_path / "visit" / "report.html").read_text().count('class="key-picture"') == 2
    first = str(tmp_path / "visit" / "landmarks-1.npz")
    said = console("report", first, "--compare", first, "--out", str(tmp_path / "same"))
    assert said.code == 0
    assert "no change beyond measurement error" in said.out


def test_the_other_leg_is_asked_for_where_only_one_was_filmed() -> None:
    left, right = stood("left", 1.0), stood("right", 1.0)
    asked = "Single-leg stance: the right leg was not filmed. Film it too, to compare the two sides."
    assert left.report.advice == (asked,)
    assert combine([left, right]).report.advice == ()
    assert not any("not filmed" in line for line in hinged().report.advice)


def test_a_report_made_again_may_be_told_the_age(tmp_path: Path, console: Console) -> None:
    save_recording(stood("left", 1.0).recording, tmp_path / "landmarks.npz")
    given = ("report", str(tmp_path / "landmarks.npz"), "--out", str(tmp_path / "out"))
    norms = []
    for age in ((), ("--age", "65")):
        assert console(*given, *age).code == 0
        report = ScreeningReport.model_validate_json((tmp_path / "out/report.json").read_text(encoding="utf-8"))
        norms.append({m.key: m.norm for m in report.tests[0].measures}["hold_time_s"])
    assert norms[0] is None
    assert norms[1] is not None
    assert norms[1].within == 27.0
