from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, screened
from screener.kinematics.clothing import HIDDEN_LOOSENESS, looseness, upright
from screener.model.pose import Landmark, PoseSequence
from screener.model.results import Grade
from screener.workflow.screening import LOOSE_CLOTHING, POOR_TEXTURE


def looked(poses: PoseSequence, *steps: float) -> PoseSequence:
    """Poses in which the hem was looked at once a second, with these results in turn."""
    people, hem = np.zeros(len(poses), dtype=np.int64), np.full(len(poses), np.nan)
    at = np.arange(0, len(poses), 30)
    people[at] = 1
    hem[at] = np.resize(np.asarray(steps), at.size)
    return replace(poses, people=people, hem_step=hem)


STANCE = sm.film(sm.stance("left", 8.0), noise_px=0.2)


@pytest.mark.parametrize(("step", "loose"), [(0.01, 0.0), (0.028, 0.0), (0.032, 0.5), (0.06, 1.0)])
def test_the_step_of_the_hem_tells_the_clothing(step: float, loose: float) -> None:
    assert looseness(looked(STANCE, step)) == pytest.approx(loose, abs=1e-6)


def test_where_nobody_looked_the_clothing_is_taken_to_lie_on() -> None:
    assert looseness(STANCE) == 0.0
    once = looked(STANCE, 0.06)
    one_look = np.where(np.arange(len(once)) == 0, once.hem_step, np.nan)
    assert looseness(replace(once, hem_step=one_look)) == 0.0


def test_an_outline_hidden_by_the_arms_is_suspect() -> None:
    assert looseness(looked(STANCE, np.nan, 0.01)) == HIDDEN_LOOSENESS
    assert looseness(looked(STANCE, 0.01, 0.01, 0.01, np.nan)) == 0.0


def test_only_upright_frames_count() -> None:
    pixels = STANCE.pixels.copy()
    pixels[:, Landmark.LEFT_KNEE, 0] += 60.0
    aside = replace(STANCE, pixels=pixels)
    assert upright(STANCE).mean() > 0.9
    assert not upright(aside).any()
    assert looseness(looked(aside, 0.06)) == 0.0


def test_a_loose_shirt_widens_the_pelvis_and_is_said() -> None:
    fitted, loose = (screened(looked(STANCE, step), "single_leg_stance", "left") for step in (0.01, 0.06))
    own, wide = (measure(only(one), "pelvic_drop_deg") for one in (fitted, loose))
    assert own.uncertainty is not None
    assert wide.uncertainty is not None
    assert own.uncertainty < 3.0
    assert 6.0 < wide.uncertainty < 8.5
    assert own.grade is Grade.OUTSIDE
    assert wide.grade is Grade.UNDECIDED
    assert LOOSE_CLOTHING in loose.report.quality.warnings
    assert LOOSE_CLOTHING not in fitted.report.quality.warnings
    assert (fitted.report.quality.loose_clothing, loose.report.quality.loose_clothing) == (0.0, 1.0)
    assert (loose.report.quality.cloth_share or 0.0) < 0.4 < 0.9 < (fitted.report.quality.cloth_share or 0.0)


def test_cloth_without_texture_is_said() -> None:
    plain = replace(STANCE, surface_u_deg=np.full(len(STANCE), 3.0))
    quality = screened(plain, "single_leg_stance", "left").report.quality
    assert POOR_TEXTURE in quality.warnings
    assert LOOSE_CLOTHING not in quality.warnings
    assert POOR_TEXTURE not in screened(STANCE, "single_leg_stance", "left").report.quality.warnings
