from __future__ import annotations

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, FRONT, NOT_ASSESSED, Case


def lunges(side: str = "left", knee_in: float = 0.0, drop: float = 0.0, count: int = 3) -> sm.Motion:
    """Quiet for 2 s, one step forward, lunges of 2.5 s, 1 s apart, the foot back again."""
    t = sm.times(7.0 + 3.5 * count)
    step = sm.ramp(t, 1.8, 2.4, t[-1] - 2.4, t[-1] - 1.8)
    deep = sum(sm.ramp(t, 2.8 + 3.5 * k, 3.9 + 3.5 * k, 4.2 + 3.5 * k, 5.3 + 3.5 * k) for k in range(count))
    rear = "right" if side == "left" else "left"
    sign = -1.0 if side == "left" else 1.0  # + = the left hip lower; the rear side sinks
    return sm.Motion(
        t,
        bend=4.0 + 10.0 * step + 70.0 * deep,
        obliquity=sign * drop * deep,
        **{f"foot_{side}": 0.35 * step, f"foot_{rear}": -0.35 * step, f"knee_in_{side}": knee_in * deep},
    )


CASES = (
    Case("lunge", "good", lunges(), FRONT, "left", {"knee_over_foot_pct": Grade.WITHIN, "pelvic_drop_deg": Grade.WITHIN}),
    Case("lunge", "right-knee-in", lunges("right", 30.0), FRONT, "right", {"knee_over_foot_pct": Grade.OUTSIDE}),
    Case("lunge", "pelvis-sinks", lunges("left", drop=9.0), FRONT, "left", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("lunge", "from-behind", lunges(), BACK, "both", NOT_ASSESSED),
    Case("lunge", "standing", sm.Motion(sm.times(8.0)), FRONT, "both", NOT_ASSESSED),
)
