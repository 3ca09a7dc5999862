"""What a body that is turned away from the picture plane does to the angles of a front or back view."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from screener.model.pose import Z95, Bools, Floats

LENS_OFF_HIPS_SHARE = 0.10
"""Height of the lens over or under the hips, as a share of the distance: 0.3 m at three metres."""
FORWARD_LEAN_SD_DEG = 8.0
"""Forward lean of a trunk that stands or squats on one leg, one standard deviation: turned, it looks like leaning sideways."""


class Turn(Protocol):
    """How far the body is turned; see `screener.kinematics.body_turn.BodyTurn`."""

    @property
    def deg(self) -> float:
        """Degrees."""

    @property
    def u95_deg(self) -> float:
        """Its 95 % half width."""


def usual_turn_deg(turn: Turn) -> float:
    """Root mean square of what the turn may be, degrees: the reading, and its own doubt; 0 where it is not known."""
    size = float(np.hypot(turn.deg, turn.u95_deg / Z95))
    return size if np.isfinite(size) else 0.0


def turned_pelvis_u95_deg(obliquity_deg: Floats, turn: Turn, quiet: Bools) -> Floats:
    """What a turned body adds to the 95 % half width of the pelvis.

    A level pelvis looks tilted where the lens is not at its height: by atan(h tan t) for a lens off by the share h of the
    distance and a turn t. Quiet standing at the same turn takes that out; without it, it stays. A tilt itself looks larger by
    1 / cos t.

    Parameters
    ----------
    obliquity_deg : (T,) float
        Obliquity of the pelvis.
    turn : Turn
        Of the body.
    quiet : (T,) bool
        Frames of quiet two-leg standing.

    Returns
    -------
    (T,) float
        Degrees, not negative. NaN where the obliquity is.
    """
    angle = np.radians(usual_turn_deg(turn))
    larger = np.abs(obliquity_deg) * (1.0 / np.cos(angle) - 1.0)
    tilted = 0.0 if quiet.any() else float(np.degrees(np.arctan(LENS_OFF_HIPS_SHARE * np.tan(angle))))
    return np.asarray(np.hypot(larger, tilted))


def turned_lean_u95_deg(turn: Turn) -> float:
    """What a turned body adds to the 95 % half width of the trunk lean: a forward lean looks like a part of it sideways."""
    return Z95 * FORWARD_LEAN_SD_DEG * float(np.sin(np.radians(usual_turn_deg(turn))))
