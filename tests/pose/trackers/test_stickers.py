"""Stickers drawn at known places on a plain body, and on a rendered one."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from screener.errors import UsageError
from screener.model.pose import Landmark
from screener.pose.landmarker import Landmarker
from screener.pose.models import load_model
from screener.pose.trackers.stickers import HUES_DEG, StickerReading, StickerTracker
from screener.video.file import VideoFile

STEP_S = 0.05
SKIN, SHIRT, TROUSERS, WALL = (190, 140, 115), (70, 120, 190), (45, 45, 50), (185, 175, 160)
COLOURS = {
    "green": (40, 190, 70),
    "pink": (230, 40, 130),
    "orange": (245, 120, 30),
    "blue": (30, 70, 220),
    "yellow": (240, 225, 40),
    "red": (220, 30, 30),
    "cyan": (30, 200, 215),
    "magenta": (210, 40, 210),
}


@dataclass(frozen=True)
class Scene:
    """A person of 84 pixels a trunk with two stickers whose line is tilted."""

    tilt_deg: float = 0.0
    turn_deg: float = 0.0  # of the whole picture, clockwise
    trunk_px: float = 84.0
    colours: tuple[tuple[int, int, int] | None, ...] = (COLOURS["green"], COLOURS["green"])  # left and right in the picture
    streak_px: tuple[float, float] = (0.0, 0.0)
    shift_px: tuple[float, float] = (0.0, 0.0)
    arm_over: float | None = None  # side of the arm's middle, trunk lengths
    lift: float = 0.0  # of both stickers, trunk lengths
    dots: int = 0
    shirt: tuple[int, int, int] = SHIRT
    radius: float = 0.034
    middle: tuple[float, float] = field(default=(320.0, 260.0))

    def point(self, side: float, up: float) -> np.ndarray:
        turn = math.radians(self.turn_deg)
        across, rise = np.array([math.cos(turn), math.sin(turn)]), np.array([math.sin(turn), -math.cos(turn)])
        return np.array(self.middle) + np.array(self.shift_px) + (side * across + up * rise) * self.trunk_px

    def pixels(self) -> np.ndarray:
        body = np.full((33, 2), np.nan)
        body[Landmark.LEFT_HIP], body[Landmark.RIGHT_HIP] = self.point(0.2, 0), self.point(-0.2, 0)
        body[Landmark.LEFT_SHOULDER], body[Landmark.RIGHT_SHOULDER] = self.point(0.34, 1), self.point(-0.34, 1)
        return body

    def stickers(self) -> list[np.ndarray]:
        tilt = math.radians(self.tilt_deg)
        across = np.array([math.cos(tilt), -math.sin(tilt)]) * 0.23
        return [self.point(*(sign * across + np.array([0.013, 0.127 + self.lift]))) for sign in (-1, 1)]

    def picture(self, seed: int = 0) -> np.ndarray:
        image = np.full((480, 640, 3), WALL, np.float32)
        self._block(image, (-0.34, 0.34), (0.35, 1.1), self.shirt)
        self._block(image, (-0.34, 0.34), (0.12, 0.35), SKIN)
        self._block(image, (-0.34, 0.34), (-1.0, 0.12), TROUSERS)
        for side, up in np.random.default_rng(5).uniform([-0.3, -0.08], [0.3, 0.36], (self.dots, 2)):
            paint_disc(image, self.point(side, up), self.radius * self.trunk_px, COLOURS["green"], (0, 0))
        for point, colour in zip(self.stickers(), self.colours, strict=True):
            if colour is not None:
                paint_disc(image, point, self.radius * self.trunk_px, colour, self.streak_px)
        if self.arm_over is not None:
            self._block(image, (self.arm_over - 0.07, self.arm_over + 0.07), (-0.3, 0.7), SKIN)
        noisy = cv2.GaussianBlur(image, (0, 0), 0.6) + np.random.default_rng(seed).normal(0, 3, image.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)

    def _block(self, image: np.ndarray, sides: tuple[float, float], ups: tuple[float, float], colour: tuple) -> None:
        corners = [self.point(sides[0], ups[0]), self.point(sides[1], ups[0]), self.point(sides[1], ups[1])]
        corners.append(self.point(sides[0], ups[1]))
        cv2.fillPoly(image, [np.round(corners).astype(np.int32)], colour)


def paint_disc(image: np.ndarray, centre: np.ndarray, radius: float, colour: tuple, streak: tuple[float, float]) -> None:
    """A disc at a place between pixels, smeared along `streak`."""
    reach = math.ceil(radius + max(map(abs, streak))) + 2
    low = np.floor(centre).astype(int) - reach
    fine = (np.arange((2 * reach + 1) * 5) + 0.5) / 5 - 0.5
    x, y = np.meshgrid(fine + low[0], fine + low[1])
    steps = np.linspace(-0.5, 0.5, 7)
    inside = np.mean([np.hypot(x - centre[0] - s * streak[0], y - centre[1] - s * streak[1]) < radius for s in steps], axis=0)
    share = inside.reshape(2 * reach + 1, 5, 2 * reach + 1, 5).mean(axis=(1, 3))[..., None]
    part = image[low[1] : low[1] + 2 * reach + 1, low[0] : low[0] + 2 * reach + 1]
    part[:] = part * (1 - share) + share * np.array(colour)


def watch(scenes: list[Scene], colour: str | None = None, mirrored: bool = False) -> list[StickerReading]:
    tracker = StickerTracker(colour)
    readings = []
    for number, scene in enumerate(scenes):
        rgb, pixels = scene.picture(seed=number), scene.pixels()
        if mirrored:
            rgb, pixels = np.ascontiguousarray(rgb[:, ::-1]), np.array([639.0, 0.0]) + pixels * np.array([-1.0, 1.0])
        readings.append(tracker.update(rgb, pixels, number * STEP_S))
    return readings


def tilts(readings: list[StickerReading]) -> np.ndarray:
    return np.array([reading.tilt_deg for reading in readings])


KNOWN = [Scene()] * 6
"""Long enough to get to know the stickers."""


@pytest.mark.parametrize("tilt_deg", [-9.0, -3.3, 0.0, 1.7, 6.0, 12.0])
def test_a_drawn_tilt_is_recovered_between_the_pixels_and_within_its_spread(tilt_deg: float) -> None:
    readings = watch([Scene(tilt_deg, shift_px=(0.13 * k, 0.31 * k)) for k in range(12)])[5:]
    errors = tilts(readings) - tilt_deg
    spreads = np.array([reading.u_deg for reading in readings])
    assert np.abs(errors).max() < 0.5
    assert (np.abs(errors) < 1.96 * spreads).all()
    assert spreads.max() < 0.5


@pytest.mark.parametrize("name", sorted(COLOURS))
def test_every_colour_is_found_by_itself_and_by_its_name_only(name: str) -> None:
    scenes = [Scene(4.0, colours=(COLOURS[name],) * 2, shirt=(215, 215, 210))] * 7
    assert tilts(watch(scenes))[-1] == pytest.approx(4.0, abs=0.5)
    assert tilts(watch(scenes, name))[-1] == pytest.approx(4.0, abs=0.5)
    far = max(COLOURS, key=lambda other: abs((HUES_DEG[other][0] - HUES_DEG[name][0] + 180) % 360 - 180))
    assert np.isnan(tilts(watch(scenes, far))).all()


def test_the_colours_can_be_named() -> None:
    assert set(HUES_DEG) == set(COLOURS)
    with pytest.raises(UsageError, match="beige"):
        StickerTracker("beige")


def test_mirroring_flips_the_sign_and_a_turn_of_the_picture_adds() -> None:
    assert tilts(watch([Scene(5.0)] * 7, mirrored=True))[-1] == pytest.approx(-5.0, abs=0.4)
    for turn in (-12.0, 8.0, 20.0):
        assert tilts(watch([Scene(5.0, turn_deg=turn)] * 7))[-1] == pytest.approx(5.0 + turn, abs=0.5)


def test_swapped_landmarks_change_nothing() -> None:
    tracker, swapped = StickerTracker(), StickerTracker()
    other = list(range(33))
    for one, two in ((11, 12), (23, 24)):
        other[one], other[two] = two, one
    for number in range(7):
        rgb, pixels = Scene(5.0).picture(number), Scene(5.0).pixels()
        first, second = (tracker.update(rgb, pixels, number / 20), swapped.update(rgb, pixels[other], number / 20))
    assert first == second
    assert first.tilt_deg == pytest.approx(5.0, abs=0.4)


@pytest.mark.parametrize("trunk_px", [55.0, 84.0, 150.0])
def test_distance_from_the_camera_does_not_matter(trunk_px: float) -> None:
    assert tilts(watch([Scene(5.0, trunk_px=trunk_px)] * 7))[-1] == pytest.approx(5.0, abs=0.6)


@pytest.mark.parametrize("streak_px", [(4.0, 0.0), (0.0, 4.0), (3.0, 3.0)])
def test_known_stickers_are_followed_through_motion_blur(streak_px: tuple[float, float]) -> None:
    readings = watch(KNOWN + [Scene(6.0, streak_px=streak_px)] * 3)
    assert tilts(readings)[-3:] == pytest.approx(6.0, abs=0.6)


@pytest.mark.parametrize(
    "scene",
    [
        Scene(colours=(None, None)),
        Scene(colours=(COLOURS["green"], None)),
        Scene(colours=(None, COLOURS["green"])),
        Scene(colours=(COLOURS["green"], COLOURS["pink"])),
        Scene(colours=(COLOURS["green"], COLOURS["yellow"])),
        Scene(colours=(SKIN, SKIN)),
        Scene(colours=((165, 95, 72), (165, 95, 72)), shirt=(60, 60, 60)),
        Scene(colours=((120, 120, 120), (120, 120, 120))),
        Scene(dots=14),
        Scene(dots=14, colours=(None, None)),
        Scene(radius=0.09),
        Scene(radius=0.014),
        Scene(tilt_deg=34.0),
    ],
    ids=["none", "left", "right", "unlike", "unlike2", "skin", "tan", "grey", "dots+", "dots", "large", "small", "steep"],
)
def test_what_is_not_two_stickers_is_refused(scene: Scene) -> None:
    assert np.isnan(tilts(watch([scene] * 12))).all()


def test_nobody_and_a_side_view_are_refused() -> None:
    tracker = StickerTracker()
    sideways = Scene().pixels()
    sideways[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP], 0] = 321.0, 319.0
    for pixels in (np.full((33, 2), np.nan), sideways):
        for number in range(8):
            assert math.isnan(tracker.update(Scene().picture(number), pixels, number * STEP_S).tilt_deg)


@pytest.mark.parametrize("beyond", [(20.0, 20.0), (630.0, 470.0), (-500.0, 900.0), (5000.0, 240.0)])
def test_hips_at_and_beyond_the_edge_of_the_picture_are_no_error(beyond: tuple[float, float]) -> None:
    for trunk_px in (84.0, 900.0):
        pixels = Scene(middle=beyond, trunk_px=trunk_px).pixels()
        assert math.isnan(StickerTracker().update(Scene().picture(), pixels, 0.0).tilt_deg)


def test_a_hidden_sticker_is_missing_and_comes_back_at_once_with_its_own_name() -> None:
    for side in (-0.22, 0.24):
        hidden = [Scene(5.0, arm_over=side)] * 4
        seen = tilts(watch([Scene(5.0)] * 6 + hidden + [Scene(5.0)] * 2))
        assert np.isnan(seen[6:10]).all()
        assert seen[10:] == pytest.approx(5.0, abs=0.5)


def test_a_partly_hidden_sticker_is_less_sure_or_missing_but_never_silently_wrong() -> None:
    spreads: list[float] = []
    for arm in np.arange(-0.38, -0.1, 0.02):
        reading = watch([*KNOWN, Scene(arm_over=float(arm))])[-1]
        if math.isfinite(reading.tilt_deg):
            assert abs(reading.tilt_deg) < 3 * reading.u_deg
            assert abs(reading.tilt_deg) < 2.0
            spreads.append(reading.u_deg)
    assert max(spreads) > 1.5 * min(spreads)


def test_known_stickers_are_not_taken_for_others() -> None:
    other_colour = Scene(colours=(COLOURS["pink"],) * 2)
    assert np.isnan(tilts(watch([*KNOWN, other_colour]))[-1])
    elsewhere = tilts(watch([*KNOWN, Scene(lift=0.16)]))
    assert np.isfinite(elsewhere[-2])
    assert np.isnan(elsewhere[-1])


def test_after_long_hiding_it_must_be_sure_again() -> None:
    away = [Scene(colours=(COLOURS["green"], None))] * 8
    seen = tilts(watch(KNOWN + away + [Scene(5.0)] * 7))
    assert np.isfinite(seen[5])
    assert np.isnan(seen[6:17]).all()
    assert seen[-1] == pytest.approx(5.0, abs=0.4)


@pytest.mark.parametrize("tilt_deg", [0.0, 7.0])
def test_tags_are_read_where_the_picture_is_large_enough(tilt_deg: float) -> None:
    scene = Scene(tilt_deg, trunk_px=126.0, colours=(None, None))
    rgb = scene.picture()
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    for number, centre in enumerate(scene.stickers()):
        paper = np.full((100, 100), 255, np.uint8)
        paper[10:90, 10:90] = cv2.resize(dictionary.generateImageMarker(number, 60), (80, 80), interpolation=cv2.INTER_NEAREST)
        place = cv2.getRotationMatrix2D((49.5, 49.5), -tilt_deg, 0.257)  # 8 cm at 3 m, 720 pixels high
        place[:, 2] += centre - 49.5
        small = cv2.GaussianBlur(paper, (0, 0), 1.6)
        tag = cv2.warpAffine(small, place, (640, 480))
        cover = cv2.warpAffine(np.ones((100, 100), np.float32), place, (640, 480))[..., None]
        rgb = (rgb * (1 - cover) + tag[..., None] * cover).astype(np.uint8)
    reading = StickerTracker().update(rgb, scene.pixels(), 0.0)
    assert reading.tilt_deg == pytest.approx(tilt_deg, abs=3 * reading.u_deg)
    assert reading.u_deg < 0.6


def watch_clip(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Time and tilt of every frame of a clip."""
    tracker, times, seen = StickerTracker(), [], []
    landmarker = Landmarker(load_model())
    for frame in VideoFile(path):
        times.append(frame.time_s)
        seen.append(tracker.update(frame.rgb, landmarker.detect(frame.rgb, frame.time_s).pixels, frame.time_s).tilt_deg)
    landmarker.close()
    return np.array(times), np.array(seen)


@pytest.mark.slow
def test_the_rendered_clip_with_stickers_agrees_with_its_truth(ground_truth: Path) -> None:
    times, seen = watch_clip(ground_truth / "stance_right_drop7_stickers.mp4")
    with (ground_truth / "stance_right_drop7_stickers.csv").open(encoding="utf-8") as file:
        truth = np.array([float(row["pelvic_obliquity_deg"]) for row in csv.DictReader(file)])
    change = seen - np.nanmedian(seen[times < 1.0])
    assert np.isfinite(seen).mean() > 0.9
    assert np.nanmean(np.abs(change - truth)) < 0.4
    assert np.nanmax(np.abs(change - truth)) < 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["stance_left_drop9", "stance_right_drop12", "stance_right_drop4_lean9", "slsquat_left_valgus16", "cam02"]
)
def test_clothes_skin_and_background_are_not_stickers(ground_truth: Path, real_clips: Path, name: str) -> None:
    folder = real_clips / "pose2sim_balance" if name == "cam02" else ground_truth
    assert np.isnan(watch_clip(folder / f"{name}.mp4")[1]).mean() >= 0.98
