"""Where the knees stand, seen from the front or from behind: against each other, against their feet, and as an angle.

The angle between thigh and shank on the picture means something only while the thigh lies in the picture. In a deep squat or a
lunge it points at the lens: its direction is then noise, and it turns outwards by 50 degrees over a knee that stands well. What
survives depth is where the knee is: how far apart the knees are over how far apart the ankles are, and how far inside the line
of its own foot a knee stands, as a share of the shank.

`outward` is +1 where away from the body's midline is the right of the picture for a leg, else -1.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from screener.kinematics.frontal import VALGUS_GAIN, VALGUS_GAIN_SD, VALGUS_RESIDUAL_SD_DEG, fppa_deg, knee_valgus_deg
from screener.kinematics.planar import distance
from screener.kinematics.signal import clean
from screener.model.pose import Z95, Floats, Joint, Side

VALGUS_FLOOR_DEG = 3.0
FLOOR_PCT = 5.0
FLOOR_RATIO = 0.1
"""A sample within this of its running median is never an outlier."""
MIN_LENGTH_SHARE = 0.70
"""A thigh or a shank that looks shorter than this share of its standing length points at the lens: no angle is read from it."""
MAX_VALGUS_DEG = 40.0
"""No knee bends sideways by more; a larger angle on the picture is a thigh that points at the lens."""
MIN_ANKLES_APART = 0.06
"""Distance between the ankles, in body heights, from which that of the knees is given as its ratio."""
LANDMARK_SD_SHARE = 0.015
"""Error of one landmark of the leg, as a share of the leg's length: joint centres from motion capture lie 3 to 8 pixels from it
in people whose leg is 255 pixels long."""
LANDMARK_SD_PX = 1.0
"""The same in a small picture: the model itself sees 256 pixels."""
KNEE_OVER_SHARE = 0.75
"""How far along the line from ankle to toe the knee stands in a lunge (0 to 1) or a squat (0.5 to 1.5)."""
KNEE_OVER_HALF_RANGE = 0.5
"""From the front it is not seen how far the knee has come forward; this is the half of what it may be."""
OVER_FOOT_BIAS_PCT = 4.0
"""A knee that has come forward is nearer to the lens than its foot, and so drawn further out: by 1 to 9 % of the shank in
rendered squats of five bodies, to 110 degrees, feet turned out by 8 to 28."""
NEARER_SHARE = 0.08
"""Knees that come forward by a quarter of a metre at three metres look this much further apart."""


def usual_length(length: Floats) -> float:
    """Length of a part of the body that is seen from the side at least in some frames: the long end; NaN without any."""
    known = length[np.isfinite(length)]
    return float(np.percentile(known, 90)) if known.size else float("nan")


def landmark_sd_px(leg_px: float) -> float:
    """Standard deviation of a landmark's place, pixels, for a leg of this length in the picture."""
    return max(LANDMARK_SD_SHARE * leg_px, LANDMARK_SD_PX)


def readable_valgus_deg(valgus_deg: Floats, thigh_share: Floats, shank_share: Floats) -> Floats:
    """Knee valgus where the picture can show it.

    Parameters
    ----------
    valgus_deg : (T,) float
        Degrees, + = knee inwards.
    thigh_share, shank_share : (T,) float
        Lengths on the picture over their usual ones.

    Returns
    -------
    (T,) float
        NaN where a part points at the lens, or where the angle is one that no knee has.
    """
    seen = (thigh_share >= MIN_LENGTH_SHARE) & (shank_share >= MIN_LENGTH_SHARE) & (np.abs(valgus_deg) <= MAX_VALGUS_DEG)
    return np.where(seen, valgus_deg, np.nan)


def valgus_u95_deg(valgus_deg: Floats, thigh_share: Floats, shank_share: Floats) -> Floats:
    """95 % half width of a corrected valgus angle, carried through from the places of hip, knee and ankle.

    A direction is the less certain the shorter its line. The spread about the calibration holds for lines of full length; for
    shorter ones it grows with sqrt(1/t^2 + 1/s^2 + (1/t + 1/s)^2), in which the knee ends both lines. The spread of the gain
    between bodies adds to it.

    Parameters
    ----------
    valgus_deg : (T,) float
        Result of `frontal.knee_valgus_deg`.
    thigh_share, shank_share : (T,) float
        Lengths on the picture over their usual ones.

    Returns
    -------
    (T,) float
        Degrees, positive. NaN stays NaN.
    """
    thigh, shank = 1.0 / np.minimum(thigh_share, 1.0), 1.0 / np.minimum(shank_share, 1.0)
    longer = np.sqrt((thigh**2 + shank**2 + (thigh + shank) ** 2) / 6.0)
    spread = longer * VALGUS_RESIDUAL_SD_DEG / VALGUS_GAIN
    return Z95 * np.hypot(spread, valgus_deg * VALGUS_GAIN_SD / VALGUS_GAIN)


