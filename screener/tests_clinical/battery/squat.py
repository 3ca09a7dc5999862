"""Squatting on both legs: do the knees stay over the feet, and does the weight stay in the middle."""

from __future__ import annotations

from screener.kinematics.events import repetitions
from screener.kinematics.frontal import knee_valgus_u95_deg
from screener.kinematics.motion import Motion
from screener.model.pose import Side, View
from screener.model.results import Tier
from screener.tests_clinical.definition import ClinicalTest, Finding
from screener.tests_clinical.measures import TWO_LEG_VALGUS, depth, knee_valgus, weight_shift
from screener.tests_clinical.summaries import (
    depth_u95_deg,
    set_finding,
    set_value,
    weight_shift_pct,
    weight_shift_u95_pct,
    worst_moment_s,
)

MIN_BEND_DEG = 25.0


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the squats and measure one knee, and the weight towards that side.

    Parameters
    ----------
    motion : Motion
        Front view.
    side : Side
        The leg that is judged; both legs stand.
    """
    if side is None:
        raise ValueError("a squat is judged on each side")
    time_s = motion.time_s
    flexion = {leg: motion.column(f"knee_flexion_{leg}_deg") for leg in Side}
    squats = repetitions((flexion[Side.LEFT] + flexion[Side.RIGHT]) / 2.0, time_s, MIN_BEND_DEG)
    if not squats:
        return Finding(
            window=None,
            missing="No squat on both legs was seen.",
            advice="Stand on both feet for two seconds, then bend both knees slowly and come up again, five times.",
        )
    valgus = motion.column(f"knee_valgus_{side}_deg")
    shift = side.sign * weight_shift_pct(motion)
    return set_finding(
        squats,
        (
            set_value("knee_valgus_deg", motion, valgus, knee_valgus_u95_deg(valgus), squats),
            set_value("weight_shift_pct", motion, shift, weight_shift_u95_pct(motion), squats),
            set_value("depth_deg", motion, flexion[side], depth_u95_deg(motion), squats),
        ),
        worst_moment_s(valgus, time_s, squats),
    )


TEST = ClinicalTest(
    key="squat",
    title="Squat",
    idea="On both legs the knees stay over the feet, and the hips stay in the middle between them.",
    views=(View.FRONT,),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand with the feet under the hips, facing the camera, and stay still for two seconds.",
        "Bend both knees slowly as if to sit down, heels on the floor, as far as is comfortable. Come up again.",
        "Five times, about three seconds each. Then stand still for two seconds.",
    ),
    easy_version="Hold on to something firm in front of you, or sit down on a high chair and get up.",
    camera="Place the camera in front of you at hip height, three metres away, the whole body in the picture.",
    measures=(
        knee_valgus(TWO_LEG_VALGUS, Tier.EXPLORATORY),
        weight_shift(
            phrase="at the bottom the hips moved towards this side by {value} of the distance between the feet",
            phrase_below_zero="at the bottom the hips moved away from this side by {value} of the distance between the feet",
        ),
        depth(),
    ),
    evaluate=evaluate,
)
