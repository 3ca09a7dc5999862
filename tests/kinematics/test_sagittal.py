from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.kinematics.sagittal import hinge_ratio, hip_flexion_deg, knee_flexion_deg, trunk_inclination_deg


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
