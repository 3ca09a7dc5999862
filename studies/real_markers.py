"""Readings against optical motion capture of the same people: knees, five stands, turn of the body."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screener.kinematics.frontal import fppa_deg, knee_valgus_deg
from screener.kinematics.motion import Motion
from screener.model.pose import Bools, Floats, Joint, Side, View

MIN_THIGH_SHARE = 0.7
MAX_FLEXION_DEG = 60.0
MARKER_INWARDS = -1
"""The marker tables count the projected knee angle outwards, the program inwards."""


@dataclass(frozen=True)
class Error:
    """Reading less truth over the frames that have both; NaN where there are none."""

    frames: int
    mean_absolute: float
    bias: float
    correlation: float


@dataclass(frozen=True)
class KneeTruth:
    """One knee of one clip.

    Attributes
    ----------
    flexion : Error
        Of the program's column.
    defined : int
        Frames in which the projected angle means something: thigh at least 0.7 on the picture, knee bent by up to 60 degrees.
    picture, corrected : Error
        Over these, of the angle as the picture shows it, and of the same divided by the program's gain.
    lowest, highest : float
        The true projected angle over these.
    """

    clip: str
    side: Side
    flexion: Error
    defined: int
    picture: Error
    corrected: Error
    lowest: float
    highest: float


@dataclass(frozen=True)
class TurnTruth:
    """The turn of the body of one clip, degrees without sign."""

    clip: str
    source: str
    true: float
    read: float
    u95: float

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return abs(self.read - self.true) <= self.u95


def load_markers(path: Path) -> dict[str, Floats]:
    """Columns of a marker table, NaN where empty."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


def at_times(markers: Mapping[str, Floats], time_s: Floats) -> dict[str, Floats]:
    """Marker columns at the times of a recording, NaN where no row lies within half of their interval."""
    times = markers["time_s"]
    nearest = np.abs(time_s[:, None] - times[None]).argmin(axis=1)
    near = np.abs(time_s - times[nearest]) <= np.median(np.diff(times)) / 2 + 1e-3
    return {name: np.where(near, values[nearest], np.nan) for name, values in markers.items()}


def error(read: Floats, true: Floats) -> Error:
    """Agreement of two columns."""
    known = np.isfinite(read) & np.isfinite(true)
    if known.sum() < 2:
        return Error(int(known.sum()), np.nan, np.nan, np.nan)
    apart = (read - true)[known]
    varies = min(np.ptp(read[known]), np.ptp(true[known])) > 0
    together = float(np.corrcoef(read[known], true[known])[0, 1]) if varies else np.nan
    return Error(int(known.sum()), float(np.abs(apart).mean()), float(apart.mean()), together)


def defined(thigh_share: Floats, flexion_deg: Floats) -> Bools:
    """(T,) frames in which the picture shows the angle of a knee."""
    return np.asarray((thigh_share >= MIN_THIGH_SHARE) & (flexion_deg <= MAX_FLEXION_DEG))


def knee_truth(clip: str, side: Side, motion: Motion, true: Mapping[str, Floats]) -> KneeTruth:
    """Compare one knee; the projected angle is read as from the front, also where the program's gate would not read it."""
    here = defined(true[f"x_thigh_image_share_{side}"], true[f"knee_flexion_{side}_deg"])
    projected = np.where(here, MARKER_INWARDS * true[f"x_fppa_image_{side}_deg"], np.nan)
    hip, knee, ankle = (motion.joint(joint, side) for joint in (Joint.HIP, Joint.KNEE, Joint.ANKLE))
    shown = fppa_deg(hip, knee, ankle, View.FRONT.mediolateral_sign * side.sign)
    return KneeTruth(
        clip=clip,
        side=side,
        flexion=error(motion.column(f"knee_flexion_{side}_deg"), true[f"knee_flexion_{side}_deg"]),
        defined=int(here.sum()),
        picture=error(shown, projected),
        corrected=error(knee_valgus_deg(shown), projected),
        lowest=float(np.nanmin(projected)),
        highest=float(np.nanmax(projected)),
    )


def straightest_s(flexion_deg: Floats, time_s: Floats, spans: Sequence[tuple[float, float]]) -> list[float]:
    """When the knees are straightest in each span; the middle where they stay so."""
    found = []
    for start_s, end_s in spans:
        here = np.flatnonzero((time_s >= start_s) & (time_s <= end_s))
        found.append(float(time_s[here[flexion_deg[here] == np.nanmin(flexion_deg[here])]].mean()))
    return found


def both_knees_deg(column: Mapping[str, Floats]) -> Floats:
    """(T,) mean flexion of both knees."""
    return np.asarray(np.mean([column[f"knee_flexion_{side}_deg"] for side in Side], axis=0))
