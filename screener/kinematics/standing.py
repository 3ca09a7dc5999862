"""What a recording knows of its own standing: the zero of the feet and of the angles, and how large the body is.

Nothing here needs a person who stood still first. Where quiet standing is missing, the zero comes from what is there, and
`has_own_zero` tells the reader that it did.
"""

from __future__ import annotations

import numpy as np

from screener.kinematics.events import speed_per_s, without_short
from screener.kinematics.planar import distance, midpoint
from screener.model.pose import Z95, Bools, Floats, Joint, Landmark, Side
from screener.model.series import frame_interval_s

LEG_AND_TRUNK_SHARE = 0.78
"""Length of trunk and leg over body height, shoulder line to ankle (Winter 2009, table 4.1: 0.818 - 0.039)."""
MAX_ARM_SPEED_PER_S = 0.20
"""Speed of a wrist, in body heights a second, above which an arm moves: it takes the shoulder, and so the trunk, with it."""
MIN_REST_S = 0.5
"""A shorter stretch of standing still is a moment between two movements; no zero is taken from it."""
ZERO_MEMORY_S = 0.5
"""Readings of one body this far apart err independently of one another."""
MAX_FLOOR_SHARE = 0.08
"""Height of one foot over the other, in body heights, that a floor seen from above can make (a body turned by 30 degrees:
0.055). Feet that differ by more are not both on the floor."""
MIN_EQUAL_S = 0.5
"""Both legs must have been seen equally long for this long before their feet tell the slope of the floor."""


def rest(quiet: Bools, wrists: Floats, time_s: Floats, body_height: Floats) -> Bools:
    """Frames from which the zero of the angles is taken: quiet standing with hanging, resting arms.

    Parameters
    ----------
    quiet : (T,) bool
        Quiet two-leg standing.
    wrists : (T, K, 2) float
        Positions, in the unit of `body_height`; a wrist that is not seen does not count as moving.
    time_s : (T,) float
        Seconds.
    body_height : (T,) float
        Standing height.

    Returns
    -------
    (T,) bool
        Stretches of at least `MIN_REST_S`. Where an arm moves in all of them they are taken all the same, since a shifted zero
        with its spread is better than none; no frame where the person never stood still for so long.
    """
    moving = (speed_per_s(wrists, time_s) > MAX_ARM_SPEED_PER_S * body_height[:, None]).any(axis=-1)
    calm = without_short(quiet & ~moving, time_s, MIN_REST_S)
    return calm if calm.any() else without_short(quiet, time_s, MIN_REST_S)


def zero_u95_deg(values: Floats, resting: Bools, seconds: float) -> float:
    """95 % half width of a zero: what the readings it is the middle of differ by.

    Parameters
    ----------
    values : (T,) float
        Degrees.
    resting : (T,) bool
        Frames of the zero.
    seconds : float
        How long they last together; readings further apart than `ZERO_MEMORY_S` count as independent.

    Returns
    -------
    float
        Degrees; 0 for fewer than two readings.
    """
    known = values[resting & np.isfinite(values)]
    if known.size < 2:
        return 0.0
    return float(Z95 * np.std(known, ddof=1) / np.sqrt(max(1.0, seconds / ZERO_MEMORY_S)))


def above_floor(height: Floats, legs: Floats, resting: Bools, time_s: Floats, equal_share: float) -> Floats:
    """Height of one foot over the other with the slope of the floor in the picture removed.

    A foot that is farther from a lens above the floor is drawn higher for as long as it stands there. Quiet standing shows by
    how much; without it, the frames in which both legs look equally long do, since a lifted leg is bent or short.

    Parameters
    ----------
    height : (T,) float
        Height of the left foot over the right one in the picture, in body heights.
    legs : (2, T) float
        Distances from hip to ankle, left and right, any one unit.
    resting : (T,) bool
        Quiet standing.
    time_s : (T,) float
        Seconds.
    equal_share : float
        The shorter leg over the longer one, from which on both look equally long.

    Returns
    -------
    (T,) float
        Unchanged where nothing shows the slope. NaN stays NaN.
    """
    known = resting & np.isfinite(height)
    if not known.any():
        equal = legs.min(axis=0) >= equal_share * legs.max(axis=0)
        known = equal & (np.abs(height) < MAX_FLOOR_SHARE)
        step_s = frame_interval_s(time_s)
        if known.sum() * step_s < MIN_EQUAL_S:
            return height.copy()
    return np.asarray(height - np.median(height[known]))


def body_size_px(pixels: Floats) -> Floats:
    """Length of trunk and longer leg as drawn in the picture; (..., 33, 2) in, (...) out. Steady when the trunk bends."""
    shoulder = midpoint(pixels[..., Landmark.LEFT_SHOULDER, :], pixels[..., Landmark.RIGHT_SHOULDER, :])
    hip = midpoint(pixels[..., Landmark.LEFT_HIP, :], pixels[..., Landmark.RIGHT_HIP, :])
    legs = []
    for side in Side:
        chain = [pixels[..., joint.on(side), :] for joint in (Joint.HIP, Joint.KNEE, Joint.ANKLE)]
        legs.append(distance(chain[0], chain[1]) + distance(chain[1], chain[2]))
    return distance(shoulder, hip) + np.maximum(legs[0], legs[1])
