"""The program against the truth: clips with a truth table beside them, compared frame by frame and peak by peak."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from screener.accuracy.agreement import Agreement, ClipAgreement, compare, compare_flags
from screener.accuracy.page import AccuracyReport
from screener.errors import NothingMeasuredError, UnreadableInputError, UsageError
from screener.kinematics.motion import ANGLES, COLUMNS, MIN_MARKERS_SEEN, Motion, markers_seen
from screener.model.landmarks_file import load_recording
from screener.model.pose import Floats, Side
from screener.model.recording import VIDEO_SUFFIXES, Person, Request
from screener.model.results import Grade, Quality, Status
from screener.model.series import Series, frame_interval_s
from screener.pose.models import ModelFile
from screener.tests_clinical import TESTS
from screener.tests_clinical.definition import ClinicalTest
from screener.tests_clinical.measures import DROP_LIMIT_DEG, PELVIC_DROP
from screener.tests_clinical.scoring import run_test
from screener.workflow.screening import prepare
from screener.workflow.session import screen

CLEAR_SIGN_DEG = 3.0
FACTS = "facts.npy"
"""In every landmarks file."""


@dataclass(frozen=True)
class TruthCase:
    """A clip and its truth table."""

    video: Path
    truth: Path


@dataclass(frozen=True)
class ComparedClip:
    """One clip on its own time base: what was measured and what is true."""

    name: str
    series: Series
    truth: Series
    result: ClipAgreement


def find_pairs(folder: Path) -> tuple[TruthCase, ...]:
    """Find clips with a truth table of the same name beside them."""
    videos = sorted(path for path in folder.rglob("*") if path.suffix[1:].lower() in VIDEO_SUFFIXES)
    return tuple(TruthCase(video, video.with_suffix(".csv")) for video in videos if video.with_suffix(".csv").is_file())


def find_sticker_recordings(folder: Path) -> tuple[Path, ...]:
    """Find landmarks files recorded with `--markers`: their stickers are the truth for the estimate without them.

    Raises
    ------
    UnreadableInputError
        A landmarks file is damaged, or cannot be told from one that is.
    """
    own = (path for path in sorted(folder.rglob("*.npz")) if not _is_foreign(path))
    return tuple(path for path in own if markers_seen(load_recording(path).poses) >= MIN_MARKERS_SEEN)


def _is_foreign(path: Path) -> bool:
    """Whether a file is surely another program's: a whole archive without our facts. What does not open may be our own."""
    try:
        with zipfile.ZipFile(path) as archive:
            return FACTS not in archive.namelist()
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False


Cases = tuple[tuple[TruthCase, ...], tuple[Path, ...]]
"""Clips with a truth table, and recordings with stickers."""


