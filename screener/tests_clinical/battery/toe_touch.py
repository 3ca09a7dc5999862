"""Bending forward to the toes: how far do the hands reach, and how much of it comes from the hips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from screener.kinematics.events import repetitions
from screener.kinematics.motion import Motion
from screener.kinematics.ranges import INCLINATION
from screener.kinematics.sagittal import inclination_u95_deg
from screener.model.pose import Floats, Joint, Side, View
from screener.model.results import Method, Tier
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, convention, not_compared
from screener.tests_clinical.exercises import HINGE, UP_OFTEN
from screener.tests_clinical.summaries import down_to_the_end, set_finding, set_value, share_of_height, worst_moment_s

MIN_INCLINATION_DEG = 40.0
FINGER_SHARE_PCT = 4.0
"""The fingertips reach this far beyond the landmark at the base of the index finger, in per cent of height."""
REACH_U95_PCT = 4.0
SPINE_IN_LINE = 0.78
"""Share of the rounding by which the hip-shoulder line leans beyond the pelvis (five rendered bodies: 0.78 to 0.80)."""


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the bends and measure them on the side towards the camera.

    Parameters
    ----------
    motion : Motion
        Side view.
    side : None
        Both sides together.
    """
    time_s = motion.time_s
    inclination = motion.column("trunk_inclination_deg")
    bends = repetitions(inclination, time_s, MIN_INCLINATION_DEG)
    if not bends:
        tried = down_to_the_end(inclination, time_s, MIN_INCLINATION_DEG)
        return Finding(
            window=None,
            attempts=tried,
            missing="The bend ended bent forward, without coming up again." if tried else "No forward bend was seen.",
            advice="Stand upright for two seconds, bend forward and reach for your toes, and come up again, three times.",
        )
    reach = _fingers_above_floor_pct(motion)
    rounding = motion.column("spine_rounding_deg")
    share, share_u95 = _hip_share_pct(inclination, rounding, motion.rounding_u95_deg)
    reason = "the back, or the quiet standing before the bend, was not seen"
    return set_finding(
        bends,
        (
            set_value("reach_pct_height", motion, reach, np.full(len(time_s), REACH_U95_PCT), bends),
            set_value("trunk_inclination_deg", motion, inclination, inclination_u95_deg(inclination), bends),
            replace(set_value("hip_share_pct", motion, share, share_u95, bends, reason), method=Method.SILHOUETTE),
        ),
        worst_moment_s(inclination, time_s, bends),
    )


def _fingers_above_floor_pct(motion: Motion) -> Floats:
    """(T,) height of the fingertips over the floor, per cent of body height, from the near hand and foot."""
    near = motion.near_side
    floor = np.fmax(motion.joint(Joint.HEEL, near)[:, 1], motion.joint(Joint.FOOT_INDEX, near)[:, 1])
    return share_of_height(floor - motion.joint(Joint.INDEX, near)[:, 1], motion) - FINGER_SHARE_PCT


def _hip_share_pct(inclination: Floats, rounding: Floats, rounding_u95: Floats) -> tuple[Floats, Floats]:
    """(T,) share of the forward bend that the pelvis turned over the hips, and its 95 % half width, per cent."""
    bend = np.where(inclination > MIN_INCLINATION_DEG / 2.0, inclination, np.nan)
    share = 100.0 * (1.0 - SPINE_IN_LINE * rounding / bend)
    return share, 100.0 * SPINE_IN_LINE * rounding_u95 / bend


TEST = ClinicalTest(
    key="toe_touch",
    title="Toe touch",
    idea="A forward fold shared between hips and back; film it before and after an exercise to see what changed.",
    views=(View.SIDE,),
    sides=(None,),
    instructions=(
        "Stand with one side towards the camera, feet together, knees straight, and stay still for two seconds.",
        "Bend forward slowly and reach for your toes, arms hanging. Stay for a moment. Come up again.",
        "Three times.",
    ),
    command_hint="To compare with an earlier recording: --compare before/landmarks.npz",
    easy_version="Bend the knees a little, and slide the hands down the shins.",
    camera="Place the camera at your side at hip height, three metres away, the whole body in the picture.",
    measures=(
        Measure(
            key="reach_pct_height",
            label="Fingertips above the floor",
            unit="%",
            tier=Tier.EXPLORATORY,
            norm=convention(5.0, 15.0, "%"),
            phrase="the fingertips stayed {value} of the body height above the floor",
            phrase_below_zero="the fingertips reached the floor ({value} of the body height beyond it)",
            exercises=(HINGE, UP_OFTEN),
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
        Measure(
            key="hip_share_pct",
            label="Share of the hips",
            unit="%",
            tier=Tier.EXPLORATORY,
            norm=not_compared,
            phrase="the hips did {value} of the bend, the back the rest",
            decimals=0,
        ),
    ),
    evaluate=evaluate,
    stands_on_two=True,
    looks_at_back=True,
)
