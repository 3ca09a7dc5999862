from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.kinematics.knees import (
    MAX_VALGUS_DEG,
    MIN_LENGTH_SHARE,
    OVER_FOOT_BIAS_PCT,
    landmark_sd_px,
    over_foot_pct,
    over_foot_u95_pct,
    readable_valgus_deg,
    separation_ratio,
    separation_u95,
    usual_length,
    valgus_u95_deg,
)
from screener.model.pose import Floats

ONE = np.ones(1)


def points(*xy: tuple[float, float]) -> Floats:
    return np.array(xy, dtype=float)


def test_an_angle_is_read_only_where_thigh_and_shank_lie_in_the_picture() -> None:
    shares = np.array([1.0, MIN_LENGTH_SHARE, MIN_LENGTH_SHARE - 0.001, np.nan])
    assert readable_valgus_deg(np.full(4, 10.0), shares, np.ones(4)) == pytest.approx([10.0, 10.0, np.nan, np.nan], nan_ok=True)
    assert readable_valgus_deg(np.full(4, 10.0), np.ones(4), shares) == pytest.approx([10.0, 10.0, np.nan, np.nan], nan_ok=True)


def test_no_knee_bends_sideways_by_more_than_forty_degrees() -> None:
    angles = np.array([-MAX_VALGUS_DEG, MAX_VALGUS_DEG, -40.1, 40.1, -199.0])
    found = readable_valgus_deg(angles, np.ones(5), np.ones(5))
    assert found == pytest.approx([-40.0, 40.0, np.nan, np.nan, np.nan], nan_ok=True)


def test_the_interval_of_valgus_grows_with_the_angle_and_with_a_shorter_line() -> None:
    narrow, wide, mirrored = valgus_u95_deg(np.array([0.0, 20.0, -20.0]), np.ones(3), np.ones(3))
    assert narrow == pytest.approx(1.96 * 1.7 / 0.8)
    assert wide == pytest.approx(np.hypot(narrow, 1.96 * 20 * 0.05 / 0.8))
    assert mirrored == wide
    (short,) = valgus_u95_deg(0 * ONE, 0.5 * ONE, ONE)
    assert short == pytest.approx(narrow * np.sqrt((4 + 1 + 9) / 6))
    assert valgus_u95_deg(0 * ONE, ONE, 0.5 * ONE)[0] == pytest.approx(short)
    assert valgus_u95_deg(0 * ONE, 1.3 * ONE, ONE)[0] == pytest.approx(narrow)  # nearer to the camera is no better than full


def test_the_usual_length_is_the_long_end_of_what_was_seen() -> None:
    assert usual_length(np.array([np.nan, *range(101)], dtype=float)) == pytest.approx(90.0)
    assert np.isnan(usual_length(np.array([np.nan])))


def test_knees_over_ankles_are_one_and_nearer_to_one_another_less() -> None:
    knees, ankles = np.array([50.0, 40.0, 70.0, -5.0]), np.full(4, 50.0)
    assert separation_ratio(knees, ankles, 500.0) == pytest.approx([1.0, 0.8, 1.4, -0.1])


def test_feet_that_stand_together_have_no_ratio() -> None:
    apart = np.array([30.0, 29.9, -50.0, np.nan])  # 6 % of the height, less, crossed, not seen
    found = separation_ratio(np.full(4, 30.0), apart, 500.0)
    assert found == pytest.approx([1.0, np.nan, np.nan, np.nan], nan_ok=True)


def test_the_ratio_is_the_less_certain_the_narrower_the_feet() -> None:
    wide, narrow = separation_u95(np.ones(2), np.array([100.0, 50.0]), 250.0)
    points_u95 = 1.96 * np.sqrt(2.0) * 3.75 / 100.0 * np.sqrt(2.0)
    assert wide == pytest.approx(np.hypot(points_u95, 0.08))
    assert narrow == pytest.approx(np.hypot(2 * points_u95, 0.08))
    assert separation_u95(2 * ONE, 100 * ONE, 250.0)[0] > wide


def test_a_landmark_is_never_better_than_a_pixel() -> None:
    assert landmark_sd_px(1000.0) == pytest.approx(15.0)
    assert landmark_sd_px(20.0) == pytest.approx(1.0)


@pytest.mark.parametrize("outward", [1, -1])
def test_a_knee_inside_the_line_of_its_foot_is_positive(outward: int) -> None:
    ankle, toe = points((200.0, 400.0)), points((200.0, 430.0))
    inside = over_foot_pct(points((200.0 - outward * 20.0, 300.0)), ankle, toe, 100.0, outward)
    outside = over_foot_pct(points((200.0 + outward * 20.0, 300.0)), ankle, toe, 100.0, outward)
    assert inside[0] == pytest.approx(20.0 + OVER_FOOT_BIAS_PCT)
    assert outside[0] == pytest.approx(-20.0 + OVER_FOOT_BIAS_PCT)


def test_the_foot_says_where_its_knee_belongs() -> None:
    ankle, toe = points((200.0, 400.0)), points((220.0, 430.0))  # of the left foot in a front view: turned out
    over = over_foot_pct(points((215.0, 300.0)), ankle, toe, 100.0, 1)
    assert over[0] == pytest.approx(OVER_FOOT_BIAS_PCT)
    assert np.isnan(over_foot_pct(points((np.nan, 300.0)), ankle, toe, 100.0, 1)[0])


def test_a_foot_that_points_outwards_leaves_more_doubt() -> None:
    ankle = points((200.0, 400.0))
    straight = over_foot_u95_pct(ankle, points((200.0, 430.0)), 100.0, 200.0)[0]
    assert straight == pytest.approx(1.96 * 3.0 * np.sqrt(1 + 0.25**2 + 0.75**2))
    for out in (20.0, -20.0):
        turned = over_foot_u95_pct(ankle, points((200.0 + out, 430.0)), 100.0, 200.0)[0]
        assert turned == pytest.approx(np.hypot(straight, 10.0))


@given(st.floats(-300, 300), st.floats(0, 2), st.floats(0, 2))
def test_whatever_the_picture_shows_no_angle_leaves_its_range(angle: float, thigh: float, shank: float) -> None:
    (found,) = readable_valgus_deg(angle * ONE, thigh * ONE, shank * ONE)
    assert np.isnan(found) or abs(found) <= MAX_VALGUS_DEG
