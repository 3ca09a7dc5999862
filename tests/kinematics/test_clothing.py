from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, screened
from screener.kinematics.clothing import Clothing, clothing_of, upright
from screener.kinematics.pelvis import SHIRT_SLIP, SURFACE_SLIP
from screener.model.pose import Z95, Landmark, PoseSequence
from screener.model.results import Grade
from screener.workflow.screening import LOOSE_CLOTHING, POOR_TEXTURE

SHIRT, TROUSERS, ONE_COLOUR = 30.0, -30.0, 2.0


def looked(poses: PoseSequence, *steps: float, contrast: float = SHIRT) -> PoseSequence:
    """Poses in which the clothing was looked at once a second, with these steps of the hem in turn."""
    people, hem, colours = np.zeros(len(poses), dtype=np.int64), np.full(len(poses), np.nan), np.full(len(poses), np.nan)
    at = np.arange(0, len(poses), 30)
    people[at], colours[at] = 1, contrast
    hem[at] = np.resize(np.asarray(steps), at.size)
    return replace(poses, people=people, hem_step=hem, hem_contrast=colours)


STANCE = sm.film(sm.stance("left", 8.0), noise_px=0.2)


@pytest.mark.parametrize(
    ("contrast", "step", "loose"),
    [
        (SHIRT, 0.005, 0.0), (SHIRT, 0.015, 0.5), (SHIRT, 0.04, 1.0), (TROUSERS, 0.06, 0.0),
        (ONE_COLOUR, 0.025, 0.0), (ONE_COLOUR, 0.032, 0.5), (ONE_COLOUR, 0.05, 1.0),
    ],
)  # fmt: skip
def test_colours_and_the_step_of_the_hem_tell_the_clothing(contrast: float, step: float, loose: float) -> None:
    told = clothing_of(looked(STANCE, step, contrast=contrast))
    assert told.looseness == pytest.approx(loose, abs=1e-6)
    assert told.shirt_over_hips is (contrast == SHIRT)


def test_where_nobody_looked_twice_the_clothing_is_taken_to_lie_on() -> None:
    assert clothing_of(STANCE) == Clothing(0.0, shirt_over_hips=False)
    loose = looked(STANCE, 0.06)
    for looks, told in ((1, Clothing()), (31, Clothing(1.0, shirt_over_hips=True))):  # one look a second
        few = np.where(np.arange(len(loose)) < looks, loose.hem_contrast, np.nan)
        assert clothing_of(replace(loose, hem_contrast=few)) == told
    nobody = replace(loose, people=np.zeros(len(loose), dtype=np.int64))
    assert clothing_of(nobody) == Clothing()


def test_a_shirt_whose_hem_the_arms_hide_is_suspect_and_trousers_are_not() -> None:
    assert clothing_of(looked(STANCE, np.nan, 0.005)).looseness == 1.0
    assert clothing_of(looked(STANCE, np.nan)).looseness == 1.0
    assert clothing_of(looked(STANCE, 0.005, 0.005, 0.005, np.nan)).looseness == 0.0
    assert clothing_of(looked(STANCE, np.nan, contrast=TROUSERS)).looseness == 0.0
    assert clothing_of(looked(STANCE, np.nan, contrast=ONE_COLOUR)).looseness == 0.0


def test_only_upright_frames_count() -> None:
    pixels = STANCE.pixels.copy()
    pixels[:, Landmark.LEFT_KNEE, 0] += 60.0
    aside = replace(STANCE, pixels=pixels)
    assert upright(STANCE).mean() > 0.9
    assert not upright(aside).any()
    assert clothing_of(looked(aside, 0.06)) == Clothing()


def test_a_loose_shirt_widens_the_pelvis_and_is_said() -> None:
    fitted, loose = (screened(looked(STANCE, step), "single_leg_stance", "left") for step in (0.005, 0.06))
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


def test_a_shirt_that_lies_on_slips_more_than_trousers() -> None:
    shirt, trousers = (
        measure(only(screened(looked(STANCE, 0.005, contrast=of), "single_leg_stance", "left")), "pelvic_drop_deg")
        for of in (SHIRT, TROUSERS)
    )
    assert shirt.value == pytest.approx(trousers.value, abs=0.3)
    assert (shirt.uncertainty or 0.0) ** 2 - (trousers.uncertainty or 0.0) ** 2 == pytest.approx(
        (Z95 * 8.0) ** 2 * (SHIRT_SLIP**2 - SURFACE_SLIP**2), rel=0.15
    )


def test_cloth_without_texture_is_said() -> None:
    plain = replace(STANCE, surface_u_deg=np.full(len(STANCE), 3.0))
    quality = screened(plain, "single_leg_stance", "left").report.quality
    assert POOR_TEXTURE in quality.warnings
    assert LOOSE_CLOTHING not in quality.warnings
    assert POOR_TEXTURE not in screened(STANCE, "single_leg_stance", "left").report.quality.warnings
