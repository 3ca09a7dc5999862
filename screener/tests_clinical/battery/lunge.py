"""Lunging or half-kneeling: does the pelvis stay level and the front knee over the foot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from screener.kinematics.attempts import MovementAttempt, attempts
from screener.kinematics.events import Repetition, inside, repetitions
from screener.kinematics.motion import Motion
from screener.kinematics.signal import known_median
from screener.model.pose import Bools, Floats, Joint, Side, View
from screener.tests_clinical.definition import ClinicalTest, Finding
from screener.tests_clinical.exercises import LUNGE_STRETCH, SIDE_STEPS
from screener.tests_clinical.knee_values import over_foot_value
from screener.tests_clinical.measures import knee_over_foot, pelvic_drop, trunk_lean
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
MIN_KNEE_SPLIT = 0.06
"""Height in the picture of the rear knee below the front one, in body heights."""
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
    lunges, tried = _lunges(motion, side)
    if not lunges:
        return Finding(
            window=None,
            missing=f"No lunge with the {side} leg in front was seen.",
            advice="Stand on both feet for two seconds, step to the camera with one leg and lower the rear knee, five times.",
        )
    over_foot = motion.column(f"knee_over_foot_{side}_pct")
    drop = side.other.sign * motion.column("pelvic_obliquity_deg")
    return set_finding(
        lunges,
        (
            pelvis_value("pelvic_drop_deg", motion, drop, lunges),
            over_foot_value(motion, side, lunges),
            set_value("trunk_lean_deg", motion, side.sign * motion.column("trunk_lean_deg"), lean_u95_deg(motion), lunges),
        ),
        worst_moment_s(over_foot, time_s, lunges),
        usable=_front_is_seen(motion, side),
        tried=tried,
    )


def _front_is_seen(motion: Motion, side: Side) -> Bools:
    """(T,) frames that show trunk and front leg; the rear foot may hide behind it."""
    needed = [joint.on(leg) for leg in Side for joint in (Joint.SHOULDER, Joint.HIP)]
    needed += [Joint.KNEE.on(side), Joint.ANKLE.on(side)]
    return np.asarray(np.isfinite(motion.points[:, needed]).all(axis=(1, 2)))


def _lunges(motion: Motion, side: Side) -> tuple[tuple[Repetition, ...], tuple[MovementAttempt, ...]]:
    """Movements in which the hips sink towards the rear foot while the other foot is in front of it; whole ones, and all."""
    above = _hips_above_rear(motion, side)
    upright = motion.rest & np.isfinite(above)
    known = above[upright] if upright.any() else above[np.isfinite(above)]
    if known.size == 0:
        return (), ()
    depth = np.maximum(1.0 - above / float(np.percentile(known, 90)), 0.0)  # below: the other leg is in front
    found = repetitions(depth, motion.time_s, MIN_SINKING)
    lunges = _in_front(motion, side, found)
    begun = tuple(one for one in attempts(depth, motion.time_s, found) if not one.complete)
    own = tuple(one for one in begun if _in_front(motion, side, (one.middle,)))
    tried = (*(MovementAttempt(lunge.interval) for lunge in lunges), *own)
    return lunges, tuple(sorted(tried, key=lambda one: one.interval.start_s)) if lunges else ()


def _hips_above_rear(motion: Motion, side: Side) -> Floats:
    """(T,) height of the hips over the rear foot, pixels; a foot that hides stays where it was seen before and after."""
    rear, front = (motion.joint(Joint.ANKLE, leg)[:, 1] for leg in (side.other, side))
    seen = np.isfinite(rear)
    foot = np.interp(motion.time_s, motion.time_s[seen], rear[seen]) if seen.any() else front
    return np.asarray(foot - motion.middle(Joint.HIP)[:, 1])


def _in_front(motion: Motion, side: Side, found: tuple[Repetition, ...]) -> tuple[Repetition, ...]:
    """Those in which the leg of this side is in front: its foot is lower in the picture, or its knee stays above the other one.

    A camera on the floor shows both feet at one height, and a rear foot may hide; the rear knee goes down all the same. It is
    read over the whole lunge: at the bottom the front leg may cover it, and the model guesses.
    """
    height = motion.body_height_px
    feet = (motion.joint(Joint.ANKLE, side) - motion.joint(Joint.ANKLE, side.other))[:, 1] / height
    knees = (motion.joint(Joint.KNEE, side.other) - motion.joint(Joint.KNEE, side))[:, 1] / height
    sunk = sinking_share(motion.middle(Joint.HIP)[:, 1], motion)
    split, sinking = (repetition_values(values, motion.time_s, found) for values in (feet, sunk))
    lower = [known_median(knees[inside(motion.time_s, lunge.interval)]) for lunge in found]
    return tuple(
        lunge
        for lunge, apart, knee, sank in zip(found, split, lower, sinking, strict=True)
        if (apart > MIN_SPLIT or (knee > MIN_KNEE_SPLIT and not apart < -MIN_SPLIT)) and sank > MIN_HIP_SINKING
    )


TEST = ClinicalTest(
    key="lunge",
    title="Lunge",
    idea="One foot in front, the pelvis stays level, the front knee over its foot and the trunk upright.",
    views=(View.FRONT,),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand on both feet, facing the camera, and stay still for two seconds.",
        "Step towards the camera with one leg and lower yourself slowly until the rear knee is near the floor. Come back up.",
        "Five times with the same leg in front. Then stand still for two seconds.",
        "Do the same with the other leg in front.",
    ),
    easy_version="Kneel on one knee on a cushion, the other foot in front, and only shift your weight forward and back.",
    camera="Place the camera in front of you at hip height, three metres from your rear foot, the whole body in the picture.",
    measures=(
        replace(
            pelvic_drop(within_deg=4.0, outside_deg=5.0, side_that_sinks="rear leg's"), exercises=(LUNGE_STRETCH, SIDE_STEPS)
        ),
        knee_over_foot(),
        trunk_lean(within_deg=5.0, outside_deg=10.0, leg="front"),
    ),
    evaluate=evaluate,
)
