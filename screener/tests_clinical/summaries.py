"""From a series over time to one value with its uncertainty. Never a single frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from screener.kinematics.attempts import MovementAttempt
from screener.kinematics.events import Repetition, inside, largest_held, path_length, runs
from screener.kinematics.frontal import LEAN_RESIDUAL_SD_DEG
from screener.kinematics.motion import Motion
from screener.kinematics.signal import clean
from screener.kinematics.turned import turned_lean_u95_deg
from screener.model.pose import Z95, Bools, Floats, Joint, Side
from screener.model.series import Interval
from screener.tests_clinical.definition import Finding, Value

MIN_SEEN = 0.80
"""Share of the frames of a repetition in which a measure must be known for it to count."""
HELD_S = 1.0
MIN_FEET_APART_SHARE = 0.065
"""Distance between the ankles in the picture, in body heights, below which the feet stand together; 0.10 under the hips."""
FEET_TOGETHER = "the feet were together: place them apart, under the hips"
END_S = 0.5
"""Where a movement has come to is looked at over so long before the end of the recording."""
MAX_BACK_SHARE = 0.5
"""A movement that is still further out than this share of its depth has not come back."""
DEEP_PERCENTILE = 98
PHASES = 41
"""Moments of a stretch at which repetitions are compared."""
AROUND_DEEPEST_S = 0.1
DEPTH_SD_DEG = 6.0
"""Spread of the knee flexion read from the leg's shortening in front views of rendered bodies."""
HIP_OFFSET_SD_SHARE = 0.004
"""Spread of the hip midpoint over the ankles between bodies, in body heights."""
SWAY_U95_SHARE = 0.8
"""Landmark noise is part of the path: a clip and its mirror image read 0.9 and 1.45 % of height a second."""


def within_any(time_s: Floats, intervals: Sequence[Interval]) -> Bools:
    """(T,) whether a sample lies in one of the intervals."""
    found = np.zeros(len(time_s), dtype=bool)
    for interval in intervals:
        found |= inside(time_s, interval)
    return found


def usable_share(values: Floats, mask: Bools) -> float:
    """Share of the samples of a mask that are known, 0 for an empty mask."""
    return float(np.isfinite(values[mask]).mean()) if mask.any() else 0.0


