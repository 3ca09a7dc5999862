"""Angles of the sagittal plane, from a side view.

`forward_is_right` is +1 where the person faces the right of the picture and -1 where the left.
"""

from __future__ import annotations

import numpy as np

from screener.kinematics.pelvis import change_from_quiet
from screener.kinematics.planar import bend_deg, direction_deg, lean_deg
from screener.model import Z95, Bools, Floats

INCLINATION_RESIDUAL_SD_DEG = 2.3
"""Spread of the trunk inclination read from MediaPipe, its standing value subtracted, one standard deviation."""
DEEP_INCLINATION_SHARE = 0.15
"""Error for each degree of inclination beyond 75 (a rendered toe touch to 105 reads 116)."""
FLEXION_RESIDUAL_SD_DEG = 3.0
"""Spread of knee and hip flexion from the side; the knee reads 5 to 6 degrees low at 90."""


def trunk_inclination_deg(mid_hip: Floats, mid_shoulder: Floats, forward_is_right: int) -> Floats:
    """Forward inclination of the trunk line against the vertical.

    Parameters
    ----------
    mid_hip, mid_shoulder : (..., 2) float
        Pixels, camera roll removed.
    forward_is_right : int
        +1 where the person faces the right of the picture, else -1.

    Returns
    -------
    (...) float
        Degrees; 0 upright, 90 horizontal, positive: forward. NaN where a point is missing.
    """
    return forward_is_right * lean_deg(mid_hip, mid_shoulder)


def inclination_u95_deg(inclination_deg: Floats) -> Floats:
    """95 % half width of a trunk inclination; beyond 75 degrees the shoulder hides the trunk and it grows.

    Parameters
    ----------
    inclination_deg : (...) float
        Trunk inclination, its standing value subtracted.

    Returns
    -------
    (...) float
        Degrees, positive. NaN stays NaN.
    """
    deep = np.maximum(inclination_deg - 75.0, 0.0)
    return Z95 * np.hypot(INCLINATION_RESIDUAL_SD_DEG, DEEP_INCLINATION_SHARE * deep)


def knee_flexion_deg(hip: Floats, knee: Floats, ankle: Floats) -> Floats:
    """Knee flexion in the picture: 180 minus the angle hip, knee, ankle.

    Parameters
    ----------
    hip, knee, ankle : (..., 2) float
        Pixels.

    Returns
    -------
    (...) float
        Degrees in [0, 180]; positive: bent. NaN where a point is missing.
    """
    return bend_deg(hip, knee, ankle)


def hip_flexion_deg(shoulder: Floats, hip: Floats, knee: Floats) -> Floats:
    """Hip flexion in the picture: 180 minus the angle shoulder, hip, knee.

    Parameters
    ----------
    shoulder, hip, knee : (..., 2) float
        Pixels.

    Returns
    -------
    (...) float
        Degrees in [0, 180]; positive: bent. NaN where a point is missing.
    """
    return bend_deg(shoulder, hip, knee)


ROUNDING_GAIN = 0.59
"""Change of the outline's curve for one degree of flexion along the spine (five rendered bodies: 0.45 to 0.80)."""
STRAIGHT_HINGE_CURVE_DEG = 5.5
"""Change of the outline's curve in a hinge of 75 degrees with a straight back: seat and shoulder blade move (-1 to 15)."""
ROUNDING_SD_DEG = 10.8
"""Spread of the rounding so read about the truth, one standard deviation, from 0 to 60 degrees over five rendered bodies."""


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


def spine_rounding_deg(curve_deg: Floats, inclination_deg: Floats, quiet: Bools) -> Floats:
    """Rounding of the back against the person's own quiet standing.

    Parameters
    ----------
    curve_deg : (T,) float
        Result of `outline_curve_deg`, cleaned.
    inclination_deg : (T,) float
        Trunk inclination; what a straight back shows at it is taken off.
    quiet : (T,) bool
        Frames of quiet standing.

    Returns
    -------
    (T,) float
        Degrees of flexion along the spine, positive: rounder. NaN where a series is, and everywhere without quiet standing.
    """
    if not (quiet & np.isfinite(curve_deg)).any():
        return np.full(len(curve_deg), np.nan)
    straight = STRAIGHT_HINGE_CURVE_DEG * (np.maximum(inclination_deg, 0.0) / 75.0) ** 2
    return (change_from_quiet(curve_deg, quiet) - straight) / ROUNDING_GAIN


def hinge_ratio(hip_change_deg: Floats, knee_change_deg: Floats, smallest_knee_deg: float = 5.0) -> Floats:
    """Change of hip flexion over change of knee flexion, standing to the bottom.

    Parameters
    ----------
    hip_change_deg, knee_change_deg : (...) float
        Degrees, bottom minus standing.
    smallest_knee_deg : float
        A knee that bends less is counted with this value: the ratio of a stiff-legged hinge has no upper end.

    Returns
    -------
    (...) float
        Ratio without unit. NaN where a change is missing.
    """
    return hip_change_deg / np.maximum(knee_change_deg, smallest_knee_deg)
