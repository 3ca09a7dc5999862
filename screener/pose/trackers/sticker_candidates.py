"""Small round spots of a colour of their own near the hips: what could be a sticker.

A crop around the hips is brought to a fixed size per trunk length. A spot's mean colour is compared with the ring about it
in units of that ring's own spread (Fisher's linear discriminant), so that edges, stripes, folds and corners of cloth, which
go on into the ring, do not count. The same discriminant weighs the pixels of the centroid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.kinematics.planar import direction_deg
from screener.model.pose import Bools, Floats

Pixels = NDArray[np.float32]
Whole = NDArray[np.intp]

# Geometry in trunk lengths (mid-hip to mid-shoulder, about 0.5 m); `side` and `up` count from the mid-hip along the body.
TRUNK_PX: Final = 128.0  # trunk in the crop
CROP_SIDE = 0.66
CROP_UP = 0.60
CROP_DOWN = 0.30
MAX_SIDE = 0.48
MIN_SIDE = 0.07
MAX_UP = 0.38
MIN_UP = -0.10

# A spot, in pixels of the crop and grey levels.
CORE = 2.3
REACH = 8.0
RING = 11.0
PEAK_BLUR = 2.2
SURROUND = 27
PEAK_APART = 9
MIN_RADIUS = 2.4
MAX_RADIUS = 7.2
MAX_SPOTS = 8
FIRST_LOOK = 0.5  # share of the separation that a spot must show before it is centred
COLOUR_NOISE = 4.0  # added to the spread of the ring
DARKEST = 50.0
SKIN_HUES_DEG = (350.0, 50.0)
STRAY_STEP = 2  # crop pixels
STRAY_SIDE = 0.36  # trunk lengths
STRAY_BEYOND = 1.9  # radii of the blob
MAX_COLOUR_APART = 0.35  # share of the chroma
GAIN = 0.2  # share of the discriminant that is taken for surroundings


@dataclass(frozen=True)
class HipRegion:
    """Where the hips are in the picture.

    Attributes
    ----------
    middle : (2,) float
        Mid-hip, pixels.
    trunk_px : float
        Length of the trunk, pixels.
    side : (2,) float
        Unit vector across the trunk, to the right of the picture.
    hip_tilt_deg : float
        Of the line between the hip landmarks, left to right of the picture, + = the right one lower.
    """

    middle: Floats
    trunk_px: float
    side: Floats
    hip_tilt_deg: float

    def place(self, points: Floats) -> Floats:
        """(..., 2) side and up, in trunk lengths, of points of the picture."""
        up = np.array([self.side[1], -self.side[0]])
        return np.asarray((points - self.middle) @ np.stack([self.side, up], axis=1) / self.trunk_px)


@dataclass(frozen=True)
class DetectionThresholds:
    """What a spot must be to be taken.

    Attributes
    ----------
    contrast : float
        Grey levels of chroma against the surroundings.
    separation : float
        From the ring, in standard deviations of the ring.
    saturation, skin_saturation : float
        0 to 1; the second where the hue could be skin.
    stretch : float
        Largest ratio of length to width.
    hues_deg : (float, float), optional
        From and to.
    """

    contrast: float
    separation: float
    saturation: float
    skin_saturation: float
    stretch: float
    hues_deg: tuple[float, float] | None = None


@dataclass(frozen=True)
class Blob:
    """One possible sticker.

    Attributes
    ----------
    point : (2,) float
        Centroid, pixels of the picture.
    place : (2,) float
        Side and up from the mid-hip, trunk lengths.
    chroma : (2,) float
        Red - green and yellow - blue, grey levels.
    separation : float
        From the colours around, in their standard deviations.
    radius, error : float
        In trunk lengths: radius of a disc of the same area; standard error of the centroid from noise.
    """

    point: Floats
    place: Floats
    chroma: Floats
    separation: float
    radius: float
    error: float


@dataclass(frozen=True)
class _Crop:
    """Part of the picture at a fixed size per trunk; `scale` is pixels of the picture for one of the crop, x and y."""

    image: Pixels
    origin: Floats
    scale: Floats

    def to_picture(self, points: Floats) -> Floats:
        return self.origin + (points + 0.5) * self.scale - 0.5


@dataclass(frozen=True)
class _BlobStatistics:
    """(K,) spots of a crop as the discriminant between spot and ring sees them."""

    colour: Floats  # (K, 3)
    separation: Floats
    centre: Floats  # (K, 2)
    area: Floats
    stretch: Floats
    error: Floats


def _disc() -> tuple[Whole, Whole]:
    y, x = np.mgrid[-int(RING) : int(RING) + 1, -int(RING) : int(RING) + 1]
    near = np.hypot(x, y) <= RING
    return x[near], y[near]


_X, _Y = _disc()
_FAR = np.hypot(_X, _Y)
_IN_CORE = _FAR <= CORE
_IN_RING = _FAR > REACH
_IN_REACH = _FAR <= REACH


def chroma_of(rgb: NDArray[np.floating]) -> Floats:
    """(..., 2) red - green and yellow - blue of (..., 3) colours."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return np.stack([red - green, (red + green) / 2 - blue], axis=-1)


