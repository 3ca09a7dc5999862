"""Turn rendered stills into studies/data/pelvis_stills.csv: the lines of the body as MediaPipe sees them, and the truth.

    python studies/pelvis_stills.py FOLDER [FOLDER ...]

Each folder holds pictures and a truth.jsonl of the generator (see studies/data/README.md). The pictures stay outside the
repository; the table is enough to repeat the fit.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
from fit_landmark_correction import STILLS
from PIL import Image

from screener.kinematics.hip_correction import BodyLines, body_lines
from screener.model.pose import Joint, Side
from screener.pose.landmarker import PeopleFinder
from screener.pose.models import load_model

LINES = tuple(field.name for field in fields(BodyLines))


def rows(folder: Path, finder: PeopleFinder) -> Iterator[list[object]]:
    """One row for each still in which somebody was found."""
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        picture = folder / truth["file"]
        if not picture.exists():
            continue
        bodies = finder.find(np.asarray(Image.open(picture).convert("RGB")))
        if len(bodies) == 0:
            continue
        tallest = bodies[np.argmax(np.ptp(bodies[..., 1], axis=1))]
        hips, shoulders, knees, ankles = (
            (tallest[None, joint.on(Side.LEFT)], tallest[None, joint.on(Side.RIGHT)])
            for joint in (Joint.HIP, Joint.SHOULDER, Joint.KNEE, Joint.ANKLE)
        )
        seen = body_lines(hips, shoulders, knees, ankles, -1 if truth["back"] else 1)
        numbers = [round(float(getattr(seen, name)[0]), 4 if name == "leg_ratio" else 2) for name in LINES]
        turn = round(truth["cond"]["yaw"], 1)
        yield [picture.stem, truth["body"], int(truth["back"]), turn, round(truth["hip_3d"], 2), *numbers]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Make the table of stills.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=STILLS)
    options = parser.parse_args()
    finder = PeopleFinder(load_model())
    with options.out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["still", "body", "back", "body_turn", "truth", *LINES])
        for folder in options.folders:
            table.writerows(rows(folder, finder))
    finder.close()


if __name__ == "__main__":
    main()
