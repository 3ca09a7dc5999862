from __future__ import annotations

import numpy as np
import pytest

from screener.model.pose import Landmark
from screener.pose.trackers.hem import hem_contrast, hem_step

TORSO = 100.0
MIDDLE, HIPS_Y = 320.0, 250.0


def landmarks(wrist_out: float = 90.0) -> np.ndarray:
    """Somebody in front of the camera, arms down, the wrists this far beside the mid-line."""
    pixels = np.full((33, 2), np.nan)
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        for joint, out, y in (
            ("SHOULDER", 40.0, HIPS_Y - TORSO), ("ELBOW", 0.8 * wrist_out, HIPS_Y - 40.0), ("WRIST", wrist_out, HIPS_Y + 10.0),
            ("INDEX", wrist_out, HIPS_Y + 20.0), ("HIP", 18.0, HIPS_Y),
        ):  # fmt: skip
            pixels[Landmark[f"{side}_{joint}"]] = MIDDLE + sign * out, y
    return pixels


def person(above: float, below: float, hem: float = 0.0, other: float | None = None) -> np.ndarray:
    """A person whose outline is `above` torso lengths from the mid-line down to the hem, `below` under it."""
    mask = np.zeros((480, 640), dtype=np.float32)
    rows = np.arange(480)
    for sign, upper in ((1.0, above), (-1.0, above if other is None else other)):
        width = np.where(rows < HIPS_Y + hem * TORSO, upper, below) * TORSO
        columns = sign * (np.arange(640) - MIDDLE)
        mask[(columns[None] >= 0) & (columns[None] < width[:, None])] = 1.0
    return mask


def test_the_step_below_a_hem_that_stands_off_is_measured() -> None:
    assert hem_step(person(0.42, 0.36), landmarks()) == pytest.approx(0.06, abs=0.011)
    assert hem_step(person(0.42, 0.36, hem=-0.1), landmarks()) == pytest.approx(0.06, abs=0.011)


def test_hips_wider_than_the_waist_are_no_step() -> None:
    assert hem_step(person(0.34, 0.38), landmarks()) == 0.0


def test_both_sides_count_half() -> None:
    assert hem_step(person(0.44, 0.36, other=0.36), landmarks()) == pytest.approx(0.04, abs=0.011)


def test_an_outline_that_is_the_arms_is_not_looked_at() -> None:
    assert np.isnan(hem_step(person(0.42, 0.36), landmarks(wrist_out=30.0)))


def test_a_slow_fall_is_no_hem() -> None:
    mask = np.zeros((480, 640), dtype=np.float32)
    rows = np.arange(480)
    width = 0.44 * TORSO - 0.16 * np.clip(rows - (HIPS_Y - 50.0), 0.0, 120.0)  # 0.19 torso lengths in 1.2
    mask[np.abs(np.arange(640)[None] - MIDDLE) < width[:, None]] = 1.0
    assert hem_step(mask, landmarks()) < 0.03


def test_without_a_body_or_with_a_small_one_nothing_is_said() -> None:
    assert np.isnan(hem_step(person(0.42, 0.36), np.full((33, 2), np.nan)))
    assert np.isnan(hem_step(person(0.42, 0.36), 0.2 * landmarks()))


def dressed(shirt: tuple[int, int, int], trousers: tuple[int, int, int], hem: float) -> np.ndarray:
    """A picture whose shirt reaches down to `hem` torso lengths below the mid-hip, and trousers below."""
    rgb = np.full((480, 640, 3), 200, dtype=np.uint8)
    edge = round(HIPS_Y + hem * TORSO)
    rgb[100:edge, 270:370] = shirt
    rgb[edge:470, 270:370] = trousers
    return rgb


def with_knees() -> np.ndarray:
    pixels = landmarks()
    pixels[Landmark.LEFT_KNEE], pixels[Landmark.RIGHT_KNEE] = (MIDDLE + 20.0, 350.0), (MIDDLE - 20.0, 350.0)
    return pixels


def test_the_colours_tell_whose_cloth_covers_the_hips() -> None:
    red, blue = (160, 40, 40), (40, 40, 120)
    assert hem_contrast(dressed(red, blue, 0.05), with_knees()) > 30.0
    assert hem_contrast(dressed(red, blue, -0.2), with_knees()) < -30.0
    assert hem_contrast(dressed(red, red, 0.05), with_knees()) == pytest.approx(0.0, abs=1.0)


def test_a_shadow_on_the_thighs_counts_by_half() -> None:
    lit, shaded = (150, 150, 150), (100, 100, 100)
    assert 5.0 < hem_contrast(dressed(lit, shaded, 0.05), with_knees()) < 12.0


def test_colours_out_of_the_picture_say_nothing() -> None:
    away = with_knees() + np.array([2000.0, 0.0])
    assert np.isnan(hem_contrast(dressed((160, 40, 40), (40, 40, 120), 0.05), away))
    assert np.isnan(hem_contrast(dressed((160, 40, 40), (40, 40, 120), 0.05), np.full((33, 2), np.nan)))


def test_a_button_in_the_middle_of_a_patch_is_not_its_colour() -> None:
    red, blue = (160, 40, 40), (40, 40, 120)
    plain = dressed(red, blue, 0.05)
    pixels = with_knees()
    spots = plain.copy()
    hips, torso = np.array([MIDDLE, HIPS_Y]), TORSO
    thighs = [
        pixels[hip] + np.array([0.12, 0.25]) * (pixels[knee] - pixels[hip])
        for hip, knee in (
            (Landmark.LEFT_HIP, Landmark.LEFT_KNEE),
            (Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE),
        )
    ]
    for x, y in (hips - [0.0, 0.27 * torso], hips - [0.0, 0.06 * torso], *thighs):
        spots[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2] = (0, 255, 0)
    assert hem_contrast(spots, pixels) == pytest.approx(hem_contrast(plain, pixels), abs=0.5)
