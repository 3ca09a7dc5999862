"""What happens when: quiet standing, the stance leg, holds and repetitions.

Thresholds are shares of body height and seconds, never pixels or frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screener.kinematics.planar import distance
from screener.kinematics.signal import bridgeable, rolling_median, samples
from screener.model.pose import Bools, Floats, Ints
from screener.model.series import Interval, frame_interval_s

STILL_SPEED_PER_S = 0.12
"""Speed of a joint that counts as still, in body heights a second."""
UPRIGHT_SHARE = 0.97
"""Share of the largest shoulder height above the ankles from which a person counts as upright."""
ARMS_RAISED_SHARE = 0.95
"""The same for the shoulders where the hips are seen too: an arm that is raised, by a hand's breadth, moves only them."""
MIN_UPRIGHT = 0.6
"""Shoulder height of a person who stands, in body heights (0.78 in full): one who sits or lies all the time is not upright."""
LIFT_ON = 0.030
LIFT_OFF = 0.015
"""Foot height above the other, in body heights, at which a foot counts as lifted, and as down again."""
EDGE_SHARE = 0.15
"""Share of its own range at which a repetition starts and ends."""
MAX_GAP_S = 0.5
"""A break in what is seen up to this long is closed; of a longer one nobody knows what was in it."""
MIN_EVENT_S = 0.15
"""A stance or a touch-down shorter than this is noise."""


@dataclass(frozen=True)
class Repetition:
    """One movement out and back: starts, is deepest, ends (seconds)."""

    start_s: float
    deepest_s: float
    end_s: float

    @property
    def interval(self) -> Interval:
        """From the start to the end."""
        return Interval(self.start_s, self.end_s)