def held_value(
    key: str, motion: Motion, values: Floats, u95: Floats, holds: Sequence[Interval], judged: Bools | None = None
) -> tuple[Value, float]:
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
    judged : (T,) bool, optional
        Frames of the holds that count; all of them when not given.

    Returns
    -------
    value, time_s : Value, float
        NaN where no hold was long enough and seen well enough.
    """
    time_s = motion.time_s
    mask = within_any(time_s, holds) if judged is None else within_any(time_s, holds) & judged
    values = np.where(mask, values, np.nan)
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


def common_moments(values: Floats, time_s: Floats, stretches: Sequence[Interval]) -> Floats:
    """When a curve is highest in each of several stretches, the moment in one of them chosen by the others.

    The highest point of a curve that is mostly noise is where its noise is highest: read there, a level pelvis has a drop. The
    moment that the other repetitions choose knows nothing of the noise of this one.

    Parameters
    ----------
    values : (T,) float
        Smoothed series; NaN where unknown.
    time_s : (T,) float
        Times.
    stretches : sequence of Interval
        Alike parts of the movement. Of a single one its own highest point is taken.

    Returns
    -------
    (R,) float
        Seconds; the middle of a stretch where nothing was known in any that could choose.
    """
    phase = np.linspace(0.0, 1.0, PHASES)
    known = np.isfinite(values)
    curves = np.full((len(stretches), PHASES), np.nan)
    for row, one in enumerate(stretches):
        here = known & inside(time_s, one)
        if here.any():
            curves[row] = np.interp(one.start_s + phase * one.duration_s, time_s[here], values[here])
    seen = np.isfinite(curves).all(axis=1)
    moments = np.empty(len(stretches))
    for row, one in enumerate(stretches):
        others = seen & (np.arange(len(stretches)) != row)
        choosing = curves[others] if others.any() else curves[seen]
        highest = phase[int(np.argmax(np.median(choosing, axis=0)))] if len(choosing) else 0.5
        moments[row] = one.start_s + highest * one.duration_s
    return moments


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
    repetitions = _well_seen(values, motion.time_s, repetitions)
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


def _well_seen(values: Floats, time_s: Floats, repetitions: Sequence[Repetition]) -> Sequence[Repetition]:
    """Repetitions that were seen well enough, all of them where none was: one that hides does not spoil the others."""
    seen = [one for one in repetitions if usable_share(values, inside(time_s, one.interval)) >= MIN_SEEN]
    return seen or repetitions


def pelvis_value(key: str, motion: Motion, values: Floats, repetitions: Sequence[Repetition]) -> Value:
    """`set_value` of an angle of the pelvis, with the interval and the method of the obliquity."""
    found = set_value(key, motion, values, motion.column("pelvic_obliquity_u95_deg"), repetitions)
    return replace(found, method=motion.pelvis_method)


def set_finding(
    repetitions: Sequence[Repetition],
    values: tuple[Value, ...],
    key_moment_s: float,
    usable: Bools | None = None,
    tried: tuple[MovementAttempt, ...] = (),
) -> Finding:
    """What was found in a set of at least one repetition: judged from the start of the first to the end of the last."""
    return Finding(
        window=Interval(repetitions[0].start_s, repetitions[-1].end_s),
        values=values,
        repetitions=tuple(repetition.interval for repetition in repetitions),
        key_moment_s=key_moment_s,
        attempts=tried,
        usable=usable,
    )


def stays_down(depth: Floats, time_s: Floats, smallest: float) -> bool:
    """Whether a movement that was large enough was still not undone when the recording ended."""
    known = depth[np.isfinite(depth)]
    if known.size == 0:
        return False
    deepest = float(np.percentile(known, DEEP_PERCENTILE))
    end = depth[time_s >= time_s[-1] - END_S]
    end = end[np.isfinite(end)]
    return deepest >= smallest and end.size > 0 and float(np.median(end)) > MAX_BACK_SHARE * deepest


def down_to_the_end(depth: Floats, time_s: Floats, smallest: float) -> tuple[MovementAttempt, ...]:
    """List the movement that was not undone as an attempt: from where it passed half of its depth."""
    if not stays_down(depth, time_s, smallest):
        return ()
    known = np.flatnonzero(np.isfinite(depth))
    deep = depth[known] > MAX_BACK_SHARE * float(np.percentile(depth[known], DEEP_PERCENTILE))
    first = known[runs(deep)[-1][0]]
    return (MovementAttempt(Interval(float(time_s[first]), float(time_s[-1])), "it did not come up again"),)


def sinking_share(height_in_picture: Floats, motion: Motion) -> Floats:
    """(T,) how far a point is below its usual height, in body heights; `height_in_picture` is its y, pixels."""
    known = height_in_picture[np.isfinite(height_in_picture)]
    highest = float(np.percentile(known, 5)) if known.size else float("nan")
    return (height_in_picture - highest) / motion.body_height_px


def worst_moment_s(values: Floats, time_s: Floats, repetitions: Sequence[Repetition]) -> float:
    """Time of the deepest point of the repetition with the largest value; the first one where none is known."""
    each = repetition_values(values, time_s, repetitions)
    return repetitions[int(np.nanargmax(each))].deepest_s if np.isfinite(each).any() else repetitions[0].deepest_s


def depth_u95_deg(motion: Motion) -> Floats:
    """(T,) 95 % half width of the knee flexion that a front view shows as a shorter leg."""
    return np.full(len(motion.time_s), Z95 * DEPTH_SD_DEG)


def weight_shift_pct(motion: Motion) -> Floats:
    """(T,) offset of the hip midpoint from the middle of the ankles, in per cent of their distance; + = towards the left.

    NaN where the feet stand together: a share of next to nothing is any number.
    """
    left, right = motion.joint(Joint.ANKLE, Side.LEFT), motion.joint(Joint.ANKLE, Side.RIGHT)
    apart = np.abs(left[:, 0] - right[:, 0])
    apart = np.where(apart >= MIN_FEET_APART_SHARE * motion.body_height_px * motion.growth, apart, np.nan)
    offset = motion.middle(Joint.HIP)[:, 0] - motion.middle(Joint.ANKLE)[:, 0]
    return np.asarray(100.0 * motion.mediolateral_sign * offset / apart)


def weight_shift_u95_pct(motion: Motion) -> Floats:
    """(T,) 95 % half width of the weight shift: the landmarks' own error, and a camera roll that moves hips over feet."""
    left, right = motion.joint(Joint.ANKLE, Side.LEFT), motion.joint(Joint.ANKLE, Side.RIGHT)
    height = motion.middle(Joint.ANKLE)[:, 1] - motion.middle(Joint.HIP)[:, 1]
    offset = np.hypot(Z95 * HIP_OFFSET_SD_SHARE * motion.body_height_px, height * np.radians(motion.roll_u95_deg))
    return np.asarray(100.0 * offset / np.abs(left[:, 0] - right[:, 0]))


def longest_of(intervals: Sequence[Interval]) -> Interval:
    """Return the longest of some intervals."""
    return max(intervals, key=lambda span: span.duration_s)


def lean_u95_deg(motion: Motion) -> Floats:
    """(T,) 95 % half width of the trunk lean: spread of the reading, camera roll, and a body that is turned."""
    parts = (Z95 * LEAN_RESIDUAL_SD_DEG, motion.roll_u95_deg, turned_lean_u95_deg(motion.turn))
    return np.full(len(motion.time_s), float(np.linalg.norm(parts)))


def sway_value(motion: Motion, anchor: Floats, hold: Interval) -> Value:
    """Path of the hip midpoint relative to the feet over time, as a share of body height.

    Parameters
    ----------
    motion : Motion
        Front or back view.
    anchor : (T, 2) float
        What stays on the floor, pixels.
    hold : Interval
        The stretch that is measured.
    """
    hip = motion.middle(Joint.HIP) - anchor
    steady = np.stack([clean(hip[:, axis], motion.time_s, cutoff_hz=3.0) for axis in (0, 1)], axis=1)
    here = inside(motion.time_s, hold)
    sway = path_length(share_of_height(steady[here], motion), motion.time_s[here]) / hold.duration_s
    share = usable_share(hip[:, 0], here)
    return Value("sway_pct_height_per_s", sway, SWAY_U95_SHARE * sway, share, reason="there is no norm for it")


def share_of_height(points: Floats, motion: Motion) -> Floats:
    """Pixels as per cent of the standing height; same shape in and out."""
    return 100.0 * points / motion.body_height_px
