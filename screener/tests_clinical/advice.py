"""Hints and exercises that fit what was found; general ones, never treatment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screener.model.pose import Side
from screener.model.results import Grade, Status, TestResult
from screener.tests_clinical import measure_of
from screener.tests_clinical.exercises import DISCLAIMER


def _other_legs(tests: Sequence[TestResult]) -> Iterator[str]:
    """Name the leg that is still to be done, where only one was: the two are to be compared."""
    done = {(test.key, test.side) for test in tests}
    for test in tests:
        if test.status is Status.SCORED and test.side in tuple(Side) and (test.key, Side(test.side).other) not in done:
            yield f"{test.title}: the {Side(test.side).other} leg was not filmed. Film it too, to compare the two sides."


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
                known = measure_of(test.key, measure.key)
                exercises |= dict.fromkeys(known.exercises if known else ())
    hints |= dict.fromkeys(_other_legs(tests))
    return (*hints, *exercises, *([DISCLAIMER] if exercises else ()))