def runs(mask: Bools) -> Ints:
    """Find the stretches of True.

    Parameters
    ----------
    mask : (T,) bool

    Returns
    -------
    (K, 2) int
        First index and index after the last, in order.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return edges.reshape(-1, 2)


def without_short(mask: Bools, time_s: Floats, shortest_s: float) -> Bools:
    """Copy of a mask in which stretches of True shorter than `shortest_s` are False; (T,) in and out."""
    out = mask.copy()
    step = frame_interval_s(time_s)
    for first, after in runs(mask):
        if time_s[after - 1] - time_s[first] + step < shortest_s:
            out[first:after] = False
    return out


def spans(mask: Bools, time_s: Floats, shortest_s: float = 0.0) -> tuple[Interval, ...]:
    """Turn stretches of True into intervals of at least `shortest_s`.

    Parameters
    ----------
    mask : (T,) bool
    time_s : (T,) float
        Seconds.
    shortest_s : float
        Shorter stretches are left out.
    """
    kept = runs(without_short(mask, time_s, shortest_s))
    return tuple(Interval(float(time_s[first]), float(time_s[after - 1])) for first, after in kept)


def inside(time_s: Floats, interval: Interval) -> Bools:
    """(T,) whether a sample lies in an interval, both ends included."""
    return (time_s >= interval.start_s) & (time_s <= interval.end_s)


def speed_per_s(points: Floats, time_s: Floats, over_s: float = 0.3) -> Floats:
    """Speed of points over a centred stretch of time.

    Parameters
    ----------
    points : (T, ..., 2) float
        Positions, any unit.
    time_s : (T,) float
        Seconds.
    over_s : float
        Distance is taken from half of it before to half of it after, so that jitter does not count as movement.

    Returns
    -------
    (T, ...) float
        Unit of the points a second; NaN where an end is missing.
    """
    half = max(1, samples(over_s, time_s) // 2)
    index = np.arange(len(time_s))
    before, after = np.maximum(index - half, 0), np.minimum(index + half, len(time_s) - 1)
    elapsed = (time_s[after] - time_s[before]).reshape((-1,) + (1,) * (points.ndim - 2))
    path = distance(points[after], points[before])
    return np.divide(path, elapsed, out=np.full_like(path, np.nan), where=elapsed > 0)


def quiet_standing(
    joints: Floats,
    shoulder_height: Floats,
    both_down: Bools,
    time_s: Floats,
    body_height: Floats,
    hip_height: Floats | None = None,
) -> Bools:
    """Frames of quiet two-leg standing.

    Parameters
    ----------
    joints : (T, K, 2) float
        Positions of the joints that must be still, in the unit of `body_height`.
    shoulder_height : (T,) float
        Height of the mid-shoulder above the ankles, same unit.
    both_down : (T,) bool
        Both feet on the floor.
    time_s : (T,) float
        Seconds.
    body_height : (T,) float
        Standing height, same unit; it grows while the person walks to the camera.
    hip_height : (T,) float, optional
        Height of the mid-hip above the ankles, same unit. It tells whether the legs are straight, and raised arms do not move
        it; without it the shoulders alone decide.

    Returns
    -------
    (T,) bool
        False where a joint is missing.
    """
    share = np.divide(shoulder_height, body_height, out=np.full_like(shoulder_height, np.nan), where=body_height > 0)
    known = both_down & np.isfinite(share)
    if not known.any():
        return np.zeros(len(time_s), dtype=bool)
    straight, least = np.ones(len(time_s), dtype=bool), UPRIGHT_SHARE
    if hip_height is not None:
        hips = np.divide(hip_height, body_height, out=np.full_like(hip_height, np.nan), where=body_height > 0)
        straight, least = hips >= UPRIGHT_SHARE * float(np.percentile(hips[known], 95)), ARMS_RAISED_SHARE
    slow = (speed_per_s(joints, time_s) < STILL_SPEED_PER_S * body_height[:, None]).all(axis=-1)
    still = slow & np.isfinite(joints).all(axis=(1, 2))
    upright = straight & (share >= max(MIN_UPRIGHT, least * float(np.percentile(share[known], 95))))
    return without_short(still & upright & both_down, time_s, MIN_EVENT_S)


def lifted(height: Floats, time_s: Floats, on: float = LIFT_ON, off: float = LIFT_OFF) -> Bools:
    """Whether a foot is off the floor, with hysteresis.

    Parameters
    ----------
    height : (T,) float
        Height of the foot above the other one, in body heights.
    time_s : (T,) float
        Seconds.
    on, off : float
        Heights at which a lift starts, and at which the foot is down again.

    Returns
    -------
    (T,) bool
        A lift starts when the height passes `on`, reaches back and forth to where it passes `off`; missing
        samples end it unless the gap is short. Lifts and touch-downs shorter than `MIN_EVENT_S` do not count.
    """
    known = np.isfinite(height)
    if not known.any():
        return np.zeros(len(height), dtype=bool)
    filled = np.interp(time_s, time_s[known], height[known])
    filled = np.where(bridgeable(known, time_s), filled, -np.inf)
    low = filled > off
    out = np.zeros(len(height), dtype=bool)
    for first, after in runs(low):
        out[first:after] = bool((filled[first:after] > on).any())
    up = without_short(out, time_s, MIN_EVENT_S)
    return ~without_short(~up, time_s, MIN_EVENT_S)


def stance(left_height: Floats, time_s: Floats, on: float = LIFT_ON) -> NDArray[np.str_]:
    """Which leg carries the body.

    Parameters
    ----------
    left_height : (T,) float
        Height of the left foot above the right one, in body heights.
    time_s : (T,) float
        Seconds.
    on : float
        Height from which a foot counts as lifted.

    Returns
    -------
    (T,) str
        "left", "right" (the leg that stands), "both", or "none" where the feet were not seen.
    """
    left_up, right_up = lifted(left_height, time_s, on), lifted(-left_height, time_s, on)
    out = np.where(left_up, "right", np.where(right_up, "left", "both"))
    return np.where(bridgeable(np.isfinite(left_height), time_s), out, "none")


def repetitions(depth: Floats, time_s: Floats, smallest: float, full_share: float = 0.65) -> tuple[Repetition, ...]:
    """Movements out of the standing position and back.

    Parameters
    ----------
    depth : (T,) float
        Grows away from the standing position; NaN where missing.
    time_s : (T,) float
        Seconds.
    smallest : float
        A movement smaller than this is none, in the unit of depth.
    full_share : float
        Share of the range that a movement must reach, and must come back by, to count: half a repetition is none.

    Returns
    -------
    tuple of Repetition
        In order of time; start and end are where the depth passes 15 % of the repetition's own range.
    """
    known = np.isfinite(depth)
    if known.sum() < 5:
        return ()
    filled = np.interp(time_s, time_s[known], depth[known])
    base, top = np.percentile(filled, [5, 98])
    least = max(smallest, full_share * (top - base))
    if top - base < smallest:
        return ()
    padded = np.concatenate(([base], filled, [base]))
    from scipy.signal import find_peaks  # see signal.py

    peaks = find_peaks(padded, prominence=least, height=base + least)[0] - 1
    peaks = _one_each(filled, peaks[(peaks > 0) & (peaks < len(filled) - 1)], least)
    kept = [peak for peak in peaks if _comes_back(filled, peak, base)]
    edges = [0, *kept, len(filled) - 1]
    return tuple(_repetition(filled, time_s, peak, edges[number], edges[number + 2]) for number, peak in enumerate(kept))


def _one_each(depth: Floats, peaks: Ints, least: float) -> list[int]:
    """Of peaks as high as one another between which the movement did not come back, keep the first highest."""
    kept: list[int] = []
    for peak in peaks:
        if kept and depth[kept[-1] : peak + 1].min() > min(depth[kept[-1]], depth[peak]) - least:
            kept[-1] = kept[-1] if depth[kept[-1]] >= depth[peak] else int(peak)
        else:
            kept.append(int(peak))
    return kept


def _comes_back(depth: Floats, peak: int, base: float) -> bool:
    """Whether the movement was seen to start and to end (a recording may cut it off)."""
    half = base + 0.5 * (depth[peak] - base)
    return bool((depth[:peak] < half).any() and (depth[peak:] < half).any())


def _repetition(depth: Floats, time_s: Floats, peak: int, earlier: int, later: int) -> Repetition:
    """Where one movement starts, is deepest and ends; `earlier` and `later` are the peaks beside it, or the ends.

    Each way has its own level of rest, the lowest fifth of the samples up to the next peak: on one leg it is not that of
    standing on two, and it creeps.
    """
    way_down, way_up = depth[earlier : peak + 1], depth[peak : later + 1]
    before = np.flatnonzero(way_down < _edge_level(way_down, depth[peak]))
    after = np.flatnonzero(way_up < _edge_level(way_up, depth[peak]))
    first = earlier + int(before[-1]) + 1 if before.size else earlier
    last = peak + int(after[0]) - 1 if after.size else later
    plateau = depth[first : last + 1] >= depth[peak] - 0.03 * (depth[peak] - depth[first : last + 1].min())
    deepest = np.flatnonzero(plateau) + first
    return Repetition(float(time_s[first]), float(np.median(time_s[deepest])), float(time_s[last]))


def _edge_level(way: Floats, peak_depth: float) -> float:
    rest = float(np.percentile(way, 20))
    return rest + EDGE_SHARE * (peak_depth - rest)


def largest_held(values: Floats, time_s: Floats, window_s: float = 1.0) -> tuple[float, float]:
    """Largest rolling median: what was held, not what flashed by.

    Parameters
    ----------
    values : (T,) float
        Any unit.
    time_s : (T,) float
        Seconds.
    window_s : float
        Window of the median.

    Returns
    -------
    value, time_s : float
        The time is the middle of where that value was held. NaN, NaN where no window was known well enough.
    """
    held = rolling_median(values, time_s, window_s)
    if not np.isfinite(held).any():
        return float("nan"), float("nan")
    best = float(np.nanmax(held))
    return best, float(np.median(time_s[held == best]))


def seconds_of(mask: Bools, time_s: Floats) -> float:
    """Seconds for which a mask was true, summed over the clock.

    Each pair of neighbours stands for the time between them, half of it for either; a break longer than `MAX_GAP_S`, in which
    nobody knows what was, does not count. A recording that drops pictures reads as long as one that does not.

    Parameters
    ----------
    mask : (T,) bool
    time_s : (T,) float
        Seconds.
    """
    if len(time_s) < 2:
        return 0.0
    steps = np.diff(time_s)
    steps = np.where(steps <= MAX_GAP_S, steps, 0.0)
    return float((steps * (mask[:-1].astype(np.float64) + mask[1:]) / 2.0).sum())


def time_beyond_s(values: Floats, time_s: Floats, limit: float) -> float:
    """Seconds in which a series lies above a limit, summed over the clock; missing samples do not count."""
    return seconds_of(values > limit, time_s)


def path_length(points: Floats, time_s: Floats) -> float:
    """Length of the path of a point over known neighbours; (T, 2) in, unit of the points out, NaN when nothing is known."""
    steps = distance(points[1:], points[:-1])
    return float(np.nansum(steps)) if np.isfinite(steps).any() and len(time_s) > 1 else float("nan")
