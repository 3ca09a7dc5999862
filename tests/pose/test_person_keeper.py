"""Who is kept when the person is lost from sight."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import stickman as sm
from screener.model.pose import Pose
from screener.pose.finder import FORGET_S, GIVE_UP_S, PersonKeeper


def at(distance_m: float, time_s: float) -> Pose:
    poses = sm.film(sm.Motion(sm.times(0.2)), sm.Camera(distance=distance_m))
    pose = poses.pose(0)
    return Pose(**{**pose.__dict__, "time_s": time_s})


@pytest.mark.parametrize(
    ("away_s", "accepted"), [(0.1, False), (GIVE_UP_S + 0.5, False), (FORGET_S - 0.5, False), (FORGET_S + 0.5, True)]
)
def test_after_a_while_the_person_may_stand_at_any_distance(away_s: float, accepted: bool) -> None:
    keeper = PersonKeeper()
    keeper.keep(at(1.5, 1.0))
    assert keeper.is_same(at(3.5, 1.0 + away_s)) is accepted


def test_nobody_is_never_the_person() -> None:
    keeper = PersonKeeper()
    assert not keeper.is_same(Pose.missing(0.0))
    keeper.keep(at(3.0, 0.0))
    assert not keeper.is_same(Pose.missing(60.0))
    assert np.isinf(PersonKeeper().lost_for(1.0))
