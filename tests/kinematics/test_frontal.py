from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.kinematics.frontal import (
    fppa_deg,
    hip_line_deg,
    knee_valgus_deg,
    shortening_flexion_deg,
    trunk_lean_deg,
)
from screener.model.pose import Floats

MIRROR = np.array([-1.0, 1.0])


def p(x: float, y: float) -> Floats:
    return np.array([x, y])


def test_hip_line_names_the_persons_left() -> None:
    # Front view: the person's left hip is right in the picture. Lower is a larger y.
    assert hip_line_deg(p(110, 205), p(90, 195), 1) == pytest.approx(np.degrees(np.arctan(0.5)))
    # Back view: the left hip is left in the picture.
    assert hip_line_deg(p(90, 205), p(110, 195), -1) == pytest.approx(np.degrees(np.arctan(0.5)))
    assert hip_line_deg(p(90, 195), p(110, 205), -1) == pytest.approx(-np.degrees(np.arctan(0.5)))


@given(st.floats(-60, 60), st.sampled_from([1, -1]))
def test_hip_line_is_odd_and_reads_alike_from_behind(angle: float, view: int) -> None:
    half = 20 * np.array([view * np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    left, right = p(300, 200) + half, p(300, 200) - half
    assert hip_line_deg(left, right, view) == pytest.approx(angle, abs=1e-9)
    assert hip_line_deg(left * MIRROR, right * MIRROR, -view) == pytest.approx(angle, abs=1e-9)
    assert hip_line_deg(right * MIRROR, left * MIRROR, view) == pytest.approx(-angle, abs=1e-9)


def test_trunk_lean_names_the_persons_left() -> None:
    assert trunk_lean_deg(p(100, 200), p(110, 100), 1) > 0
    assert trunk_lean_deg(p(100, 200), p(110, 100), -1) < 0
    assert trunk_lean_deg(p(100, 200), p(100, 100), 1) == 0


@pytest.mark.parametrize(("outward", "knee_x"), [(1, 90.0), (-1, 110.0)])
def test_a_knee_towards_the_midline_is_valgus(outward: int, knee_x: float) -> None:
    hip, ankle = p(100, 100), p(100, 300)
    bend = 2 * np.degrees(np.arctan(0.1))
    assert fppa_deg(hip, p(knee_x, 200), ankle, outward) == pytest.approx(bend)
    assert fppa_deg(hip, p(200 - knee_x, 200), ankle, outward) == pytest.approx(-bend)


def test_valgus_does_not_depend_on_how_wide_one_stands() -> None:
    hip, knee, ankle = p(100, 100), p(130, 200), p(160, 300)
    assert fppa_deg(hip, knee, ankle, 1) == pytest.approx(0.0, abs=1e-9)


def test_the_measured_compression_is_undone() -> None:
    assert knee_valgus_deg(np.array([8.0, -4.0, np.nan])) == pytest.approx([10.0, -5.0, np.nan], nan_ok=True)


def test_flexion_from_a_shorter_leg() -> None:
    got = shortening_flexion_deg(np.array([100.0, 100 * np.cos(np.radians(30)), 120.0, np.nan]), 100.0)
    assert got == pytest.approx([0.0, 60.0, 0.0, np.nan], nan_ok=True)
