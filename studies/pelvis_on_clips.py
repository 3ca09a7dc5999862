"""Pelvic obliquity on rendered clips against the truth, every body judged by a landmark model that never saw it.

    python studies/pelvis_on_clips.py CACHE DEV [EXTRA ...] [--real FOLDER]

CACHE keeps the recordings, so that only the first run looks at pixels. DEV and EXTRA hold NAME.mp4 beside NAME.csv; FOLDER
is pose2sim_balance. The widths are constants of screener/kinematics/pelvis.py; the last table says what another unit of
the tracker's own spread would have covered, and what would have been chosen without each body.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from fit_landmark_correction import correction_without

from helpers.reference import Markerless, load_truth
from screener.errors import UnreadableInputError
from screener.kinematics import motion, pelvis
from screener.kinematics.hip_correction import BodyLines, Correction
from screener.kinematics.pelvis import Obliquity, SurfaceTurn
from screener.model.landmarks_file import load_recording, save_recording
from screener.model.pose import Bools, Floats, Side
from screener.model.recording import Recording, Request
from screener.model.results import Grade
from screener.tests_clinical import get_test
from screener.workflow.screening import prepare, rescreen
from screener.workflow.session import screen

BODIES = {
    "stance_left_stable": "femaleavg",
    "stance_left_drop9": "maleavg",
    "stance_right_drop12": "femaleheavy",
    "stance_right_drop4_lean9": "maleheavy",
    "stance_left_drop8_back": "maleheavy",
    "stance_right_drop7_stickers": "femaleavg",
    "slsquat_left_valgus16": "maleslim",
    "slsquat_right_good": "femaleavg",
    "squat_valgus_right14": "femaleheavy",
    "march_hike_right8": "maleslim",
    "x_turn10_drop6": "femaleheavy",
    "x_plain_drop8": "maleslim",
    "x_hips_drop8_lean6": "maleavg",
    "x_turn12_level": "femaleavg",
    "x_hike6_lean_8": "maleheavy",
    "x_onecolour_drop8": "maleslim",
}
ASIS_FRAMES = (0, 6, 12, 18, 24, 30, 40, 50, 58, 66, 72, 78, 84, 90, 98)
ASIS_DEG = (0.0, 0.9, 4.8, 13.7, 19.3, 25.3, 29.5, 29.8, 26.2, 18.9, 9.6, 1.8, -0.7, -2.2, -1.0)
"""Tilt of the line through the two reflective markers on the front hip bones of the real clip, read by eye from its pictures
(0.4 degrees), camera roll not removed."""
UNITS = (8.0, 6.0, 5.0, 4.0, 3.5, 3.0, 2.75, 2.5, 2.25, 2.0, 1.5)
WANTED = 0.96
"""Coverage of the other bodies at which the unit for a left-out body is chosen."""


@dataclass(frozen=True)
class Inputs:
    """What `pelvic_obliquity` was given."""

    surface: SurfaceTurn
    lines: BodyLines
    quiet: Bools
    mediolateral_sign: int
    roll_u95_deg: float


@dataclass(frozen=True)
class Clip:
    """A screened clip with its truth (degrees, at the frames of the clip)."""

    name: str
    body: str | None
    inputs: Inputs
    truth: Floats
    recording: Recording
    correction: Correction
    roll_deg: float


def recorded(video: Path, cache: Path) -> Recording:
    """Recording of a clip, from the cache where it is there and of this version."""
    stored = cache / f"{video.stem}.npz"
    try:
        return load_recording(stored)
    except UnreadableInputError:
        test = "single_leg_squat" if "squat" in video.stem else "single_leg_stance"
        recording = screen(video, Request(test=test), pictures=False).recording
        save_recording(recording, stored)
        return recording


def inputs_of(recording: Recording) -> tuple[Inputs, float]:
    """Inputs of the estimator, and the camera roll, as the program itself prepares them."""
    with patch.object(motion, "pelvic_obliquity", wraps=pelvis.pelvic_obliquity) as estimator:
        assessed, _ = prepare(recording)
    return Inputs(*estimator.call_args.args), assessed.quality.camera_roll_deg


def load_clip(video: Path, cache: Path) -> Clip:
    """Screen one clip and put the truth on its frames."""
    recording = recorded(video, cache)
    inputs, roll = inputs_of(recording)
    table = load_truth(video.with_suffix(".csv"))
    truth = np.interp(recording.poses.time_s, table.time_s, table.column("pelvic_obliquity_deg"))
    body = BODIES[video.stem]
    return Clip(video.stem, body, inputs, truth, recording, correction_without(body), roll)


def estimates(clip: Clip, unit: float | None = None) -> dict[str, Obliquity]:
    """Every estimator on one clip."""
    given = clip.inputs
    with patch.object(pelvis, "SPREAD_UNIT_DEG", unit or pelvis.SPREAD_UNIT_DEG):
        landmarks = pelvis.from_landmarks(given.lines, given.quiet, given.roll_u95_deg, clip.correction)
        surface = pelvis.from_surface(given.surface, given.quiet, landmarks, given.mediolateral_sign)
        fused = pelvis.pelvic_obliquity(
            given.surface, given.lines, given.quiet, given.mediolateral_sign, given.roll_u95_deg, clip.correction
        )
    width = np.full(len(clip.truth), np.nan)
    return {"hip line": Obliquity(given.lines.hip, width), "landmarks": landmarks, "surface": surface, "fused": fused}


def covered(clip: Clip, got: Obliquity) -> Bools:
    """(K,) whether the interval holds the truth, over the known frames."""
    known = np.isfinite(got.deg)
    return np.asarray((np.abs(got.deg - clip.truth) <= got.u95_deg)[known])


def drops(clip: Clip) -> str:
    """Peak drop by the program's own measure: read, true, and whether flag and firmness are right."""
    with patch.object(pelvis, "shipped_correction", return_value=clip.correction):
        screening = rescreen(clip.recording)
    cells = []
    for result in screening.report.tests:
        found = next((measure for measure in result.measures if measure.key == "pelvic_drop_deg"), None)
        if found is None or found.value is None or result.side == "both":
            continue
        true = true_drop(clip, Side(result.side))
        right = (found.grade is Grade.OUTSIDE) == (true > 5.0)
        must = true >= 7.0 or true <= 3.0
        verdict = "right" if right else "WRONG" if must or found.firm else "wrong, not firm"
        cells.append(f"{found.value:.1f} ± {found.uncertainty:.1f} / {true:.1f} | {verdict}{', firm' if found.firm else ''}")
    return "; ".join(cells) or "- | -"


