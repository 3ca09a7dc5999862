"""How far a body seen from the front or the back is turned away from the picture plane, and how sure that is.

Two witnesses that err in different ways. The depth of shoulders and hips in the model's space shows 0.87 of a turn and leans to
one side: rendered people who face the lens squarely read 3 to 5 degrees, one filmed from either side 8 and 19 for 19. The
feet in the picture, heel to toe, lean to neither side, for the outward turn of one shoe is that of the other mirrored; but they
count only while they stand. Nothing that is used here tells left from right, so that a recording and its mirror image have the
same turn. The head is no witness: people look at the camera whichever way they stand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.kinematics.planar import direction_deg, midpoint
from screener.kinematics.signal import clean, known_median
from screener.model.pose import SEEN_VISIBILITY, Z95, Bools, Floats, Joint, Landmark, PoseSequence, Side

SPACE_GAIN = 0.87
"""Turn that shoulders and hips show in the model's space for one degree: 170 rendered stills, five bodies, up to 45 degrees."""
SPACE_SD_DEG = 8.0
SPACE_BACK_SD_DEG = 10.0
"""Error of that witness in the same stills from the front (7.3), and from the back (9.3), where the hips are not used; rounded
up, for both witnesses err together in a part of the stills."""
FOOT_SHARE = 0.135
"""Distance heel to toe in the picture of a foot seen from the side, in body heights; same stills."""
FOOT_SD_DEG = 7.5
FOOT_BACK_SD_DEG = 10.0
"""Error of the feet in the same stills, from the front (6.2) and from the back (9.7), rounded up likewise."""
MAX_SHOWN_SIN = 0.97
"""Beyond, a foot that looks longer than expected would read as turned by any amount."""
MAX_APART_SHARE = 0.10
"""Feet whose heights differ by more than this, in body heights, stand one before the other, or one of them not at all."""
STILL_FEET_SHARE = 0.03
"""Feet that keep the difference of their heights to this share of body height stand where they stood."""
MIN_PLANTED_S = 0.3
"""Feet that stood for less than this are no witness."""
TURN_FLOOR_DEG = 3.0


@dataclass(frozen=True)
class BodyTurn:
    """Turn of the body about the vertical against the picture plane, by the way from facing the camera or facing away from it.

    Attributes
    ----------
    deg : float
        Over the recording; - = the person's left hip is nearer to the lens. NaN where nobody was found.
    u95_deg : float
        Its 95 % half width.
    each_deg : (T,) float
        Of every frame, cleaned, at the level of `deg`. NaN where not seen.
    """

    deg: float
    u95_deg: float
    each_deg: Floats

    @property
    def far_end_deg(self) -> float:
        """The largest turn, unsigned, that the interval allows."""
        return abs(self.deg) + self.u95_deg


def body_turn(poses: PoseSequence, facing: int, height_px: float) -> BodyTurn:
    """Join what space and feet say of the turn of a standing body.

    Parameters
    ----------
    poses : PoseSequence
        Sides consistent.
    facing : int
        +1 where the person faces the camera, -1 where away from it.
    height_px : float
        Standing height in the picture.

    Returns
    -------
    BodyTurn
        From one witness where the other is missing; where both contradict one another, the interval grows in proportion.
    """
    each = _space_deg(poses, facing)
    space_sd, foot_sd = (SPACE_SD_DEG, FOOT_SD_DEG) if facing > 0 else (SPACE_BACK_SD_DEG, FOOT_BACK_SD_DEG)
    space, feet = known_median(each), feet_turn_deg(poses, height_px)
    deg, sd = joined(space, space_sd, feet, foot_sd)
    return BodyTurn(deg, Z95 * sd, clean(each + (deg - space), poses.time_s, TURN_FLOOR_DEG))


def facing_of(poses: PoseSequence) -> int:
    """+1 where most of the recording shows the person's left on the right of the picture, the face to the camera; else -1."""
    across = poses.world(Landmark.LEFT_SHOULDER)[:, 0] - poses.world(Landmark.RIGHT_SHOULDER)[:, 0]
    return -1 if known_median(across) < 0.0 else 1


