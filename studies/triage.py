"""What looking at fewer frames costs: measures of the rendered clips with all frames, and with fewer.

Usage: python studies/triage.py FOLDER
FOLDER holds clips with truth tables, as `screener validate` takes them. Prints the table of docs/speed.md: the mean error of
the pelvis against the truth, the mean and largest change of the measures against a run on every frame, and how many
grades change.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screener.accuracy.validate import find_pairs
from screener.model.recording import Request
from screener.video.file import EVERY_FRAME, Pace
from screener.workflow.screening import Screening
from screener.workflow.session import screen

PACES = (EVERY_FRAME, Pace(max_fps=15), Pace(max_fps=12), Pace(every=2))
PREFIXES = {"stance": "single_leg_stance", "slsquat": "single_leg_squat", "hinge": "hip_hinge"}


@dataclass(frozen=True)
class Case:
    """A clip, its test, and the true obliquity of the pelvis where the test looks at it."""

    video: Path
    test: str
    time_s: np.ndarray
    truth_deg: np.ndarray


def cases(folder: Path) -> list[Case]:
    found = []
    for pair in find_pairs(folder):
        test = PREFIXES.get(pair.video.stem.split("_")[0])
        if test is None:
            continue
        table = np.genfromtxt(pair.truth, delimiter=",", names=True, dtype=None, encoding="utf-8")
        column = "pelvic_obliquity_deg"
        truth = table[column].astype(float) if column in (table.dtype.names or ()) else np.full(len(table), np.nan)
        found.append(Case(pair.video, test, table["time_s"].astype(float), truth))
    return found


def values(screening: Screening) -> dict[tuple[str, str], tuple[float, str]]:
    return {
        (test.side, measure.key): (measure.value, measure.grade.value)
        for test in screening.report.tests
        for measure in test.measures
        if measure.value is not None
    }


def pelvis_error_deg(case: Case, screening: Screening) -> np.ndarray:
    truth = np.interp(screening.series.time_s, case.time_s, case.truth_deg)
    error = np.abs(screening.series.pelvic_obliquity_deg - truth)
    return error[np.isfinite(error)]


def label(pace: Pace) -> str:
    if pace.max_fps is not None:
        return f"--max-fps {pace.max_fps:g}"
    return "every frame" if pace.every == 1 else f"--every {pace.every}"


def main() -> None:
    found = cases(Path(sys.argv[1]))
    whole: dict[Path, dict[tuple[str, str], tuple[float, str]]] = {}
    print("| | frames | pelvis against the truth, mean error | change of angles, mean and largest | grades changed | refused |")
    print("|---|---|---|---|---|---|")
    for pace in PACES:
        errors, changes, frames, changed, refused, compared = [], [], 0, 0, 0, 0
        for case in found:
            screening = screen(case.video, Request(test=case.test), pictures=False, pace=pace)
            now = values(screening)
            before = whole.setdefault(case.video, now)
            frames += len(screening.poses)
            refused += bool(before) and not now
            errors.append(pelvis_error_deg(case, screening))
            for key in before.keys() & now.keys():
                compared += 1
                changed += before[key][1] != now[key][1]
                if key[1].endswith("_deg"):
                    changes.append(abs(before[key][0] - now[key][0]))
        error = float(np.concatenate(errors).mean())
        change = f"{np.mean(changes):.2f}, {np.max(changes):.2f}" if changes else "-"
        print(f"| {label(pace)} | {frames} | {error:.2f} | {change} | {changed} of {compared} | {refused} of {len(found)} |")


if __name__ == "__main__":
    main()
