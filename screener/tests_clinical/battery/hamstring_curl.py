"""Bending one knee while standing: does the thigh stay where it is, and the trunk upright."""

from __future__ import annotations

import numpy as np

from screener.kinematics.events import repetitions
from screener.kinematics.motion import FLOOR_DEG, Motion
from screener.kinematics.pelvis import change_from_quiet
from screener.kinematics.planar import lean_deg
from screener.kinematics.ranges import FLEXION, Range
from screener.kinematics.sagittal import FLEXION_RESIDUAL_SD_DEG, inclination_u95_deg
from screener.kinematics.signal import clean
from screener.model.pose import Z95, Floats, Joint, Side, View
from screener.model.results import Tier
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, convention, not_compared
from screener.tests_clinical.exercises import CURL, LUNGE_STRETCH
from screener.tests_clinical.summaries import repetition_values, set_finding, set_value, sinking_share, worst_moment_s

MIN_BEND_DEG = 30.0
MAX_SINKING = 0.1
"""Who sits down or squats does not curl: the hip may sink by this share of the body height."""
DRIFT_U95_DEG = 4.0
"""A thigh that stays vertical reads -1 in a rendered clip."""


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the curls of one leg and measure them.

    Parameters
    ----------
    motion : Motion
        Side view.
    side : Side
        The leg that bends; only the one towards the camera can be measured.
    """
    if side is None:
        raise ValueError("a curl has a side")
    if side is not motion.near_side:
        return Finding(
            window=None,
            missing=f"The {side} leg is behind the other one and cannot be measured.",
            advice=f"Turn round, so that the {side} side is towards the camera, and film it again.",
        )
    time_s = motion.time_s
    flexion = motion.column(f"knee_flexion_{side}_deg")
    bends = repetitions(flexion, time_s, MIN_BEND_DEG)
    sinking = repetition_values(sinking_share(motion.joint(Joint.HIP, side)[:, 1], motion), time_s, bends)
    curls = tuple(bend for bend, sunk in zip(bends, sinking, strict=True) if not sunk > MAX_SINKING)
    if not curls:
        return Finding(
            window=None,
            missing=f"No curl of the {side} leg was seen.",
            advice="Stand upright for two seconds, then bend one knee slowly so that the heel comes up behind you, five times.",
        )
    drift = _drift_deg(motion, side)
    inclination = motion.column("trunk_inclination_deg")
    arching = -inclination
    return set_finding(
        curls,
        (
            set_value("knee_drift_deg", motion, drift, np.full(len(time_s), DRIFT_U95_DEG), curls),
            set_value("trunk_arch_deg", motion, arching, inclination_u95_deg(inclination), curls),
            set_value("depth_deg", motion, flexion, np.full(len(time_s), Z95 * FLEXION_RESIDUAL_SD_DEG), curls),
        ),
        worst_moment_s(drift, time_s, curls),
    )


def _drift_deg(motion: Motion, side: Side) -> Floats:
    """(T,) angle of the thigh against where it hung in quiet standing, + = the knee moved forward."""
    hip, knee = motion.joint(Joint.HIP, side), motion.joint(Joint.KNEE, side)
    thigh = -motion.anteroposterior_sign * clean(lean_deg(knee, hip), motion.time_s, FLOOR_DEG)
    return change_from_quiet(thigh, motion.rest)


TEST = ClinicalTest(
    key="hamstring_curl",
    title="Standing hamstring curl",
    idea="One knee bends while the knees stay side by side and the back stays still.",
    views=(View.SIDE,),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand with the leg to be tested towards the camera, a hand on a chair in front of you, still for two seconds.",
        "Bend that knee slowly until the heel is behind you and the shin level. Lower it slowly.",
        "Five times. Keep the thighs side by side, and do not arch the back.",
        "Turn round and do the same with the other leg towards the camera.",
    ),
    easy_version="Hold the chair with both hands, and bend the knee only as far as you can keep the thigh still.",
    camera="Place the camera at your side at hip height, three metres away, the whole body in the picture.",
    measures=(
        Measure(
            key="knee_drift_deg",
            label="Drift of the knee forward",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=convention(10.0, 20.0, "degrees"),
            phrase="the knee drifted forward by {value}",
            phrase_below_zero="the knee drifted backward by {value}",
            smallest_detectable=6.0,
            exercises=(CURL, LUNGE_STRETCH),
            possible=Range(-60.0, 90.0),
        ),
        Measure(
            key="trunk_arch_deg",
            label="Trunk leaning back",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=convention(8.0, 15.0, "degrees"),
            phrase="the trunk leaned back by {value}",
            phrase_below_zero="the trunk leaned forward by {value}",
            exercises=(CURL, LUNGE_STRETCH),
            possible=Range(-60.0, 60.0),
        ),
        Measure(
            key="depth_deg",
            label="Bend of the knee",
            unit="degrees",
            tier=Tier.MODERATE,
            norm=not_compared,
            phrase="the knee bent to {value}",
            column="knee_flexion_{side}_deg",
            smallest_detectable=10.0,
            decimals=0,
            possible=FLEXION,
        ),
    ),
    evaluate=evaluate,
)
