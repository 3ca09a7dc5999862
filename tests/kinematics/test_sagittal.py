from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.kinematics.sagittal import (
    ROUNDING_GAIN,
    STRAIGHT_HINGE_CURVE_DEG,
    hinge_ratio,
    hip_flexion_deg,
    knee_flexion_deg,
    outline_curve_deg,
    spine_rounding_deg,
    trunk_inclination_deg,
)

STATIONS = np.linspace(-0.05, 1.05, 23)


def test_forward_is_positive_whichever_way_the_person_faces() -> None:
    hip, right, left = np.array([100.0, 200.0]), np.array([150.0, 150.0]), np.array([50.0, 150.0])
    assert trunk_inclination_deg(hip, right, 1) == pytest.approx(45.0)
    assert trunk_inclination_deg(hip, left, -1) == pytest.approx(45.0)
    assert trunk_inclination_deg(hip, left, 1) == pytest.approx(-45.0)


@given(st.floats(0.0, 175.0), st.sampled_from([1.0, -1.0]))
def test_a_built_bend_is_recovered_on_either_side(flexion: float, way: float) -> None:
    hip, knee = np.array([0.0, -40.0]), np.zeros(2)
    angle = np.radians(flexion)
    ankle = 40.0 * np.array([way * np.sin(angle), np.cos(angle)])
    assert knee_flexion_deg(hip, knee, ankle) == pytest.approx(flexion, abs=1e-6)
    assert hip_flexion_deg(hip, knee, ankle) == pytest.approx(flexion, abs=1e-6)


def test_hinge_ratio_is_hip_over_knee_and_has_an_upper_end() -> None:
    got = hinge_ratio(np.array([60.0, 60.0, np.nan]), np.array([20.0, 0.0, 20.0]))
    assert got == pytest.approx([3.0, 12.0, np.nan], nan_ok=True)


def test_a_back_that_bulges_has_a_positive_curve_and_a_hollow_one_a_negative() -> None:
    bulge = 0.2 + 0.25 * STATIONS * (1 - STATIONS)
    tilted = 0.1 + 0.3 * STATIONS
    curves = outline_curve_deg(np.stack([bulge, 0.4 - bulge, tilted]), STATIONS)
    assert curves == pytest.approx([2 * np.degrees(np.arctan(0.25)), -2 * np.degrees(np.arctan(0.25)), 0.0], abs=1e-6)


def test_an_outline_with_small_holes_is_read_and_a_torn_one_is_not() -> None:
    outline = np.tile(0.2 + 0.25 * STATIONS * (1 - STATIONS), (2, 1))
    outline[0, 5:8] = np.nan
    outline[1, 5:12] = np.nan
    curves = outline_curve_deg(outline, STATIONS)
    assert curves[0] == pytest.approx(2 * np.degrees(np.arctan(0.25)))
    assert np.isnan(curves[1])
    assert np.isnan(outline_curve_deg(np.full((1, 23), np.nan), STATIONS)[0])


def test_rounding_is_the_change_from_standing_less_what_a_straight_back_shows() -> None:
    curve = np.array([-10.0, -10.0, -10.0 + STRAIGHT_HINGE_CURVE_DEG, -10.0 + STRAIGHT_HINGE_CURVE_DEG + 30 * ROUNDING_GAIN])
    inclination = np.array([0.0, -4.0, 75.0, 75.0])
    quiet = np.array([True, True, False, False])
    assert spine_rounding_deg(curve, inclination, quiet) == pytest.approx([0.0, 0.0, 0.0, 30.0])
    assert np.isnan(spine_rounding_deg(curve, inclination, np.zeros(4, dtype=bool))).all()
