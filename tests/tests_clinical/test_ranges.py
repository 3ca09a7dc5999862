"""No number without meaning: whatever a recording holds, a result lies in what a body can do, or says why there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import screened
from screener import TESTS
from screener.kinematics.ranges import PELVIS, SERIES, Range, possible, why_impossible
from screener.model.pose import PoseSequence
from screener.model.series import Series
from screener.tests_clinical.measures import knee_separation
from tests_clinical.cases_glute_bridge import FLOOR_CAMERA, bridges
from tests_clinical.cases_lunge import lunges
from tests_clinical.cases_squat import squats

FILMED = {
    "deep squat": sm.film(squats(bend=150.0), noise_px=0.5),
    "knees in": sm.film(squats(45.0, 45.0, bend=120.0), noise_px=0.5),
    "turned squat": sm.film(squats(bend=120.0), sm.Camera(yaw=25.0), 0.5),
    "oblique squat": sm.film(squats(bend=120.0), sm.Camera(yaw=50.0), 0.5),
    "squat from the side": sm.film(squats(bend=150.0), sm.Camera(yaw=90.0), 0.5),
    "lunge": sm.film(lunges("left", 60.0), noise_px=0.5),
    "turned lunge": sm.film(lunges("left"), sm.Camera(yaw=-25.0), 0.5),
    "deep squat on one leg": sm.film(replace(sm.leg_squats(knee_in=60.0), bend=130.0), noise_px=0.5),
    "fold": sm.film(sm.hinges(incline=130.0), sm.Camera(yaw=90.0), 0.5),
    "bridge": sm.film(bridges(), FLOOR_CAMERA, 0.5),
}


def garbled(seed: int, spread: float) -> PoseSequence:
    """A body whose points jump by so many pixels in every frame."""
    poses = sm.film(squats(bend=100.0))
    noise = np.random.default_rng(seed).normal(0.0, spread, poses.pixels.shape)
    return replace(poses, pixels=poses.pixels + noise)


FILMED |= {f"garbage {spread:g} {seed}": garbled(seed, spread) for seed in range(2) for spread in (10.0, 40.0, 200.0)}


@pytest.mark.parametrize("test", sorted(TESTS))
@pytest.mark.parametrize("name", sorted(FILMED))
def test_no_result_lies_beyond_what_a_body_can_do(name: str, test: str) -> None:
    screening = screened(FILMED[name], test, "both")
    for result in screening.report.tests:
        for measure in result.measures:
            if measure.value is None:
                assert measure.reason
                continue
            limits = next(one.possible for one in TESTS[test].measures if one.key == measure.key)
            if limits is not None:
                assert limits.low <= measure.value <= limits.high
                assert (measure.uncertainty or 0.0) <= limits.largest_u95
    for column, limits in SERIES.items():
        values = getattr(screening.series, column)
        known = values[np.isfinite(values)]
        assert ((known >= limits.low) & (known <= limits.high)).all(), column


def test_every_angle_has_a_range() -> None:
    columns = {name for name in Series.__dataclass_fields__ if name.endswith("_deg") and not name.endswith("_u95_deg")}
    assert columns == set(SERIES)
    assert [m.key for test in TESTS.values() for m in test.measures if m.unit == "degrees" and m.possible is None] == []


def test_both_ends_of_a_range_can_be() -> None:
    limits = Range(-10.0, 20.0)
    assert [limits.holds(value) for value in (-10.1, -10.0, 20.0, 20.1)] == [False, True, True, False]


def test_a_value_beyond_its_range_or_with_a_boundless_error_says_why() -> None:
    assert why_impossible(PELVIS, 25.0, 10.0, "degrees") is None
    assert why_impossible(PELVIS, 25.1, 1.0, "degrees") == "the picture gives 25 degrees, beyond what a body can do"
    assert why_impossible(PELVIS, -25.1, 1.0, "degrees") is not None
    assert "its error of 11 degrees" in str(why_impossible(PELVIS, 2.0, 11.0, "degrees"))
    assert why_impossible(PELVIS, 2.0, float("nan"), "degrees") is None
    assert why_impossible(PELVIS, float("nan"), 1.0, "degrees") is None
    assert why_impossible(None, 500.0, 1.0, "s") is None


def test_impossible_samples_leave_the_curve_and_the_others_stay() -> None:
    values = np.array([-40.1, -40.0, 40.0, 40.1, np.nan])
    found = possible("knee_valgus_left_deg", values)
    assert found == pytest.approx([np.nan, -40.0, 40.0, np.nan, np.nan], nan_ok=True)
    assert possible("knee_separation_ratio", values) is values


def test_knees_may_touch_and_cross_a_little() -> None:
    limits = knee_separation().possible
    assert limits is not None
    assert [limits.holds(ratio) for ratio in (-0.6, -0.5, 0.0, 0.3)] == [False, True, True, True]
