"""What a squat shows from the side: how deep it is, how trunk and shin lean, and whether the heel stays down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from screener.kinematics import knees
from screener.kinematics.events import Repetition
from screener.kinematics.motion import FLOOR_DEG, Motion
from screener.kinematics.planar import distance, lean_deg
from screener.kinematics.ranges import INCLINATION, Range
from screener.kinematics.sagittal import FLEXION_RESIDUAL_SD_DEG, inclination_u95_deg
from screener.kinematics.signal import clean
from screener.model.pose import Z95, Floats, Joint
from screener.model.results import Tier
from screener.tests_clinical.back_rounding import SPINE_ROUNDING, rounding_value
from screener.tests_clinical.definition import Measure, Value, convention, not_compared
from screener.tests_clinical.exercises import ANKLE
from screener.tests_clinical.summaries import set_value

BACK_UNSEEN = "the back, or the quiet standing before, was not seen"
HEEL_DOWN_SHARE = 25
"""Without quiet standing the heel is taken to be down in the lowest quarter of its readings, per cent."""


def side_values(motion: Motion, squats: Sequence[Repetition]) -> tuple[Value, ...]:
    """Measure the squats on the side towards the camera.

    Parameters
    ----------
    motion : Motion
        Side view.
    squats : sequence of Repetition
        At least one.
    """
    near = motion.near_side
    flexion = motion.column(f"knee_flexion_{near}_deg")
    inclination = motion.column("trunk_inclination_deg")
    flexion_u95 = np.full(len(flexion), Z95 * FLEXION_RESIDUAL_SD_DEG)
    shank, thigh = _shank_px(motion), _thigh_px(motion)
    point_px = Z95 * np.sqrt(2.0) * knees.landmark_sd_px(shank + thigh)
    return (
        _set("heel_lift_pct", motion, heel_lift_pct(motion), 100.0 * point_px / shank, squats),
        _set("hip_below_knee_pct", motion, hip_below_knee_pct(motion), 100.0 * point_px / thigh, squats),
        set_value("trunk_inclination_deg", motion, inclination, inclination_u95_deg(inclination), squats),
        rounding_value(motion, motion.column("spine_rounding_deg"), squats, BACK_UNSEEN),
        _set("shin_angle_deg", motion, shin_angle_deg(motion), float(np.degrees(point_px / shank)), squats),
        set_value("depth_deg", motion, flexion, flexion_u95, squats),
    )


def _set(key: str, motion: Motion, values: Floats, u95: float, squats: Sequence[Repetition]) -> Value:
    return set_value(key, motion, values, np.full(len(values), u95), squats, "the leg was not seen at the deepest point")


def _shank_px(motion: Motion) -> float:
    return knees.usual_length(distance(motion.joint(Joint.KNEE, motion.near_side), motion.joint(Joint.ANKLE, motion.near_side)))


def _thigh_px(motion: Motion) -> float:
    return knees.usual_length(distance(motion.joint(Joint.HIP, motion.near_side), motion.joint(Joint.KNEE, motion.near_side)))


def hip_below_knee_pct(motion: Motion) -> Floats:
    """(T,) how far the hip is below the knee, per cent of the thigh's length; 0 = thigh level, negative: the hip is higher."""
    hip, knee = motion.joint(Joint.HIP, motion.near_side), motion.joint(Joint.KNEE, motion.near_side)
    return clean(100.0 * (hip[:, 1] - knee[:, 1]) / _thigh_px(motion), motion.time_s, knees.FLOOR_PCT)


def shin_angle_deg(motion: Motion) -> Floats:
    """(T,) lean of the shin, degrees; 0 = upright, + = the knee is in front of the ankle."""
    knee, ankle = motion.joint(Joint.KNEE, motion.near_side), motion.joint(Joint.ANKLE, motion.near_side)
    return clean(motion.anteroposterior_sign * lean_deg(ankle, knee), motion.time_s, FLOOR_DEG)


def heel_lift_pct(motion: Motion) -> Floats:
    """(T,) how far the heel has risen against the toes since standing, per cent of the shank's length."""
    heel, toe = motion.joint(Joint.HEEL, motion.near_side), motion.joint(Joint.FOOT_INDEX, motion.near_side)
    rise = clean(100.0 * (toe[:, 1] - heel[:, 1]) / _shank_px(motion), motion.time_s, knees.FLOOR_PCT)
    known = rise[np.isfinite(rise)]
    standing = rise[motion.rest & np.isfinite(rise)]
    if known.size == 0:
        return rise
    return rise - (float(np.median(standing)) if standing.size else float(np.percentile(known, HEEL_DOWN_SHARE)))


SIDE_MEASURES = (
    Measure(
        key="heel_lift_pct",
        label="Heel off the floor at the bottom",
        unit="% of the shank",
        tier=Tier.EXPLORATORY,
        norm=convention(8.0, 12.0, "% of the shank"),
        phrase="at the bottom the heel had risen by {value}",
        phrase_below_zero="at the bottom the heel was lower than in standing by {value}",
        decimals=0,
        exercises=(ANKLE,),
        possible=Range(-30.0, 80.0, 20.0),
    ),
    Measure(
        key="hip_below_knee_pct",
        label="Hip below the knee at the bottom",
        unit="% of the thigh",
        tier=Tier.EXPLORATORY,
        norm=not_compared,
        phrase="at the bottom the hip was below the knee by {value}",
        phrase_below_zero="at the bottom the hip was above the knee by {value}",
        decimals=0,
        possible=Range(-120.0, 100.0, 40.0),
    ),
    Measure(
        key="trunk_inclination_deg",
        label="Trunk inclination at the bottom",
        unit="degrees",
        tier=Tier.MODERATE,
        norm=not_compared,
        phrase="the trunk bent forward by {value}",
        column="trunk_inclination_deg",
        decimals=0,
        possible=INCLINATION,
    ),
    SPINE_ROUNDING,
    Measure(
        key="shin_angle_deg",
        label="Shin angle at the bottom",
        unit="degrees",
        tier=Tier.EXPLORATORY,
        norm=not_compared,
        phrase="the shin leaned forward by {value}",
        phrase_below_zero="the shin leaned backward by {value}",
        decimals=0,
        possible=Range(-30.0, 70.0, 20.0),
    ),
)
