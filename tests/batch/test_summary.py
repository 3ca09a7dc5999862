from __future__ import annotations

import io
from pathlib import Path

import pytest
from pyarrow import parquet

from helpers.batch_clips import ROOT, rows_in
from screener.batch.rows import COLUMNS, ResultRow, csv_bytes, parquet_bytes, rows_of
from screener.batch.summary import MAX_FLAGGED, summarise
from screener.batch.summary_page import length_of_video, pairing_svg, render_summary
from screener.model.landmarks_file import load_recording
from screener.model.results import Status
from screener.workflow.screening import rescreen

# Tables and summary


def measured(person: str, side: str, value: float, grade: str = "within", firm: bool = True) -> ResultRow:
    return ResultRow(
        file=f"{person} {side}.mp4",
        person=person,
        test="single_leg_stance",
        side=side,
        status="scored",
        score=3,
        measure="pelvic_drop_deg",
        value=value,
        uncertainty=1.0,
        unit="degrees",
        grade=grade,
        firm=firm,
        norm_within=3.0,
        norm_outside=5.0,
        duration_s=36.0,
    )


ROWS = (
    measured("a", "left", 2.0),
    measured("a", "right", 3.0),
    measured("b", "left", 6.0, "outside"),
    measured("b", "right", 7.0, "outside", firm=False),
    measured("c", "left", 4.0, "watch"),
    measured("c", "right", 5.0, "watch"),
    measured("d", "left", 1.0),
    ResultRow(file="<b>bad</b>.mp4", status="failed", reason="bad.mp4 is empty."),
    ResultRow(file="dark.mp4", test="hip_hinge", status="not_assessed", reason="Too dark."),
)


def test_both_tables_hold_every_row(tmp_path: Path) -> None:
    from pyarrow import parquet

    (tmp_path / "r.parquet").write_bytes(parquet_bytes(ROWS))
    (tmp_path / "results.csv").write_bytes(csv_bytes(ROWS))
    table = parquet.read_table(tmp_path / "r.parquet")
    assert table.column_names == list(COLUMNS)
    assert [ResultRow(**row) for row in table.to_pylist()] == list(ROWS)
    assert str(table.schema.field("score").type) == "int64"
    assert str(table.schema.field("firm").type) == "bool"
    written = rows_in(tmp_path)
    assert [row["value"] for row in written[:3]] == ["2.0", "3.0", "6.0"]
    assert written[7]["value"] == written[7]["score"] == ""
    assert parquet.read_schema(tmp_path / "r.parquet") == table.schema
    (tmp_path / "none.parquet").write_bytes(parquet_bytes(()))
    assert parquet.read_table(tmp_path / "none.parquet").schema == table.schema


def test_rows_say_what_the_report_says() -> None:
    report = rescreen(load_recording(ROOT / "tests/golden/stance_left_drop9.npz")).report
    (test,) = report.tests
    bare = test.model_copy(update={"measures": (), "status": Status.NOT_ASSESSED, "reason": "Too dark.", "score": None})
    *rows, last = rows_of(report.model_copy(update={"tests": (test, bare)}))
    assert len(rows) == len(test.measures) > 3
    for row, measure in zip(rows, test.measures, strict=True):
        assert (row.test, row.side, row.status, row.score) == ("single_leg_stance", "left", "scored", test.score)
        assert (row.measure, row.value, row.uncertainty) == (measure.key, measure.value, measure.uncertainty)
        assert (row.unit, row.grade, row.firm) == (measure.unit, measure.grade.value, measure.firm)
        assert (row.method, row.tier, row.usable_fraction) == (measure.method, measure.tier, measure.usable_fraction)
        limits = (measure.norm.within, measure.norm.outside) if measure.norm else (None, None)
        assert (row.norm_within, row.norm_outside) == limits
    drop = rows[0]
    assert (drop.measure, drop.norm_within, drop.norm_outside) == ("pelvic_drop_deg", 3.0, 5.0)
    for row in (drop, last):
        assert (row.fps, row.frames, row.duration_s) == (report.quality.fps, report.source.frames, report.source.duration_s)
        assert (row.view, row.camera_roll_deg) == (report.quality.view, report.quality.camera_roll_deg)
        assert (row.sha256, row.model, row.version) == (report.source.sha256, report.software.model, report.software.version)
    assert (last.status, last.reason, last.measure, last.value, last.score) == ("not_assessed", "Too dark.", "", None, None)


