"""The feet of a recording, as the rules of the stance leg need them."""

from __future__ import annotations

import numpy as np

from screener.kinematics.events import MIN_EVENT_S, without_short
from screener.kinematics.planar import distance, midpoint
from screener.kinematics.signal import clean
from screener.kinematics.stance_leg import Feet, airborne
from screener.model.pose import Bools, Floats, Joint, Side

TRUNK_HIP_SHARE = 0.6
"""The weight of the body lies over a point between the hips and the shoulders, nearer to the hips."""
HEIGHT_FLOOR = 0.01
"""Jump of a foot, in body heights, that is never an outlier."""


def feet_of(points: Floats, guessed: Floats, over: Floats, quiet: Bools, body_height: Floats, time_s: Floats) -> Feet:
    """Describe both feet.

    Parameters
    ----------
    points : (T, 33, 2) float
        Landmarks in pixels, roll removed, NaN where not seen.
    guessed : (T, 33, 2) float
        The same with the model's guess of hidden points.
    over : (T,) float
        Height of the left foot over the right one against standing on both, in body heights, where both were seen.
    quiet : (T,) bool
        Quiet standing on both feet.
    body_height : (T,) float
        Standing height in the picture, pixels; it grows while the person walks to the camera.
    time_s : (T,) float
        Seconds.
    """
    seen = {side: np.isfinite(points[:, Joint.ANKLE.on(side), 0]) for side in Side}
    either = seen[Side.LEFT] | seen[Side.RIGHT]
    ankle = {side: np.where(either[:, None], guessed[:, Joint.ANKLE.on(side)], np.nan) for side in Side}
    hip = {side: np.where(either[:, None], guessed[:, Joint.HIP.on(side)], np.nan) for side in Side}
    guess = clean((ankle[Side.RIGHT][:, 1] - ankle[Side.LEFT][:, 1]) / body_height, time_s, HEIGHT_FLOOR)
    apart = over - guess
    zero = float(np.nanmedian(apart)) if np.isfinite(apart).any() else float("nan")
    trunk = np.where(either, _trunk(guessed), np.nan)
    return Feet(
        over=np.where(np.isfinite(over), over, np.where(either, guess + zero, np.nan)),
        height={side: -ankle[side][:, 1] / body_height for side in Side},
        leg={side: distance(hip[side], ankle[side]) / body_height for side in Side},
        offset={side: (trunk - ankle[side][:, 0]) / body_height for side in Side},
        seen=seen,
        zero_known=bool(quiet.any()),
        still_camera_distance=bool(np.ptp(body_height) == 0.0) if len(body_height) else True,
    )


def _trunk(guessed: Floats) -> Floats:
    """(T,) where the weight of the body lies in the picture, from left to right, pixels."""
    hips, shoulders = (
        midpoint(guessed[:, joint.on(Side.LEFT), 0], guessed[:, joint.on(Side.RIGHT), 0])
        for joint in (Joint.HIP, Joint.SHOULDER)
    )
    return np.asarray(TRUNK_HIP_SHARE * hips + (1.0 - TRUNK_HIP_SHARE) * shoulders)


def hops(points: Floats, body_height: Floats, time_s: Floats) -> dict[Side, Bools]:
    """Frames in which each foot and the hips have left where they were together: hopping, if that foot stands."""
    hips = midpoint(points[:, Joint.HIP.on(Side.LEFT)], points[:, Joint.HIP.on(Side.RIGHT)])
    feet = {side: points[:, Joint.ANKLE.on(side)] for side in Side}
    return {side: airborne(-feet[side][:, 1], -hips[:, 1], body_height, time_s) for side in Side}


def carried(stance: Bools, in_air: Bools, time_s: Floats) -> Bools:
    """(T,) frames in which a leg carries the body without a hop; a landing between two hops is no standing."""
    return without_short(stance & ~in_air, time_s, MIN_EVENT_S)
