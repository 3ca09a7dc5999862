from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.kinematics.rounding import (
    OUTLINE_GAIN,
    OUTLINE_SD_DEG,
    STRAIGHT_HINGE_LAG_DEG,
    SURFACE_GAIN,
    SURFACE_SD_DEG,
    LowBackTurn,
    outline_curve_deg,
    outline_rounding_deg,
    spine_rounding,
    surface_rounding_deg,
)
from screener.model.pose import Z95

STATIONS = np.linspace(-0.05, 1.05, 23)
BEND = np.array([0.0, 0.0, 20.0, 75.0, 75.0, 20.0, 0.0, 0.0])
STILL = np.array([True, True, False, False, False, False, False, True])
NONE = np.full(8, np.nan)


def turned(forward: np.ndarray, spread: np.ndarray | float = 0.0, segment: np.ndarray | int = 0) -> LowBackTurn:
    count = len(forward)
    return LowBackTurn(forward, np.broadcast_to(spread, count).astype(float), np.broadcast_to(segment, count).astype(int))


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


def behind(rounding: np.ndarray) -> np.ndarray:
    """Turn of the low back of a person who bends as `BEND` and rounds so much."""
    return BEND - STRAIGHT_HINGE_LAG_DEG * BEND / 75.0 - SURFACE_GAIN * rounding


def test_the_outline_shows_the_change_from_standing() -> None:
    curve = np.array([-10.0, -10.0, -10.0, -10.0 + 30 * OUTLINE_GAIN])
    quiet = np.array([True, True, False, False])
    assert outline_rounding_deg(curve, quiet) == pytest.approx([0.0, 0.0, 0.0, 30.0])
    assert np.isnan(outline_rounding_deg(curve, np.zeros(4, dtype=bool))).all()


@given(st.floats(-20.0, 60.0), st.floats(-500.0, 500.0))
def test_the_pelvis_stays_behind_a_trunk_that_rounds(rounding: float, zero: float) -> None:
    found, drift = surface_rounding_deg(turned(behind(rounding * BEND / 75.0) + zero), BEND, STILL)
    assert found == pytest.approx(rounding * BEND / 75.0, abs=1e-6)
    assert drift == pytest.approx(np.zeros(8))


def test_drift_is_taken_off_from_one_upright_moment_to_the_next() -> None:
    drifting = np.linspace(0.0, 14.0, 8)
    found, _ = surface_rounding_deg(turned(behind(np.zeros(8)) - drifting), BEND, STILL)
    assert found == pytest.approx(np.zeros(8), abs=1e-9)


def test_the_uncertainty_of_the_drift_is_none_upright_and_largest_half_way() -> None:
    variance = np.arange(8.0)
    _, between = surface_rounding_deg(turned(BEND, np.sqrt(variance)), BEND, STILL)
    assert between[[1, 6]] == pytest.approx([0.0, 0.0])
    assert between[3] == pytest.approx(np.sqrt(2 * 3 / 5) / SURFACE_GAIN)  # from frame 1 and from frame 6
    ended = slice(0, 5)
    _, open_end = surface_rounding_deg(turned(BEND[ended], np.sqrt(variance[ended])), BEND[ended], STILL[ended])
    assert open_end[4] == pytest.approx(np.sqrt(3.0) / SURFACE_GAIN)
    _, open_start = surface_rounding_deg(turned(BEND[3:], np.sqrt(variance[3:])), BEND[3:], STILL[3:])
    assert open_start[0] == pytest.approx(np.sqrt(3.0) / SURFACE_GAIN)


def test_each_segment_has_its_own_zero_and_one_without_upright_standing_has_none() -> None:
    segment = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    found, drift = surface_rounding_deg(turned(behind(np.zeros(8)) + 100.0 * segment, 1.0, segment), BEND, STILL)
    assert np.isnan(found[3:5]).all()
    assert np.isnan(drift[3:5]).all()
    assert found[[0, 1, 2, 5, 6, 7]] == pytest.approx(np.zeros(6), abs=1e-9)


def curve_of(rounding: np.ndarray) -> np.ndarray:
    """Outline of a back that shows so much."""
    return OUTLINE_GAIN * rounding


def test_outline_and_surface_are_joined_by_their_precision() -> None:
    outline, surface = 50.0 * BEND / 75.0, 20.0 * BEND / 75.0
    low_back = turned(behind(surface))
    joined = spine_rounding(curve_of(outline), low_back, BEND, STILL)
    share = SURFACE_SD_DEG**-2 / (SURFACE_SD_DEG**-2 + OUTLINE_SD_DEG**-2)
    assert joined.value_deg == pytest.approx(share * surface + (1 - share) * outline)
    assert joined.u95_deg == pytest.approx(np.full(8, Z95 / np.sqrt(SURFACE_SD_DEG**-2 + OUTLINE_SD_DEG**-2)))


def test_one_of_the_two_is_enough_and_less_sure() -> None:
    rounding = 30.0 * BEND / 75.0
    only_outline = spine_rounding(curve_of(rounding), turned(NONE, np.nan), BEND, STILL)
    assert only_outline.value_deg == pytest.approx(rounding)
    assert only_outline.u95_deg == pytest.approx(np.full(8, Z95 * OUTLINE_SD_DEG))
    only_surface = spine_rounding(NONE, turned(behind(rounding)), BEND, STILL)
    assert only_surface.value_deg == pytest.approx(rounding)
    assert only_surface.u95_deg == pytest.approx(np.full(8, Z95 * SURFACE_SD_DEG))
    neither = spine_rounding(NONE, turned(NONE, np.nan), BEND, STILL)
    assert np.isnan(neither.value_deg).all()
    assert np.isnan(neither.u95_deg).all()


def test_without_quiet_standing_no_rounding_is_known() -> None:
    found = spine_rounding(curve_of(BEND), turned(BEND), BEND, np.zeros(8, dtype=bool))
    assert np.isnan(found.value_deg).all()
    assert np.isnan(found.u95_deg).all()
