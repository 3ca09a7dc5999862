from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from screener.kinematics.planar import (
    direction_deg,
    distance,
    flexion_deg,
    lean_deg,
    line_tilt_deg,
    midpoint,
    rotate,
    turn_deg,
    wrap_deg,
)
from screener.model.pose import Floats

angles = st.floats(-179.0, 179.0)
lengths = st.floats(5.0, 500.0)
coordinates = st.floats(-2000.0, 2000.0)
points = arrays(np.float64, (3, 2), elements=coordinates)


def apart(*pairs: tuple[Floats, Floats]) -> bool:
    return all(np.linalg.norm(a - b) > 1.0 for a, b in pairs)


def ray(angle_deg: float, length: float) -> Floats:
    """From the x axis towards y (down): clockwise on the screen."""
    return length * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])


def close(a: Floats, b: Floats | float, tolerance: float = 1e-6) -> bool:
    return bool(np.all(np.abs(wrap_deg(np.asarray(a) - b)) < tolerance))


@given(angles, lengths, arrays(np.float64, 2, elements=coordinates))
def test_a_built_tilt_is_recovered(angle: float, length: float, start: Floats) -> None:
    assert close(line_tilt_deg(start, start + ray(angle, length)), angle)


@given(angles, lengths)
def test_a_built_lean_is_recovered(angle: float, length: float) -> None:
    top = length * np.array([np.sin(np.radians(angle)), -np.cos(np.radians(angle))])
    assert close(lean_deg(np.zeros(2), top), angle)


@given(angles, angles, lengths, lengths)
def test_a_built_turn_is_recovered(first: float, turn: float, a: float, b: float) -> None:
    corner = ray(first, a)
    assert close(turn_deg(np.zeros(2), corner, corner + ray(first + turn, b)), turn)
    assert close(flexion_deg(np.zeros(2), corner, corner + ray(first + turn, b)), abs(turn))


def test_upright_is_zero_and_not_180() -> None:
    assert lean_deg(np.array([100.0, 400.0]), np.array([100.0, 200.0])) == 0.0


def test_signs_as_seen_on_the_screen() -> None:
    origin = np.zeros(2)
    assert line_tilt_deg(origin, np.array([10.0, 10.0])) == pytest.approx(45.0)  # the end is lower
    assert line_tilt_deg(origin, np.array([10.0, -10.0])) == pytest.approx(-45.0)
    assert lean_deg(origin, np.array([10.0, -10.0])) == pytest.approx(45.0)  # the top is to the right
    assert turn_deg(origin, np.array([10.0, 0.0]), np.array([10.0, 10.0])) == pytest.approx(90.0)  # right, then down
    assert rotate(np.array([1.0, 0.0]), 90.0) == pytest.approx([0.0, 1.0])


@given(points)
def test_mirror_flips_every_signed_angle(three: Floats) -> None:
    a, b, c = three
    if not apart((a, b), (b, c)):
        return
    mirror = np.array([-1.0, 1.0])
    assert close(turn_deg(a * mirror, b * mirror, c * mirror), -turn_deg(a, b, c))
    assert close(lean_deg(a * mirror, b * mirror), -lean_deg(a, b))
    assert close(line_tilt_deg(b * mirror, a * mirror), -line_tilt_deg(a, b))
    assert close(flexion_deg(a * mirror, b * mirror, c * mirror), flexion_deg(a, b, c))


@given(points, arrays(np.float64, 2, elements=coordinates), st.floats(0.1, 20.0))
def test_place_and_size_do_not_matter(three: Floats, shift: Floats, scale: float) -> None:
    a, b, c = three
    if not apart((a, b), (b, c)):
        return
    moved = [(p + shift) * scale for p in three]
    assert close(turn_deg(*moved), turn_deg(a, b, c), 1e-4)
    assert close(lean_deg(moved[0], moved[1]), lean_deg(a, b), 1e-4)
    assert close(line_tilt_deg(moved[0], moved[1]), line_tilt_deg(a, b), 1e-4)


@given(points, st.floats(-170.0, 170.0))
def test_turning_the_picture_adds_to_lines_and_leaves_turns(three: Floats, angle: float) -> None:
    a, b, c = three
    if not apart((a, b), (b, c)):
        return
    turned = [rotate(p, angle) for p in three]
    assert close(line_tilt_deg(turned[0], turned[1]), line_tilt_deg(a, b) + angle, 1e-5)
    assert close(lean_deg(turned[0], turned[1]), lean_deg(a, b) + angle, 1e-5)
    assert close(turn_deg(*turned), turn_deg(a, b, c), 1e-5)


@given(angles, st.floats(-1000, 1000))
def test_wrap_keeps_the_direction(angle: float, turns: float) -> None:
    wrapped = float(wrap_deg(angle + 360.0 * round(turns)))
    assert -180.0 < wrapped <= 180.0
    assert wrapped == pytest.approx(angle, abs=1e-6)


def test_wrap_at_the_seam() -> None:
    assert wrap_deg(np.array([-180.0, 180.0, 540.0, -181.0])).tolist() == [180.0, 180.0, 180.0, 179.0]
    assert direction_deg(-1.0, -0.0) == 180.0


def test_missing_stays_in_its_frame() -> None:
    a, b, c = (np.array([[0.0, 0.0], [1.0, 2.0]]) + k for k in (0.0, 5.0, [3.0, 9.0]))
    b[0, 1] = np.nan
    for angle in (turn_deg(a, b, c), lean_deg(a, b), line_tilt_deg(b, c), flexion_deg(a, b, c), distance(a, b)):
        assert np.isnan(angle[0])
        assert np.isfinite(angle[1])
    assert np.isnan(midpoint(a, b)[0, 1])


def test_coinciding_points_have_no_angle() -> None:
    same = np.array([3.0, 4.0])
    assert np.isnan(line_tilt_deg(same, same))
    assert np.isnan(turn_deg(same, same, np.zeros(2)))


def test_midpoint_and_distance() -> None:
    assert midpoint(np.array([0.0, 2.0]), np.array([4.0, 4.0])).tolist() == [2.0, 3.0]
    assert distance(np.array([0.0, 0.0]), np.array([3.0, 4.0])) == 5.0
