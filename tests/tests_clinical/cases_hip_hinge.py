"""Golden motions of the hip hinge."""

from __future__ import annotations

from dataclasses import replace

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import FRONT, LEFT_NEAR, NOT_ASSESSED, RIGHT_NEAR, Case

CASES = (
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