def true_drop(clip: Clip, side: Side) -> float:
    """Largest drop by the program's measure on the true curve."""
    _, motion = prepare(clip.recording)
    motion = replace(motion, series=replace(motion.series, pelvic_obliquity_deg=clip.truth))
    finding = get_test(clip.recording.request.test).evaluate(motion, side)
    return next(value.value for value in finding.values if value.key == "pelvic_drop_deg")


def row(clip: Clip) -> str:
    """One clip in the table."""
    every = estimates(clip)
    fused = every["fused"]
    mae = [f"{np.nanmean(np.abs(got.deg - clip.truth)):.2f}" for got in every.values()]
    known = np.isfinite(fused.deg)
    slope = np.polyfit(clip.truth[known], fused.deg[known], 1)[0] if np.ptp(clip.truth) > 1.0 else np.nan
    big = known & (np.abs(clip.truth) >= 3.0)
    sign = f"{np.mean(fused.deg[big] * clip.truth[big] > 0):.2f}" if big.any() else "-"
    moving = ~clip.inputs.quiet[known]
    inside = covered(clip, fused)
    away = f"{inside[moving].mean():.2f}" if moving.any() else "-"
    numbers = f"{slope:.2f} | {sign} | {inside.mean():.2f} | {away} | {np.nanmean(fused.u95_deg):.1f}"
    return f"| {clip.name} | {' | '.join(mae)} | {numbers} | {drops(clip)} |"


def print_clips(clips: Sequence[Clip]) -> None:
    """Print the table of clips and the pooled figures."""
    print("MAE in degrees; slope, sign right where |true| >= 3, coverage (all frames; frames not in quiet standing) and mean")
    print("half width of the fused estimate; peak drop read and true by the program's measure, verdict of the 5-degree flag\n")
    print("| clip | hip line | landmarks | surface | fused | slope | sign | cover | moving | ± | drop read / true | flag |")
    print("|" + "---|" * 12)
    for clip in clips:
        print(row(clip))
    pooled = {name: np.concatenate([estimates(c)[name].deg - c.truth for c in clips]) for name in estimates(clips[0])}
    print("\npooled MAE:", ", ".join(f"{name} {np.nanmean(np.abs(error)):.2f}" for name, error in pooled.items()))
    for name in ("landmarks", "surface", "fused"):
        print(f"pooled coverage of {name}: {pooled_coverage(clips, None, name):.3f}")


