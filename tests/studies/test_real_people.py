"""The pure parts of the chapter on real people: labels, comparison, marker truth, and the text between the marks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import page_parts
import pytest
import real_labels
import real_markers
import real_people

from helpers import stickman as sm
from helpers.screened import recording, screened
from screener.kinematics.frontal import fppa_deg
from screener.model.landmarks_file import save_recording
from screener.model.pose import Joint, Side
from screener.model.recording import Sex
from screener.model.results import Grade, MeasureResult, Method, Norm, ScreeningReport, Source, Status, Tier
from screener.workflow.screening import prepare

TEXTS = ("name", "side_arg", "why", "stance_leg", "bounds", "grades", "args", "repo", "licence")
COUNTS = ("reps_both", "reps_left", "reps_right")


def label(**given: str) -> real_labels.Label:
    row = dict.fromkeys((*TEXTS, *COUNTS), "") | {"name": "n", "test": "single_leg_stance", "expect": "scored"}
    return real_labels.label_of(row | given)


def measure(
    value: float | None, grade: Grade = Grade.OUTSIDE, key: str = "pelvic_drop_deg", u95: float | None = 2.0, firm: bool = True
) -> MeasureResult:
    limits = Norm(within=5, outside=8, unit="degrees", population="", source=Source(citation=""))
    return MeasureResult(
        key=key, label="", unit="degrees", value=value, uncertainty=u95, grade=grade, firm=firm, method=Method.LANDMARKS,
        tier=Tier.LOW, usable_fraction=1, norm=limits, statement="",
    )  # fmt: skip


@pytest.fixture(scope="module")
def stance() -> ScreeningReport:
    """A right-leg stance whose pelvis drops by 9 degrees."""
    return screened(sm.film(sm.stance("right", 9.0), noise_px=0.3), "single_leg_stance").report


def reported(stance: ScreeningReport, *measures: MeasureResult) -> ScreeningReport:
    (test,) = stance.tests
    return stance.model_copy(update={"tests": (test.model_copy(update={"measures": measures}),)})


def test_a_label_is_read_from_its_row() -> None:
    read = label(
        args="--age 70 --sex female",
        reps_both="4-5",
        bounds="a_deg[left]:-3..4; b_s:1..2.5",
        grades="a_deg:within",
        side_arg="both",
    )
    assert (read.age_years, read.sex, read.side, read.counts) == (70, "female", "both", {"both": (4, 5)})
    assert [bound.limits for bound in read.bounds] == [(-3.0, 4.0), (1.0, 2.5)]
    assert [bound.is_of("a_deg", "right") for bound in (*read.bounds, *read.grades)] == [False, False, True]
    assert (label().side, label().age_years) == ("auto", None)
    with pytest.raises(ValueError, match="cannot read"):
        real_labels.expectations("a_deg is 3")


def test_a_right_report_has_nothing_against_it(stance: ScreeningReport) -> None:
    found = real_labels.judge(
        label(stance_leg="right", bounds="pelvic_drop_deg:7..11", grades="pelvic_drop_deg:outside"), stance
    )
    assert found.scored
    assert found.stance_wrong is False
    assert (found.bounds_checked, found.grades_checked, found.bounds_silent) == (1, 1, ())
    assert (found.outside, found.contradicted, found.firm_wrong, found.impossible, found.too_wide) == ((),) * 5


def test_what_is_wrong_is_told_once_for_each_kind(stance: ScreeningReport) -> None:
    wished = label(stance_leg="left", bounds="pelvic_drop_deg:-2..4; hold_time_s:1..2", grades="pelvic_drop_deg:within")
    found = real_labels.judge(wished, reported(stance, measure(9.0)))
    assert found.stance_wrong is True
    assert found.bounds_silent == ("hold_time_s",)
    assert (len(found.outside), len(found.contradicted), len(found.firm_wrong)) == (1, 1, 1)
    assert found.outside[0] == "pelvic_drop_deg right 9 ± 2, outside, firm; sane -2..4"


@pytest.mark.parametrize(("value", "u95", "firm", "wrong"), [(9.0, 2.0, True, 1), (5.5, 2.0, True, 0), (9.0, 2.0, False, 0)])
def test_firm_and_wrong_is_beyond_the_interval_and_certain(
    stance: ScreeningReport, value: float, u95: float, firm: bool, wrong: int
) -> None:
    one = measure(value, u95=u95, firm=firm)
    assert len(real_labels.judge(label(bounds="pelvic_drop_deg:-2..4"), reported(stance, one)).firm_wrong) == wrong
    against = real_labels.judge(label(grades="pelvic_drop_deg:within"), reported(stance, one))
    assert (len(against.contradicted), len(against.firm_wrong)) == (1, int(firm))


def test_undecided_and_watch_contradict_nothing(stance: ScreeningReport) -> None:
    wished = label(grades="pelvic_drop_deg:within")
    open_grade = real_labels.judge(wished, reported(stance, measure(6.0, Grade.UNDECIDED, firm=False)))
    assert (open_grade.grades_checked, open_grade.undecided, open_grade.graded) == (0, 1, 0)
    watched = real_labels.judge(wished, reported(stance, measure(6.0, Grade.WATCH)))
    assert (watched.grades_checked, watched.contradicted) == (1, ())


def test_impossible_and_too_wide() -> None:
    assert real_labels.is_impossible(measure(-91.0))
    assert not real_labels.is_impossible(measure(-89.0))
    assert not real_labels.is_impossible(measure(110.0, key="depth_deg"))
    assert real_labels.is_too_wide(measure(8.5, u95=4.0))
    assert not real_labels.is_too_wide(measure(8.5, u95=3.0))
    assert not real_labels.is_too_wide(measure(8.5, Grade.UNDECIDED, u95=4.0))


def test_a_label_of_the_knees_angle_is_held_against_its_place(stance: ScreeningReport) -> None:
    wished = label(grades="knee_valgus_deg[right]:outside")
    found = real_labels.judge(wished, reported(stance, measure(3.0, Grade.WITHIN, key="knee_over_foot_pct")))
    assert (found.grades_checked, found.places_checked, len(found.knee_places)) == (0, 1, 1)
    assert real_labels.on_faults(wished, stance) == (("knee_valgus_deg right", "no value"),)
    assert real_labels.on_faults(label(grades="pelvic_drop_deg:outside"), reported(stance, measure(9.0))) == (
        ("pelvic_drop_deg", "pelvic_drop_deg right 9 ± 2, outside, firm"),
    )


def test_repetitions_are_missed_or_invented() -> None:
    squats = screened(sm.film(sm.leg_squats("left", 3), noise_px=0.3), "single_leg_squat").report
    assert real_labels.judge(label(reps_both="3-4"), squats).counts == (("both", 3, 3, 4),)
    assert real_labels.judge(label(reps_both="3-4"), squats).count_error == 0
    far = real_labels.judge(label(reps_left="9", reps_right="2"), squats)
    assert (far.count_error, far.count_true) == (6 + 2, 11)
    assert real_labels.judge(label(reps_left="1"), squats).count_error == 2
    told = real_people.mistakes([judged(label(reps_left="9"), squats)])
    assert told == "- n: left 3 repetitions, true 9"


def judged(wished: real_labels.Label, report: ScreeningReport) -> real_people.Judged:
    return real_people.Judged(wished, report, real_labels.judge(wished, report))


def refused(stance: ScreeningReport) -> ScreeningReport:
    (test,) = stance.tests
    update = {"status": Status.NOT_ASSESSED, "reason": "Nobody was found.", "measures": ()}
    return stance.model_copy(update={"tests": (test.model_copy(update=update),)})


def test_sums_stand_beside_those_of_the_first_release(stance: ScreeningReport) -> None:
    rows = [
        judged(label(bounds="pelvic_drop_deg:-2..4"), reported(stance, measure(9.0))),
        judged(label(), refused(stance)),
        judged(label(expect="refused", why="turned"), stance),
        judged(label(expect="either"), refused(stance)),
    ]
    found = real_people.sums(rows)
    assert list(found) == list(real_people.FIRST_RELEASE)
    assert found["scored, of those that must be"] == "1 of 2"
    assert found["scored, of those that must be refused"] == "1 of 1"
    assert found["values out of their sane range"] == "1 of 1"
    assert found["firm and wrong"] == "1, in 1 recordings"
    doubt = judged(label(), reported(stance, measure(6.0, Grade.UNDECIDED), measure(9.0)))
    assert real_people.sums([doubt])["values undecided, of those compared"] == "1 of 2"
    assert "| refused wrongly | 4 | 1 |" in real_people.side_by_side(found)
    assert [real_people.outcome(row) for row in rows] == [
        "scored", "**refused**, must be scored", "**scored**, must be refused", "refused (either)",
    ]  # fmt: skip
    told = real_people.mistakes(rows)
    assert told.count("\n") == 2
    assert "scored, though the label says: turned" in told
    assert real_people.refused_table(rows).count("Nobody was found.") == 2
    assert real_people.mistakes(rows[3:]) == "None."
    assert real_people.silent(rows) == "none"
    assert real_people.silent([judged(label(bounds="arch_deg:1..2;b_s:1..2"), stance)] * 2) == "arch_deg 2, b_s 2"


def test_a_recording_is_asked_as_its_label_says(tmp_path: Path) -> None:
    (tmp_path / "landmarks").mkdir()
    save_recording(recording(sm.film(sm.stance("left", 2.0)), "squat"), tmp_path / "landmarks/n.npz")
    found = real_people.judged(label(args="--age 70 --sex male", stance_leg="left"), tmp_path)
    assert [test.key for test in found.report.tests] == ["single_leg_stance"]
    assert found.finding.stance_wrong is False
    asked = real_people.asked_as(recording(sm.film(sm.stance("left", 2.0)), "squat"), label(args="--age 70 --sex male"))
    assert (asked.request.age_years, asked.request.sex) == (70, Sex.MALE)


def test_markers_are_read_onto_the_times_of_a_recording(tmp_path: Path) -> None:
    table = tmp_path / "clip.csv"
    table.write_text("time_s,a_deg\n0.0,1.0\n0.1,\n0.2,3.0\n", encoding="utf-8")
    found = real_markers.at_times(real_markers.load_markers(table), np.array([0.0, 0.04, 0.1, 0.21, 0.4]))
    np.testing.assert_array_equal(found["a_deg"], [1.0, 1.0, np.nan, 3.0, np.nan])


def test_errors_are_over_the_frames_that_have_both() -> None:
    true = np.array([0.0, 10.0, 20.0, np.nan])
    found = real_markers.error(np.array([3.0, 11.0, np.nan, 5.0]), true)
    assert (found.frames, found.mean_absolute, found.bias) == (2, 2.0, 2.0)
    assert found.correlation == pytest.approx(1.0)
    assert np.isnan(real_markers.error(np.full(4, np.nan), true).bias)


def test_the_angle_is_compared_only_where_it_is_defined() -> None:
    share, flexion = np.array([0.69, 0.7, 0.9, np.nan]), np.array([10.0, 60.0, 61.0, 10.0])
    np.testing.assert_array_equal(real_markers.defined(share, flexion), [False, True, False, False])


def test_the_markers_angle_is_turned_inwards_and_compared_with_the_picture() -> None:
    motion = prepare(recording(sm.film(sm.leg_squats("left", 2, knee_in=12.0)), "single_leg_squat"))[1]
    hip, knee, ankle = (motion.joint(joint, Side.LEFT) for joint in (Joint.HIP, Joint.KNEE, Joint.ANKLE))
    shown = fppa_deg(hip, knee, ankle, outward=1)
    flexion = motion.column("knee_flexion_left_deg")
    share = np.where(flexion < 5.0, 0.5, 1.0)
    true = {"x_fppa_image_left_deg": 2.0 - shown, "x_thigh_image_share_left": share, "knee_flexion_left_deg": flexion}
    found = real_markers.knee_truth("clip", Side.LEFT, motion, true)
    assert found.defined == int(((flexion >= 5.0) & (flexion <= 60.0)).sum())
    assert 0 < found.defined < found.flexion.frames
    assert (found.flexion.mean_absolute, found.picture.mean_absolute) == pytest.approx((0.0, 2.0))
    assert found.picture.bias == pytest.approx(2.0)
    assert found.corrected.bias > found.picture.bias
    assert found.highest > 5.0
    (bend,) = real_people.flexion_table([found]).splitlines()[2:]
    assert bend == f"| clip | left | {found.flexion.frames} | 0.0 | +0.0 | 1.00 |"
    (angle,) = real_people.angle_table([found]).splitlines()[2:]
    assert angle.startswith(f"| clip, left | {found.defined} of {found.defined} | ")
    assert " | 2.0, +2.0, 1.00 | " in angle


def test_the_straightest_moment_is_the_middle_of_the_least_bend() -> None:
    time_s, flexion = np.arange(8) / 10, np.array([90.0, 5, 0, 0, 0, 40, 80, 3])
    assert real_markers.straightest_s(flexion, time_s, [(0.0, 0.65), (0.55, 0.7)]) == pytest.approx([0.3, 0.7])
    knees = {f"knee_flexion_{side}_deg": np.array([10.0 * side.sign]) for side in Side}
    np.testing.assert_array_equal(real_markers.both_knees_deg(knees), [0.0])


def test_a_turn_is_held_by_its_interval() -> None:
    near, far = (real_markers.TurnTruth("clip", "markers", true, 11.0, 11.0) for true in (22.0, 23.0))
    assert (near.holds, far.holds) == (True, False)
    assert "| clip | 23, markers | 11 ± 11 | no |" in real_people.turns_table([near, far])


def test_writing_twice_changes_nothing_and_marks_are_needed() -> None:
    page = "a\n\nBEGIN\n\nold\n\nEND\nz\n"
    once = page_parts.replaced(page, "BEGIN", "END", "new\n")
    assert once == "a\n\nBEGIN\n\nnew\n\nEND\nz\n"
    assert page_parts.replaced(once, "BEGIN", "END", "new") == once
    for broken in ("a END", "END BEGIN", "BEGIN BEGIN END"):
        with pytest.raises(ValueError, match="once each"):
            page_parts.replaced(broken, "BEGIN", "END", "new")


def test_the_page_has_its_marks() -> None:
    page = (Path(__file__).parents[2] / "docs/accuracy.md").read_text(encoding="utf-8")
    assert page_parts.replaced(page, real_people.BEGIN, real_people.END, "x").count(real_people.BEGIN) == 1


@pytest.mark.slow
def test_nothing_firm_is_wrong_on_real_people(real_people_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real_people.main([str(real_people_folder)])
    told = capsys.readouterr().out
    assert "| firm and wrong | 15, in 10 recordings | 0 |" in told
    assert "| impossible values | 8 | 0 |" in told
    assert "6 of 6 intervals hold the truth" in told
