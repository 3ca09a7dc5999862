"""Stickers through the whole core, and the program compared with the truth."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording
from screener.accuracy.validate import find_cases, followed_test, load_truth
from screener.cli import main
from screener.errors import UnreadableInputError, UsageError
from screener.kinematics.pelvis import from_markers
from screener.model.landmarks_file import save_recording
from screener.model.pose import PoseSequence
from screener.model.recording import Recording
from screener.model.results import Grade, Method, Tier
from screener.report.pdf import require_pdf
from screener.workflow.screening import rescreen

GOLDEN = Path(__file__).parent.parent / "golden"


def stickered(poses: PoseSequence, drop: np.ndarray, seen: float = 1.0) -> PoseSequence:
    """The figure with stickers that show `drop` (+ = the person's left lower, front view), the surface lost."""
    hidden = np.arange(len(poses)) % 10 >= 10 * seen
    lost = np.full(len(poses), np.nan)
    tilt = np.where(hidden, np.nan, drop + 2.0)
    return replace(
        poses,
        marker_tilt_deg=tilt,
        marker_u_deg=np.where(hidden, np.nan, 0.25),
        surface_rotation_deg=lost,
        surface_u_deg=lost,
    )


def with_stickers(side: str, drop: float, seen: float = 1.0) -> Recording:
    motion = sm.stance(side, drop)
    poses = sm.film(motion, noise_px=0.3)
    kept = recording(stickered(poses, np.asarray(sm.columns(motion).obliquity), seen), "single_leg_stance")
    return replace(kept, request=kept.request.model_copy(update={"markers": True}))


@pytest.mark.parametrize("side", ["left", "right"])
def test_stickers_lead_and_are_trusted_more(side: str) -> None:
    found = measure(only(rescreen(with_stickers(side, 7.0))), "pelvic_drop_deg")
    assert found.value == pytest.approx(7.0, abs=0.2)
    assert found.uncertainty is not None
    assert found.uncertainty < 1.3
    assert (found.method, found.tier) == (Method.MARKERS, Tier.MODERATE)
    assert found.grade is Grade.OUTSIDE
    assert found.firm


def test_stickers_seen_too_seldom_are_left_aside_and_told() -> None:
    screening = rescreen(with_stickers("left", 7.0, seen=0.5))
    found = measure(only(screening), "pelvic_drop_deg")
    assert (found.method, found.tier) == (Method.LANDMARKS, Tier.LOW)
    assert any("stickers were seen in 50 %" in warning for warning in screening.report.quality.warnings)


def test_stickers_from_behind_run_the_other_way_and_roll_is_taken_off() -> None:
    tilt, spread = np.array([3.0, 3.0, 9.0]), np.full(3, 0.2)
    quiet = np.array([True, True, False])
    assert from_markers(tilt, spread, quiet, 1, 0.0, 1.0).deg == pytest.approx([0.0, 0.0, 6.0])
    assert from_markers(tilt, spread, quiet, -1, 0.0, 1.0).deg == pytest.approx([0.0, 0.0, -6.0])
    level = from_markers(tilt, spread, np.zeros(3, dtype=bool), 1, 3.0, 1.5)
    assert level.deg == pytest.approx([0.0, 0.0, 6.0])
    assert (level.u95_deg >= 1.5).all()


def test_validate_takes_sticker_recordings_as_truth(tmp_path: Path) -> None:
    clips = tmp_path / "practice"
    clips.mkdir()
    save_recording(with_stickers("left", 7.0), clips / "visit1.npz")
    save_recording(with_stickers("right", 1.0), clips / "visit2.npz")
    assert main(["validate", str(clips), "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out/accuracy.json").read_text(encoding="utf-8"))
    (row,) = found["columns"]
    assert (row["column"], row["clips"]) == ("pelvic_obliquity_deg", 2)
    assert row["mean_absolute_error"] > 0.3  # the surface is lost: the landmarks alone are worse than the stickers
    assert row["coverage"] > 0.9
    page = (tmp_path / "out/accuracy.html").read_text(encoding="utf-8")
    assert "Bland and Altman" in page
    assert "<svg" in page


def test_validate_passes_over_what_another_program_wrote(tmp_path: Path) -> None:
    save_recording(with_stickers("left", 7.0), tmp_path / "visit1.npz")
    np.savez(tmp_path / "camera_calibration.npz", matrix=np.eye(3), distortion=np.zeros(5))
    assert find_cases(tmp_path) == ((), (tmp_path / "visit1.npz",))


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def spoilt(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(100) + content[middle + 100 :]


@pytest.mark.parametrize("damage", [halved, spoilt, lambda _content: b""])
def test_validate_tells_of_a_damaged_recording(
    damage: Callable[[bytes], bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_recording(with_stickers("left", 7.0), tmp_path / "visit1.npz")
    whole = (tmp_path / "visit1.npz").read_bytes()
    (tmp_path / "visit2.npz").write_bytes(damage(whole))
    assert main(["validate", str(tmp_path), "--out", str(tmp_path / "out")]) == 4
    assert "visit2.npz is not a landmarks file of this program, or it is damaged" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.slow
def test_validate_compares_a_clip_with_its_truth_table(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("stance_left_drop9", "hinge_neutral"):
        shutil.copy(samples / f"{name}.mp4", clips)
        shutil.copy(GOLDEN / f"{name}.csv", clips)
    assert main(["validate", str(clips), "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out/accuracy.json").read_text(encoding="utf-8"))
    rows = {row["column"]: row for row in found["columns"]}
    assert rows["pelvic_obliquity_deg"]["mean_absolute_error"] < 1.0
    assert rows["trunk_inclination_deg"]["mean_absolute_error"] < 3.0
    assert found["hip_line"]["mean_absolute_error"] > 3.0
    assert (found["flags"]["true_positive"], found["flags"]["firm_wrong"]) == (1, 0)
    assert "stance_left_drop9" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_validate_without_a_truth_is_wrong_use(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["validate", str(tmp_path / folder), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.strip().count("\n") == 1


def test_a_truth_table_is_read_onto_the_times_of_the_recording(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("\ufefftime_s,pelvic_obliquity_deg,stance\n0.0,1.0,left\n0.1,,\n0.2,3.0,right\n", encoding="utf-8")
    truth = load_truth(table, np.array([0.0, 0.04, 0.1, 0.21, 0.3]))
    np.testing.assert_array_equal(truth.pelvic_obliquity_deg, [1.0, 1.0, np.nan, 3.0, np.nan])
    assert truth.stance.tolist() == ["left", "left", "none", "right", "none"]
    assert np.isnan(truth.trunk_lean_deg).all()


@pytest.mark.parametrize(
    "content",
    [b"", b"time_s,pelvic_obliquity_deg\n", b"seconds\n1\n", b"time_s\nsoon\n", b"a,time_s\n1\n", b"\xff\xfe\x00time_s\n1\n"],
)
def test_a_table_that_is_no_truth_is_said_before_the_clip_is_watched(content: bytes, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(content)
    with pytest.raises(UnreadableInputError, match=r"^t\.csv is not a truth table\.$"):
        load_truth(table, np.array([0.0, 0.1]))


def test_the_sheet_is_a_pdf(tmp_path: Path) -> None:
    try:
        require_pdf()
    except UsageError as missing:
        pytest.skip(missing.message)
    assert main(["markers", "--pdf", str(tmp_path / "sheet.pdf")]) == 0
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_a_filmed_sticker_clip_is_measured_by_its_stickers(ground_truth: Path, tmp_path: Path) -> None:
    clip = ground_truth / "stance_right_drop7_stickers.mp4"
    assert main(["analyze", str(clip), "--test", "single_leg_stance", "--markers", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["tests"][0]["measures"][0]
    assert found["method"] == "markers"
    assert found["value"] == pytest.approx(7.0, abs=0.7)


@pytest.mark.parametrize(
    ("clip", "back"),
    [("toe_touch_105", True), ("hinge_neutral", True), ("stance_left_drop9", False), ("sit_to_stand_slow", False)],
)
def test_the_back_is_followed_wherever_its_truth_is_known(clip: str, back: bool) -> None:
    """Also where the table gives a level pelvis beside it."""
    followed = followed_test(GOLDEN / f"{clip}.csv")
    assert (followed.looks_at_back, followed.stands_on_side) == (back, not back)
