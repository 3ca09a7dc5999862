from __future__ import annotations

import numpy as np

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, FRONT, LEFT_NEAR, NOT_ASSESSED, Case

T = sm.times(8.0)
CASES = (
    Case("quiet_stance", "middle", sm.Motion(T), FRONT, "both", {"weight_shift_pct": Grade.WITHIN}),
    Case("quiet_stance", "shift-left", sm.Motion(T, shift=0.05), FRONT, "both", {"weight_shift_pct": Grade.OUTSIDE}),
    Case("quiet_stance", "shift-right-back", sm.Motion(T, shift=-0.05), BACK, "both", {"weight_shift_pct": Grade.OUTSIDE}),
    Case("quiet_stance", "watch", sm.Motion(T, shift=0.022), FRONT, "both", {"weight_shift_pct": Grade.UNDECIDED}),
    Case("quiet_stance", "stepping", sm.Motion(T, shift=0.25 * np.sin(4.0 * T)), FRONT, "both", NOT_ASSESSED),
    Case("quiet_stance", "side-view", sm.Motion(T), LEFT_NEAR, "both", NOT_ASSESSED),
)
