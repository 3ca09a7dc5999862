"""The knee's results: its angle where the picture shows it, its place over its foot, and the distance of both knees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from screener.kinematics import knees
from screener.kinematics.events import Repetition, inside
from screener.kinematics.motion import Motion
from screener.kinematics.planar import distance
from screener.model.pose import Floats, Joint, Side
from screener.model.series import Interval
from screener.tests_clinical.definition import Value
from screener.tests_clinical.summaries import AROUND_DEEPEST_S, repetition_values, set_value

FULL_FLEXION_DEG = 60.0
"""The norms of knee valgus come from landings of 45 to 60 degrees; a deeper squat is read on the way down."""
FLEXION_ERROR_DEG = 6.0
MIN_READ = 0.80
"""Share of the repetitions in which an angle must be readable for it to decide."""
END_ON = "the thigh pointed at the camera, so the picture does not show the angle of the knee"
FOOT_HIDDEN = "knee, ankle or toes were not seen at the deepest point"
FEET_TOGETHER = "the feet were together, or were not seen"
TOO_DEEP = "the knees bent too far for the picture to show their angle; their position over the feet is compared instead"
TOO_SHALLOW = "the knees bent so little that their angle is compared instead"
OTHER_KNEE = "the other knee is further in"


def valgus_value(motion: Motion, side: Side, repetitions: Sequence[Repetition]) -> Value:
    """Knee valgus of a leg that carries the body alone, at the deepest point at which it can be read."""
    valgus = motion.column(f"knee_valgus_{side}_deg")
    u95 = knees.valgus_u95_deg(valgus, *knees.leg_shares(motion.points, side))
    flexion = motion.column(f"knee_flexion_{side}_deg")
    read = [_readable(valgus, flexion, motion.time_s, repetition) for repetition in repetitions]
    found = set_value("knee_valgus_deg", motion, valgus, u95, read, END_ON)
    return replace(found, usable=_share_of(valgus, motion.time_s, read))


def _readable(valgus: Floats, flexion: Floats, time_s: Floats, repetition: Repetition) -> Repetition:
    """The repetition with its deepest point where the angle is defined: never beyond what the norms are made for."""
    deepest = np.abs(time_s - repetition.deepest_s) <= AROUND_DEEPEST_S
    known = np.isfinite(valgus) & np.isfinite(flexion)
    if (deepest & known).any() and np.median(flexion[deepest & known]) <= FULL_FLEXION_DEG + FLEXION_ERROR_DEG:
        return repetition
    down = inside(time_s, Interval(repetition.start_s, repetition.deepest_s)) & known & (flexion <= FULL_FLEXION_DEG)
    at = np.flatnonzero(down)
    return replace(repetition, deepest_s=float(time_s[at[-1]])) if at.size else repetition


def _share_of(values: Floats, time_s: Floats, repetitions: Sequence[Repetition]) -> float:
    """Share of the repetitions whose value is known where it is read."""
    return float(np.isfinite(repetition_values(values, time_s, repetitions)).mean())


def two_leg_values(motion: Motion, side: Side, repetitions: Sequence[Repetition]) -> tuple[Value, Value, Value]:
    """Angle, place over the foot and distance of the knees in a squat on both legs; what is defined at its depth is compared.

    In a shallow squat with feet wider than the hips a straight leg has its knee inside the foot, so there the angle decides. In
    a deep one the angle is not defined, and a knee stands over its foot where the foot points.
    """
    valgus = motion.column(f"knee_valgus_{side}_deg")
    u95 = knees.valgus_u95_deg(valgus, *knees.leg_shares(motion.points, side))
    angle = set_value("knee_valgus_deg", motion, valgus, u95, repetitions, TOO_DEEP)
    angle = replace(angle, usable=_share_of(valgus, motion.time_s, repetitions))
    places = over_foot_value(motion, side, repetitions), separation_value(motion, side, repetitions)
    if is_shallow(motion, repetitions):
        over, apart = (replace(place, compared=False, reason=place.reason or TOO_SHALLOW) for place in places)
        return angle, over, apart
    return replace(angle, value=float("nan"), u95=float("nan"), reason=TOO_DEEP), *places


def is_shallow(motion: Motion, repetitions: Sequence[Repetition]) -> bool:
    """Whether the angle of both knees can be read at the deepest points, and the norms' depth is not passed."""
    flexion = np.mean([motion.column(f"knee_flexion_{leg}_deg") for leg in Side], axis=0)
    deepest = repetition_values(flexion, motion.time_s, repetitions)
    read = [_share_of(motion.column(f"knee_valgus_{leg}_deg"), motion.time_s, repetitions) for leg in Side]
    known = deepest[np.isfinite(deepest)]
    return bool(known.size and np.median(known) <= FULL_FLEXION_DEG + FLEXION_ERROR_DEG and min(read) >= MIN_READ)


def over_foot_value(motion: Motion, side: Side, repetitions: Sequence[Repetition]) -> Value:
    """How far the knee of one side stands inside the line of its foot at the deepest point, per cent of the shank."""
    values = motion.column(f"knee_over_foot_{side}_pct")
    ankle, toe = motion.joint(Joint.ANKLE, side), motion.joint(Joint.FOOT_INDEX, side)
    shank_px = knees.usual_length(distance(motion.joint(Joint.KNEE, side), ankle))
    u95 = knees.over_foot_u95_pct(ankle, toe, shank_px, leg_px(motion, side))
    found = set_value("knee_over_foot_pct", motion, values, u95, repetitions, FOOT_HIDDEN)
    return replace(found, usable=_share_of(values, motion.time_s, repetitions))


def leg_px(motion: Motion, side: Side) -> float:
    """Length of a straight leg in the picture."""
    return knees.usual_length(distance(motion.joint(Joint.HIP, side), motion.joint(Joint.ANKLE, side)))


def separation_value(motion: Motion, side: Side, repetitions: Sequence[Repetition]) -> Value:
    """Distance of the knees over that of the ankles; it counts for the side whose knee stands further in.

    Where it is not clear which of them does, it counts for both.
    """
    ratio = motion.column("knee_separation_ratio")
    ankles = np.abs(motion.joint(Joint.ANKLE, Side.LEFT)[:, 0] - motion.joint(Joint.ANKLE, Side.RIGHT)[:, 0])
    longest = max(leg_px(motion, leg) for leg in Side)
    u95 = knees.separation_u95(ratio, np.where(ankles > 0, ankles, np.nan), longest)
    found = set_value("knee_separation_ratio", motion, ratio, u95, repetitions, FEET_TOGETHER)
    own, other = (over_foot_value(motion, leg, repetitions) for leg in (side, side.other))
    further_in = side if not own.value < other.value else side.other
    clear = abs(own.value - other.value) > np.hypot(own.u95, other.u95)
    found = replace(found, usable=_share_of(ratio, motion.time_s, repetitions), where=further_in.value)
    return replace(found, compared=False, reason=OTHER_KNEE) if clear and further_in is not side else found
