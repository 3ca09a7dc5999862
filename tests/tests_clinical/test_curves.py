"""The curve that a report draws beside a value has the sign of that value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import screened
from screener.kinematics.events import inside
from screener.model.series import Interval
from tests_clinical.case import FRONT
from tests_clinical.cases_march import lifts


@pytest.mark.parametrize(
    ("test", "figure"),
    [
        ("single_leg_stance", sm.stance("left", 8.0, 8.0)),
        ("single_leg_stance", sm.stance("right", 8.0, 8.0)),
        ("single_leg_squat", sm.leg_squats("left", 2, 8.0, 12.0)),
        ("single_leg_squat", sm.leg_squats("right", 2, 8.0, 12.0)),
        ("march", replace(lifts(8.0, "left"), lean=-8.0)),
        ("march", replace(lifts(8.0, "right"), lean=8.0)),
    ],
)
def test_a_value_lies_within_its_own_curve(test: str, figure: sm.Motion) -> None:
    found = screened(sm.film(figure, FRONT, 0.1), test)
    (result,) = found.report.tests
    values = {measure.key: measure.value for measure in result.measures}
    assert result.window is not None
    here = inside(found.series.time_s, Interval(result.window.start_s, result.window.end_s))
    large = 0
    for curve in result.curves:
        value, drawn = values[curve.measure], curve.sign * getattr(found.series, curve.column)[here]
        assert value is not None
        assert np.nanmin(drawn) - 0.01 <= value <= np.nanmax(drawn) + 0.01
        large += abs(value) > 5.0
    assert large >= 2