def chest_up(poses: PoseSequence) -> float:
    """Upward part of the direction of the chest over the recording: 1 lying on the back, -1 face down; NaN with nobody."""
    chest = chests(poses)
    return float(np.median(-chest[:, 1])) if len(chest) else float("nan")


def chests(poses: PoseSequence) -> Floats:
    """(N, 3) unit vectors in the model's space out of the chest, of the frames with a body."""
    across = poses.world(Landmark.LEFT_SHOULDER) - poses.world(Landmark.RIGHT_SHOULDER)
    hip, shoulder = (
        midpoint(*(poses.world(joint.on(side)) for side in (Side.LEFT, Side.RIGHT))) for joint in (Joint.HIP, Joint.SHOULDER)
    )
    chest = np.cross(across, shoulder - hip)
    chest = chest[np.isfinite(chest).all(axis=1)]
    return np.asarray(chest / np.maximum(np.linalg.norm(chest, axis=1), 1e-9)[:, None])


def joined(first: float, first_sd: float, second: float, second_sd: float) -> tuple[float, float]:
    """Mean of two readings by their precision, and its standard uncertainty; the one that is known, where the other is NaN."""
    if not np.isfinite(second):
        return first, first_sd
    if not np.isfinite(first):
        return second, second_sd
    weight = second_sd**2 / (first_sd**2 + second_sd**2)
    apart = abs(first - second) / float(np.hypot(first_sd, second_sd))
    alone = first_sd * second_sd / float(np.hypot(first_sd, second_sd))
    return weight * first + (1.0 - weight) * second, alone * max(1.0, apart)


def _space_deg(poses: PoseSequence, facing: int) -> Floats:
    """(T,) turn from the model's space: shoulders and hips from the front, shoulders alone from behind."""
    pairs = (Joint.SHOULDER, Joint.HIP) if facing > 0 else (Joint.SHOULDER,)
    turns = []
    for joint in pairs:
        across = poses.world(joint.on(Side.LEFT)) - poses.world(joint.on(Side.RIGHT))
        turns.append(direction_deg(facing * across[:, 0], across[:, 2]))
    return np.asarray(np.mean(turns, axis=0) / SPACE_GAIN)


def feet_turn_deg(poses: PoseSequence, height_px: float) -> float:
    """Turn from both feet in the picture while they stand, + = the person's left hip is further from the lens; NaN without."""
    planted = planted_feet(poses, height_px)
    steps = np.gradient(poses.time_s) if len(poses) > 1 else np.zeros(len(poses))
    if not np.isfinite(height_px) or float(steps[planted].sum()) < MIN_PLANTED_S:
        return float("nan")
    # A foot seen from its end has no length; with the left hip further away the toes point to the right, from front and back.
    across = [poses.pixels[:, Joint.FOOT_INDEX.on(side), 0] - poses.pixels[:, Joint.HEEL.on(side), 0] for side in Side]
    shown = known_median(np.mean(across, axis=0)[planted]) / (FOOT_SHARE * height_px)
    return float(np.degrees(np.arcsin(np.clip(shown, -MAX_SHOWN_SIN, MAX_SHOWN_SIN))))


def planted_feet(poses: PoseSequence, height_px: float) -> Bools:
    """(T,) frames in which both feet were seen standing where they usually stand."""
    parts = [joint.on(side) for side in Side for joint in (Joint.ANKLE, Joint.HEEL, Joint.FOOT_INDEX)]
    seen = (poses.visibility[:, parts] >= SEEN_VISIBILITY).all(axis=1)
    apart = (poses.pixels[:, Landmark.RIGHT_ANKLE, 1] - poses.pixels[:, Landmark.LEFT_ANKLE, 1]) / height_px
    near = seen & (np.abs(apart) <= MAX_APART_SHARE)
    return np.asarray(near & (np.abs(apart - known_median(apart[near])) <= STILL_FEET_SHARE))
