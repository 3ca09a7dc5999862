from __future__ import annotations

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import FRONT, LEFT_NEAR, NOT_ASSESSED, RIGHT_NEAR, Case


def bends(incline: float, count: int = 2) -> sm.Motion:
    t = sm.times(4.0 + 4.0 * count)
    deep = sum(sm.ramp(t, 2.0 + 4.0 * k, 3.3 + 4.0 * k, 3.9 + 4.0 * k, 5.2 + 4.0 * k) for k in range(count))
    return sm.Motion(t, incline=incline * deep, bend=4.0, hips_back=0.15 * deep, rounding=incline * 0.5 * deep)


CASES = (
    Case("toe_touch", "far", bends(112.0), LEFT_NEAR, "both", {"reach_pct_height": Grade.WITHIN}),
    Case("toe_touch", "little", bends(60.0), RIGHT_NEAR, "both", {"reach_pct_height": Grade.OUTSIDE}),
    Case("toe_touch", "front-view", bends(112.0), FRONT, "both", NOT_ASSESSED),
    Case("toe_touch", "standing", sm.Motion(sm.times(8.0)), LEFT_NEAR, "both", NOT_ASSESSED),
)
