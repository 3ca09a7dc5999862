"""Tilt of the line between two stickers, or two ArUco tags, on the front hip bones.

Two spots of one colour and size, one each side of the mid-hip, are the stickers once they have been seen in the same places
of the body for `CONFIRM_S` with nothing else of their colour over the pelvis. Every frame measures both anew: nothing is
predicted, a reading needs both in sight, and left and right come from where each is on the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.errors import UsageError
from screener.kinematics.planar import distance, line_tilt_deg, midpoint
from screener.model.pose import Floats, Landmark
from screener.pose.trackers.sticker_candidates import (
    MIN_SIDE,
    Blob,
    DetectionThresholds,
    HipRegion,
    alike,
    find_blobs,
    stray_colour,
)

HUES_DEG: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "red": (345.0, 14.0),
        "orange": (10.0, 45.0),
        "yellow": (42.0, 75.0),
        "green": (75.0, 168.0),
        "cyan": (165.0, 205.0),
        "blue": (200.0, 262.0),
        "magenta": (275.0, 335.0),
        "pink": (315.0, 357.0),
    }
)
"""Hues, from and to, of the colours that can be named."""

FIRST_SIGHT: Final = DetectionThresholds(contrast=9.0, separation=4.0, saturation=0.40, skin_saturation=0.60, stretch=1.7)
REACQUIRE: Final = DetectionThresholds(contrast=5.0, separation=3.0, saturation=0.28, skin_saturation=0.45, stretch=3.0)

# Lengths in trunk lengths.
MIN_TRUNK_PX = 40.0
MIN_FRONTAL = 0.18  # width of the hip landmarks; less is a side view
SHRINK_S = 4.0  # a trunk foreshortened by bending is not a smaller person: its length falls with this time constant
MIN_APART = 0.26
MAX_APART = 0.72
MAX_OFF_CENTRE = 0.16
MAX_OFF_HIP_LINE_DEG = 25.0
MAX_RADIUS_RATIO = 1.5
MAX_STRAY = 0.8  # more of the colour beside the two, in areas of one, makes the pair doubtful
CONFIRM_S = 0.2
CONFIRM_FRAMES = 3
KEEP_S = 0.25
DRIFT = 0.12
LEARN_S = 1.0
MIN_SHARE_SEEN = 0.6  # of the known area of a sticker
SURELY_SEEN = 0.9
# Error of a centroid: the smallest; in radii over the separation, for surroundings taken for sticker; in radii for each share
# that is hidden.
FLOOR_PX = 0.10
MIXED = 0.4
HIDDEN_SHIFT = 0.6

TAG_IDS: Final = (0, 1)
MIN_TAG_TRUNK_PX = 100.0
MAX_TAG_TRUNK_PX = 250.0
TAG_EVERY_S = 0.25
TAG_NOISE_PX = 0.25
TAG_SIDE = 0.7
TAG_UP = 0.55
TAG_DOWN = 0.35


@dataclass(frozen=True)
class StickerReading:
    """Tilt of the pelvis in one frame as the stickers show it.

    Attributes
    ----------
    tilt_deg : float
        Tilt in the picture of the line from the sticker further left in the picture to the one further right, + = the right
        one is lower (clockwise on the screen): from the front the person's left side. NaN unless both are seen.
    u_deg : float
        Standard uncertainty of the tilt: noise of the centroids over their distance, and hiding. NaN where `tilt_deg` is.
    """

    tilt_deg: float
    u_deg: float


UNSEEN: Final = StickerReading(float("nan"), float("nan"))


@dataclass(frozen=True)
class _Pair:
    left: Blob  # of the picture
    right: Blob

    @property
    def places(self) -> Floats:
        return np.stack([self.left.place, self.right.place])

    @property
    def chroma(self) -> Floats:
        return np.asarray((self.left.chroma + self.right.chroma) / 2)

    @property
    def separation(self) -> float:
        return min(self.left.separation, self.right.separation)

    @property
    def radii(self) -> Floats:
        return np.array([self.left.radius, self.right.radius])


@dataclass(frozen=True)
class _StickerMemory:
    """The stickers as seen so far."""

    chroma: Floats
    places: Floats  # (2, 2) left and right in the picture, side and up
    radii: Floats  # (2,) trunk lengths
    first_s: float
    last_s: float
    frames: int = 1

    @property
    def sure(self) -> bool:
        return self.frames >= CONFIRM_FRAMES and self.last_s - self.first_s >= CONFIRM_S - 1e-6

    def is_again(self, spot: Blob, which: int) -> bool:
        near = float(np.hypot(*(spot.place - self.places[which]))) < DRIFT
        return near and bool(alike(spot.chroma, self.chroma))

    def with_pair(self, pair: _Pair, time_s: float) -> _StickerMemory:
        learn = min(1.0, (time_s - self.last_s) / LEARN_S)
        whole = (pair.radii > np.sqrt(SURELY_SEEN) * self.radii).all()
        radii = self.radii + learn * (pair.radii - self.radii) if whole else self.radii
        chroma = self.chroma + learn * (pair.chroma - self.chroma)
        return replace(self, chroma=chroma, places=pair.places, radii=radii, last_s=time_s, frames=self.frames + 1)


def _plausible(body: HipRegion, left: Floats, right: Floats) -> bool:
    """Whether two points of the picture can be the two front hip bones."""
    places = body.place(np.stack([left, right]))
    apart = float(np.hypot(*(places[1] - places[0])))
    off_line = abs(float(line_tilt_deg(left, right)) - body.hip_tilt_deg)
    sides = places[0, 0] < -MIN_SIDE and places[1, 0] > MIN_SIDE
    centred = abs(places[:, 0].mean()) < MAX_OFF_CENTRE
    return bool(sides and centred and MIN_APART < apart < MAX_APART and off_line < MAX_OFF_HIP_LINE_DEG)


def _pairs(spots: list[Blob], body: HipRegion) -> list[_Pair]:
    """Spots of one colour and size that can be the front hip bones."""
    found = []
    for one, other in combinations(spots, 2):
        left, right = sorted((one, other), key=lambda spot: float(spot.place[0]))
        ratio = max(left.radius, right.radius) / min(left.radius, right.radius)
        if ratio < MAX_RADIUS_RATIO and alike(right.chroma, left.chroma) and _plausible(body, left.point, right.point):
            found.append(_Pair(left, right))
    return found


def _body(pixels: Floats, trunk_px: float) -> HipRegion | None:
    """Where the hips are; None when nobody is seen from the front or back."""
    hips = pixels[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]]
    left, right = hips[np.argsort(hips[:, 0])]
    middle = midpoint(left, right)
    up = midpoint(pixels[Landmark.LEFT_SHOULDER], pixels[Landmark.RIGHT_SHOULDER]) - middle
    if not (trunk_px > MIN_TRUNK_PX and right[0] - left[0] > MIN_FRONTAL * trunk_px and -up[1] > abs(up[0])):
        return None
    side = np.array([-up[1], up[0]]) / np.hypot(*up)
    return HipRegion(middle, trunk_px, side, float(line_tilt_deg(left, right)))


class _TagFinder:
    """Two ArUco tags where the picture is large enough; looked for in every frame only once they have been seen."""

    def __init__(self) -> None:
        detector = cv2.aruco.DetectorParameters()
        detector.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        self._detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), detector)
        self._next_s = -np.inf

    def read(self, rgb: NDArray[np.uint8], body: HipRegion, time_s: float) -> StickerReading:
        if body.trunk_px < MIN_TAG_TRUNK_PX or time_s < self._next_s:
            return UNSEEN
        low = np.maximum(body.middle - np.array([TAG_SIDE, TAG_UP]) * body.trunk_px, 0).astype(int)
        high = np.maximum(body.middle + np.array([TAG_SIDE, TAG_DOWN]) * body.trunk_px, 0).astype(int)
        part = rgb[low[1] : high[1], low[0] : high[0]]
        scale = min(1.0, MAX_TAG_TRUNK_PX / body.trunk_px)
        self._next_s = time_s + TAG_EVERY_S
        if min(part.shape[:2]) * scale < 8:
            return UNSEEN
        grey = cv2.resize(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        corners, ids, _ = self._detector.detectMarkers(grey)
        numbers = [] if ids is None else np.ravel(ids).tolist()
        if sorted(numbers) != list(TAG_IDS):
            return UNSEEN
        centres = [np.float64(corner).reshape(4, 2).mean(axis=0) / scale + low for corner in corners]
        left, right = sorted(centres, key=lambda centre: float(centre[0]))
        if not _plausible(body, left, right):
            return UNSEEN
        self._next_s = time_s
        spread = np.degrees(np.sqrt(2) * TAG_NOISE_PX / scale / float(distance(left, right)))
        return StickerReading(float(line_tilt_deg(left, right)), float(spread))


class StickerTracker:
    """Reads two stickers or tags through a stream of frames, with bounded memory and time per frame.

    Parameters
    ----------
    colour : str, optional
        Name of the stickers' colour, one of `HUES_DEG`; any saturated colour when not given.

    Raises
    ------
    UsageError
        The colour is not one of those names.
    """

    def __init__(self, colour: str | None = None) -> None:
        if colour is not None and colour not in HUES_DEG:
            raise UsageError(f"'{colour}' is not a sticker colour.", f"Use one of: {', '.join(sorted(HUES_DEG))}.")
        hues = None if colour is None else HUES_DEG[colour]
        self._stranger, self._seen = replace(FIRST_SIGHT, hues_deg=hues), replace(REACQUIRE, hues_deg=hues)
        self._tags = _TagFinder()
        self._known: _StickerMemory | None = None
        self._trunk_px, self._last_s = 0.0, 0.0

    def update(self, rgb: NDArray[np.uint8], pixels: NDArray[np.float64], time_s: float) -> StickerReading:
        """Read one frame.

        Parameters
        ----------
        rgb : (H, W, 3) uint8
            The picture.
        pixels : (33, 2) float
            MediaPipe landmarks, x right, y down; all NaN where nobody was found. Left and right may be swapped.
        time_s : float
            Time of the frame, seconds, growing.

        Returns
        -------
        MarkerReading
            NaN unless both stickers are surely seen.
        """
        body = _body(pixels, self._trunk(pixels, time_s))
        if self._known is not None and time_s - self._known.last_s > KEEP_S + 1e-6:
            self._known = None
        if body is None:
            return UNSEEN
        tags = self._tags.read(rgb, body, time_s)
        if np.isfinite(tags.tilt_deg):
            return tags
        pair = self._find(rgb, body, time_s)
        return UNSEEN if pair is None else self._reading(pair, body.trunk_px)

    def _trunk(self, pixels: Floats, time_s: float) -> float:
        """Length of the trunk, pixels: grows at once, shrinks slowly."""
        hips = midpoint(pixels[Landmark.LEFT_HIP], pixels[Landmark.RIGHT_HIP])
        shoulders = midpoint(pixels[Landmark.LEFT_SHOULDER], pixels[Landmark.RIGHT_SHOULDER])
        kept = self._trunk_px * float(np.exp(min(0.0, self._last_s - time_s) / SHRINK_S))
        self._trunk_px, self._last_s = float(np.fmax(distance(hips, shoulders), kept)), time_s
        return self._trunk_px

    def _find(self, rgb: NDArray[np.uint8], body: HipRegion, time_s: float) -> _Pair | None:
        """The two stickers in this frame; None where they are not surely both seen."""
        known = self._known
        if known is not None and known.sure:
            spots = find_blobs(rgb, body, self._seen)
            again = [pair for pair in _pairs(spots, body) if known.is_again(pair.left, 0) and known.is_again(pair.right, 1)]
            pair = max(again, key=lambda pair: pair.separation, default=None)
            if pair is None or (pair.radii < np.sqrt(MIN_SHARE_SEEN) * known.radii).any():
                return None
            self._known = known.with_pair(pair, time_s)
            return pair
        self._meet(rgb, body, time_s)
        return None

    def _meet(self, rgb: NDArray[np.uint8], body: HipRegion, time_s: float) -> None:
        """Get to know a pair that stays where it is on the body."""
        pair = max(_pairs(find_blobs(rgb, body, self._stranger), body), key=lambda pair: pair.separation, default=None)
        if pair is None or stray_colour(rgb, body, (pair.left, pair.right)) > MAX_STRAY:
            return
        known = self._known
        if known is not None and known.is_again(pair.left, 0) and known.is_again(pair.right, 1):
            self._known = known.with_pair(pair, time_s)
        else:
            self._known = _StickerMemory(pair.chroma, pair.places, pair.radii, time_s, time_s)

    def _reading(self, pair: _Pair, trunk_px: float) -> StickerReading:
        hidden = np.zeros(2) if self._known is None else np.maximum(0.0, 1.0 - (pair.radii / self._known.radii) ** 2)
        variance_px = 0.0
        for spot, share in zip((pair.left, pair.right), hidden.tolist(), strict=True):
            biased = spot.radius * np.hypot(MIXED / spot.separation, HIDDEN_SHIFT * share)
            variance_px += FLOOR_PX**2 + (spot.error**2 + biased**2) * trunk_px**2
        spread = np.degrees(np.sqrt(variance_px) / float(distance(pair.left.point, pair.right.point)))
        return StickerReading(float(line_tilt_deg(pair.left.point, pair.right.point)), float(spread))
