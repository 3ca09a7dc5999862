"""Angles of the frontal plane, from a front or a back view.

`mediolateral_sign` is +1 where the person's left is on the right of the picture (front view) and -1 from behind. Results
do not depend on the view: the person's own left and right decide the signs.
"""

from __future__ import annotations

import numpy as np

from screener.kinematics.planar import lean_deg, line_tilt_deg, turn_deg, wrap_deg
from screener.model.pose import Floats

VALGUS_GAIN = 0.80
"""Picture angle read from MediaPipe's full model for one degree of true valgus (rendered bodies: 0.72 to 0.88)."""
VALGUS_GAIN_SD = 0.05
"""Spread of the gain between bodies, one standard deviation."""
VALGUS_RESIDUAL_SD_DEG = 1.7
"""Spread of the reading about its line, one standard deviation, in degrees as read: 1.5 over stills, 1.7 over the stance
leg of rendered clips, where a dropped pelvis adds a varus offset of up to 4 degrees."""

LEAN_RESIDUAL_SD_DEG = 0.6
"""Spread of the trunk lean read from MediaPipe about the truth, one standard deviation."""


def hip_line_deg(left_hip: Floats, right_hip: Floats, mediolateral_sign: int) -> Floats:
    """Tilt of the line through both hips, towards the person's left.

    Parameters
    ----------
    left_hip, right_hip : (..., 2) float
        Pixels, camera roll removed.
    mediolateral_sign : int
        +1 front view, -1 back view.

    Returns
    -------
    (...) float
        Degrees in (-180, 180]; positive: the person's left hip is lower. NaN where a hip is missing.
    """
    if mediolateral_sign > 0:
        return line_tilt_deg(right_hip, left_hip)
    return wrap_deg(-line_tilt_deg(left_hip, right_hip))


def trunk_lean_deg(mid_hip: Floats, mid_shoulder: Floats, mediolateral_sign: int) -> Floats:
    """Lateral lean of the trunk.

    Parameters
    ----------
    mid_hip, mid_shoulder : (..., 2) float
        Pixels, camera roll removed.
    mediolateral_sign : int
        +1 front view, -1 back view.

    Returns
    -------
    (...) float
        Degrees; positive: towards the person's left. NaN where a point is missing.
    """
    return mediolateral_sign * lean_deg(mid_hip, mid_shoulder)


def fppa_deg(hip: Floats, knee: Floats, ankle: Floats, outward: int) -> Floats:
    """Frontal plane projection angle (FPPA) of one leg, as the picture shows it.

    The angle between thigh line (hip to knee) and shank line (knee to ankle) [1]_.

    Parameters
    ----------
    hip, knee, ankle : (..., 2) float
        Pixels.
    outward : int
        +1 where away from the midline is the right of the picture for this leg, else -1.

    Returns
    -------
    (...) float
        Degrees; positive: knee towards the midline (valgus), negative: varus. NaN where a point is missing.

    References
    ----------
    .. [1] Munro A, Herrington L, Carolan M. Reliability of 2-dimensional video assessment of frontal-plane dynamic knee
       valgus. J Sport Rehabil 2012;21:7-11.
    """
    return -outward * turn_deg(hip, knee, ankle)


def knee_valgus_deg(picture_deg: Floats) -> Floats:
    """Valgus with the measured compression of the landmark model undone.

    Parameters
    ----------
    picture_deg : (...) float
        Result of `fppa_deg` on MediaPipe landmarks.

    Returns
    -------
    (...) float
        Degrees, same sign. NaN stays NaN.
    """
    return picture_deg / VALGUS_GAIN


def shortening_flexion_deg(length: Floats, straight_length: float) -> Floats:
    """Knee flexion of the standing leg from how much shorter it looks from the front.

    With thigh and shank of about equal length l, the hip-ankle distance is 2 l cos(flexion / 2). From the front the bend
    itself cannot be seen, only this.

    Parameters
    ----------
    length : (...) float
        Distance hip to ankle in the picture.
    straight_length : float
        The same, standing straight.

    Returns
    -------
    (...) float
        Degrees, 0 when not shorter. NaN where missing.
    """
    return 2.0 * np.degrees(np.arccos(np.clip(length / straight_length, 0.0, 1.0)))
