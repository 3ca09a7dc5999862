from __future__ import annotations

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, FRONT, LEFT_NEAR, NOT_ASSESSED, Case


def lifts(hike: float, side: str = "right", count: int = 3) -> sm.Motion:
    """Lifts of one foot, 1.5 s each, 1.5 s apart; the pelvis hikes on that side from shortly before."""
    t = sm.times(4.0 + 3.0 * count)
    up = sum(sm.ramp(t, 2.0 + 3.0 * k, 2.4 + 3.0 * k, 3.1 + 3.0 * k, 3.5 + 3.0 * k) for k in range(count))
    hiked = sum(sm.ramp(t, 1.8 + 3.0 * k, 2.2 + 3.0 * k, 3.1 + 3.0 * k, 3.5 + 3.0 * k) for k in range(count))
    sign = 1.0 if side == "right" else -1.0  # + = the left hip lower, the right one hiked
    return sm.Motion(t, obliquity=sign * hike * hiked, **{f"lift_{side}": 0.25 * up, f"foot_{side}": 0.15 * up})


CASES = (
    Case("march", "level", lifts(1.0), FRONT, "right", {"pelvic_hike_deg": Grade.WITHIN}),
    Case("march", "hike", lifts(8.0), FRONT, "right", {"pelvic_hike_deg": Grade.OUTSIDE, "trunk_lean_deg": Grade.WITHIN}),
    Case("march", "hike-left-back", lifts(8.0, "left"), BACK, "left", {"pelvic_hike_deg": Grade.OUTSIDE}),
    Case("march", "drop-is-no-hike", lifts(-8.0, "left"), FRONT, "left", {"pelvic_hike_deg": Grade.WITHIN}),
    Case("march", "watch", lifts(4.0), FRONT, "right", {"pelvic_hike_deg": Grade.WATCH}),
    Case("march", "standing", sm.Motion(sm.times(8.0)), FRONT, "both", NOT_ASSESSED),
    Case("march", "side-view", lifts(8.0), LEFT_NEAR, "both", NOT_ASSESSED),
)
