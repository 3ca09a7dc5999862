"""Exercises and hints that fit what was found; general ones, never treatment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screener.model.pose import Side
from screener.model.results import Grade, Status, TestResult

SOURCE = "General strengthening and balance exercises from popular writing on hip strength."
DISCLAIMER = f"{SOURCE} They are not tailored to you or to any condition and do not suit everyone; stop when something hurts."

BRIDGE = "Glute bridge: lie on your back, knees bent, lift the hips to a straight line, hold 2 seconds, 8 to 12 times."
SIDE_STEPS = "Side steps with a band above the knees: 10 steps each way, pelvis level."
BALANCE = "Single-leg balance beside a chair: 3 times 20 seconds on each leg, trunk upright."
CLAMSHELL = "Clamshell: lie on your side, knees bent, open the top knee without rolling back, 10 to 15 times."
HINGE = "Hip hinge drill: stand a hand's width from a wall, push the hips back to touch it, back straight, 10 times."
STICK = "Hip hinge drill with a stick along the back: it keeps touching head, upper back and tail bone, 10 times."
LUNGE_STRETCH = "Lunge stretch: kneel on one knee, trunk upright, shift the weight forward, 30 seconds on each side."
CHAIR_STANDS = "Stand up from a chair and sit down slowly, counting to three on the way down, 8 to 12 times."
MARCH = "March on the spot in front of a mirror: lift each foot slowly, pelvis level, 10 times each side."
CURL = "Standing curls with a hand on a chair: bend one knee, the thigh still, 8 to 12 times each side."
SWITCHES = "90/90 switches: sit on the floor, knees bent, let both knees sink to one side and to the other, 10 times."
EVEN_STANDING = "Stand with both feet on two equal cushions or scales and feel for equal weight, 3 times 30 seconds."
UP_OFTEN = "Stand up and walk about for a minute every 30 minutes of sitting."

EXERCISES = {
    "pelvic_drop_deg": (BRIDGE, SIDE_STEPS),
    "trunk_lean_deg": (BALANCE,),
    "knee_valgus_deg": (CLAMSHELL, SIDE_STEPS),
    "hold_time_s": (BALANCE,),
    "touch_downs": (BALANCE,),
    "hip_knee_ratio": (HINGE,),
    "spine_rounding_deg": (STICK,),
    "weight_shift_pct": (EVEN_STANDING,),
    "bridge_line_deg": (BRIDGE, LUNGE_STRETCH),
    "hip_loss_deg": (BRIDGE,),
    "knee_opening_deg": (CLAMSHELL, SWITCHES),
    "ankle_gap_pct": (CLAMSHELL,),
    "pelvic_hike_deg": (MARCH,),
    "knee_drift_deg": (CURL, LUNGE_STRETCH),
    "trunk_arch_deg": (CURL, LUNGE_STRETCH),
    "five_times_s": (CHAIR_STANDS, UP_OFTEN),
    "chair_stands_30s": (CHAIR_STANDS, UP_OFTEN),
    "way_down_s": (CHAIR_STANDS,),
    "reach_pct_height": (HINGE, UP_OFTEN),
}
"""Exercises by the measure that was outside or is to be watched."""

BY_TEST = {("glute_bridge", "hold_time_s"): (BRIDGE,), ("lunge", "pelvic_drop_deg"): (LUNGE_STRETCH, SIDE_STEPS)}
"""Exercises of a measure that means something else in one test."""


def _other_legs(tests: Sequence[TestResult]) -> Iterator[str]:
    """Name the leg that is still to be done, where only one was: the two are to be compared."""
    done = {(test.key, test.side) for test in tests}
    for test in tests:
        if test.status is Status.SCORED and test.side in tuple(Side) and (test.key, Side(test.side).other) not in done:
            yield f"{test.title}: the {Side(test.side).other} leg was not filmed. Do the same with it, to compare the two."


def advice_for(tests: Sequence[TestResult]) -> tuple[str, ...]:
    """Collect hints for what lay outside or is worth watching, each once.

    Parameters
    ----------
    tests : sequence of TestResult
        Of the whole screen.
    """
    hints: dict[str, None] = {}
    exercises: dict[str, None] = {}
    for test in tests:
        if test.status is Status.NOT_ASSESSED and test.advice:
            hints[f"{test.title}: {test.advice}"] = None
        for measure in test.measures:
            if measure.grade in (Grade.WATCH, Grade.OUTSIDE):
                found = BY_TEST.get((test.key, measure.key), EXERCISES.get(measure.key, ()))
                exercises |= dict.fromkeys(found)
    hints |= dict.fromkeys(_other_legs(tests))
    return (*hints, *exercises, *([DISCLAIMER] if exercises else ()))
