"""How well outline and surface show the rounding of the back, body by body.

    python validation/hinge_rounding.py FOLDER [--out TABLE.csv]

FOLDER holds one folder for each rendered hinge, from upright to the bottom: pictures 000.png, 001.png ... and truth.json (see
validation/data/README.md). The pictures stay outside the repository.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from PIL import Image

from screener.kinematics.pelvis import change_from_quiet
from screener.kinematics.rounding import (
    LowBackTurn,
    outline_curve_deg,
    outline_rounding_deg,
    spine_rounding,
    surface_rounding_deg,
)
from screener.kinematics.sagittal import trunk_inclination_deg
from screener.kinematics.signal import clean
from screener.model import BACK_STATIONS, Joint, Side
from screener.pose.finder import PoseFinder
from screener.pose.models import load_model
from screener.pose.recorder import Recorder
from screener.pose.silhouette import nearer_side
from screener.pose.video import Frame
from screener.tests_clinical.series import FLOOR_DEG, OUTLINE_CUTOFF_HZ

FRAMES_PER_S, STANDING, BOTTOM = 20.0, 5, 3
COLUMNS = ("hinge", "body", "inclination", "truth", "outline", "surface", "drift", "joined", "u95")


def read(folder: Path) -> dict[str, object]:
    """Readings at the bottom of one rendered hinge, degrees."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    finder = PoseFinder(load_model(), pelvis=False, back=True)
    recorder = Recorder(640, 480)
    sides = []
    for number, path in enumerate(sorted(folder.glob("*.png"))):
        rgb = np.ascontiguousarray(np.asarray(Image.open(path).convert("RGB")))
        pose = finder.look(finder.locate(Frame(number / FRAMES_PER_S, rgb)))
        recorder.add(pose)
        sides.append(nearer_side(pose.world_m))
    finder.close()
    poses = recorder.sequence()
    near = max(Side, key=sides.count)
    quiet = np.arange(len(poses)) < STANDING
    lean = trunk_inclination_deg(poses.pixels[:, Joint.HIP.on(near)], poses.pixels[:, Joint.SHOULDER.on(near)], -near.sign)
    inclination = change_from_quiet(clean(lean, poses.time_s, FLOOR_DEG), quiet)
    turn = -near.sign * clean(poses.surface_rotation_deg, poses.time_s, FLOOR_DEG, OUTLINE_CUTOFF_HZ)
    low_back = LowBackTurn(turn, poses.surface_spread_deg, poses.surface_segment)
    curve = clean(outline_curve_deg(poses.back_outline, BACK_STATIONS), poses.time_s, FLOOR_DEG, OUTLINE_CUTOFF_HZ)
    surface, drift = surface_rounding_deg(low_back, inclination, quiet)
    joined = spine_rounding(curve, low_back, inclination, quiet)
    outline = outline_rounding_deg(curve, inclination, quiet)
    series = {"inclination": inclination, "outline": outline, "surface": surface, "drift": drift}
    series |= {"joined": joined.value_deg, "u95": joined.u95_deg}
    bottom = {name: round(float(np.nanmedian(of[-BOTTOM:])), 2) for name, of in series.items()}
    return {"hinge": folder.name, "body": truth["body"], "truth": truth["rho"], **bottom}


def main() -> None:
    """Print the table and how far each reading is from the truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = [read(truth.parent) for truth in sorted(options.folder.glob("*/truth.json"))]
    for row in rows:
        print("  ".join(f"{row[name]!s:>14}" for name in COLUMNS))
    truth = np.array([row["truth"] for row in rows], float)
    for name in ("outline", "surface", "joined"):
        error = np.array([row[name] for row in rows], float) - truth
        print(f"{name}: bias {np.nanmean(error):+.1f}, root mean square {np.sqrt(np.nanmean(error**2)):.1f} degrees")
    if options.out:
        with options.out.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


if __name__ == "__main__":
    main()