def _hue_deg(rgb: Floats) -> Floats:
    """Hue of (K, 3) colours: 0 red, 120 green, 240 blue; NaN for grey."""
    red, green, blue = rgb.T
    return direction_deg(2 * red - green - blue, np.sqrt(3) * (green - blue)) % 360.0


def _within(hue_deg: Floats, hues_deg: tuple[float, float]) -> Bools:
    return np.asarray((hue_deg - hues_deg[0]) % 360.0 <= (hues_deg[1] - hues_deg[0]) % 360.0)


def find_blobs(rgb: NDArray[np.uint8], body: HipRegion, standard: DetectionThresholds) -> list[Blob]:
    """Everything near the hips that could be a sticker.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        The picture.
    body : Body
        Where to look.
    standard : Standard
        What to take.

    Returns
    -------
    list of Spot
        At most `MAX_SPOTS`.
    """
    crop = _cut(rgb, body)
    if crop is None:
        return []
    peaks = _peaks(crop, body, standard.contrast)
    first = _weigh(crop.image, peaks)
    limits = np.array(crop.image.shape[1::-1]) - int(RING) - 1
    centres = np.clip(np.round(first.centre), int(RING), limits).astype(np.intp)
    seen = _weigh(crop.image, centres[first.separation > FIRST_LOOK * standard.separation])
    radius = np.sqrt(seen.area / np.pi)
    sizes = np.column_stack([seen.separation, radius / TRUNK_PX, seen.error / TRUNK_PX])
    points, chroma = crop.to_picture(seen.centre), chroma_of(seen.colour)
    places = body.place(points)
    return [Blob(points[k], places[k], chroma[k], *sizes[k].tolist()) for k in np.flatnonzero(_meets(standard, seen, radius))]


def stray_colour(rgb: NDArray[np.uint8], body: HipRegion, spots: Sequence[Blob]) -> float:
    """How much of the same colour there is over the pelvis beside the spots.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        The picture.
    body : Body
        Where to look.
    spots : sequence of Spot
        Of one colour.

    Returns
    -------
    float
        Area of the stray colour over the mean area of a spot.
    """
    crop = _cut(rgb, body)
    if crop is None:
        return 0.0
    y, x = np.mgrid[: crop.image.shape[0] : STRAY_STEP, : crop.image.shape[1] : STRAY_STEP]
    places = body.place(crop.to_picture(np.stack([x, y], axis=-1).astype(np.float64)))
    stray = (np.abs(places[..., 0]) < STRAY_SIDE) & (places[..., 1] < MAX_UP) & (places[..., 1] > MIN_UP)
    for spot in spots:
        stray &= np.hypot(*np.moveaxis(places - spot.place, -1, 0)) > STRAY_BEYOND * spot.radius
    colour = np.mean([spot.chroma for spot in spots], axis=0)
    stray &= alike(chroma_of(crop.image[::STRAY_STEP, ::STRAY_STEP]), colour)
    area = np.pi * np.mean([spot.radius**2 for spot in spots]) * TRUNK_PX**2
    return float(np.count_nonzero(stray) * STRAY_STEP**2 / area)


def alike(chroma: Floats, other: Floats) -> Bools:
    """Whether (..., 2) chromas could be of one material in different light."""
    apart = np.hypot(*np.moveaxis(chroma - other, -1, 0))
    return np.asarray(apart < MAX_COLOUR_APART * np.hypot(other[..., 0], other[..., 1]))


