from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from helpers.batch_clips import ROOT, RUN, done_before, rows_in, settings
from helpers.console import Console
from screener.batch.plan import find_clips
from screener.batch.rows import ResultRow
from screener.batch.run import BatchProgress, BatchRun, _folder_name, finished_keys, run_batch
from screener.batch.work import ClipJob, ClipOutcome
from screener.pose.models import load_model

# The whole command


def test_a_dry_run_writes_nothing(shorts: Path, tmp_path: Path, console: Console) -> None:
    said = console("batch", str(shorts), "--out", str(tmp_path / "out"), "--dry-run")
    assert said.code == 0
    assert "5 of 6 clips would be screened." in said.out
    assert not (tmp_path / "out").exists()


def test_a_dry_run_says_what_is_done_and_what_is_not_there(shorts: Path, tmp_path: Path, console: Console) -> None:
    a, b = (str(shorts / f"p0_single-leg-stance_{side}.mp4") for side in ("left", "right"))
    manifest, out = tmp_path / "study.csv", tmp_path / "out"
    manifest.write_text(f"file,test\n{a},\n{b},\nmissing.mp4,squat\n")
    command = ("batch", str(manifest), "--out", str(out), "--dry-run", "--trust-manifest")
    said = console(*command)
    assert (said.code, said.err) == (0, "")
    assert "2 of 3 clips would be screened." in said.out
    assert "The clip is not there." in " ".join(said.out.replace("│", " ").split())
    done_before(out, find_clips(str(manifest), trust_manifest=True), {a: 0})
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
    assert "2 clips: 0 done now, 1 done before, 1 not reached; 1 failed, 0 could not be scored." in said.out


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
    assert "6 clips: 6 done now, 0 done before; 2 failed, 4 could not be scored." in first.stdout
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
    assert "6 clips: 1 done now, 5 done before; 2 failed, 4 could not be scored." in again.stdout  # the name that says nothing
    assert {path: path.stat().st_mtime_ns for path in out.glob("clips/*/report.json")} == kept
    assert rows_in(out) == rows


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
