from __future__ import annotations

from dataclasses import replace

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, FRONT, LEFT_NEAR, NOT_ASSESSED, Case


def squats(
    knee_in_left: float = 0.0, knee_in_right: float = 0.0, shift_m: float = 0.0, count: int = 3, bend: float = 60.0
) -> sm.Motion:
    """Squats of 2.5 s on both legs, 1 s apart, quiet for 2 s before and after."""
    t = sm.times(5.0 + 3.5 * count)
    deep = sum(sm.ramp(t, 2.0 + 3.5 * k, 3.1 + 3.5 * k, 3.4 + 3.5 * k, 4.5 + 3.5 * k) for k in range(count))
    return sm.Motion(
        t,
        bend=4.0 + (bend - 4.0) * deep,
        knee_in_left=knee_in_left * deep,
        knee_in_right=knee_in_right * deep,
        shift=shift_m * deep,
    )


CASES = (
    Case("squat", "good", squats(), FRONT, "left", {"knee_valgus_deg": Grade.WITHIN, "weight_shift_pct": Grade.WITHIN}),
    Case("squat", "right-knee-in", squats(0.0, 20.0), FRONT, "right", {"knee_valgus_deg": Grade.OUTSIDE}),
    Case("squat", "the-other-knee", squats(0.0, 20.0), FRONT, "left", {"knee_valgus_deg": Grade.WITHIN}),
    Case("squat", "knees-out", squats(-15.0, -15.0), FRONT, "left", {"knee_valgus_deg": Grade.WITHIN}),
    Case("squat", "deep", squats(bend=110.0), FRONT, "left", {"knee_over_foot_pct": Grade.WITHIN}),
    Case("squat", "deep-left-knee-in", squats(20.0, bend=110.0), FRONT, "left", {"knee_over_foot_pct": Grade.OUTSIDE}),
    Case("squat", "deep-the-other-knee", squats(20.0, bend=110.0), FRONT, "right", {"knee_over_foot_pct": Grade.WITHIN}),
    Case("squat", "from-the-side", squats(bend=110.0), LEFT_NEAR, "both", {"heel_lift_pct": Grade.WITHIN}),
    Case("squat", "shift", squats(shift_m=0.05), FRONT, "left", {"weight_shift_pct": Grade.OUTSIDE}),
    Case("squat", "shift-away", squats(shift_m=0.05), FRONT, "right", {"weight_shift_pct": Grade.WITHIN}),
    Case("squat", "from-behind", squats(0.0, 20.0), BACK, "both", NOT_ASSESSED),
    Case("squat", "half", replace(squats(), bend=12.0), FRONT, "both", NOT_ASSESSED),
)
