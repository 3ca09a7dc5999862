"""The value of a hold: the largest that was held, and when."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import recording
from screener.kinematics.motion import Motion
from screener.model.series import Interval
from screener.tests_clinical.summaries import held_value
from screener.workflow.screening import prepare
from tests_clinical.case import FRONT


@pytest.fixture(scope="module")
def motion() -> Motion:
    return prepare(recording(sm.film(sm.Motion(sm.times(12.0)), FRONT), "single_leg_stance"))[1]


FIRST, SECOND = Interval(1.0, 4.0), Interval(6.0, 9.0)


@pytest.mark.parametrize(
    ("first", "second", "value", "in_first"), [(5.0, 3.0, 5.0, True), (3.0, 5.0, 5.0, False), (4.0, 4.0, 4.0, True)]
)
def test_the_largest_value_that_was_held_counts_and_of_equal_ones_the_first(
    motion: Motion, first: float, second: float, value: float, in_first: bool
) -> None:
    values = np.where(motion.time_s < 5.0, first, second)
    u95 = np.where(motion.time_s < 5.0, 1.0, 2.0)
    found, at_s = held_value("pelvic_drop_deg", motion, values, u95, (FIRST, SECOND))
    assert (found.value, found.u95) == (value, 1.0 if in_first else 2.0)
    assert (at_s < 5.0) == in_first


def test_what_was_held_for_less_than_a_second_has_no_value_and_says_why(motion: Motion) -> None:
    values, u95 = np.ones(len(motion.time_s)), np.ones(len(motion.time_s))
    brief, _ = held_value("pelvic_drop_deg", motion, values, u95, (Interval(1.0, 1.8),))
    assert (np.isnan(brief.value), brief.reason) == (True, "no hold lasted long enough")
    none, _ = held_value("pelvic_drop_deg", motion, values, u95, ())
    assert (np.isnan(none.value), none.usable, none.reason) == (True, 0.0, "no hold was found")
