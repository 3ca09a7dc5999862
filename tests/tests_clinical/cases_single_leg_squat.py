"""Golden motions of the single-leg squat."""

from __future__ import annotations

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, FRONT, NOT_ASSESSED, Case

CASES = (
    Case("single_leg_squat", "good", sm.leg_squats("left", 3, 1.0, 2.0), FRONT, "left", {"knee_valgus_deg": Grade.WITHIN}),
    Case(
        "single_leg_squat", "knee-in", sm.leg_squats("right", 3, 1.0, 25.0), FRONT, "right", {"knee_valgus_deg": Grade.OUTSIDE}
    ),
    Case(
        "single_leg_squat", "knee-out", sm.leg_squats("left", 3, 1.0, -25.0), FRONT, "left", {"knee_valgus_deg": Grade.WITHIN}
    ),
    Case("single_leg_squat", "drop", sm.leg_squats("left", 3, 8.0), FRONT, "left", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_squat", "back-view", sm.leg_squats("left", 3, 8.0), BACK, "both", NOT_ASSESSED),
)
