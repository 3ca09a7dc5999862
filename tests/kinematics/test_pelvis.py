from __future__ import annotations

import numpy as np
import pytest

from screener.kinematics.pelvis import HIP_LINE_SD_DEG, change_from_quiet, from_hip_line, pelvic_obliquity
from stickman import ramp, times

T = times(6.0)
QUIET = T < 1.0
TRUE = 8.0 * ramp(T, 1.5, 2.5, 4.0, 5.0)  # the left hip goes lower
NO_SPREAD = np.full(T.size, 0.3)
ONE = np.zeros(T.size, dtype=np.int64)
NAN = np.full(T.size, np.nan)


@pytest.mark.parametrize("view", [1, -1])
def test_the_surface_gives_the_change_from_quiet_standing(view: int) -> None:
    got = pelvic_obliquity(view * TRUE + 25.0, NO_SPREAD, ONE, 0.43 * TRUE, QUIET, view)
    assert got.deg == pytest.approx(TRUE, abs=1e-9)
    assert (got.u95_deg < 2.5).all()
    assert (np.abs(got.deg - TRUE) <= got.u95_deg).all()


def test_the_interval_grows_with_the_turn() -> None:
    got = pelvic_obliquity(TRUE, NO_SPREAD, ONE, TRUE, QUIET, 1)
    assert got.u95_deg[90] > got.u95_deg[5]


def test_without_a_surface_the_hip_line_stands_in_with_a_wide_interval() -> None:
    got = pelvic_obliquity(NAN, NAN, ONE, 3.0 + 0.43 * TRUE, QUIET, 1)
    assert got.deg == pytest.approx(0.43 * TRUE, abs=1e-9)
    assert got.u95_deg == pytest.approx(np.full(T.size, 1.96 * HIP_LINE_SD_DEG))


def test_a_segment_without_quiet_standing_takes_its_zero_from_the_hip_line_and_its_doubt() -> None:
    segment = (T >= 3.0).astype(np.int64)
    turn = np.where(T < 3.0, TRUE, TRUE - 40.0)
    got = pelvic_obliquity(turn, NO_SPREAD, segment, TRUE, QUIET, 1)
    assert got.deg == pytest.approx(TRUE, abs=1e-6)
    assert (got.u95_deg[T < 3.0] < 2.5).all()
    assert (got.u95_deg[T >= 3.0] >= 1.96 * HIP_LINE_SD_DEG - 1e-9).all()


def test_lost_frames_fall_back_and_unknown_frames_stay_unknown() -> None:
    turn, line = TRUE.copy(), TRUE.copy()
    turn[60:90] = np.nan
    line[80:90] = np.nan
    got = pelvic_obliquity(turn, NO_SPREAD, ONE, line, QUIET, 1)
    assert (got.u95_deg[60:80] > 7.0).all()
    assert np.isnan(got.deg[80:90]).all()
    assert np.isnan(got.u95_deg[80:90]).all()


def test_the_sign_of_the_surface_follows_the_view() -> None:
    front = pelvic_obliquity(TRUE, NO_SPREAD, ONE, TRUE, QUIET, 1)
    back = pelvic_obliquity(TRUE, NO_SPREAD, ONE, TRUE, QUIET, -1)
    assert front.deg[90] == pytest.approx(8.0)
    assert back.deg[90] == pytest.approx(-8.0)


def test_change_from_quiet_needs_quiet() -> None:
    values = np.array([3.0, 3.0, 8.0, np.nan])
    assert change_from_quiet(values, np.array([True, True, False, False])) == pytest.approx([0, 0, 5, np.nan], nan_ok=True)
    assert change_from_quiet(values, np.zeros(4, dtype=bool)) == pytest.approx(values, nan_ok=True)


def test_without_quiet_standing_the_camera_roll_adds_its_doubt() -> None:
    nobody = np.zeros(T.size, dtype=bool)
    got = from_hip_line(TRUE, nobody, roll_u95_deg=5.0)
    assert got.u95_deg[0] == pytest.approx(np.hypot(1.96 * HIP_LINE_SD_DEG, 5.0))
