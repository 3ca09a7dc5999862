from __future__ import annotations

import numpy as np
import pytest

from screener.kinematics.body_turn import BodyTurn
from screener.kinematics.turned import (
    FORWARD_LEAN_SD_DEG,
    LENS_OFF_HIPS_SHARE,
    turned_lean_u95_deg,
    turned_pelvis_u95_deg,
    usual_turn_deg,
)
from screener.model.pose import Z95


def test_a_turn_widens_the_pelvis_and_the_lean() -> None:
    quiet, obliquity = np.array([True, False]), np.array([0.0, 10.0])
    turn = BodyTurn(-20.0, 0.0, np.zeros(2))
    assert turned_pelvis_u95_deg(obliquity, turn, quiet) == pytest.approx([0.0, 10.0 * (1 / np.cos(np.radians(20)) - 1)])
    level = np.degrees(np.arctan(LENS_OFF_HIPS_SHARE * np.tan(np.radians(20.0))))
    assert level == pytest.approx(2.1, abs=0.05)  # rendered at three metres, the lens 0.3 m off
    assert turned_pelvis_u95_deg(obliquity, turn, ~quiet & False)[0] == pytest.approx(level)
    assert turned_lean_u95_deg(turn) == pytest.approx(Z95 * FORWARD_LEAN_SD_DEG * np.sin(np.radians(20.0)))
    doubtful = BodyTurn(3.0, Z95 * 4.0, np.zeros(2))
    assert usual_turn_deg(doubtful) == pytest.approx(5.0)
    assert usual_turn_deg(BodyTurn(float("nan"), float("nan"), np.zeros(2))) == 0.0
