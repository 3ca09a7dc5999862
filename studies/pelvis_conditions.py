"""The pelvis in poor light, in shrunk copies and under loose shirts: error, interval and flags by condition.

    python studies/pelvis_conditions.py TRUTH FOLDER [FOLDER ...] [--write docs/accuracy.md]

Each FOLDER holds NAME--CONDITION.mp4, a clip laid over with a fault or dressed anew; TRUTH holds NAME.csv, or the FOLDER itself
NAME--CONDITION.csv, with the columns of timeseries.csv. A condition is one row.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import page_parts

from screener.accuracy.validate import load_truth
from screener.model.recording import Request
from screener.model.results import Grade
from screener.workflow.session import screen

BEGIN, END = "<!-- begin pelvis conditions -->", "<!-- end pelvis conditions -->"
DROP_DEG = 5.0
HEADER = (
    "condition", "clips", "MAE", "worst clip", "covers", "half width", "drops above 5 read above 5", "firmly wrong",
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """One clip: its mean absolute error, the share of frames that the interval holds, its usual half width; flags."""

    mae: float
    covers: float
    half_width: float
    drops: bool
    read: bool
    firmly_wrong: bool


def judged(video: Path, truth: Path) -> Judged:
    """Screen a clip and compare its pelvis with the truth."""
    test = "single_leg_squat" if "squat" in video.stem else "single_leg_stance"
    screening = screen(video, Request(test=test), pictures=False)
    series = screening.series
    true = load_truth(truth, series.time_s).pelvic_obliquity_deg
    error = np.abs(series.pelvic_obliquity_deg - true)
    known = np.isfinite(error)
    peak = float(np.nanmax(np.abs(true)))
    drops = [
        measure
        for result in screening.report.tests
        for measure in result.measures
        if measure.key == "pelvic_drop_deg" and measure.value is not None
    ]
    read = any((measure.value or 0.0) > DROP_DEG for measure in drops)
    wrong = any(measure.firm and (measure.grade is Grade.OUTSIDE) != (peak > DROP_DEG) for measure in drops)
    return Judged(
        mae=float(error[known].mean()),
        covers=float((error <= series.pelvic_obliquity_u95_deg)[known].mean()),
        half_width=float(np.nanmedian(series.pelvic_obliquity_u95_deg)),
        drops=peak > DROP_DEG and bool(drops),
        read=read,
        firmly_wrong=wrong,
    )


def table(truth: Path, folders: list[Path]) -> str:
    """Return the rows, by condition."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for video in sorted(video for folder in folders for video in folder.glob("*--*.mp4")):
        name, condition = video.stem.split("--")
        own = video.with_suffix(".csv")
        found[condition].append(judged(video, own if own.is_file() else truth / f"{name}.csv"))
        print(video.stem, found[condition][-1], flush=True)
    rows = []
    for condition, clips in found.items():
        drops = [clip for clip in clips if clip.drops]
        rows.append(
            (
                condition.replace("_", " "),
                str(len(clips)),
                f"{np.mean([clip.mae for clip in clips]):.2f}",
                f"{max(clip.mae for clip in clips):.2f}",
                f"{100 * np.mean([clip.covers for clip in clips]):.0f} %",
                f"{np.mean([clip.half_width for clip in clips]):.1f}",
                f"{sum(clip.read for clip in drops)} of {len(drops)}",
                str(sum(clip.firmly_wrong for clip in clips)),
            )
        )
    return page_parts.table(HEADER, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    rows = table(asked.truth, asked.folders)
    print(rows)
    if asked.write:
        asked.write.write_text(page_parts.replaced(asked.write.read_text(encoding="utf-8"), BEGIN, END, rows), encoding="utf-8")


if __name__ == "__main__":
    main()
