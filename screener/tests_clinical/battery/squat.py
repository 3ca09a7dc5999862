"""Squatting on both legs: do the knees stay over the feet, and does the weight stay in the middle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from screener.kinematics.attempts import attempts
from screener.kinematics.events import Repetition, repetitions
from screener.kinematics.motion import Motion
from screener.model.pose import Floats, Side, View
from screener.model.results import Tier
from screener.tests_clinical.definition import ClinicalTest, Finding
from screener.tests_clinical.knee_values import is_shallow, two_leg_values
from screener.tests_clinical.measures import TWO_LEG_VALGUS, depth, knee_over_foot, knee_separation, knee_valgus, weight_shift
from screener.tests_clinical.squat_from_the_side import SIDE_MEASURES, side_values
from screener.tests_clinical.summaries import (
    FEET_TOGETHER,
    depth_u95_deg,
    set_finding,
    set_value,
    weight_shift_pct,
    weight_shift_u95_pct,
    worst_moment_s,
)

MIN_BEND_DEG = 25.0
CURE = "Stand on both feet for two seconds, then bend both knees slowly and come up again, five times."


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the squats and measure them by view.

    Parameters
    ----------
    motion : Motion
        From the front each knee over its foot, the distance of both, and the weight towards `side`; from the side depth, trunk,
        back, shin and heel of the leg towards the camera.
    side : Side, optional
        The leg that is judged from the front; both legs stand.
    """
    from_the_side = motion.view is View.SIDE
    if side is None and not from_the_side:
        raise ValueError("from the front a squat is judged on each side")
    bend = _bend_deg(motion)
    squats = repetitions(bend, motion.time_s, MIN_BEND_DEG)
    if not squats:
        return Finding(window=None, missing="No squat on both legs was seen.", advice=CURE)
    tried = attempts(bend, motion.time_s, squats)
    if side is None or from_the_side:
        return set_finding(squats, side_values(motion, squats), worst_moment_s(bend, motion.time_s, squats), tried=tried)
    return replace(_from_the_front(motion, side, squats), attempts=tried)


def _bend_deg(motion: Motion) -> Floats:
    """(T,) knee flexion that a squat is counted by: of both legs, or of the one that the camera sees."""
    if motion.view is View.SIDE:
        return motion.column(f"knee_flexion_{motion.near_side}_deg")
    return np.asarray(np.mean([motion.column(f"knee_flexion_{leg}_deg") for leg in Side], axis=0))


def _from_the_front(motion: Motion, side: Side, squats: tuple[Repetition, ...]) -> Finding:
    shift = side.sign * weight_shift_pct(motion)
    worst = f"knee_valgus_{side}_deg" if is_shallow(motion, squats) else f"knee_over_foot_{side}_pct"
    return set_finding(
        squats,
        (
            *two_leg_values(motion, side, squats),
            set_value("weight_shift_pct", motion, shift, weight_shift_u95_pct(motion), squats, FEET_TOGETHER),
            set_value("depth_deg", motion, motion.column(f"knee_flexion_{side}_deg"), depth_u95_deg(motion), squats),
        ),
        worst_moment_s(motion.column(worst), motion.time_s, squats),
    )


TEST = ClinicalTest(
    key="squat",
    title="Squat",
    idea="On both legs the knees stay over the feet, and the hips stay in the middle between them.",
    views=(View.FRONT, View.SIDE),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand with the feet under the hips, facing the camera or with one side to it, and stay still for two seconds.",
        "Bend both knees slowly as if to sit down, heels on the floor, as far as is comfortable. Come up again.",
        "Five times, about three seconds each. Then stand still for two seconds.",
    ),
    easy_version="Hold on to something firm in front of you, or sit down on a high chair and get up.",
    camera="Place the camera in front of you or at your side, at hip height, three metres away, the whole body in view.",
    measures=(
        knee_valgus(TWO_LEG_VALGUS, Tier.EXPLORATORY),
        knee_over_foot(),
        knee_separation(),
        weight_shift(
            phrase="at the bottom the hips moved towards this side by {value} of the distance between the feet",
            phrase_below_zero="at the bottom the hips moved away from this side by {value} of the distance between the feet",
        ),
        *SIDE_MEASURES,
        depth(),
    ),
    evaluate=evaluate,
    stands_on_two=True,
    by_view=True,
    looks_at_back=True,
)
