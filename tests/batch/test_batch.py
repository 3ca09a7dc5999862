"""A batch on a real Dask cluster: reports, tables, bad clips, resuming after a kill, a worker that dies in the middle."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from helpers import bad_clips
from helpers.console import Console
from screener.batch.engine import connected, outcomes, prepare_workers
from screener.batch.journal import Journal, JournalEntry, read_entries
from screener.batch.locations import clip_location
from screener.batch.plan import Clip, find_clips, told_by_name
from screener.batch.rows import COLUMNS, ResultRow, csv_bytes, parquet_bytes, rows_of
from screener.batch.run import BatchProgress, BatchRun, _folder_name, finished_keys, run_batch
from screener.batch.summary import MAX_FLAGGED, summarise
from screener.batch.summary_page import length_of_video, pairing_svg, render_summary
from screener.batch.work import BatchSettings, ClipJob, ClipOutcome, deliver_model, screen_clip
from screener.errors import ModelError, OutputError, UnreadableInputError, UsageError
from screener.model.landmarks_file import load_recording
from screener.model.recording import Request
from screener.model.results import ScreeningReport, Status
from screener.pose.models import load_model
from screener.version import __version__
from screener.video.file import Pace
from screener.workflow.screening import rescreen

SHORT_S = 0.6
RUN = "import sys; from screener.cli import run; run()"
ROOT = Path(__file__).parent.parent.parent


def short_clip(path: Path, source: Path = bad_clips.STANCE, first: int = 0) -> Path:
    """Twelve frames: enough to be watched, too few to be scored."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return bad_clips.write_clip(path, bad_clips.pictures(source, first, round(SHORT_S * bad_clips.RATE_HZ)))


@pytest.fixture(scope="module")
def shorts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four short clips of known tests, one that is none, and one whose name says nothing."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(4):
        side = "left" if number % 2 else "right"
        short_clip(folder / f"p{number // 2}_single-leg-stance_{side}.mp4", first=number)
    (folder / "p9 hip hinge.mp4").write_bytes(b"this is no video")
    shutil.copy(folder / "p0_single-leg-stance_left.mp4", folder / "holiday.mp4")
    (folder / "notes.txt").write_text("not a clip")
    return folder


def settings(**others: Any) -> BatchSettings:
    model = load_model()
    return BatchSettings(model.name, model.sha256, **others)