def _cut(rgb: NDArray[np.uint8], body: HipRegion) -> _Crop | None:
    """Surroundings of the hips; None where they are out of the picture."""
    size = np.array(rgb.shape[1::-1])
    low = np.clip(np.floor(body.middle - np.array([CROP_SIDE, CROP_UP]) * body.trunk_px), 0, size).astype(int)
    high = np.clip(np.ceil(body.middle + np.array([CROP_SIDE, CROP_DOWN]) * body.trunk_px), 0, size).astype(int)
    target = np.round((high - low) * TRUNK_PX / body.trunk_px).astype(int)
    if (target <= 2 * RING + 4).any():
        return None
    how = cv2.INTER_AREA if body.trunk_px > TRUNK_PX else cv2.INTER_LINEAR
    image = cv2.resize(rgb[low[1] : high[1], low[0] : high[0]], target.tolist(), interpolation=how)
    return _Crop(np.asarray(image, np.float32), low.astype(np.float64), (high - low) / target)


def _peaks(crop: _Crop, body: HipRegion, contrast: float) -> Whole:
    """(K, 2) x and y of the crop where colour stands out most."""
    chroma = chroma_of(crop.image).astype(np.float32)
    apart = cv2.GaussianBlur(chroma, (0, 0), PEAK_BLUR) - cv2.blur(chroma, (SURROUND, SURROUND))
    power = np.hypot(apart[..., 0], apart[..., 1])
    top = (power >= cv2.dilate(power, np.ones((PEAK_APART, PEAK_APART), np.uint8))) & (power > contrast)
    edge = int(RING)
    y, x = (index + edge for index in np.nonzero(top[edge:-edge, edge:-edge]))
    side, up = body.place(crop.to_picture(np.column_stack([x, y]).astype(np.float64))).T
    near = (np.abs(side) < MAX_SIDE) & (np.abs(side) > MIN_SIDE) & (up < MAX_UP) & (up > MIN_UP)
    strongest = np.argsort(-power[y, x] * near)[: min(MAX_SPOTS, int(near.sum()))]
    return np.column_stack([x, y])[strongest]


def _weigh(image: Pixels, centres: Whole) -> _BlobStatistics:
    """Centroid, area and shape of spots, each pixel weighted by how far it is from the ring's colours to the spot's."""
    x, y = centres[:, :1] + _X, centres[:, 1:] + _Y
    patch = image[y, x]  # (K, N, 3)
    colour, ring = patch[:, _IN_CORE].mean(axis=1), patch[:, _IN_RING]
    around = ring.mean(axis=1)
    spread = ring - around[:, None]
    covariance = np.swapaxes(spread, 1, 2) @ spread / ring.shape[1] + COLOUR_NOISE**2 * np.eye(3)
    contrast = colour - around
    axis = np.linalg.solve(covariance, contrast[..., None])
    squared = (contrast[:, None] @ axis)[:, 0, 0] + 1e-9
    share = ((patch - around[:, None]) @ axis)[..., 0] / squared[:, None]
    weight = np.clip((share - GAIN) / (1 - 2 * GAIN), 0, 1) * _IN_REACH
    area = weight.sum(axis=1) + 1e-9
    centre = np.stack([(weight * x).sum(axis=1), (weight * y).sum(axis=1)], axis=1) / area[:, None]
    dx, dy = x - centre[:, :1], y - centre[:, 1:]
    xx, yy, xy = ((weight * product).sum(axis=1) / area for product in (dx * dx, dy * dy, dx * dy))
    half, bent = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    stretch = np.sqrt((half + bent + 0.1) / (np.maximum(half - bent, 0) + 0.1))
    border = (weight > 0) & (weight < 1)
    error = np.sqrt(np.sum(border * (dx**2 + dy**2) / 2, axis=1) / squared) / (1 - 2 * GAIN) / area
    return _BlobStatistics(*(np.asarray(part, np.float64) for part in (colour, np.sqrt(squared), centre, area, stretch, error)))


def _meets(standard: DetectionThresholds, seen: _BlobStatistics, radius: Floats) -> Bools:
    hue, brightest = _hue_deg(seen.colour), seen.colour.max(axis=1)
    saturation = 1 - seen.colour.min(axis=1) / np.maximum(brightest, 1.0)
    needed = np.where(_within(hue, SKIN_HUES_DEG), standard.skin_saturation, standard.saturation)
    good = (seen.separation > standard.separation) & (saturation > needed) & (brightest > DARKEST)
    good &= (seen.stretch < standard.stretch) & (radius > MIN_RADIUS) & (radius < MAX_RADIUS)
    if standard.hues_deg is not None:
        good &= _within(hue, standard.hues_deg)
    return np.asarray(good)
