from __future__ import annotations

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import FRONT, LEFT_NEAR, NOT_ASSESSED, RIGHT_NEAR, Case

TIMED = frozenset({"way_down_s"})


def stands(down_s: float = 1.4, count: int = 5, rest_s: float = 0.0) -> sm.Motion:
    """Sitting for 1.5 s, then up in 1 s, half a second up, down, half a second seated; at the end seated for longer."""
    way = 2.0 + down_s
    t = sm.times(2.5 + way * count + rest_s)
    up = sum(sm.ramp(t, 1.5 + way * k, 2.5 + way * k, 3.0 + way * k, 3.0 + way * k + down_s) for k in range(count))
    seated = 1.0 - up
    return sm.Motion(t, bend=4.0 + 98.0 * seated, hips_back=0.38 * seated, incline=4.0 + 20.0 * up * seated * 4.0)


CASES = (
    Case("sit_to_stand", "controlled", stands(), LEFT_NEAR, "both", {"way_down_s": Grade.WITHIN}, TIMED),
    Case("sit_to_stand", "from-the-front", stands(), FRONT, "both", {"way_down_s": Grade.WITHIN}, TIMED),
    Case("sit_to_stand", "dropping", stands(0.35), RIGHT_NEAR, "both", {"way_down_s": Grade.OUTSIDE}, TIMED),
    Case("sit_to_stand", "standing", sm.Motion(sm.times(8.0)), LEFT_NEAR, "both", NOT_ASSESSED),
)