def pooled_coverage(clips: Sequence[Clip], unit: float | None, name: str = "fused", moving: bool = False) -> float:
    """Share of all known frames whose interval holds the truth."""
    hits = []
    for clip in clips:
        got = estimates(clip, unit)[name]
        inside = covered(clip, got)
        hits.append(inside[~clip.inputs.quiet[np.isfinite(got.deg)]] if moving else inside)
    return float(np.concatenate(hits).mean())


def print_units(clips: Sequence[Clip]) -> None:
    """Coverage against the unit of the tracker's spread, and with the unit chosen without the judged body."""
    print(f"\n| unit of the tracker's spread (shipped {pelvis.SPREAD_UNIT_DEG}) | coverage, all | moving |\n|---|---|---|")
    for unit in UNITS:
        print(f"| {unit} | {pooled_coverage(clips, unit):.3f} | {pooled_coverage(clips, unit, moving=True):.3f} |")
    print(f"\n| body left out | unit chosen on the others (first with coverage >= {WANTED}) | its coverage | shipped |")
    print("|---|---|---|---|")
    hits, count = 0.0, 0
    for body in sorted({str(clip.body) for clip in clips}):
        others, own = [c for c in clips if c.body != body], [c for c in clips if c.body == body]
        chosen = next((unit for unit in UNITS if pooled_coverage(others, unit) >= WANTED), UNITS[-1])
        frames, coverage = sum(len(c.truth) for c in own), pooled_coverage(own, chosen)
        hits, count = hits + frames * coverage, count + frames
        print(f"| {body} | {chosen} | {coverage:.3f} | {pooled_coverage(own, None):.3f} |")
    print(f"| all, each left out | | {hits / count:.3f} | {pooled_coverage(clips, None):.3f} |")


def print_real(folder: Path, cache: Path) -> None:
    """Print the real clip against its markerless reference, which is made of such key points itself."""
    recording = recorded(folder / "cam02.mp4", cache)
    inputs, roll = inputs_of(recording)
    across = Markerless.load(folder).at("cam02", "LHip") - Markerless.load(folder).at("cam02", "RHip")
    truth = np.degrees(np.arctan2(across[:, 1], across[:, 0])) - roll
    clip = Clip("cam02", None, inputs, truth, recording, correction_without(None), roll)
    print(
        "\nreal clip cam02 against the markerless reference, and against the markers on the hip bones (camera roll removed)\n"
    )
    print("| estimate | frames | residual SD | bias | slope | cover | mean ± | markers: MAE | SD | cover |")
    print("|" + "---|" * 10)
    frames, markers = list(ASIS_FRAMES), np.array(ASIS_DEG) - roll
    for name, got in estimates(clip).items():
        known = np.isfinite(got.deg)
        error = (got.deg - truth)[known]
        slope = np.polyfit(truth[known], got.deg[known], 1)[0]
        cover = f"{covered(clip, got).mean():.2f} | {np.nanmean(got.u95_deg):.1f}" if name != "hip line" else "- | -"
        off = got.deg[frames] - markers
        held = f"{np.mean(np.abs(off)[np.isfinite(off)] <= got.u95_deg[frames][np.isfinite(off)]):.2f}"
        bone = f"{np.nanmean(np.abs(off)):.2f} | {np.nanstd(off):.2f} | {held if name != 'hip line' else '-'}"
        print(f"| {name} | {known.sum()} | {error.std():.2f} | {error.mean():+.2f} | {slope:.2f} | {cover} | {bone} |")


def main() -> None:
    """Run all tables."""
    parser = argparse.ArgumentParser(description="Pelvic obliquity on clips with truth.")
    parser.add_argument("cache", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--real", type=Path)
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    videos = [video for folder in options.folders for video in sorted(folder.glob("*.mp4")) if video.stem in BODIES]
    clips = [load_clip(video, options.cache) for video in videos]
    print_clips(clips)
    print_units(clips)
    if options.real:
        print_real(options.real, options.cache)


if __name__ == "__main__":
    main()
