"""Tilt of the line between two stickers, or two ArUco tags, on the front hip bones.

A crop around the hips is brought to a fixed size per trunk length. A sticker is a small round spot whose colour lies apart
from every colour around it: the spot's mean is compared with the ring about it in units of that ring's own spread (Fisher's
linear discriminant), so that edges, stripes, folds and corners of cloth, which go on into the ring, do not count. The same
discriminant weighs the pixels of the centroid. Two spots of one colour and size, one each side of the mid-hip, are the
stickers once they have been seen in the same places of the body for `CONFIRM_S`; anything that could be a third makes the
pair doubtful. Each frame measures both anew: nothing is predicted, and a reading needs both in sight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.errors import UsageError
from screener.kinematics.planar import line_tilt_deg
from screener.model import Floats, Landmark

Pixels = NDArray[np.float32]

HUES_DEG: Final = {
    "red": (345.0, 14.0),
    "orange": (10.0, 45.0),
    "yellow": (42.0, 75.0),
    "green": (75.0, 168.0),
    "cyan": (165.0, 205.0),
    "blue": (200.0, 262.0),
    "magenta": (275.0, 335.0),
    "pink": (315.0, 357.0),
}
"""Hues, from and to, of the colours that can be named."""
SKIN_HUES_DEG: Final = (335.0, 50.0)

# Geometry in trunk lengths (mid-hip to mid-shoulder, about 0.5 m); `side` and `up` count from the mid-hip along the body.
TRUNK_PX, MIN_TRUNK_PX = 128.0, 40.0  # trunk in the crop; smallest one in the picture
CROP_SIDE, CROP_UP, CROP_DOWN = 0.66, 0.60, 0.30
MAX_SIDE, MIN_SIDE, MAX_UP, MIN_UP = 0.48, 0.07, 0.38, -0.10
MIN_APART, MAX_APART, MAX_OFF_CENTRE = 0.26, 0.72, 0.16
MIN_FRONTAL = 0.18  # width of the hip landmarks; less is a side view
MAX_OFF_HIP_LINE_DEG = 25.0
SHRINK_S = 4.0  # a trunk foreshortened by bending is not a smaller person: its length falls with this time constant

# A spot, in pixels of the crop.
CORE, REACH, RING = 2.3, 8.0, 11.0
PEAK_BLUR, SURROUND_BLUR, PEAK_APART = 2.5, 8.0, 9
MIN_RADIUS, MAX_RADIUS = 2.4, 7.2
MAX_SPOTS = 8
COLOUR_NOISE = 4.0  # grey levels, added to the spread of the ring
GAIN = 0.2  # share of the discriminant that is taken for surroundings


@dataclass(frozen=True)
class _Standard:
    """What a spot must be to be taken."""

    contrast: float  # grey levels of chroma against the surroundings
    separation: float  # from the ring, in standard deviations of the ring
    saturation: float  # 0 to 1
    skin_saturation: float  # the same where the hue could be skin
    stretch: float  # longest over shortest width


STRANGER: Final = _Standard(contrast=9.0, separation=5.0, saturation=0.40, skin_saturation=0.66, stretch=1.7)
KNOWN: Final = _Standard(contrast=5.0, separation=3.0, saturation=0.28, skin_saturation=0.5, stretch=3.0)

MAX_COLOUR_APART, MAX_SIZE_RATIO = 0.35, 2.2  # share of the chroma; areas
RIVAL_SEPARATION = 0.4  # a third spot of the colour with at least this share of the pair's separation makes it doubtful
CONFIRM_S, CONFIRM_FRAMES, KEEP_S = 0.2, 3, 0.25
DRIFT, DRIFT_PER_S, LEARN = 0.10, 0.4, 0.1
MIN_SHARE_SEEN = 0.6  # of the known area of a sticker
FLOOR_PX, HIDDEN_SHIFT = 0.15, 0.7  # of a centroid: smallest error; shift, in radii, for each share that is hidden

TAG_IDS: Final = (0, 1)
MIN_TAG_TRUNK_PX, MAX_TAG_TRUNK_PX, TAG_EVERY_S, TAG_NOISE_PX = 100.0, 260.0, 0.25, 0.25


@dataclass(frozen=True)
class MarkerReading:
    """Tilt of the pelvis in one frame as the stickers show it.

    Attributes
    ----------
    tilt_deg : float
        Tilt in the picture of the line from the sticker further left in the picture to the one further right, + = the right
        one is lower (clockwise on the screen): from the front the person's left side. NaN unless both are seen.
    spread_deg : float
        Standard uncertainty of the tilt: noise of the centroids over their distance, and hiding. NaN where `tilt_deg` is.
    """

    tilt_deg: float
    spread_deg: float


UNSEEN: Final = MarkerReading(float("nan"), float("nan"))


@dataclass(frozen=True)
class _Body:
    """Where the hips are in the picture."""

    middle: Floats
    trunk_px: float
    side: Floats  # unit vector, to the right of the picture
    hip_tilt_deg: float

    def place(self, points: Floats) -> Floats:
        """(..., 2) side and up, in trunk lengths, of points of the picture."""
        up = np.array([self.side[1], -self.side[0]])
        return (points - self.middle) @ np.stack([self.side, up], axis=1) / self.trunk_px


@dataclass(frozen=True)
class _Crop:
    """Part of the picture at a fixed size per trunk; `scale` is pixels of the picture for one of the crop."""

    image: Pixels
    origin: Floats
    scale: float

    def to_picture(self, points: Floats) -> Floats:
        return self.origin + (points + 0.5) * self.scale - 0.5


@dataclass(frozen=True)
class _Spot:
    """One possible sticker; areas and errors in pixels of the crop."""

    point: Floats  # in the picture
    place: Floats  # side and up, trunk lengths
    chroma: Floats  # red - green, yellow - blue
    separation: float
    area: float
    error: float


@dataclass(frozen=True)
class _Pair:
    left: _Spot  # of the picture
    right: _Spot

    @property
    def separation(self) -> float:
        return min(self.left.separation, self.right.separation)

    @property
    def chroma(self) -> Floats:
        return (self.left.chroma + self.right.chroma) / 2


@dataclass(frozen=True)
class _Known:
    """The stickers as seen so far."""

    chroma: Floats
    places: Floats  # (2, 2) left and right in the picture
    areas: Floats  # (2,)
    first_s: float
    last_s: float
    frames: int

    @property
    def sure(self) -> bool:
        return self.frames >= CONFIRM_FRAMES and self.last_s - self.first_s >= CONFIRM_S - 1e-6


def _grid() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    reach = int(RING)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    near = np.hypot(x, y) <= RING
    return x[near], y[near]


_X, _Y = _grid()
_FAR = np.hypot(_X, _Y)
_IN_CORE, _IN_RING, _IN_REACH = _FAR <= CORE, _FAR > REACH, _FAR <= REACH


def _chroma(rgb: NDArray[np.floating]) -> Floats:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return np.stack([red - green, (red + green) / 2 - blue], axis=-1)


def _hue_deg(rgb: Floats) -> Floats:
    """Hue of (..., 3) colours, 0 red, 120 green, 240 blue."""
    as_hsv = cv2.cvtColor(np.float32(rgb).reshape(-1, 1, 3), cv2.COLOR_RGB2HSV)
    return np.asarray(as_hsv[:, 0, 0], np.float64)


def _within(hue: Floats, hues: tuple[float, float]) -> NDArray[np.bool_]:
    low, high = hues
    return np.asarray((hue - low) % 360.0 <= (high - low) % 360.0)


def _cut(rgb: NDArray[np.uint8], body: _Body) -> _Crop | None:
    """Surroundings of the hips; None where they are out of the picture."""
    reach = np.array([[CROP_SIDE, CROP_UP], [CROP_SIDE, CROP_DOWN]]) * body.trunk_px
    size = np.array(rgb.shape[1::-1])
    low = np.clip(np.floor(body.middle - reach[0]), 0, size).astype(int)
    high = np.clip(np.ceil(body.middle + reach[1]), 0, size).astype(int)
    target = np.round((high - low) * TRUNK_PX / body.trunk_px).astype(int)
    if (target <= 2 * RING + 4).any():
        return None
    part = rgb[low[1] : high[1], low[0] : high[0]]
    how = cv2.INTER_AREA if body.trunk_px > TRUNK_PX else cv2.INTER_LINEAR
    image = np.asarray(cv2.resize(part, target.tolist(), interpolation=how), np.float32)
    return _Crop(image, low.astype(np.float64), (high - low) / target)


def _peaks(crop: _Crop, body: _Body, standard: _Standard, known: _Known | None) -> NDArray[np.intp]:
    """(K, 2) x and y of the crop where colour stands out most, in reach of the hips and of the known places."""
    chroma = _chroma(crop.image).astype(np.float32)
    apart = cv2.GaussianBlur(chroma, (0, 0), PEAK_BLUR) - cv2.GaussianBlur(chroma, (0, 0), SURROUND_BLUR)
    power = np.hypot(apart[..., 0], apart[..., 1])
    top = (power >= cv2.dilate(power, np.ones((PEAK_APART, PEAK_APART), np.uint8))) & (power > standard.contrast)
    edge = int(RING) + 1
    y, x = (index + edge for index in np.nonzero(top[edge:-edge, edge:-edge]))
    places = body.place(crop.to_picture(np.column_stack([x, y]).astype(np.float64)))
    near = (np.abs(places[:, 0]) < MAX_SIDE) & (np.abs(places[:, 0]) > MIN_SIDE)
    near &= (places[:, 1] < MAX_UP) & (places[:, 1] > MIN_UP)
    if known is not None:
        near &= np.min(np.hypot(*np.moveaxis(places[:, None] - known.places, -1, 0)), axis=1, initial=np.inf) < known_drift
    order = np.argsort(-power[y, x] * near)[: min(MAX_SPOTS, int(near.sum()))]
    return np.column_stack([x, y])[order]


@dataclass(frozen=True)
class _Weighed:
    """(K,) spots of a crop: what the discriminant between spot and ring says."""

    colour: Floats  # (K, 3)
    separation: Floats
    centre: Floats  # (K, 2)
    area: Floats
    stretch: Floats
    error: Floats


def _weigh(image: Pixels, centres: NDArray[np.intp]) -> _Weighed:
    """Centroid, area and shape of spots, each pixel weighted by how far it is from the ring's colours to the spot's."""
    x, y = centres[:, :1] + _X, centres[:, 1:] + _Y
    patch = image[y, x].astype(np.float64)  # (K, N, 3)
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
    xx, yy, xy = (np.sum(weight * a * b, axis=1) / area + c for a, b, c in ((dx, dx, 0.08), (dy, dy, 0.08), (dx, dy, 0.0)))
    half, bent = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    unsure = (weight > 0) & (weight < 1)
    error = np.sqrt(np.sum(unsure * (dx**2 + dy**2) / 2, axis=1) / squared) / (1 - 2 * GAIN) / area
    stretch = np.sqrt((half + bent) / np.maximum(half - bent, 1e-9))
    return _Weighed(colour, np.sqrt(squared), centre, area, stretch, error)


def _spots(crop: _Crop, body: _Body, standard: _Standard, known: _Known | None, hues: tuple[float, float] | None) -> list[_Spot]:
    """Everything in reach that could be a sticker."""
    peaks = _peaks(crop, body, standard, known)
    if not len(peaks):
        return []
    limits = np.array(crop.image.shape[1::-1]) - int(RING) - 1
    for _ in range(2):
        seen = _weigh(crop.image, peaks)
        peaks = np.clip(np.round(seen.centre), int(RING), limits).astype(np.intp)
    seen = _weigh(crop.image, peaks)
    radius, hue = np.sqrt(seen.area / np.pi), _hue_deg(seen.colour)
    brightest = seen.colour.max(axis=1)
    saturation = 1 - seen.colour.min(axis=1) / np.maximum(brightest, 1.0)
    needed = np.where(_within(hue, SKIN_HUES_DEG), standard.skin_saturation, standard.saturation)
    good = (seen.separation > standard.separation) & (saturation > needed) & (brightest > DARKEST)
    good &= (seen.stretch < standard.stretch) & (radius > MIN_RADIUS) & (radius < MAX_RADIUS)
    if hues is not None:
        good &= _within(hue, hues)
    points = crop.to_picture(seen.centre)
    places, chroma = body.place(points), _chroma(seen.colour)
    return [
        _Spot(points[k], places[k], chroma[k], float(seen.separation[k]), float(seen.area[k]), float(seen.error[k]))
        for k in np.flatnonzero(good)
    ]


def _alike(chroma: Floats, spot: _Spot) -> bool:
    return float(np.hypot(*(chroma - spot.chroma))) < MAX_COLOUR_APART * float(np.hypot(*chroma))


def _plausible(body: _Body, left: Floats, right: Floats) -> bool:
    """Whether two points of the picture can be the two front hip bones."""
    places = body.place(np.stack([left, right]))
    apart = float(np.hypot(*(places[1] - places[0])))
    off_line = abs(float(line_tilt_deg(left, right)) - body.hip_tilt_deg)
    sides = places[0, 0] < -MIN_SIDE and places[1, 0] > MIN_SIDE
    centred = abs(places[:, 0].mean()) < MAX_OFF_CENTRE
    return bool(sides and centred and MIN_APART < apart < MAX_APART and off_line < MAX_OFF_HIP_LINE_DEG)


def _best_pair(spots: list[_Spot], body: _Body, known: _Known | None) -> _Pair | None:
    """The two stickers; None where there are none or where a third spot could be one."""
    pairs = []
    for one, other in combinations(spots, 2):
        left, right = sorted((one, other), key=lambda spot: float(spot.place[0]))
        ratio = max(left.area, right.area) / min(left.area, right.area)
        if ratio < MAX_SIZE_RATIO and _alike(left.chroma, right) and _plausible(body, left.point, right.point):
            pairs.append(_Pair(left, right))
    if not pairs:
        return None
    best = max(pairs, key=lambda pair: pair.separation)
    others = [spot for spot in spots if spot is not best.left and spot is not best.right]
    rival = any(_alike(best.chroma, spot) and spot.separation > RIVAL_SEPARATION * best.separation for spot in others)
    return None if rival else best
