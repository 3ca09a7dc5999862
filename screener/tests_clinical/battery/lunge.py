"""Lunging or half-kneeling: does the pelvis stay level and the front knee over the foot."""

from __future__ import annotations

import numpy as np

from screener.kinematics.events import Repetition, repetitions
from screener.kinematics.frontal import knee_valgus_u95_deg
from screener.kinematics.motion import Motion
from screener.model.pose import Bools, Floats, Joint, Side, View
from screener.model.results import Tier
from screener.tests_clinical.definition import ClinicalTest, Finding
from screener.tests_clinical.measures import TWO_LEG_VALGUS, knee_valgus, pelvic_drop, trunk_lean
from screener.tests_clinical.summaries import (
    lean_u95_deg,
    pelvis_value,
    repetition_values,
    set_finding,
    set_value,
    sinking_share,
    worst_moment_s,
)

MIN_SINKING = 0.15
"""Share by which the hips come nearer to the height of the rear foot in a lunge."""
MIN_HIP_SINKING = 0.03
"""Sinking of the hips in the picture, in body heights; a foot that is only lifted moves them less."""
MIN_SPLIT = 0.04
"""Height in the picture of the front foot below the rear one, in body heights: nearer to the camera is lower."""


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the lunges with one leg in front and measure them.

    Parameters
    ----------
    motion : Motion
        Front view.
    side : Side
        The leg in front.
    """
    if side is None:
        raise ValueError("a lunge has a side")
    time_s = motion.time_s
    lunges = _lunges(motion, side)
    if not lunges:
        return Finding(
            window=None,
            missing=f"No lunge with the {side} leg in front was seen.",
            advice="Stand on both feet for two seconds, step towards the camera with one leg and sink the rear knee, five times.",
        )
    valgus = motion.column(f"knee_valgus_{side}_deg")
    drop = side.other.sign * motion.column("pelvic_obliquity_deg")
    return set_finding(
        lunges,
        (
            pelvis_value("pelvic_drop_deg", motion, drop, lunges),
            set_value("knee_valgus_deg", motion, valgus, knee_valgus_u95_deg(valgus), lunges),
            set_value("trunk_lean_deg", motion, side.sign * motion.column("trunk_lean_deg"), lean_u95_deg(motion), lunges),
        ),
        worst_moment_s(valgus, time_s, lunges),
        usable=_front_is_seen(motion, side),
    )


def _front_is_seen(motion: Motion, side: Side) -> Bools:
    """(T,) frames that show trunk and front leg; the rear foot may hide behind it."""
    needed = [joint.on(leg) for leg in Side for joint in (Joint.SHOULDER, Joint.HIP)]
    needed += [Joint.KNEE.on(side), Joint.ANKLE.on(side)]
    return np.asarray(np.isfinite(motion.points[:, needed]).all(axis=(1, 2)))


def _lunges(motion: Motion, side: Side) -> tuple[Repetition, ...]:
    """Movements in which the hips sink towards the rear foot while the other foot is in front of it."""
    rear, front = motion.joint(Joint.ANKLE, side.other)[:, 1], motion.joint(Joint.ANKLE, side)[:, 1]
    above: Floats = (rear - motion.middle(Joint.HIP)[:, 1]) / motion.body_height_px
    upright = motion.quiet & np.isfinite(above)
    known = above[upright] if upright.any() else above[np.isfinite(above)]
    if known.size == 0:
        return ()
    found = repetitions(1.0 - above / float(np.percentile(known, 90)), motion.time_s, MIN_SINKING)
    apart_share, sunk = (front - rear) / motion.body_height_px, sinking_share(motion.middle(Joint.HIP)[:, 1], motion)
    split, sinking = (repetition_values(values, motion.time_s, found) for values in (apart_share, sunk))
    return tuple(
        lunge
        for lunge, apart, lower in zip(found, split, sinking, strict=True)
        if apart > MIN_SPLIT and lower > MIN_HIP_SINKING
    )


TEST = ClinicalTest(
    key="lunge",
    title="Lunge",
    idea="One foot in front, the pelvis stays level, the front knee over its foot and the trunk upright.",
    views=(View.FRONT,),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand on both feet, facing the camera, and stay still for two seconds.",
        "Step towards the camera with one leg and sink slowly until the rear knee is near the floor. Come back up.",
        "Five times with the same leg in front. Then stand still for two seconds.",
        "Do the same with the other leg in front.",
    ),
    easy_version="Kneel on one knee on a cushion, the other foot in front, and only shift your weight forward and back.",
    camera="Place the camera in front of you at hip height, three metres from your rear foot, the whole body in the picture.",
    measures=(
        pelvic_drop(within_deg=4.0, outside_deg=5.0, side_that_sinks="rear leg's"),
        knee_valgus(TWO_LEG_VALGUS, Tier.EXPLORATORY),
        trunk_lean(within_deg=5.0, outside_deg=10.0, leg="front"),
    ),
    evaluate=evaluate,
)
