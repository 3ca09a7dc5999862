"""From a series over time to one value with its uncertainty. Never a single frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from screener.kinematics.events import Repetition, inside, largest_held
from screener.kinematics.frontal import LEAN_RESIDUAL_SD_DEG
from screener.model import Bools, Floats, Interval
from screener.tests_clinical.definition import Value
from screener.tests_clinical.series import Motion

HELD_S = 1.0
AROUND_DEEPEST_S = 0.1
Z95 = 1.96


def within_any(time_s: Floats, intervals: Sequence[Interval]) -> Bools:
    """(T,) whether a sample lies in one of the intervals."""
    found = np.zeros(len(time_s), dtype=bool)
    for interval in intervals:
        found |= inside(time_s, interval)
    return found


def usable_share(values: Floats, mask: Bools) -> float:
    """Share of the samples of a mask that are known, 0 for an empty mask."""
    return float(np.isfinite(values[mask]).mean()) if mask.any() else 0.0


def held_value(key: str, motion: Motion, values: Floats, u95: Floats, holds: Sequence[Interval]) -> tuple[Value, float]:
    """Largest 1-s rolling median over the holds.

    Parameters
    ----------
    key : str
        Measure.
    motion : Motion
        Gives the times.
    values, u95 : (T,) float
        Series in the sign of the measure and its 95 % half width.
    holds : sequence of Interval
        Holds shorter than the window have no value.

    Returns
    -------
    value, time_s : Value, float
        NaN where no hold was long enough and seen well enough.
    """
    time_s = motion.time_s
    mask = within_any(time_s, holds)
    best, at = float("nan"), float("nan")
    for hold in holds:
        here = inside(time_s, hold)
        value, when = largest_held(values[here], time_s[here], HELD_S)
        if np.isfinite(value) and not value <= best:
            best, at = value, when
    if not np.isfinite(best):
        reason = "no hold lasted long enough" if holds else "no hold was found"
        return Value(key, best, best, usable_share(values, mask), reason), at
    near = np.abs(time_s - at) <= HELD_S / 2
    return Value(key, best, float(np.nanmedian(u95[near])), usable_share(values, mask)), at


def repetition_values(values: Floats, time_s: Floats, repetitions: Sequence[Repetition]) -> Floats:
    """(R,) median within 0.1 s of the deepest point of each repetition; NaN where nothing was known there."""
    out = np.full(len(repetitions), np.nan)
    for number, repetition in enumerate(repetitions):
        near = values[np.abs(time_s - repetition.deepest_s) <= AROUND_DEEPEST_S]
        near = near[np.isfinite(near)]
        if near.size:
            out[number] = float(np.median(near))
    return out


def set_value(
    key: str, motion: Motion, values: Floats, u95: Floats, repetitions: Sequence[Repetition], reason: str | None = None
) -> Value:
    """Median over the repetitions of the value at the deepest point.

    Parameters
    ----------
    key : str
        Measure.
    motion : Motion
        Gives the times.
    values, u95 : (T,) float
        Series in the sign of the measure and its 95 % half width. The spread between repetitions adds to it.
    repetitions : sequence of Repetition
        Of the set.
    reason : str, optional
        Why the value may be missing.
    """
    each = repetition_values(values, motion.time_s, repetitions)
    known = each[np.isfinite(each)]
    mask = within_any(motion.time_s, [repetition.interval for repetition in repetitions])
    share = usable_share(values, mask)
    if known.size == 0:
        return Value(key, float("nan"), float("nan"), share, reason)
    own = repetition_values(u95, motion.time_s, repetitions)
    width = float(np.nanmedian(own)) if np.isfinite(own).any() else float("nan")
    between = Z95 * float(np.std(known, ddof=1)) / np.sqrt(known.size) if known.size > 1 else 0.0
    return Value(key, float(np.median(known)), float(np.hypot(width, between)), share)


def lean_u95_deg(motion: Motion) -> Floats:
    """(T,) 95 % half width of the trunk lean: spread of the reading and camera roll."""
    width = float(np.hypot(Z95 * LEAN_RESIDUAL_SD_DEG, motion.roll_u95_deg))
    return np.full(len(motion.time_s), width)


def share_of_height(points: Floats, motion: Motion) -> Floats:
    """Pixels as per cent of the standing height; same shape in and out."""
    return 100.0 * points / motion.body_height_px