def rows_in(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Plan


@pytest.mark.parametrize(
    ("name", "test", "side", "person"),
    [
        ("anna_single_leg_stance_left.mp4", "single_leg_stance", "left", "anna_single_leg_stance"),
        ("anna/Single-Leg Squat/RIGHT 2.MOV", "single_leg_squat", "right", "anna_single_leg_squat_2"),
        ("hip_hinge.mp4", "hip_hinge", "auto", "hip_hinge"),
        ("single_leg_stance_left_right.mp4", "single_leg_stance", "auto", "single_leg_stance"),
        ("leftover_hip_hinge.mp4", "hip_hinge", "auto", "leftover_hip_hinge"),
        ("holiday.mp4", None, "auto", "holiday"),
        ("SingleLegSquat_left.mp4", "single_leg_squat", "left", "single_leg_squat"),
        ("slsquat_left.mp4", None, "left", "slsquat"),
        ("anna squat2.mp4", "squat", "auto", "anna_squat2"),
        ("Zoë/hip_hinge.mp4", "hip_hinge", "auto", "zoë_hip_hinge"),
        ("Zoe\u0308/hip_hinge.mp4", "hip_hinge", "auto", "zoë_hip_hinge"),
        ("山田 squat left.mp4", "squat", "left", "山田_squat"),
        ("鈴木squat RIGHT.mp4", "squat", "right", "鈴木squat"),
    ],
)
def test_a_name_tells_test_side_and_person(name: str, test: str | None, side: str, person: str) -> None:
    assert told_by_name(name) == (test, side, person)


def test_a_folder_gives_its_videos_in_order(shorts: Path) -> None:
    clips = find_clips(str(shorts))
    assert [clip.name for clip in clips] == [
        "holiday.mp4",
        *(f"p{n}_single-leg-stance_{side}.mp4" for n in (0, 1) for side in ("left", "right")),
        "p9 hip hinge.mp4",
    ]
    assert clips[0].request is None
    assert clips[0].reason == "The name does not say which test it shows; see: screener tests"
    assert clips[1].request == Request(test="single_leg_stance", side="left")
    assert clips[1].person == clips[2].person != clips[3].person


def test_a_manifest_says_more_than_names(tmp_path: Path) -> None:
    for name in ("a.mp4", "hip_hinge b.mp4", "c.mp4", "d.mp4"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "manifest.csv").write_text(
        "\ufefffile,test,side,age,sex,person,colour\n"
        "a.mp4,single_leg_stance,left,54,female,anna,red\n"
        "hip_hinge b.mp4,,,,,,\n"
        "c.mp4,cartwheel,,,,,\n"
        "d.mp4,single_leg_stance,up,140,,,\n",
        encoding="utf-8",
    )
    first, second, third, fourth = find_clips(str(tmp_path / "manifest.csv"))
    assert first.request == Request(test="single_leg_stance", side="left", age_years=54, sex="female")
    assert (first.person, first.place) == ("anna", clip_location(str(tmp_path / "a.mp4")))
    assert second.request == Request(test="hip_hinge")
    assert third.reason.startswith("There is no test cartwheel")
    assert fourth.reason == (
        "The manifest cannot be understood here: side = up should be 'left', 'right', 'both' or 'auto'; "
        "age = 140 should be less than or equal to 120."
    )
    assert first.unread == ("colour",)
    assert [clip.name for clip in find_clips(str(tmp_path))] == ["a.mp4", "hip_hinge b.mp4", "c.mp4", "d.mp4"]


@pytest.mark.parametrize(
    "text",
    [
        "File, Test ,SIDE,Age,Sex,marker_colour\na b.mp4, Single-Leg Stance,Left,54.0,FEMALE,green\n",
        'file;test;side;age;sex;marker_colour\r\n"a b.mp4";single_leg_stance;left;54;female;green\r\n',
        "file\ttest\tside\tage\tsex\tmarker_colour\na b.mp4\tsingle leg stance\tleft\t54\tfemale\tgreen\n",
    ],
)
def test_a_manifest_is_read_as_spreadsheets_and_people_write_it(tmp_path: Path, text: str) -> None:
    separator = next(sign for sign in ";\t," if sign in text)
    (tmp_path / "m.csv").write_text(f"{text}{separator * 5}\n \n", encoding="utf-8", newline="")
    (clip,) = find_clips(str(tmp_path / "m.csv"))
    asked = Request(test="single_leg_stance", side="left", age_years=54, sex="female", markers=True, marker_colour="green")
    assert (clip.name, clip.reason, clip.request, clip.unread) == ("a b.mp4", "", asked, ())


def test_columns_that_mean_nothing_are_named(shorts: Path, tmp_path: Path, console: Console) -> None:
    clip = shorts / "p0_single-leg-stance_left.mp4"
    (tmp_path / "m.csv").write_text(f"file,tests,sex,licence\n{clip},squat,,CC0\n{clip},,,\n")
    said = console("batch", str(tmp_path / "m.csv"), "--out", str(tmp_path / "out"), "--dry-run")
    assert said.code == 0
    assert said.err == "Columns of the manifest that are not read: tests, licence\n"


def test_a_toml_manifest_and_addresses(tmp_path: Path) -> None:
    manifest = tmp_path / "study.toml"
    manifest.write_text('[[clip]]\nfile = "s3://bucket/x.mp4"\ntest = "hip_hinge"\nage = 30\nstraight_first = true\n')
    (clip,) = find_clips(str(manifest))
    assert clip.place.address == "s3://bucket/x.mp4"
    assert clip.request == Request(test="hip_hinge", age_years=30, straight_first=True)
    manifest.write_text('[[clip]]\nfile = "x.mp4"\ntest = ["squat"]\n')
    (clip,) = find_clips(str(manifest))
    assert clip.reason == "The manifest cannot be understood here: test = ['squat'] should be a valid string."


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty", None, "There are no videos in"),
        ("a.csv", "name,test\nx,hip_hinge\n", "Row 1 of a.csv names no file."),
        ("a.csv", "file,test\n", "There are no videos in"),
        ("a.toml", "[[clip\n", "a.toml is not a manifest that can be read."),
        ("a.toml", "clip = 3\n", "a.toml is not a manifest that can be read."),
        ("a.toml", "[[clips]]\nfile = 'x.mp4'\n", "a.toml is not a manifest that can be read."),
        ("a.toml", "clip = []\n", "There are no videos in"),
        ("missing", "", "There is no folder or manifest"),
    ],
)
def test_an_input_without_clips_is_an_error(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is None:
        (tmp_path / name).mkdir()
    elif content:
        (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableInputError) as caught:
        find_clips(str(tmp_path / name))
    assert caught.value.message.startswith(message)


def test_clips_in_an_archive_are_found_and_fetched(shorts: Path, tmp_path: Path) -> None:
    """An address that only fsspec knows stands for an object store."""
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(shorts / "p0_single-leg-stance_left.mp4", "p0_single-leg-stance_left.mp4")
    address = f"zip://p0_single-leg-stance_left.mp4::file://{archive}"
    (clip,) = find_clips(address)
    assert clip.request == Request(test="single_leg_stance", side="left")
    assert clip.place.name == "p0_single-leg-stance_left.mp4"
    assert clip.place.content() == clip.place.content()
    fetched = clip.place.fetched(tmp_path, dict(os.environ))
    assert fetched.read_bytes() == (shorts / "p0_single-leg-stance_left.mp4").read_bytes()
    with pytest.raises(UnreadableInputError, match="could not be fetched"):
        clip_location(f"zip://other.mp4::file://{archive}").fetched(tmp_path, dict(os.environ))
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("far/manifest.csv", "file,test\n../x.mp4,squat\nb/y.mp4,squat\n")
        packed.writestr("far/b/y.mp4", "y")
    assert [one.name for one in find_clips(f"zip://::file://{archive}")] == ["far/b/y.mp4", clip.place.name]
    listed = find_clips(f"zip://far/manifest.csv::file://{archive}")
    assert listed[1].place == find_clips(f"zip://far/b/y.mp4::file://{archive}")[0].place
    assert find_clips(f"zip://far::file://{archive}") == listed


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def web(shorts: Path) -> Iterator[str]:
    """A web server that lists the folder of short clips."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(shorts))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_clips_of_a_web_server_are_found_and_fetched(web: str, shorts: Path, tmp_path: Path) -> None:
    clips, here = find_clips(web), find_clips(str(shorts))
    assert [(one.name, one.request, one.person) for one in clips] == [(one.name, one.request, one.person) for one in here]
    assert "%20" in clips[-1].place.address  # p9 hip hinge.mp4
    fetched = clips[-1].place.fetched(tmp_path, dict(os.environ))
    assert (fetched.name, fetched.read_bytes()) == ("p9 hip hinge.mp4", b"this is no video")
    signed = clip_location(f"{web}/p9 hip hinge.mp4?signature={'x' * 400}")
    assert signed.fetched(tmp_path, dict(os.environ)).name == "p9 hip hinge.mp4"
    assert len({one.place.content() for one in clips}) == 6
    with pytest.raises(UnreadableInputError, match="There is nothing at"):
        clip_location(f"{web}/no.mp4").content()
    (tmp_path / "m.csv").write_text(f"file\n{web}/p0_single-leg-stance_left.mp4\n")
    assert find_clips(str(tmp_path / "m.csv"))[0].place.content() == clips[1].place.content()


def test_a_store_that_does_not_answer_is_one_sentence(console: Console, tmp_path: Path) -> None:
    said = console("batch", "http://127.0.0.1:9/clips", "--out", str(tmp_path / "out"))
    said.require(4)
    assert "http://127.0.0.1:9/clips cannot be reached" in said.sentence
    console("batch", "nosuch://bucket/clips", "--out", str(tmp_path / "out")).require(2)


def test_a_store_in_memory_gives_its_clips() -> None:
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe({"/study/manifest.csv": b"file,test\na.mp4,squat\n", "/study/a.mp4": b"a", "/study/b/hip_hinge.mp4": b"b"})
    store.pipe({"/study/b/._hip_hinge.mp4": b"a Macintosh leaves these", "/study/.old/squat.mp4": b"hidden"})
    try:
        listed, found = find_clips("memory://study")
        assert (listed.name, listed.request) == ("a.mp4", Request(test="squat"))
        assert (found.name, found.request) == ("b/hip_hinge.mp4", Request(test="hip_hinge"))
        before = found.place.content()
        assert before == found.place.content() != listed.place.content()
        store.pipe({"/study/b/hip_hinge.mp4": b"changed"})
        assert found.place.content() != before
    finally:
        store.rm("/study", recursive=True)


def test_a_name_that_is_not_utf_8_can_be_written_down(tmp_path: Path) -> None:
    """From an old archive or a share of Windows."""
    short_clip(tmp_path / "clip.mp4").rename(os.fsdecode(os.fsencode(tmp_path) + b"/J\xfcrgen_squat.mp4"))
    (clip,) = find_clips(str(tmp_path))
    assert (clip.name, clip.person, clip.request) == ("J?rgen_squat.mp4", "j_rgen_squat", Request(test="squat"))
    outcome = screen_clip(ClipJob("key", clip.place, clip.request, settings()))
    assert "holds signs that cannot be read" in outcome.rows[0].reason
    rows = [row.model_copy(update={"file": clip.name, "person": clip.person}) for row in outcome.rows]
    assert b"J?rgen" in csv_bytes(rows)
    assert parquet_bytes(rows)
    assert JournalEntry(key="key", folder="", rows=tuple(rows), seconds=0.0, exit_code=0).model_dump_json()


def test_a_folder_by_address_gives_the_same_clips(shorts: Path) -> None:
    by_path, by_address = find_clips(str(shorts)), find_clips(f"file://{shorts}")
    assert [clip.name for clip in by_address] == [clip.name for clip in by_path]
    assert [clip.request for clip in by_address] == [clip.request for clip in by_path]


def test_the_key_changes_with_everything_that_changes_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request(test="hip_hinge")
    usual = settings()
    keys = {
        usual.key("a", request),
        usual.key("b", request),
        usual.key("a", Request(test="hip_hinge", age_years=40)),
        settings(pace=Pace(every=2)).key("a", request),
        settings(pace=Pace(max_fps=10)).key("a", request),
        settings(exports=("trc",)).key("a", request),
        settings(pictures=False).key("a", request),
        BatchSettings("lite", "0" * 64).key("a", request),
    }
    assert len(keys) == 8
    assert usual.key("a", request) == settings().key("a", request)
    assert settings(exports=("trc", "mot")).key("a", request) == settings(exports=("mot", "trc")).key("a", request)
    monkeypatch.setattr("screener.batch.work.norms_sha256", lambda _tests: "other norms")
    keys.add(usual.key("a", request))
    monkeypatch.setattr("screener.batch.work.__version__", "9.9")
    assert len(keys | {usual.key("a", request)}) == 10


# Journal


def entry(key: str) -> JournalEntry:
    return JournalEntry(key=key, folder="", rows=(ResultRow(status="failed", reason="why"),), seconds=1.0, exit_code=4)


def test_a_journal_survives_a_line_that_was_cut_off(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add(entry("a"))
        journal.add(entry("b"))
    whole = journal.path.read_bytes()
    for cut in (2, 10, len(whole) // 2 - 1):
        journal.path.write_bytes(whole[:-cut])
        with Journal(tmp_path) as again:
            assert list(again.entries) == ["a"]
            again.add(entry("c"))
        assert [one.key for one in read_entries(journal.path)] == ["a", "c"]


def test_two_batches_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(UsageError, match="Another batch is writing"):
        Journal(tmp_path)
    with Journal(tmp_path):
        pass


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
    assert "not come to yet" in empty


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


# Work


def test_a_model_is_delivered_by_its_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.batch.work.platformdirs.user_cache_dir", lambda _name: str(tmp_path))
    model = load_model()
    data = model.path.read_bytes()
    path = deliver_model(data, model.sha256)
    assert path.read_bytes() == data
    path.write_bytes(b"damaged")
    assert deliver_model(data, model.sha256).read_bytes() == data
    assert [file.name for file in path.parent.iterdir()] == [f"{model.sha256}.task"]


def test_work_gives_rows_and_files_as_analyze_does(shorts: Path, tmp_path: Path, console: Console) -> None:
    deliver_model(load_model().path.read_bytes(), load_model().sha256)
    clip = shorts / "p0_single-leg-stance_left.mp4"
    job = ClipJob("k", clip_location(str(clip)), Request(test="single_leg_stance", side="left"), settings(exports=("trc",)))
    outcome = screen_clip(job)
    assert set(outcome.files) == {"report.json", "report.html", "landmarks.npz", "timeseries.csv", "landmarks.trc"}
    console("analyze", str(clip), "--test", "single_leg_stance", "--side", "left", "--out", str(tmp_path))
    alone = ScreeningReport.model_validate_json((tmp_path / "report.json").read_text())
    batched = ScreeningReport.model_validate_json(outcome.files["report.json"])
    assert batched.model_dump(exclude={"created_at"}) == alone.model_dump(exclude={"created_at"})
    assert outcome.files["timeseries.csv"] == (tmp_path / "timeseries.csv").read_bytes()
    assert [row.status for row in outcome.rows] == ["not_assessed"]


def test_a_bad_clip_is_a_row_with_its_reason(shorts: Path) -> None:
    outcome = screen_clip(ClipJob("k", clip_location(str(shorts / "p9 hip hinge.mp4")), Request(test="hip_hinge"), settings()))
    assert (outcome.exit_code, outcome.files, outcome.final) == (4, {}, True)
    assert [(row.status, row.reason) for row in outcome.rows] == [("failed", "The clip is not a video that can be read.")]


def test_only_what_the_clip_causes_is_final(shorts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is down, or a full disk, must not pass a clip over for ever."""
    request = Request(test="hip_hinge")
    away = screen_clip(ClipJob("k", clip_location(f"zip://x.mp4::file://{tmp_path}/no.zip"), request, settings()))
    assert (away.exit_code, away.final, away.rows[0].status) == (4, False, "failed")
    assert away.rows[0].reason.startswith("The clip could not be fetched: ")
    job = ClipJob("k", clip_location(str(shorts / "p0_single-leg-stance_left.mp4")), request, settings())
    for error, final in ((OutputError("Full.", ""), False), (ModelError("Gone.", ""), False), (UsageError("No.", ""), True)):
        monkeypatch.setattr("screener.batch.work._screened", Mock(side_effect=error))
        outcome = screen_clip(job)
        assert (outcome.final, outcome.rows[0].reason, outcome.exit_code) == (final, error.message, error.exit_code)


# The whole command


def test_a_dry_run_writes_nothing(shorts: Path, tmp_path: Path, console: Console) -> None:
    said = console("batch", str(shorts), "--out", str(tmp_path / "out"), "--dry-run")
    assert said.code == 0
    assert "5 of 6 clips would be screened." in said.out
    assert not (tmp_path / "out").exists()


def done_before(folder: Path, clips: tuple[Clip, ...], exit_codes: dict[str, int]) -> None:
    """Write a journal, and the reports of clips that gave one."""
    with Journal(folder) as journal:
        for clip in clips:
            if clip.name in exit_codes and clip.request is not None:
                key, code = settings().key(clip.place.content(), clip.request), exit_codes[clip.name]
                rows = (ResultRow(status="failed", reason="why") if code else ResultRow(test="x", status="scored", score=3),)
                journal.add(
                    JournalEntry(key=key, folder="" if code else f"clips/{key}", rows=rows, seconds=1.0, exit_code=code)
                )
                if not code:
                    (folder / "clips" / key).mkdir(parents=True)
                    (folder / "clips" / key / "report.json").write_text("{}")


def test_a_dry_run_says_what_is_done_and_what_is_not_there(shorts: Path, tmp_path: Path, console: Console) -> None:
    a, b = (str(shorts / f"p0_single-leg-stance_{side}.mp4") for side in ("left", "right"))
    manifest, out = tmp_path / "study.csv", tmp_path / "out"
    manifest.write_text(f"file,test\n{a},\n{b},\nmissing.mp4,squat\n")
    command = ("batch", str(manifest), "--out", str(out), "--dry-run")
    said = console(*command)
    assert (said.code, said.err) == (0, "")
    assert "2 of 3 clips would be screened." in said.out
    assert "The clip is not there." in " ".join(said.out.replace("│", " ").split())
    done_before(out, find_clips(str(manifest)), {a: 0})
    said = console(*command)
    assert "1 of 3 clips would be screened." in said.out
    assert said.out.count("done") == 1
    assert "missing.mp4 is not there." in " ".join(said.out.replace("│", " ").split())


def test_what_was_done_before_is_counted_as_what_it_was(shorts: Path, tmp_path: Path) -> None:
    """No clip is left to do, so that no worker is needed: an unscored copy, failures of then and now."""
    for name in ("a hip_hinge.mp4", "b hip_hinge.mp4"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"same")
    (tmp_path / "in" / "c squat.mp4").write_bytes(b"good")
    (tmp_path / "in" / "manifest.csv").write_text("file,test\ngone.mp4,squat\n")
    clips = find_clips(str(tmp_path / "in"))
    out = tmp_path / "out"
    done_before(out, clips, {"a hip_hinge.mp4": 4, "c squat.mp4": 0})
    finished = run_batch(BatchRun(clips, out, load_model(), settings()), lambda _count: None)
    assert finished.count == BatchProgress(total=4, done=1, skipped=2, copies=1, failed=3, unmeasured=0)
    assert finished.count.reached == 4
    assert [(row.file, row.status, row.reason, row.test) for row in finished.rows] == [
        ("gone.mp4", "failed", "The clip is not there.", "squat"),
        ("a hip_hinge.mp4", "failed", "why", "hip_hinge"),
        ("b hip_hinge.mp4", "failed", "why", "hip_hinge"),
        ("c squat.mp4", "scored", "", "x"),
    ]
    assert [row["clip_seconds"] for row in rows_in(out)] == ["", "1.0", "1.0", "1.0"]
    assert finished.first_failure == "gone.mp4: The clip is not there."
    assert "<strong>1</strong>copies of another clip" in (out / "summary.html").read_text(encoding="utf-8")


def test_fail_fast_stops_at_a_failure_of_an_earlier_run_too(tmp_path: Path, console: Console) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a squat.mp4", "b squat.mp4"):
        (tmp_path / "in" / name).write_bytes(name.encode())
    done_before(tmp_path / "out", find_clips(str(tmp_path / "in")), {"a squat.mp4": 4})
    said = console("batch", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--fail-fast")
    assert said.code == 4
    assert "Stopped at a squat.mp4: why" in said.err
    assert "2 clips: 0 done now, 1 before, 1 not come to; 1 failed, 0 could not be scored." in said.out


def test_reports_lie_in_folders_of_their_own_and_what_is_not_final_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are stood in for: what the leading process makes of their answers is looked at."""
    for name in ("anna/squat 1.mp4", "ben/squat 1.mp4", f"{'x' * 100}/squat.mp4", "lost squat.mp4"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"same" if "squat 1" in name else name.encode())
    (tmp_path / "in" / "manifest.csv").write_text("file,age\nanna/squat 1.mp4,30\nben/squat 1.mp4,31\n")
    tried: list[str] = []

    def answers(_client: object, jobs: Iterable[ClipJob]) -> Iterator[tuple[ClipJob, ClipOutcome]]:
        for job in jobs:
            tried.append(job.place.name)
            lost = ClipOutcome((ResultRow(status="failed", reason="The disk is full."),), {}, 1.0, 2, final=False)
            good = ClipOutcome((ResultRow(test="squat", status="scored", score=2),), {"report.json": job.key.encode()}, 1.0)
            yield job, lost if "lost" in job.place.name else good

    monkeypatch.setattr("screener.batch.run.connected", lambda *_asked: nullcontext())
    monkeypatch.setattr("screener.batch.run.prepare_workers", lambda *_asked: None)
    monkeypatch.setattr("screener.batch.run.outcomes", answers)
    out = tmp_path / "out"
    plan = BatchRun(find_clips(str(tmp_path / "in")), out, load_model(), settings())
    finished = run_batch(plan, lambda _count: None)
    assert finished.count == BatchProgress(total=4, done=4, failed=1)
    folders = {row.file: row.folder for row in finished.rows}
    assert folders["anna/squat 1.mp4"].startswith("clips/anna_squat_1-")
    assert len(Path(folders[f"{'x' * 100}/squat.mp4"]).name) < 100
    assert folders["lost squat.mp4"] == ""
    assert len({(out / folder / "report.json").read_bytes() for folder in folders.values() if folder}) == 3
    assert [row["reason"] for row in rows_in(out) if row["status"] == "failed"] == ["The disk is full."]
    tried.clear()
    again = run_batch(plan, lambda _count: None)
    assert tried == ["lost squat.mp4"]
    assert again.count == BatchProgress(total=4, done=1, skipped=3, failed=1)


def test_names_of_folders_are_taken_by_any_file_system() -> None:
    key = "0123456789abcdef"
    assert _folder_name("-x/[red] a:b.mp4", key) == "x_red_a_b-0123456789ab"
    assert _folder_name("D:\\clips\\山田 squat.mp4", key) == "D_clips_山田_squat-0123456789ab"
    assert _folder_name("???.mp4", key) == "clip-0123456789ab"


def test_a_report_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a squat.mp4").write_bytes(b"a")
    clips = find_clips(str(tmp_path / "in"))
    done_before(tmp_path / "out", clips, {"a squat.mp4": 0})
    assert len(finished_keys(tmp_path / "out")) == 1
    shutil.rmtree(tmp_path / "out" / "clips")
    assert finished_keys(tmp_path / "out") == {}


def test_wrong_use_is_said_before_any_work(shorts: Path, tmp_path: Path, console: Console) -> None:
    out = str(tmp_path / "out")
    (tmp_path / "none").mkdir()
    console("batch", str(tmp_path / "none"), "--out", out).require(4)
    console("batch", str(shorts), "--out", out, "--limit", "0").require(2)
    console("batch", str(shorts), "--out", out, "--export", "doc").require(2, "There is no export doc.")
    said = console("batch", str(shorts), "--out", out, "--scheduler", "tcp://127.0.0.1:9")
    said.require(2, "No Dask scheduler answers at tcp://127.0.0.1:9.")
    both = ("--workers", "2", "--scheduler", "tcp://127.0.0.1:9")
    console("batch", str(shorts), "--out", out, *both).require(2, "Both --workers and --scheduler were given.")
    console("batch", "", "--out", out).require(2, "No folder and no manifest was named.")


@pytest.mark.slow
def test_a_batch_resumes_passes_over_bad_clips_and_shows_what_it_found(shorts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", RUN, "batch", str(shorts), "--out", str(out), "--workers", "2"]
    first = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert first.returncode == 3, first.stderr  # clips of half a second: watched, nothing scored
    assert "6 clips: 6 done now, 0 before; 2 failed, 4 could not be scored." in first.stdout
    assert "6 of 6 clips, 2 failed" in first.stderr
    assert "Traceback" not in first.stderr
    rows = rows_in(out)
    assert [row["file"] for row in rows] == [clip.name for clip in find_clips(str(shorts))]
    assert [row["status"] for row in rows] == ["failed", *["not_assessed"] * 4, "failed"]
    assert "is not a video" in rows[-1]["reason"]
    for row in rows[1:5]:
        assert json.loads((out / row["folder"] / "report.json").read_text())["source"]["file"] == row["file"]
    kept = {path: path.stat().st_mtime_ns for path in out.glob("clips/*/report.json")}
    assert len(kept) == 4
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "6 clips: 1 done now, 5 before; 2 failed, 4 could not be scored." in again.stdout  # the name that says nothing
    assert {path: path.stat().st_mtime_ns for path in out.glob("clips/*/report.json")} == kept
    assert rows_in(out) == rows


def slow_batch(clips: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, "batch", str(clips), "--out", str(out), *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(what: Any, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_batch_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    for number in range(8):
        short_clip(tmp_path / "in" / f"single_leg_stance {number}.mp4", first=4 * number)
    out = tmp_path / "out"
    journal = out / "journal.jsonl"
    running = slow_batch(tmp_path / "in", out, "--workers", "2")
    wait_for(lambda: journal.is_file() and len(list(read_entries(journal))) >= 2)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    done = {one.folder: (out / one.folder / "report.json").stat().st_mtime_ns for one in read_entries(journal)}
    assert 2 <= len(done) < 8
    with journal.open("ab") as file:
        file.write(b'{"key": "half a li')  # the kill came while a line was written
    finished = slow_batch(tmp_path / "in", out, "--workers", "2")
    said, _ = finished.communicate(timeout=300)
    assert f"8 clips: {8 - len(done)} done now, {len(done)} before; 0 failed" in said
    assert {folder: (out / folder / "report.json").stat().st_mtime_ns for folder in done} == done
    assert len(rows_in(out)) == 8
    assert len(list(out.glob("clips/*/report.json"))) == 8
    assert not list(out.rglob(".partial-*"))


@dataclass
class Cluster:
    """A scheduler and two workers, each a process of its own, as on a cluster."""

    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    from distributed.utils import open_port

    address = f"tcp://127.0.0.1:{open_port('127.0.0.1')}"
    port = address.rsplit(":", 1)[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(module: str, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )

    with ExitStack() as stack:
        processes = [start("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")]
        processes += [start("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)]
        for process in processes:
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield Cluster(address, processes[0], processes[1:])


@pytest.mark.slow
def test_a_worker_that_dies_in_the_middle_loses_no_clip(cluster: Cluster, tmp_path: Path) -> None:
    for number in range(8):
        short_clip(tmp_path / "in" / f"single_leg_stance {number}.mp4", first=4 * number)
    model = load_model()
    plan = BatchRun(find_clips(str(tmp_path / "in")), tmp_path / "out", model, settings(), scheduler=cluster.address)
    seen: list[int] = []

    def on_clip(count: BatchProgress) -> None:
        seen.append(count.done)
        if count.done == 2:
            cluster.workers[0].kill()

    finished = run_batch(plan, on_clip)
    assert cluster.workers[0].wait(30) == -signal.SIGKILL
    assert cluster.workers[1].poll() is None
    assert seen == list(range(1, 9))
    assert (finished.count.done, finished.count.failed, finished.first_failure) == (8, 0, "")
    assert sorted(row.file for row in finished.rows) == sorted(clip.name for clip in plan.clips)
    assert all(row.status == "not_assessed" for row in finished.rows)


def test_workers_without_the_program_are_said() -> None:
    for failure, message in (
        ({"side_effect": Exception("No module named 'screener'")}, "The workers cannot run this program."),
        ({"side_effect": OSError("Timed out")}, "The scheduler no longer answers."),
        (
            {"return_value": {"a": __version__, "b": "0.0.9"}},
            f"The workers have version 0.0.9 of the program, not {__version__}.",
        ),
    ):
        client = Mock(run=Mock(**failure))
        with pytest.raises(UsageError) as caught:
            prepare_workers(client, load_model())
        assert caught.value.message == message
        client.register_plugin.assert_not_called()


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_one_sentence_and_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    for number in range(4):
        short_clip(tmp_path / "in" / f"single_leg_stance {number}.mp4", first=4 * number)
    plan = BatchRun(find_clips(str(tmp_path / "in")), tmp_path / "out", load_model(), settings(), scheduler=cluster.address)
    with pytest.raises(UsageError) as caught:
        run_batch(plan, lambda _count: cluster.scheduler.kill())
    assert caught.value.message == "The scheduler no longer answers."
    done = {row["file"] for row in rows_in(tmp_path / "out")}
    assert 1 <= len(done) < 4
    assert len(finished_keys(tmp_path / "out")) == len(done)


def test_tables_of_an_earlier_run_are_not_cut_short_when_the_next_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a squat.mp4", "b squat.mp4"):
        (tmp_path / "in" / name).write_bytes(name.encode())
    clips, out = find_clips(str(tmp_path / "in")), tmp_path / "out"
    done_before(out, clips, {"a squat.mp4": 4, "b squat.mp4": 4})
    plan = BatchRun(clips, out, load_model(), settings())
    run_batch(plan, lambda _count: None)
    assert len(rows_in(out)) == 2

    def stop(_count: BatchProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(plan, stop)
    assert len(rows_in(out)) == 2


@pytest.mark.slow
def test_a_clip_that_kills_every_worker_is_given_up_with_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job carries an object that ends the process that opens it, as a crash inside a library does."""
    import dask

    good = clip_location(str(short_clip(tmp_path / "single_leg_stance.mp4")))
    request = Request(test="single_leg_stance")
    jobs = [ClipJob("bad", Killer(), request, settings())]  # type: ignore[arg-type]
    jobs += [ClipJob(f"good {number}", good, request, settings()) for number in range(3)]
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), connected(1, None) as client:
        prepare_workers(client, load_model())
        found = {job.key: outcome for job, outcome in outcomes(client, jobs)}
    bad = found.pop("bad")
    assert [outcome.exit_code for outcome in found.values()] == [0, 0, 0]  # those that waited with the same worker too
    assert (bad.exit_code, bad.final) == (1, False)
    assert bad.rows[0].reason == "The process that worked on it died several times."


@pytest.mark.slow
def test_a_process_that_is_long_in_coming_back_is_replaced(tmp_path: Path) -> None:
    """Dask forgets a lost process after a while; on a busy machine a new one takes longer than that."""
    import dask

    good = clip_location(str(short_clip(tmp_path / "single_leg_stance.mp4")))
    jobs = [ClipJob(f"good {number}", good, Request(test="single_leg_stance"), settings()) for number in range(3)]
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}), connected(1, None) as client:
        prepare_workers(client, load_model())
        with closing(outcomes(client, jobs)) as results:
            next(results)
            (worker,) = client.run(os.getpid).values()
            os.kill(worker, signal.SIGKILL)
            assert [outcome.exit_code for _, outcome in results] == [0, 0]
        assert list(client.run(os.getenv, "MALLOC_TRIM_THRESHOLD_").values()) == [None]  # of the new one, as of the first