def test_a_summary_counts_grades_pairs_and_problems() -> None:
    summary = summarise([[row] for row in ROWS], total=12)
    assert (summary.clips, summary.done, summary.scored, summary.failed, summary.copies) == (12, 9, 7, 1, 0)
    assert summary.hours == pytest.approx(7 * 36 / 3600)
    (found,) = summary.distributions
    assert (found.within, found.watch, found.outside, found.firm_outside) == (3, 2, 2, 1)
    assert (found.median, found.mean) == (4.0, 4.0)
    assert (found.p5, found.p95, found.sd) == pytest.approx((1.3, 6.7, (28 / 6) ** 0.5))
    assert (found.limit_within, found.limit_outside) == (3.0, 5.0)
    assert [(row.file, row.firm) for row in summary.flagged] == [("b left.mp4", True), ("b right.mp4", False)]
    (pair,) = summary.pairings  # d has one side only
    assert (pair.left, pair.right) == ((2.0, 6.0, 4.0), (3.0, 7.0, 5.0))
    assert (pair.mean_difference, pair.lower, pair.upper) == (-1.0, -1.0, -1.0)
    assert pair.correlation == pytest.approx(1.0)
    assert {(row.reason, row.files) for row in summary.problems} == {
        ("bad.mp4 is empty.", ("<b>bad</b>.mp4",)),
        ("Too dark.", ("dark.mp4",)),
    }


def test_firm_flags_come_first_and_only_the_first_are_listed() -> None:
    rows = [measured(f"p{person:03}", "left", 6.0, "outside", firm=person % 2 == 1) for person in range(MAX_FLAGGED + 1)]
    summary = summarise([[row] for row in rows], total=len(rows))
    assert summary.flags_in_all == len(rows)
    assert len(summary.flagged) == MAX_FLAGGED
    assert [row.file for row in summary.flagged[:2]] == ["p001 left.mp4", "p003 left.mp4"]
    assert summary.flagged[-1].file == f"p{MAX_FLAGGED - 2:03} left.mp4"
    assert f"The first {MAX_FLAGGED} of {len(rows)}; results.csv has all." in render_summary(summary)


def test_the_page_does_not_grow_with_the_batch() -> None:
    people = 3000
    rows = [measured(f"p{person}", side, person / 100) for person in range(people) for side in ("left", "right")]
    (pair,) = summarise([rows], total=1).pairings
    assert len(pair.left) == people
    assert len(pairing_svg(pair)) < 150_000 < people * 60
    assert "data:image/png" in pairing_svg(pair)


def test_a_video_that_is_listed_twice_counts_twice() -> None:
    first, second = (
        measured("a", side, 2.0).model_copy(update={"file": "a.mp4", "folder": side}) for side in ("left", "right")
    )
    other = first.model_copy(update={"measure": "trunk_lean_deg"})
    bad = ResultRow(file="b.mp4", status="failed", reason="The clip is empty.")
    summary = summarise([[first, other], [second], [first, other], [bad], [bad]], total=5, copies=1)
    assert (summary.done, summary.scored, summary.failed, summary.copies) == (5, 3, 2, 1)
    assert summary.hours == pytest.approx(3 * 36 / 3600)
    assert [problem.files for problem in summary.problems] == [("b.mp4", "b.mp4")]
    assert "<strong>1</strong>copies of another clip" in render_summary(summary)


