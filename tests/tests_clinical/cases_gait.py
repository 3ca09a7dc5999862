from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers import stickman as sm
from screener.model.results import Grade
from tests_clinical.case import BACK, NOT_ASSESSED, Case

FAR = sm.Camera(distance=6.5)
NEAR_FAR = (5.5, 8.0)
STEP_M, STEP_S = 0.55, 0.6


def walk(drop_left: float, drop_right: float, steps: int = 7, still_s: float = 2.0, lift_m: float = 0.12) -> sm.Motion:
    """Quiet standing, then steps towards the camera, left foot first; the pelvis drops on the swinging side in each stance."""
    t = sm.times(still_s + steps * STEP_S + 0.4)
    phase = np.clip((t - still_s) / STEP_S, 0.0, steps - 1e-6)
    number, way = np.floor(phase).astype(int), phase % 1.0
    ease = 0.5 - 0.5 * np.cos(np.pi * way)
    ahead = STEP_M * np.where(t > still_s, phase, 0.0)
    places = {"left": np.zeros_like(t), "right": np.zeros_like(t)}
    lifts = {"left": np.zeros_like(t), "right": np.zeros_like(t)}
    obliquity = np.zeros_like(t)
    for step in range(steps):
        foot, other = ("left", "right") if step % 2 == 0 else ("right", "left")
        here = (number == step) & (t > still_s)
        start, goal = max(0.0, (step - 0.5) * STEP_M), (step + 1.5) * STEP_M
        places[foot] = np.where(here, start + (goal - start) * ease, np.where(number > step, goal, places[foot]))
        lifts[foot] = np.where(here, lift_m * np.sin(np.pi * way), lifts[foot])
        drop, sign = (drop_right, 1.0) if other == "right" else (drop_left, -1.0)  # + = the left hip lower
        obliquity = np.where(here, sign * drop * np.sin(np.pi * way) ** 0.5, obliquity)
    return sm.Motion(
        t,
        obliquity=obliquity,
        bend=14.0,
        ahead=ahead,
        lift_left=lifts["left"],
        lift_right=lifts["right"],
        foot_left=places["left"] - ahead,
        foot_right=places["right"] - ahead,
    )


UNTOLD = Grade.UNDECIDED
"""Who comes nearer is seen from elsewhere: the interval of 9 degrees reaches from within to outside."""

LEANS: dict[str, Grade | None] = {"trunk_lean_deg": Grade.OUTSIDE}

CASES = (
    Case("gait", "level", walk(1.5, 1.5), FAR, "left", {"trunk_lean_deg": Grade.WITHIN}, distances=NEAR_FAR),
    Case("gait", "drop-right", walk(2.0, 8.0), FAR, "right", {"pelvic_drop_deg": UNTOLD}, distances=NEAR_FAR),
    Case("gait", "drop-right-left-stance", walk(2.0, 8.0), FAR, "left", {"pelvic_drop_deg": UNTOLD}, distances=NEAR_FAR),
    Case("gait", "leans", replace(walk(1.5, 1.5), lean=14.0), FAR, "left", LEANS, distances=NEAR_FAR),
    Case("gait", "three-steps", walk(1.5, 9.0, steps=3), FAR, "both", NOT_ASSESSED),
    Case("gait", "standing", sm.Motion(sm.times(6.0)), FAR, "both", NOT_ASSESSED),
    Case("gait", "from-behind", walk(1.5, 1.5), BACK, "both", NOT_ASSESSED),
)
