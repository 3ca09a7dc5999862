"""Golden motions of the single-leg stance."""

from __future__ import annotations

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, FRONT, LEFT_NEAR, NOT_ASSESSED, Case

CASES = (
    Case("single_leg_stance", "level", sm.stance("left", 1.0), FRONT, "left", {"pelvic_drop_deg": Grade.WITHIN}),
    Case("single_leg_stance", "drop", sm.stance("left", 9.0), FRONT, "left", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_stance", "drop-right", sm.stance("right", 9.0), FRONT, "right", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_stance", "drop-back", sm.stance("right", 9.0), BACK, "right", {"pelvic_drop_deg": Grade.OUTSIDE}),
    Case("single_leg_stance", "hike", sm.stance("left", -9.0), FRONT, "left", {"pelvic_drop_deg": Grade.WITHIN}),
    Case("single_leg_stance", "watch", sm.stance("left", 4.0), FRONT, "left", {"pelvic_drop_deg": Grade.WATCH}),
    Case(
        "single_leg_stance",
        "lean",
        sm.stance("right", 1.0, lean=13.0),
        BACK,
        "right",
        {"trunk_lean_deg": Grade.OUTSIDE, "pelvic_drop_deg": Grade.WITHIN},
    ),
    Case("single_leg_stance", "lean-away", sm.stance("left", 1.0, lean=-13.0), FRONT, "left", {"trunk_lean_deg": Grade.WITHIN}),
    Case("single_leg_stance", "side-view", sm.stance("left", 9.0), LEFT_NEAR, "both", NOT_ASSESSED),
)