def test_left_and_right_are_paired_by_person_test_and_measure() -> None:
    """The mean of several clips of a side; no pair without both sides, from another test, or from both legs at once."""
    rows = [
        measured(person, side, value) for person, side, value in [("a", "left", 1.0), ("a", "left", 3.0), ("a", "right", 5.0)]
    ]
    rows += [measured(person, side, value) for person in "bc" for side, value in (("left", 4.0), ("right", 1.0))]
    rows += [measured("d", "left", 9.0), measured("d", "both", 9.0)]
    rows += [measured("d", "right", 9.0).model_copy(update={"test": "single_leg_squat"})]
    (pair,) = summarise([rows], total=1).pairings
    assert (pair.test, pair.measure, pair.unit) == ("single_leg_stance", "pelvic_drop_deg", "degrees")
    assert (pair.left, pair.right) == ((2.0, 4.0, 4.0), (5.0, 1.0, 1.0))
    assert pair.mean_difference == pytest.approx(1.0)  # of -3, 3, 3
    assert (pair.lower, pair.upper) == (pytest.approx(1.0 - 1.96 * 12**0.5), pytest.approx(1.0 + 1.96 * 12**0.5))
    assert pair.correlation == pytest.approx(-1.0)
    assert summarise([rows[:5]], total=1).pairings == ()  # two people with both sides


def test_the_page_shows_it_and_escapes_names() -> None:
    page = render_summary(summarise([[row] for row in ROWS], total=12))
    assert "<b>bad</b>" not in page
    assert "&lt;b&gt;bad" in page
    assert "Too dark." in page
    assert "limits -1.0 to -1.0" in page
    assert page.count("<svg") == 2
    assert 'src="' not in page
    assert 'href="http' not in page
    empty = render_summary(summarise((), total=3))
    assert "Every test of every clip was scored" in empty
    assert "not reached yet" in empty


def test_the_page_names_tests_and_measures_as_the_report_does() -> None:
    rows = [
        measured("a", "left", 4.0, "outside").model_copy(update={"measure": key, "unit": unit})
        for key, unit in (("hold_time_s", "s"), ("sway_pct_height_per_s", "% of height per s"), ("no_such_deg", "degrees"))
    ]
    page = render_summary(summarise([rows], total=1))
    for words in ("Single-leg stance", "Hold time", "Sway of the hips", "no such deg"):
        assert page.count(f">{words}<") >= 2
    assert "hold time s" not in page
    assert "sway pct" not in page


@pytest.mark.parametrize(
    ("hours", "length"),
    [(2.25, ("2.2", "hours")), (1.0, ("1.0", "hours")), (0.5, ("30.0", "minutes")), (0.005, ("18.0", "seconds"))],
)
def test_the_length_of_video_has_a_unit_that_fits(hours: float, length: tuple[str, str]) -> None:
    assert length_of_video(hours) == length


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://evil")', "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "-\r=1", "\n=1", "=cmd|' calc'!A0"]
)
def test_no_cell_of_the_table_is_a_formula(text: str, tmp_path: Path) -> None:
    """The name of a clip and the manifest may come from anyone; numbers stay numbers."""
    row = ResultRow(file=text, person=text, reason=text, warnings=text, measure="pelvic_drop_deg", value=-3.5)
    (tmp_path / "results.csv").write_bytes(csv_bytes([row]))
    (written,) = rows_in(tmp_path)
    assert {written[name] for name in ("file", "person", "reason", "warnings")} == {f"'{text}".replace("\r", " ")}
    assert (written["value"], written["measure"]) == ("-3.5", "pelvic_drop_deg")
    table = parquet.read_table(io.BytesIO(parquet_bytes([row]))).to_pylist()
    assert table[0]["file"] == text


def test_spreadsheets_are_told_that_the_table_is_utf_8() -> None:
    content = csv_bytes([ResultRow(file="Jürgen Müller.mp4", person="müller")])
    assert content.startswith(b"\xef\xbb\xbffile,person,")
    assert "Jürgen Müller.mp4,müller,".encode() in content
