"""Rounding of the back in a side view, from its outline and from the surface of the low back.

Two readings of the same angle with different faults. The outline bulges when the back rounds, on every body differently. The
surface of the low back turns with the pelvis, which stays behind the hip-shoulder line when the back rounds; cloth and skin
follow the thigh a little, and the tracking drifts. Both are counted from the person's own upright standing and joined by
their precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.kinematics.pelvis import change_from_quiet
from screener.kinematics.planar import direction_deg
from screener.model.pose import Z95, Bools, Floats, Ints

OUTLINE_GAIN = 0.58
"""Change of the outline's curve for one degree of flexion along the spine."""
SURFACE_GAIN = 0.63
"""Degrees by which the low back lags behind the hip-shoulder line for one of flexion: most of the bend lies above it."""
STRAIGHT_HINGE_LAG_DEG = 7.5
"""The same in a hinge of 75 degrees with a straight back: cloth and skin follow the thigh, the landmarks lean ahead."""
OUTLINE_SD_DEG = 12.0
SURFACE_SD_DEG = 5.5
"""Root mean square error of the rounding read from each with the body left out (11.8 and 5.0), rounded up. Found like the gains
by studies/hinge_rounding.py, on 58 rendered hinges of eight bodies with 0, 20, 45 and 60 degrees."""
UPRIGHT_DEG = 5.0
"""A trunk that leans less than this from standing is upright, and its back as round as in standing."""


@dataclass(frozen=True)
class LowBackTurn:
    """Turn of the surface of the low back.

    Attributes
    ----------
    forward_deg : (T,) float
        Turn since the segment began, cleaned, + = forward. NaN where it was not tracked.
    u_deg : (T,) float
        Its standard uncertainty against the start of the segment.
    segment : (T,) int
        Turns of different segments have different zeros.
    """

    forward_deg: Floats
    u_deg: Floats
    segment: Ints


@dataclass(frozen=True)
class Rounding:
    """Rounding of the back.

    Attributes
    ----------
    value_deg : (T,) float
        Flexion along the spine beyond the person's own standing, positive: rounder. NaN where nothing shows it.
    u95_deg : (T,) float
        95 % half width; NaN where the value is.
    """

    value_deg: Floats
    u95_deg: Floats


def outline_curve_deg(outline: Floats, stations: Floats) -> Floats:
    """Curve of the back: turn of a parabola through its outline from the hip to the shoulder.

    Parameters
    ----------
    outline : (T, K) float
        Distance behind the hip-shoulder line, in trunk lengths.
    stations : (K,) float
        Where along the line, 0 at the hip, 1 at the shoulder.

    Returns
    -------
    (T,) float
        Degrees; positive: bulging backwards. NaN where a fifth or more of the outline is missing.
    """
    known = np.isfinite(outline)
    enough = known.mean(axis=1) > 0.8
    powers = stations[:, None] ** np.arange(5)
    moments = known.astype(np.float64) @ powers
    normal = moments[:, np.add.outer(np.arange(3), np.arange(3))]
    right = np.where(known, outline, 0.0) @ powers[:, :3]
    curve = np.full(len(outline), np.nan)
    if enough.any():
        parabola = np.linalg.solve(normal[enough], right[enough, :, None])[..., 0]
        slope, bend = parabola[:, 1], parabola[:, 2]
        one = np.ones_like(slope)
        curve[enough] = direction_deg(one, slope) - direction_deg(one, slope + 2.0 * bend)
    return curve


def spine_rounding(curve_deg: Floats, low_back: LowBackTurn, inclination_deg: Floats, quiet: Bools) -> Rounding:
    """Join what outline and surface say of the rounding of the back.

    Parameters
    ----------
    curve_deg : (T,) float
        Result of `outline_curve_deg`, cleaned.
    low_back : LowBackTurn
        All NaN where the surface was not tracked.
    inclination_deg : (T,) float
        Trunk inclination, its standing value subtracted.
    quiet : (T,) bool
        Frames of quiet standing.

    Returns
    -------
    Rounding
        NaN everywhere without quiet standing; from one of the two where the other is missing.
    """
    if not quiet.any():
        nowhere = np.full(len(curve_deg), np.nan)
        return Rounding(nowhere, nowhere)
    outline = outline_rounding_deg(curve_deg, quiet)
    surface, drift = surface_rounding_deg(low_back, inclination_deg, quiet)
    weights = np.stack([np.full(len(outline), OUTLINE_SD_DEG**-2), 1.0 / (SURFACE_SD_DEG**2 + drift**2)])
    readings = np.stack([outline, surface])
    known = np.isfinite(readings) & np.isfinite(weights)
    weights = np.where(known, weights, 0.0)
    total = weights.sum(axis=0)
    total = np.where(total > 0.0, total, np.nan)
    return Rounding((weights * np.where(known, readings, 0.0)).sum(axis=0) / total, Z95 / np.sqrt(total))


