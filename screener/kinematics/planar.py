"""Signed angles in the picture. The only arctan2 of the core lives here; trackers on pixels have their own.

Points are (..., 2) arrays in pixels, x right, y down; results are (...) arrays in degrees. A result is NaN where a
point is missing (NaN) or where two points that span a line coincide.
"""

from __future__ import annotations

import numpy as np

from screener.model.pose import Floats


def wrap_deg(angle_deg: Floats | float) -> Floats:
    """Bring an angle into (-180, 180].

    Parameters
    ----------
    angle_deg : (...) float
        Degrees.

    Returns
    -------
    (...) float
        Degrees in (-180, 180]. NaN stays NaN.
    """
    return np.asarray(180.0 - np.mod(180.0 - np.asarray(angle_deg, dtype=np.float64), 360.0))


def direction_deg(x: Floats | float, y: Floats | float) -> Floats:
    """Direction of the vector (x, y), counted from the x axis towards the y axis.

    Parameters
    ----------
    x, y : (...) float
        Components, any unit.

    Returns
    -------
    (...) float
        Degrees in (-180, 180]. NaN where a component is NaN or both are zero.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    # + 0.0 turns -0.0 into 0.0, so that a vector along -x is +180, never -180.
    angle = np.degrees(np.arctan2(y + 0.0, x + 0.0))
    return np.where((x == 0) & (y == 0), np.nan, angle)


def line_tilt_deg(start: Floats, end: Floats) -> Floats:
    """Tilt of a line against the horizontal of the image.

    Parameters
    ----------
    start, end : (..., 2) float
        Pixels, x right, y down.

    Returns
    -------
    (...) float
        Degrees in (-180, 180]. Positive: `end` is lower than `start`. NaN where an end is missing or both coincide.
    """
    line = end - start
    return direction_deg(line[..., 0], line[..., 1])


def lean_deg(bottom: Floats, top: Floats) -> Floats:
    """Lean of an upright line against the vertical of the image.

    Parameters
    ----------
    bottom, top : (..., 2) float
        Pixels, x right, y down.

    Returns
    -------
    (...) float
        Degrees in (-180, 180]; 0 for an upright line (`top` has the smaller y), positive: `top` is moved to the right
        of the image. NaN where an end is missing or both coincide.
    """
    line = top - bottom
    return direction_deg(-line[..., 1], line[..., 0])


def turn_deg(start: Floats, corner: Floats, end: Floats) -> Floats:
    """Turn of direction at a corner, walking from `start` over `corner` to `end`.

    Parameters
    ----------
    start, corner, end : (..., 2) float
        Pixels, x right, y down.

    Returns
    -------
    (...) float
        Degrees in (-180, 180]; 0 for a straight line, positive: clockwise as seen on the image. NaN where a point is
        missing or where the corner coincides with an end.
    """
    before, after = corner - start, end - corner
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    dot = before[..., 0] * after[..., 0] + before[..., 1] * after[..., 1]
    return direction_deg(dot, cross)


def flexion_deg(start: Floats, corner: Floats, end: Floats) -> Floats:
    """Bend of a joint: 180 minus the angle at `corner`.

    Parameters
    ----------
    start, corner, end : (..., 2) float
        Pixels, x right, y down.

    Returns
    -------
    (...) float
        Degrees in [0, 180]; 0 for a straight limb. NaN as in `turn_deg`.
    """
    return np.abs(turn_deg(start, corner, end))


def rotate(points: Floats, angle_deg: float) -> Floats:
    """Turn points about the origin of the image.

    Parameters
    ----------
    points : (..., 2) float
        Pixels, x right, y down.
    angle_deg : float
        Degrees, positive: clockwise as seen on the image.

    Returns
    -------
    (..., 2) float
        NaN stays in its point.
    """
    angle = np.radians(angle_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]))


def midpoint(first: Floats, second: Floats) -> Floats:
    """Middle of two points; (..., 2) in and out, NaN where either is missing."""
    return (first + second) / 2.0


def distance(first: Floats, second: Floats) -> Floats:
    """Distance of two points; (..., 2) in, (...) out in the same unit, NaN where either is missing."""
    line = first - second
    return np.asarray(np.hypot(line[..., 0], line[..., 1]))
