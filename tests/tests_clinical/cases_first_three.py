"""Golden motions of single-leg stance, single-leg squat and hip hinge."""

from __future__ import annotations

from dataclasses import replace

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, FRONT, LEFT_NEAR, NOT_ASSESSED, RIGHT_NEAR, Case

CASES = (
    Case("single_leg_stance", "level", sm.stance("left", 1.0), FRONT, "left", {"pelvic_drop_deg": Grade.WITHIN}),
    Case("single_leg_stance", "drop", sm.stance("left", 9.0), FRONT, "left", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_stance", "drop-right", sm.stance("right", 9.0), FRONT, "right", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_stance", "drop-back", sm.stance("right", 9.0), BACK, "right", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_stance", "hike", sm.stance("left", -9.0), FRONT, "left", {"pelvic_drop_deg": Grade.WITHIN}),
    Case("single_leg_stance", "watch", sm.stance("left", 4.0), FRONT, "left", {"pelvic_drop_deg": Grade.WATCH}),
    Case(
        "single_leg_stance",
        "lean",
        sm.stance("right", 1.0, lean=13.0),
        BACK,
        "right",
        {"trunk_lean_deg": Grade.OUTSIDE, "pelvic_drop_deg": Grade.WITHIN},
    ),
    Case("single_leg_stance", "lean-away", sm.stance("left", 1.0, lean=-13.0), FRONT, "left", {"trunk_lean_deg": Grade.WITHIN}),
    Case("single_leg_stance", "side-view", sm.stance("left", 9.0), LEFT_NEAR, "both", NOT_ASSESSED),
    Case("single_leg_squat", "good", sm.leg_squats("left", 3, 1.0, 2.0), FRONT, "left", {"knee_valgus_deg": Grade.WITHIN}),
    Case(
        "single_leg_squat", "knee-in", sm.leg_squats("right", 3, 1.0, 25.0), FRONT, "right", {"knee_valgus_deg": Grade.OUTSIDE}
    ),
    Case(
        "single_leg_squat", "knee-out", sm.leg_squats("left", 3, 1.0, -25.0), FRONT, "left", {"knee_valgus_deg": Grade.WITHIN}
    ),
    Case("single_leg_squat", "drop", sm.leg_squats("left", 3, 8.0), FRONT, "left", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_squat", "back-view", sm.leg_squats("left", 3, 8.0), BACK, "both", NOT_ASSESSED),
    Case("hip_hinge", "hips", sm.hinges(3), LEFT_NEAR, "both", {"hip_knee_ratio": Grade.WITHIN}),
    Case("hip_hinge", "rounded", sm.hinges(3, rounding=95.0), RIGHT_NEAR, "both", {"spine_rounding_deg": Grade.OUTSIDE}),
    Case("hip_hinge", "hips-right", sm.hinges(3), RIGHT_NEAR, "both", {"hip_knee_ratio": Grade.WITHIN}),
    Case(
        "hip_hinge",
        "squatting",
        replace(sm.hinges(3, incline=30.0, bend=95.0), hips_back=0.0),
        LEFT_NEAR,
        "both",
        {"hip_knee_ratio": Grade.OUTSIDE},
    ),
    Case("hip_hinge", "front-view", sm.hinges(3), FRONT, "both", NOT_ASSESSED),
)
