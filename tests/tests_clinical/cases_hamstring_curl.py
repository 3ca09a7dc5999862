from __future__ import annotations

import numpy as np

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import FRONT, LEFT_NEAR, NOT_ASSESSED, RIGHT_NEAR, Case


def curls(side: str = "right", drift: float = 0.0, arch: float = 0.0, count: int = 3) -> sm.Motion:
    """Curls to 85 degrees; the thigh drifts forward and the trunk back by an angle."""
    t = sm.times(4.0 + 3.5 * count)
    q = sum(sm.ramp(t, 2.0 + 3.5 * k, 3.1 + 3.5 * k, 3.4 + 3.5 * k, 4.5 + 3.5 * k) for k in range(count))
    thigh, shank = np.radians(drift * q), np.radians(85.0 * q - drift * q)
    forward = sm.THIGH * np.sin(thigh) - sm.SHANK * np.sin(shank)
    lift = sm.THIGH * (1 - np.cos(thigh)) + sm.SHANK * (1 - np.cos(shank))
    return sm.Motion(t, incline=-arch * q, bend=1.0, **{f"lift_{side}": lift, f"foot_{side}": forward})


CASES = (
    Case(
        "hamstring_curl",
        "good",
        curls(),
        RIGHT_NEAR,
        "right",
        {"knee_drift_deg": Grade.WITHIN, "trunk_arch_deg": Grade.WITHIN},
    ),
    Case("hamstring_curl", "drift", curls("left", drift=28.0), LEFT_NEAR, "left", {"knee_drift_deg": Grade.OUTSIDE}),
    Case("hamstring_curl", "arching", curls(arch=20.0), RIGHT_NEAR, "right", {"trunk_arch_deg": Grade.OUTSIDE}),
    Case("hamstring_curl", "the-far-leg", curls("left"), RIGHT_NEAR, "left", NOT_ASSESSED),
    Case("hamstring_curl", "front-view", curls(), FRONT, "both", NOT_ASSESSED),
)
