"""The pelvis in the frontal plane: what is known of its obliquity, and how well.

MediaPipe's hip line shows less than half of a true pelvic drop, follows the trunk, and is offset by the raised thigh. The
turn of cloth and skin over the pelvis since the person's own quiet standing does not have these faults, so it leads;
the hip line stands in where the surface was lost, with an interval as wide as its measured error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.model import Bools, Floats, Ints

HIP_LINE_SD_DEG = 4.0
"""Error of a change of the hip line against the truth: mean absolute error 4.0 degrees over held-out rendered bodies."""
ZERO_SD_DEG = 0.4
"""Spread of one body's quiet-standing reading (0.4 to 0.9 for the hip line, 0.2 to 0.4 for the surface)."""
SURFACE_SLIP = 0.10
"""Share of the turn that cloth may keep to itself, one standard deviation; real cloth slips more than rendered cloth."""


@dataclass(frozen=True)
class Obliquity:
    """Obliquity of the pelvis against the person's own quiet standing.

    Attributes
    ----------
    deg : (T,) float
        Degrees, positive: the person's left hip is lower. NaN where unknown.
    u95_deg : (T,) float
        Half width of the 95 % interval, NaN where `deg` is.
    """

    deg: Floats
    u95_deg: Floats


def change_from_quiet(values: Floats, quiet: Bools) -> Floats:
    """Subtract the median over quiet standing.

    Parameters
    ----------
    values : (T,) float
        Degrees.
    quiet : (T,) bool
        Frames of quiet two-leg standing.

    Returns
    -------
    (T,) float
        Unchanged where no quiet frame is known.
    """
    reference = values[quiet & np.isfinite(values)]
    return values - float(np.median(reference)) if reference.size else values.copy()


def from_hip_line(hip_line_deg: Floats, quiet: Bools, roll_u95_deg: float) -> Obliquity:
    """Obliquity from the landmarks alone.

    Parameters
    ----------
    hip_line_deg : (T,) float
        Raw hip line, positive: left hip lower.
    quiet : (T,) bool
        Frames of quiet two-leg standing; without any, the line itself is taken and camera roll adds to its interval.
    roll_u95_deg : float
        95 % half width of the camera roll.
    """
    has_zero = bool((quiet & np.isfinite(hip_line_deg)).any())
    u95 = 1.96 * HIP_LINE_SD_DEG if has_zero else float(np.hypot(1.96 * HIP_LINE_SD_DEG, roll_u95_deg))
    deg = change_from_quiet(hip_line_deg, quiet)
    return Obliquity(deg, np.where(np.isfinite(deg), u95, np.nan))


def from_surface(
    rotation_deg: Floats, spread_deg: Floats, segment: Ints, quiet: Bools, fallback: Obliquity, left_is_right: int
) -> Obliquity:
    """Obliquity from the tracked surface, each tracked segment with its own zero.

    Parameters
    ----------
    rotation_deg, spread_deg : (T,) float
        Turn on the picture since the segment began, + = clockwise, and its standard uncertainty. NaN where lost.
    segment : (T,) int
        Number of the segment.
    quiet : (T,) bool
        Frames of quiet two-leg standing.
    fallback : Obliquity
        Gives the zero of a segment that holds no quiet frame, and with it its own width.
    left_is_right : int
        +1 front view, -1 back view.
    """
    turn = left_is_right * rotation_deg
    deg = np.full(len(turn), np.nan)
    u95 = np.full(len(turn), np.nan)
    for number in np.unique(segment[np.isfinite(turn)]):
        here = (segment == number) & np.isfinite(turn)
        anchored = here & quiet
        if anchored.any():
            zero, zero_u95 = float(np.median(turn[anchored])), 1.96 * ZERO_SD_DEG
        else:
            both = here & np.isfinite(fallback.deg)
            if not both.any():
                continue
            zero = float(np.median(turn[both] - fallback.deg[both]))
            zero_u95 = float(np.median(fallback.u95_deg[both]))
        deg[here] = turn[here] - zero
        spread = np.hypot(spread_deg[here], SURFACE_SLIP * deg[here])
        u95[here] = np.hypot(1.96 * spread, zero_u95)
    return Obliquity(deg, u95)


def pelvic_obliquity(
    rotation_deg: Floats,
    spread_deg: Floats,
    segment: Ints,
    hip_line_deg: Floats,
    quiet: Bools,
    left_is_right: int,
    roll_u95_deg: float = 0.0,
) -> Obliquity:
    """Return the best estimate of the pelvis obliquity in every frame.

    Parameters
    ----------
    rotation_deg, spread_deg, segment
        The tracked surface, see `from_surface`.
    hip_line_deg : (T,) float
        Raw hip line, positive: left hip lower.
    quiet : (T,) bool
        Frames of quiet two-leg standing.
    left_is_right : int
        +1 front view, -1 back view.
    roll_u95_deg : float
        95 % half width of the camera roll.

    Returns
    -------
    Obliquity
        The estimate with the narrower interval in every frame; NaN where neither is known.
    """
    landmarks = from_hip_line(hip_line_deg, quiet, roll_u95_deg)
    surface = from_surface(rotation_deg, spread_deg, segment, quiet, landmarks, left_is_right)
    use = np.isfinite(surface.deg) & ~(surface.u95_deg > landmarks.u95_deg)
    return Obliquity(
        np.where(use, surface.deg, landmarks.deg),
        np.where(use, surface.u95_deg, landmarks.u95_deg),
    )