class Killer:
    """Stands where the place of a clip would."""

    def fetched(self, _folder: Path, _environment: dict[str, str]) -> Path:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


@pytest.mark.slow
def test_fail_fast_stops_and_says_where(shorts: Path, tmp_path: Path, console: Console) -> None:
    said = console("batch", str(shorts), "--out", str(tmp_path / "out"), "--workers", "1", "--fail-fast")
    assert said.code == 4
    assert "Stopped at holiday.mp4: The name does not say which test it shows" in said.err
    assert [row["status"] for row in rows_in(tmp_path / "out")] == ["failed"]


@pytest.mark.slow
def test_every_bundled_clip_gives_what_is_expected_of_it(samples: Path, tmp_path: Path, console: Console) -> None:
    said = console("batch", str(samples), "--out", str(tmp_path), "--workers", "2", "--limit", "3", "--max-fps", "15")
    assert said.code == 0
    found = {(row["file"], row["measure"]): row for row in rows_in(tmp_path)}
    assert found["stance_left_drop9.mp4", "pelvic_drop_deg"]["grade"] == "outside"
    assert found["stance_left_stable.mp4", "pelvic_drop_deg"]["grade"] == "within"
    assert "Only at most 15 frames a second" in found["stance_left_stable.mp4", "pelvic_drop_deg"]["warnings"]
    assert int(found["stance_left_stable.mp4", "pelvic_drop_deg"]["frames"]) == pytest.approx(148 * 15 / 20, abs=2)
