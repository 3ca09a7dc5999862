from __future__ import annotations

import numpy as np

from helpers import stickman as sm
from helpers.lying import Clamshell
from screener.model.results import Grade
from tests_clinical.case import NOT_ASSESSED, Case

FLOOR_CAMERA = sm.Camera(height=0.6, distance=2.6)


def clams(opening: float = 40.0, feet_apart_m: float = 0.0, top: str = "right", count: int = 3) -> Clamshell:
    t = sm.times(3.0 + 3.0 * count)
    open_ = sum(sm.ramp(t, 1.0 + 3.0 * k, 2.0 + 3.0 * k, 2.3 + 3.0 * k, 3.3 + 3.0 * k) for k in range(count))
    return Clamshell(t, opening * open_, 0.1 + feet_apart_m * open_, top)


CASES = (
    Case(
        "clamshell",
        "open",
        clams(),
        FLOOR_CAMERA,
        "right",
        {"knee_opening_deg": Grade.WITHIN, "ankle_gap_pct": Grade.WITHIN},
    ),
    Case("clamshell", "left-on-top", clams(top="left"), FLOOR_CAMERA, "left", {"knee_opening_deg": Grade.WITHIN}),
    Case(
        "clamshell",
        "little",
        clams(13.0),
        FLOOR_CAMERA,
        "right",
        {"knee_opening_deg": Grade.OUTSIDE},
        distances=(2.0, 3.5),
    ),
    Case("clamshell", "feet-apart", clams(feet_apart_m=0.25), FLOOR_CAMERA, "right", {"ankle_gap_pct": Grade.OUTSIDE}),
    Case("clamshell", "still", Clamshell(sm.times(6.0), np.zeros(180)), FLOOR_CAMERA, "both", NOT_ASSESSED),
    Case("clamshell", "standing", sm.Motion(sm.times(6.0)), sm.Camera(), "both", NOT_ASSESSED),
)
