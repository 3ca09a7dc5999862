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
