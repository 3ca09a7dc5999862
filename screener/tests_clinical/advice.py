"""Exercises and hints that fit what was found; general ones, never treatment."""

from __future__ import annotations

from collections.abc import Sequence

from screener.results import Grade, Status, TestResult

SOURCE = "General strengthening and balance exercises from popular writing on hip strength."
DISCLAIMER = f"{SOURCE} They are not tailored to you or to any condition and do not suit everyone; stop when something hurts."

EXERCISES = {
    "pelvic_drop_deg": (
        "Glute bridge: lie on your back, knees bent, lift the hips to a straight line, hold 2 seconds, 8 to 12 times.",
        "Side steps with a band above the knees: 10 steps each way, pelvis level.",
    ),
    "trunk_lean_deg": ("Single-leg balance beside a chair: 3 times 20 seconds on each leg, trunk upright.",),
    "knee_valgus_deg": ("Clamshell: lie on your side, knees bent, open the top knee without rolling back, 10 to 15 times.",),
    "hold_time_s": ("Single-leg balance beside a chair: 3 times 20 seconds on each leg.",),
    "touch_downs": ("Single-leg balance beside a chair: 3 times 20 seconds on each leg.",),
    "hip_knee_ratio": (
        "Hip hinge drill: stand a hand's width from a wall, push the hips back to touch it, back straight, 10 times.",
    ),
    "spine_rounding_deg": (
        "Hip hinge drill with a stick along the back: it keeps touching head, upper back and tail bone, 10 times.",
    ),
}


def advice_for(tests: Sequence[TestResult]) -> tuple[str, ...]:
    """Collect hints for what lay outside or is worth watching, each once.

    Parameters
    ----------
    tests : sequence of TestResult
        Of the whole screen.
    """
    hints: dict[str, None] = {}
    for test in tests:
        if test.status is Status.NOT_ASSESSED and test.cure:
            hints[f"{test.title}: {test.cure}"] = None
        for measure in test.measures:
            if measure.grade in (Grade.WATCH, Grade.OUTSIDE):
                hints |= dict.fromkeys(EXERCISES.get(measure.key, ()))
    if any(hint in exercises for exercises in EXERCISES.values() for hint in hints):
        hints[DISCLAIMER] = None
    return tuple(hints)
