"""A batch on a real Dask cluster: reports, tables, bad clips, resuming after a kill, a worker that dies in the middle."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bad_clips
from console import Console
from screener.batch.engine import connected, outcomes, prepare_workers
from screener.batch.journal import Entry, Journal, read_entries
from screener.batch.places import place_of
from screener.batch.plan import find_clips, told_by_name
from screener.batch.rows import COLUMNS, Row, csv_bytes, parquet_bytes
from screener.batch.run import Count, Plan, run_batch
from screener.batch.summary import summarise
from screener.batch.work import Job, Settings, deliver_model, screen_clip
from screener.errors import UnreadableInputError, UsageError
from screener.pose.models import load_model
from screener.pose.store import Request
from screener.pose.video import Pace
from screener.report.batch_summary import render_summary
from screener.results import ScreeningReport

SHORT_S = 0.6
RUN = "import sys; from screener.cli import run; run()"
ROOT = Path(__file__).parent.parent


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


def settings(**others: Any) -> Settings:
    model = load_model()
    return Settings(model.name, model.sha256, **others)


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
    assert "single_leg_stance" in clips[0].reason
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
        "d.mp4,single_leg_stance,up,,,,\n",
        encoding="utf-8",
    )
    first, second, third, fourth = find_clips(str(tmp_path / "manifest.csv"))
    assert first.request == Request(test="single_leg_stance", side="left", age_years=54, sex="female")
    assert (first.person, first.place) == ("anna", place_of(str(tmp_path / "a.mp4")))
    assert second.request == Request(test="hip_hinge")
    assert third.reason.startswith("There is no test cartwheel")
    assert fourth.reason == "The manifest cannot be understood here: side = up."
    assert [clip.name for clip in find_clips(str(tmp_path))] == ["a.mp4", "hip_hinge b.mp4", "c.mp4", "d.mp4"]


def test_a_toml_manifest_and_addresses(tmp_path: Path) -> None:
    manifest = tmp_path / "study.toml"
    manifest.write_text('[[clip]]\nfile = "s3://bucket/x.mp4"\ntest = "hip_hinge"\nage = 30\nstraight_first = true\n')
    (clip,) = find_clips(str(manifest))
    assert clip.place.address == "s3://bucket/x.mp4"
    assert clip.request == Request(test="hip_hinge", age_years=30, straight_first=True)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty", None, "There are no videos in"),
        ("a.csv", "name,test\nx,hip_hinge\n", "Row 1 of a.csv names no file."),
        ("a.csv", "file,test\n", "There are no videos in"),
        ("a.toml", "[[clip\n", "a.toml is not a manifest that can be read."),
        ("a.toml", "clip = 3\n", "a.toml is not a manifest that can be read."),
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
        place_of(f"zip://other.mp4::file://{archive}").fetched(tmp_path, dict(os.environ))


def test_a_folder_by_address_gives_the_same_clips(shorts: Path) -> None:
    by_path, by_address = find_clips(str(shorts)), find_clips(f"file://{shorts}")
    assert [clip.name for clip in by_address] == [clip.name for clip in by_path]
    assert [clip.request for clip in by_address] == [clip.request for clip in by_path]


def test_the_key_changes_with_everything_that_changes_the_result() -> None:
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
        Settings("lite", "0" * 64).key("a", request),
    }
    assert len(keys) == 8
    assert usual.key("a", request) == settings().key("a", request)


# Journal


def entry(key: str) -> Entry:
    return Entry(key=key, folder="", rows=(Row(status="failed", reason="why"),), seconds=1.0, exit_code=4)


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


def measured(person: str, side: str, value: float, grade: str = "within", firm: bool = True) -> Row:
    return Row(
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
    Row(file="<b>bad</b>.mp4", status="failed", reason="bad.mp4 is empty."),
    Row(file="dark.mp4", test="hip_hinge", status="not_assessed", reason="Too dark."),
)


def test_both_tables_hold_every_row(tmp_path: Path) -> None:
    from pyarrow import parquet

    (tmp_path / "r.parquet").write_bytes(parquet_bytes(ROWS))
    (tmp_path / "results.csv").write_bytes(csv_bytes(ROWS))
    table = parquet.read_table(tmp_path / "r.parquet")
    assert table.column_names == list(COLUMNS)
    assert [Row(**row) for row in table.to_pylist()] == list(ROWS)
    assert str(table.schema.field("score").type) == "int64"
    assert str(table.schema.field("firm").type) == "bool"
    written = rows_in(tmp_path)
    assert [row["value"] for row in written[:3]] == ["2.0", "3.0", "6.0"]
    assert written[7]["value"] == written[7]["score"] == ""
    assert parquet.read_schema(tmp_path / "r.parquet") == table.schema
    (tmp_path / "none.parquet").write_bytes(parquet_bytes(()))
    assert parquet.read_table(tmp_path / "none.parquet").schema == table.schema


def test_a_summary_counts_grades_pairs_and_problems() -> None:
    summary = summarise(ROWS, clips=12)
    assert (summary.clips, summary.done, summary.scored, summary.failed) == (12, 9, 7, 1)
    assert summary.hours == pytest.approx(7 * 36 / 3600)
    (found,) = summary.distributions
    assert (found.within, found.watch, found.outside, found.firm_outside) == (3, 2, 2, 1)
    assert (found.median, found.mean) == (4.0, 4.0)
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


def test_the_page_shows_it_and_escapes_names() -> None:
    page = render_summary(summarise(ROWS, clips=12))
    assert "<b>bad</b>" not in page
    assert "&lt;b&gt;bad" in page
    assert "Too dark." in page
    assert "limits -1.0 to -1.0" in page
    assert page.count("<svg") == 2
    assert 'src="' not in page
    assert 'href="http' not in page
    empty = render_summary(summarise((), clips=3))
    assert "Every test of every clip was scored" in empty
    assert "not come to yet" in empty


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
    job = Job("k", place_of(str(clip)), Request(test="single_leg_stance", side="left"), settings(exports=("trc",)))
    outcome = screen_clip(job)
    assert set(outcome.files) == {"report.json", "report.html", "landmarks.npz", "timeseries.csv", "landmarks.trc"}
    console("analyze", str(clip), "--test", "single_leg_stance", "--side", "left", "--out", str(tmp_path))
    alone = ScreeningReport.model_validate_json((tmp_path / "report.json").read_text())
    batched = ScreeningReport.model_validate_json(outcome.files["report.json"])
    assert batched.model_dump(exclude={"created_at"}) == alone.model_dump(exclude={"created_at"})
    assert outcome.files["timeseries.csv"] == (tmp_path / "timeseries.csv").read_bytes()
    assert [row.status for row in outcome.rows] == ["not_assessed"]


def test_a_bad_clip_is_a_row_with_its_reason(shorts: Path) -> None:
    outcome = screen_clip(Job("k", place_of(str(shorts / "p9 hip hinge.mp4")), Request(test="hip_hinge"), settings()))
    assert (outcome.exit_code, outcome.files, outcome.final) == (4, {}, True)
    assert [(row.status, row.reason) for row in outcome.rows] == [
        ("failed", "p9 hip hinge.mp4 is not a video that can be read.")
    ]


# The whole command


def test_a_dry_run_writes_nothing(shorts: Path, tmp_path: Path, console: Console) -> None:
    said = console("batch", str(shorts), "--out", str(tmp_path / "out"), "--dry-run")
    assert said.code == 0
    assert "5 of 6 clips would be screened." in said.out
    assert not (tmp_path / "out").exists()


def test_wrong_use_is_said_before_any_work(shorts: Path, tmp_path: Path, console: Console) -> None:
    out = str(tmp_path / "out")
    (tmp_path / "none").mkdir()
    console("batch", str(tmp_path / "none"), "--out", out).require(4)
    console("batch", str(shorts), "--out", out, "--limit", "0").require(2)
    console("batch", str(shorts), "--out", out, "--export", "doc").require(2, "There is no export doc.")
    said = console("batch", str(shorts), "--out", out, "--scheduler", "tcp://127.0.0.1:9")
    said.require(2, "No Dask scheduler answers at tcp://127.0.0.1:9.")


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
    assert "6 clips: 1 done now, 5 before; 1 failed, 0 could not be scored." in again.stdout  # the name that says nothing
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
        yield Cluster(address, processes[1:])


@pytest.mark.slow
def test_a_worker_that_dies_in_the_middle_loses_no_clip(cluster: Cluster, tmp_path: Path) -> None:
    for number in range(8):
        short_clip(tmp_path / "in" / f"single_leg_stance {number}.mp4", first=4 * number)
    model = load_model()
    plan = Plan(find_clips(str(tmp_path / "in")), tmp_path / "out", model, settings(), scheduler=cluster.address)
    seen: list[int] = []

    def on_clip(count: Count) -> None:
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


@pytest.mark.slow
def test_a_clip_that_kills_every_worker_is_given_up_with_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job carries an object that ends the process that opens it, as a crash inside a library does."""
    import dask

    good = short_clip(tmp_path / "single_leg_stance.mp4")
    request = Request(test="single_leg_stance")
    jobs = [Job("bad", Killer(), request, settings()), Job("good", place_of(str(good)), request, settings())]  # type: ignore[arg-type]
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), connected(1, None) as client:
        prepare_workers(client, load_model())
        found = {job.key: outcome for job, outcome in outcomes(client, jobs)}
    assert found["good"].exit_code == 0
    assert (found["bad"].exit_code, found["bad"].final) == (1, False)
    assert found["bad"].rows[0].reason == "The process that worked on it died several times."


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
