"""Angles of the sagittal plane, from a side view.

`anteroposterior_sign` is +1 where the person faces the right of the picture and -1 where the left.
"""

from __future__ import annotations

import numpy as np

from screener.kinematics.planar import flexion_deg, lean_deg
from screener.model.pose import Z95, Floats

INCLINATION_RESIDUAL_SD_DEG = 2.3
"""Spread of the trunk inclination read from MediaPipe, its standing value subtracted, one standard deviation."""
DEEP_INCLINATION_SHARE = 0.15
"""Error for each degree of inclination beyond 75 (a rendered toe touch to 105 reads 116)."""
FLEXION_RESIDUAL_SD_DEG = 3.0
"""Spread of knee and hip flexion from the side; the knee reads 5 to 6 degrees low at 90."""


def trunk_inclination_deg(mid_hip: Floats, mid_shoulder: Floats, anteroposterior_sign: int) -> Floats:
    """Forward inclination of the trunk line against the vertical.

    Parameters
    ----------
    mid_hip, mid_shoulder : (..., 2) float
        Pixels, camera roll removed.
    anteroposterior_sign : int
        +1 where the person faces the right of the picture, else -1.

    Returns
    -------
    (...) float
        Degrees; 0 upright, 90 horizontal, positive: forward. NaN where a point is missing.
    """
    return anteroposterior_sign * lean_deg(mid_hip, mid_shoulder)


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
    return flexion_deg(hip, knee, ankle)


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
    return flexion_deg(shoulder, hip, knee)


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
