from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from helpers.batch_clips import settings
from helpers.console import Console
from screener.batch.locations import clip_location
from screener.batch.work import ClipJob, deliver_model, screen_clip
from screener.errors import ModelError, OutputError, UsageError
from screener.files import user_temporary_folder
from screener.model.recording import Request
from screener.model.results import ScreeningReport
from screener.pose.models import load_model

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


def test_a_model_is_delivered_where_the_cache_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.batch.work.platformdirs.user_cache_dir", lambda _name: "/dev/null/cache")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = deliver_model(b"model", "0" * 64)
    assert path.is_relative_to(user_temporary_folder())
    assert path.read_bytes() == b"model"
    (tmp_path / "file").touch()
    monkeypatch.setattr("screener.batch.work.user_temporary_folder", lambda: tmp_path / "file")
    with pytest.raises(OutputError, match="cannot be kept for the workers"):
        deliver_model(b"model", "0" * 64)


@pytest.mark.slow
@pytest.mark.parametrize("nowhere", [{"XDG_CACHE_HOME": "/proc/nope", "XDG_CONFIG_HOME": "/proc/nope"}, {"HOME": "/dev/null"}])
def test_a_batch_needs_no_home(shorts: Path, tmp_path: Path, nowhere: dict[str, str]) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "a_single_leg_stance_left.mp4").symlink_to(shorts / "p0_single-leg-stance_left.mp4")
    (tmp_path / "tmp").mkdir()
    said = subprocess.run(
        [sys.executable, "-c", "from screener.cli import run; run()", "batch", str(folder), "--out", str(tmp_path / "out"),
         "--workers", "1"],
        env=os.environ | nowhere | {"TMPDIR": str(tmp_path / "tmp")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 3, said.stderr  # the clip is too short
    assert "1 done now" in said.stdout
    assert "0 failed" in said.stdout
    assert "atplotlib" not in said.stderr


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