def separation_ratio(knees_px: Floats, ankles_px: Floats, height_px: Floats | float) -> Floats:
    """Distance between the knees over that between the ankles, across the body.

    Parameters
    ----------
    knees_px, ankles_px : (T,) float
        How far the left one is on the person's left of the right one, pixels; negative where they cross.
    height_px : (T,) float
        Standing height.

    Returns
    -------
    (T,) float
        1 = the knees stand over the ankles, less = they are nearer to one another. NaN where the feet stand together.
    """
    apart = ankles_px >= MIN_ANKLES_APART * height_px
    return np.asarray(np.divide(knees_px, ankles_px, out=np.full(len(knees_px), np.nan), where=apart))


def separation_u95(ratio: Floats, ankles_px: Floats, leg_px: float) -> Floats:
    """95 % half width of `separation_ratio`: four landmarks, and knees that are nearer to the lens than the ankles.

    Parameters
    ----------
    ratio, ankles_px : (T,) float
        As of `separation_ratio`.
    leg_px : float
        Length of the leg in the picture.
    """
    points = np.sqrt(2.0) * landmark_sd_px(leg_px) / ankles_px * np.hypot(1.0, ratio)
    return np.asarray(np.hypot(Z95 * points, NEARER_SHARE * ratio))


def over_foot_pct(knee: Floats, ankle: Floats, toe: Floats, shank_px: float, outward: int) -> Floats:
    """How far a knee stands inside the line of its foot.

    Parameters
    ----------
    knee, ankle, toe : (T, 2) float
        Pixels, camera roll removed.
    shank_px : float
        Length of the shank in the picture, standing.
    outward : int
        +1 where away from the midline is the right of the picture for this leg, else -1.

    Returns
    -------
    (T,) float
        Per cent of the shank's length; 0 = over the foot, positive: inwards. NaN where a point is missing.
    """
    foot = ankle[:, 0] + KNEE_OVER_SHARE * (toe[:, 0] - ankle[:, 0])
    return np.asarray(100.0 * outward * (foot - knee[:, 0]) / shank_px + OVER_FOOT_BIAS_PCT)


def over_foot_u95_pct(ankle: Floats, toe: Floats, shank_px: float, leg_px: float) -> Floats:
    """95 % half width of `over_foot_pct`: the landmarks, and how far the knee came forward over a foot that points outwards.

    Parameters
    ----------
    ankle, toe : (T, 2) float
        Pixels.
    shank_px, leg_px : float
        Lengths in the picture, standing.
    """
    points = landmark_sd_px(leg_px) * np.sqrt(1.0 + (1.0 - KNEE_OVER_SHARE) ** 2 + KNEE_OVER_SHARE**2)
    along = KNEE_OVER_HALF_RANGE * np.abs(toe[:, 0] - ankle[:, 0])
    return np.asarray(100.0 * np.hypot(Z95 * points, along) / shank_px)


def knee_columns(points: Floats, time_s: Floats, mediolateral_sign: int, height: Floats) -> dict[str, Floats]:
    """Columns of the knees: the angle where it can be read, the place over the foot, and how far apart they are.

    Parameters
    ----------
    points : (T, 33, 2) float
        Landmarks in pixels, camera roll removed.
    time_s : (T,) float
        Seconds.
    mediolateral_sign : int
        +1 front view, -1 back view.
    height : (T,) float
        Standing height, pixels.
    """
    hip, knee, ankle, toe = (
        {side: points[:, joint.on(side)] for side in Side} for joint in (Joint.HIP, Joint.KNEE, Joint.ANKLE, Joint.FOOT_INDEX)
    )
    out = {}
    for side in Side:
        outward = mediolateral_sign * side.sign
        valgus = knee_valgus_deg(fppa_deg(hip[side], knee[side], ankle[side], outward))
        shares = leg_shares(points, side)
        out[f"knee_valgus_{side}_deg"] = clean(readable_valgus_deg(valgus, *shares), time_s, VALGUS_FLOOR_DEG)
        shank_px = usual_length(distance(knee[side], ankle[side]))
        over = over_foot_pct(knee[side], ankle[side], toe[side], shank_px, outward)
        out[f"knee_over_foot_{side}_pct"] = clean(over, time_s, FLOOR_PCT)
    between, ankles = (mediolateral_sign * (joint[Side.LEFT] - joint[Side.RIGHT])[:, 0] for joint in (knee, ankle))
    return out | {"knee_separation_ratio": clean(separation_ratio(between, ankles, height), time_s, FLOOR_RATIO)}


def leg_shares(points: Floats, side: Side) -> tuple[Floats, Floats]:
    """(T,) lengths of thigh and shank on the picture over their usual ones."""
    joints = [points[:, joint.on(side)] for joint in (Joint.HIP, Joint.KNEE, Joint.ANKLE)]
    lengths = [distance(first, second) for first, second in pairwise(joints)]
    thigh, shank = (length / usual_length(length) for length in lengths)
    return thigh, shank
