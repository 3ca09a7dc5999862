"""How well outline and surface show the rounding of the back, body by body, and the fit of their gains.

    python studies/hinge_rounding.py --read FOLDER [FOLDER ...]   # make the table anew from rendered hinges
    python studies/hinge_rounding.py                              # fit and judge, from the table alone

A folder holds one folder for each rendered hinge, from upright to the bottom: hinge.mp4 and truth.json (see
studies/data/README.md). The videos stay outside the repository; the table is studies/data/hinge_rounding.csv.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np

from screener.kinematics.motion import FLOOR_DEG, OUTLINE_CUTOFF_HZ
from screener.kinematics.pelvis import change_from_quiet
from screener.kinematics.rounding import OUTLINE_SD_DEG, SURFACE_SD_DEG, LowBackTurn, low_back_lag_deg, outline_curve_deg
from screener.kinematics.sagittal import trunk_inclination_deg
from screener.kinematics.signal import clean
from screener.model.pose import BACK_STATIONS, Z95, Floats, Joint, Side
from screener.model.recorder import Recorder
from screener.pose.finder import PoseFinder
from screener.pose.models import load_model
from screener.pose.trackers.silhouette import nearer_side
from screener.video.file import VideoFile

TABLE = Path(__file__).parent / "data" / "hinge_rounding.csv"
STANDING, BOTTOM = 5, 3
COLUMNS = ("hinge", "body", "truth", "inclination", "curve", "lag", "drift")


def read(folder: Path) -> dict[str, object]:
    """What is seen at the bottom of one rendered hinge, degrees: change of the outline's curve, lag of the low back.

    The lag is nan where the surface was lost.
    """
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    finder = PoseFinder(load_model(), pelvis=False, back=True)
    video = VideoFile(folder / "hinge.mp4")
    recorder = Recorder(video.width, video.height)
    sides = []
    for frame in video:
        pose = finder.look(finder.locate(frame))
        recorder.add(pose)
        sides.append(nearer_side(pose.world_m))
    finder.close()
    poses = recorder.sequence()
    near = max(Side, key=sides.count)
    quiet = np.arange(len(poses)) < STANDING
    lean = trunk_inclination_deg(poses.pixels[:, Joint.HIP.on(near)], poses.pixels[:, Joint.SHOULDER.on(near)], -near.sign)
    inclination = change_from_quiet(clean(lean, poses.time_s, FLOOR_DEG), quiet)
    turn = -near.sign * clean(poses.surface_rotation_deg, poses.time_s, FLOOR_DEG, OUTLINE_CUTOFF_HZ)
    lag, drift = low_back_lag_deg(LowBackTurn(turn, poses.surface_u_deg, poses.surface_segment), inclination, quiet)
    curve = clean(outline_curve_deg(poses.back_outline, BACK_STATIONS), poses.time_s, FLOOR_DEG, OUTLINE_CUTOFF_HZ)
    series = {
        "inclination": inclination,
        "curve": change_from_quiet(curve, quiet),
        "lag": lag,
        "drift": drift,
    }
    bottom = {name: round(float(np.median(of[-BOTTOM:])), 2) for name, of in series.items()}
    return {"hinge": folder.name, "body": truth["body"], "truth": truth["rho"], **bottom}


def write(rows: list[dict[str, object]]) -> None:
    """Write the table."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def constants(truth: Floats, inclination: Floats, curve: Floats, lag: Floats) -> tuple[float, float, float]:
    """Least squares: gain of the outline, gain of the surface, and its lag at 75 degrees with a straight back."""
    seen = np.isfinite(lag)
    (straight, surface), *_ = np.linalg.lstsq(np.column_stack([inclination / 75.0, truth])[seen], lag[seen])
    return float(curve @ truth / (truth @ truth)), float(surface), float(straight)


def main() -> None:
    """Print the constants, and the errors of each reading with the body left out of their fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--read", type=Path, nargs="+", metavar="FOLDER", default=())
    folders = parser.parse_args().read
    if folders:
        write([read(truth.parent) for folder in folders for truth in sorted(folder.glob("*/truth.json"))])
    rows = list(csv.DictReader(TABLE.open(encoding="utf-8")))
    body = np.array([row["body"] for row in rows])
    truth, inclination, curve, lag, drift = (np.array([row[name] for row in rows], float) for name in COLUMNS[2:])
    seen = (truth, inclination, curve, lag)
    print(f"{len(rows)} hinges of {len(set(body))} bodies; outline gain, surface gain, lag of a straight back:")
    print("  fitted on all", np.round(constants(*seen), 3))
    outline, surface, gain = (np.full(len(rows), np.nan) for _ in range(3))
    for name in sorted(set(body)):
        others, own = body != name, body == name
        bulge, turn, straight = constants(*(of[others] for of in seen))
        print(f"  without {name:12}", np.round((bulge, turn, straight), 3))
        outline[own], gain[own] = curve[own] / bulge, turn
        surface[own] = (lag[own] - straight * inclination[own] / 75.0) / turn
    weights = np.stack([np.full(len(rows), OUTLINE_SD_DEG**-2), 1.0 / (SURFACE_SD_DEG**2 + (drift / gain) ** 2)])
    weights = np.nan_to_num(weights)  # of a lost surface
    joined = (weights * np.nan_to_num(np.stack([outline, surface]))).sum(axis=0) / weights.sum(axis=0)
    u95 = Z95 / np.sqrt(weights.sum(axis=0))
    print("error with the body left out: bias, root mean square, degrees")
    for name, reading in (("outline", outline), ("surface", surface), ("joined", joined)):
        error = reading - truth
        groups = ((of, error[truth == of]) for of in np.unique(truth))
        each = "  ".join(f"{of:.0f}: {np.nanmean(group):+.1f} +- {np.nanstd(group):.1f}" for of, group in groups)
        print(f"  {name}: {np.nanmean(error):+.1f}, {np.sqrt(np.nanmean(error**2)):.1f}; by truth {each}")
    print(f"  surface lost in {np.isnan(surface).sum()}")
    held = np.abs(joined - truth) <= u95
    print(f"half width {u95.mean():.1f}, holds the truth in {held.sum()} of {len(rows)}")
    own = [np.polyfit(truth[body == name], joined[body == name], 1)[0] for name in sorted(set(body))]
    print(f"slope of the joined reading in one body: {min(own):.2f} to {max(own):.2f}, SD {np.std(own, ddof=1):.2f}")
    apart = np.concatenate([_apart(truth[body == name], joined[body == name]) for name in sorted(set(body))])
    print(f"spread about the body's own line: {np.sqrt((apart**2).sum() / (len(rows) - 2 * len(set(body)))):.1f} degrees")


def _apart(truth: Floats, reading: Floats) -> Floats:
    return reading - np.polyval(np.polyfit(truth, reading, 1), truth)


if __name__ == "__main__":
    main()