def find_cases(folder: Path) -> Cases:
    """Find everything in a folder that has a truth.

    Raises
    ------
    UsageError
        No such folder, or nothing in it can be compared.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Name the folder with the clips and their truth tables.")
    pairs, recordings = find_pairs(folder), find_sticker_recordings(folder)
    if not pairs and not recordings:
        raise UsageError(
            f"{folder} holds no clip with a truth table, and no recording with stickers.",
            "Put NAME.csv with the columns of timeseries.csv beside NAME.mp4, or landmarks.npz files made with --markers.",
        )
    return pairs, recordings


def load_truth(path: Path, time_s: Floats) -> Series:
    """Read a truth table onto the times of a recording.

    Parameters
    ----------
    path : Path
        Columns of timeseries.csv; missing columns and empty cells are unknown.
    time_s : (T,) float
        Times of the recording; the nearest row within half an interval is taken.

    Raises
    ------
    UnreadableInputError
        No column time_s, no row, or a cell that is no number.
    """
    rows = _truth_rows(path)
    try:
        times = np.array([float(row["time_s"]) for row in rows])
        cells = {name: np.array([float(row.get(name) or "nan") for row in rows]) for name in COLUMNS}
    except (KeyError, TypeError, ValueError) as error:
        raise _no_truth(path) from error
    nearest = np.abs(time_s[:, None] - times[None]).argmin(axis=1)
    step = frame_interval_s(times)
    near = np.abs(time_s - times[nearest]) <= step / 2 + 1e-6
    columns = {name: np.where(near, values[nearest], np.nan) for name, values in cells.items()}
    stance = np.array([rows[index].get("stance") or "none" for index in nearest])
    return Series(time_s=time_s, stance=np.where(near, stance, "none"), usable=near, **columns)


def _truth_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_truth(path) from error
    if not rows:
        raise _no_truth(path)
    return rows


def _no_truth(path: Path) -> UnreadableInputError:
    return UnreadableInputError(
        f"{path.name} is not a truth table.", "It needs a column time_s, and numbers or empty cells elsewhere."
    )


def validate(
    cases: Cases, folder: Path, model: ModelFile, on_clip: Callable[[Path], None]
) -> tuple[AccuracyReport, tuple[ComparedClip, ...]]:
    """Compare every clip of a folder with its truth.

    Parameters
    ----------
    cases : Cases
        Result of `find_cases`.
    folder : Path
        Where they come from; its name stands in the report.
    model : ModelFile
        Pose model.
    on_clip : callable
        Called before each clip, for a progress display.

    Raises
    ------
    NothingMeasuredError
        No clip gave a value that can be compared.
    """
    pairs, recordings = cases
    compared = []
    for pair in pairs:
        on_clip(pair.video)
        compared.append(compare_clip(pair, model))
    for path in recordings:
        on_clip(path)
        compared.append(compare_stickers(path))
    columns = tuple(row for name in ANGLES if (row := _column(name, compared)) is not None)
    if not columns:
        raise NothingMeasuredError(
            "No clip gave an angle that is also in its truth table.", "Check the views and the column names."
        )
    clips = tuple(clip.result for clip in compared)
    hip_line = _column("hip_line_deg", compared, "pelvic_obliquity_deg")
    report = AccuracyReport(
        folder=folder.name,
        model=model.name,
        columns=columns,
        hip_line=hip_line,
        clips=clips,
        flags=compare_flags(clips, DROP_LIMIT_DEG),
    )
    return report, tuple(compared)


def _column(name: str, compared: list[ComparedClip], true_name: str = "") -> Agreement | None:
    """Agreement of one column over the usable frames of all clips; None where fewer than two can be compared."""
    if name.endswith("_u95_deg"):
        return None
    own, true, width, clips = [], [], [], 0
    for clip in compared:
        usable = clip.series.usable
        estimate = np.where(usable, getattr(clip.series, name), np.nan)
        truth = getattr(clip.truth, true_name or name)
        if not (np.isfinite(estimate) & np.isfinite(truth)).any():
            continue
        clips += 1
        own.append(estimate)
        true.append(truth)
        width.append(clip.series.pelvic_obliquity_u95_deg)
    if clips == 0:
        return None
    stated = np.concatenate(width) if name == "pelvic_obliquity_deg" else None
    return compare(name, "degrees", clips, np.concatenate(own), np.concatenate(true), stated)


def followed_test(truth: Path) -> ClinicalTest:
    """Return a test that has the back followed where its truth is known, else the pelvis: only angles are compared."""
    sideways = any(row.get("spine_rounding_deg") for row in _truth_rows(truth))
    return next(
        test for test in TESTS.values() if ((test.looks_at_back and not test.by_view) if sideways else test.stands_on_side)
    )


def compare_clip(pair: TruthCase, model: ModelFile) -> ComparedClip:
    """Screen one clip and compare it with its truth."""
    recording = screen(pair.video, Request(test=followed_test(pair.truth).key), model, pictures=False).recording
    assessed, motion = prepare(recording)
    truth = load_truth(pair.truth, motion.time_s)
    return ComparedClip(pair.video.stem, motion.series, truth, _clip(pair.video.stem, motion, truth, assessed.quality))


def compare_stickers(path: Path) -> ComparedClip:
    """Compare what a recording gives without its stickers with what the stickers say."""
    recording = load_recording(path)
    truth = prepare(recording)[1].series
    unseen = np.full(len(recording.poses), np.nan)
    poses = replace(recording.poses, marker_tilt_deg=unseen, marker_u_deg=unseen)
    assessed, motion = prepare(replace(recording, poses=poses))
    blank = {name: unseen for name in ANGLES if name != "pelvic_obliquity_deg"}
    name = f"{path.parent.name}/{path.stem}"
    return ComparedClip(name, motion.series, replace(truth, **blank), _clip(name, motion, truth, assessed.quality))


def _clip(name: str, motion: Motion, truth: Series, quality: Quality) -> ClipAgreement:
    usable = motion.series.usable
    error = np.where(usable, np.abs(motion.series.pelvic_obliquity_deg - truth.pelvic_obliquity_deg), np.nan)
    hip_line = np.where(usable, np.abs(motion.series.hip_line_deg - truth.pelvic_obliquity_deg), np.nan)
    known = np.isfinite(error)
    inside = error[known] <= motion.series.pelvic_obliquity_u95_deg[known]
    clear = known & (np.abs(truth.pelvic_obliquity_deg) >= CLEAR_SIGN_DEG)
    same = np.sign(motion.series.pelvic_obliquity_deg[clear]) == np.sign(truth.pelvic_obliquity_deg[clear])
    peak = _peak(motion, truth, quality)
    return ClipAgreement(
        clip=name,
        test=peak.test,
        side=peak.side,
        frames=int(known.sum()),
        mean_absolute_error=float(error[known].mean()) if known.any() else None,
        hip_line_error=float(hip_line[known].mean()) if known.any() else None,
        coverage=float(inside.mean()) if known.any() else None,
        sign_right=float(same.mean()) if clear.any() else None,
        true_peak=peak.true,
        measured_peak=peak.measured,
        peak_half_width=peak.half_width,
        flagged=peak.flagged,
        firm=peak.firm,
        reason=peak.reason,
    )


@dataclass(frozen=True)
class _Peak:
    test: str = ""
    side: str = ""
    true: float | None = None
    measured: float | None = None
    half_width: float | None = None
    flagged: bool | None = None
    firm: bool | None = None
    reason: str | None = "no test with a pelvic drop was found in it"


def _peak(motion: Motion, truth: Series, quality: Quality) -> _Peak:
    """Pelvic drop as a test scores it, and the same summary of the truth; tests with repetitions go before holds.

    Which test a clip shows is not known; those on one leg are the ones that another movement is not taken for.
    """
    candidates = [test for test in TESTS.values() if test.stands_on_side]
    found = []
    for test in candidates:
        for side in test.sides:
            peak = _scored_peak(test, side, motion, truth, quality)
            if peak is not None:
                found.append(peak)
    return max(found, key=lambda item: item[0])[1] if found else _Peak()


def _scored_peak(
    test: ClinicalTest, side: Side | None, motion: Motion, truth: Series, quality: Quality
) -> tuple[int, _Peak] | None:
    result = run_test(test, side, motion, quality, Person())
    if result.status is not Status.SCORED:
        return None
    exact = replace(motion.series, pelvic_obliquity_deg=truth.pelvic_obliquity_deg)
    true = run_test(test, side, replace(motion, series=exact), quality, Person())
    own = next(measure for measure in result.measures if measure.key == PELVIC_DROP)
    real = next((measure for measure in true.measures if measure.key == PELVIC_DROP), None)
    peak = _Peak(
        test=test.key,
        side=result.side,
        true=real.value if real else None,
        measured=own.value,
        half_width=own.uncertainty,
        flagged=own.grade is Grade.OUTSIDE if own.grade.decided else None,
        firm=own.firm,
        reason=own.reason,
    )
    return len(result.repetitions), peak


def paired(compared: tuple[ComparedClip, ...], column: str) -> tuple[Floats, Floats]:
    """Estimate and truth of one column over the usable frames of all clips, end to end."""
    estimate = [np.where(clip.series.usable, getattr(clip.series, column), np.nan) for clip in compared]
    return np.concatenate(estimate), np.concatenate([getattr(clip.truth, column) for clip in compared])