def outline_rounding_deg(curve_deg: Floats, quiet: Bools) -> Floats:
    """Rounding of the back from its outline alone, against the person's own quiet standing.

    Parameters
    ----------
    curve_deg : (T,) float
        Result of `outline_curve_deg`, cleaned.
    quiet : (T,) bool
        Frames of quiet standing.

    Returns
    -------
    (T,) float
        Degrees of flexion along the spine, positive: rounder. NaN where a series is, and everywhere without quiet standing.
    """
    if not (quiet & np.isfinite(curve_deg)).any():
        return np.full(len(curve_deg), np.nan)
    return np.asarray(change_from_quiet(curve_deg, quiet) / OUTLINE_GAIN)


def surface_rounding_deg(low_back: LowBackTurn, inclination_deg: Floats, quiet: Bools) -> tuple[Floats, Floats]:
    """Rounding of the back from the surface of the low back alone, and how far the tracking may have drifted.

    Parameters
    ----------
    low_back, inclination_deg, quiet
        As for `low_back_lag_deg`.

    Returns
    -------
    (T,) float, (T,) float
        Degrees of flexion along the spine, positive: rounder, and the standard uncertainty of the drift in the same. NaN where
        the lag is.
    """
    lag, drift = low_back_lag_deg(low_back, inclination_deg, quiet)
    straight = STRAIGHT_HINGE_LAG_DEG * inclination_deg / 75.0
    return (lag - straight) / SURFACE_GAIN, drift / SURFACE_GAIN


def low_back_lag_deg(low_back: LowBackTurn, inclination_deg: Floats, quiet: Bools) -> tuple[Floats, Floats]:
    """How far the low back has turned less than the hip-shoulder line, and how far the tracking may have drifted.

    Tracking adds up small errors. Whenever the person stands upright the lag is known to be none, so that only the drift
    since then, and until the next time, is left.

    Parameters
    ----------
    low_back : LowBackTurn
        Turn of the surface.
    inclination_deg : (T,) float
        Trunk inclination, its standing value subtracted.
    quiet : (T,) bool
        Frames of quiet standing.

    Returns
    -------
    (T,) float, (T,) float
        Degrees, positive: the low back stays behind, and the standard uncertainty of the drift. NaN where the surface was not
        tracked, and in segments without upright standing.
    """
    behind, drift = np.full(len(inclination_deg), np.nan), np.full(len(inclination_deg), np.nan)
    lag = inclination_deg - low_back.forward_deg
    upright = (quiet | (np.abs(inclination_deg) < UPRIGHT_DEG)) & np.isfinite(lag)
    for number in np.unique(low_back.segment[upright]):
        here = np.flatnonzero(low_back.segment == number)
        anchors = here[upright[here]]
        behind[here] = lag[here] - np.interp(here, anchors, lag[anchors])
        drift[here] = np.sqrt(_bridged(here, anchors, low_back.u_deg**2))
    return behind, drift


def _bridged(frames: Ints, anchors: Ints, variance: Floats) -> Floats:
    """Variance of a sum of small errors between two frames where it is known, or beyond the first or last of them."""
    after = np.searchsorted(anchors, frames)
    since = np.abs(variance[frames] - variance[anchors[np.maximum(after - 1, 0)]])
    until = np.abs(variance[anchors[np.minimum(after, len(anchors) - 1)]] - variance[frames])
    between = (after > 0) & (after < len(anchors))
    both = since + until
    inside = since * until / np.where(both > 0.0, both, 1.0)
    return np.where(between, inside, since)
