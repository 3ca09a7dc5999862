"""Rotation of the low back in a side view, from the cloth or skin over it.

When the back rounds, the pelvis stays behind: the line from hip to shoulder leans further than the pelvis does. The outline
of the back shows that differently on every body. This tracker looks at the surface: the picture is straightened so that the
trunk of every frame lies the same, corners between the hip and the iliac crest, behind the hip-shoulder line, are followed
from a keyframe to the newest frame, and the rotation is that of the similarity most of them agree on. A keyframe serves for
as long as half of its corners are found again, so that errors add up over a few keyframes and not over every frame.
It measures the surface, not the bone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.model.picture import Picture
from screener.model.pose import BACK_STATIONS, Floats, Joint, Side
from screener.pose.trackers.pelvis_surface import SurfaceReading

Gray = NDArray[np.uint8]
Corners = NDArray[np.float32]

TRUNK_PX = 160.0
MIN_TRUNK_PX = 40.0
"""Length of the trunk in the straightened picture; the shortest one in the camera's picture."""
SIZE = (220, 150)
HIP = np.array([110.0, 110.0])
"""Width and height of the straightened picture, and where the hip lies in it; the shoulder is above."""
BOTTOM = 0.0
TOP = 0.24
FRONT = -0.02
INSIDE = 0.02
"""The patch, in trunk lengths: from the hip up to the iliac crest, from the line to just inside the outline. Higher up the
surface turns with the spine; before the line the groin folds (docs/accuracy.md)."""
ARM = (Joint.SHOULDER, Joint.ELBOW, Joint.WRIST, Joint.INDEX)
ARM_RADIUS = 0.09
"""What hides the patch, and half its width in trunk lengths."""
USUAL_DEPTH = 0.15
"""Where the outline is taken to be where it was not found, in trunk lengths behind the line."""
SHADE_PX = 10.0
GREY_STEP = 2.0
CONTRAST = 40.0
"""Shades wider than this belong to the light; grey levels that are noise; grey levels for one standard deviation."""
MAX_CORNERS = 150
MIN_CORNERS = 8
APART_PX = 4
BACK_PX = 0.6
AGREE_PX = 2.0
KEPT = 0.5
"""A corner is found again when it leads back this near; agrees this near; a keyframe serves with this share of its corners."""
SLIP_DEG = 1.5
"""What the low back may have turned unseen in a frame that joins no keyframe, one standard deviation."""
MAX_VOTES = 15
GIVE_UP_S = 0.4
"""After so long without a keyframe it starts anew."""
WINDOW_PX = (21, 21)
LEVELS = 1


@dataclass(frozen=True)
class _View:
    """A straightened picture.

    Attributes
    ----------
    gray : (H, W) uint8
    patch : (H, W) uint8
        Not 0 where the low back lies.
    line : float
        Direction of the hip-shoulder line in the camera's picture, radians, + = clockwise.
    """

    gray: Gray
    patch: Gray
    line: float


@dataclass(frozen=True)
class _LowBackKeyframe:
    """A frame whose corners are looked for in later ones: where they lay, where they were last, how far it had turned."""

    view: _View
    corners: Corners
    last: Corners
    turn: float
    variance: float


class LowBackTracker:
    """Follows the surface of the low back through a stream of frames, with bounded memory and time per frame."""

    def __init__(self) -> None:
        self._key: _LowBackKeyframe | None = None
        self._before: _View | None = None
        self._turn = self._variance = self._seen_s = 0.0
        self._segment = self._slips = 0
        self._facing = 0

    def update(self, rgb: Picture, pixels: Floats, near: Side, outline: Floats, time_s: float) -> SurfaceReading:
        """Read one frame.

        Parameters
        ----------
        rgb : (H, W, 3) uint8
        pixels : (33, 2) float
            Landmarks; NaN where nobody was found.
        near : Side
            The side towards the camera.
        outline : (K,) float
            Outline of the back as `back_outline` gives it.
        time_s : float
            Time of the frame.

        Returns
        -------
        SurfaceReading
            Turn of the low back on the picture. NaN without a body, or with one too small.
        """
        view = _straighten(rgb, pixels, self._steady(near, pixels), outline)
        if view is None:
            return self._miss(time_s)
        found = self._follow(view) if self._key is not None else 0
        if found is None and time_s - self._seen_s > GIVE_UP_S:
            self._restart()
            found = 0
        if found is None:
            self._slip(view)
        else:
            self._seen_s, self._slips = time_s, 0
        if not found:
            self._key = _key(view, self._turn, self._variance)
        self._before = view
        spread = float(np.degrees(np.sqrt(self._variance)))
        return SurfaceReading(float(np.degrees(self._turn)), self._segment, spread, found or 0)

    def _steady(self, near: Side, pixels: Floats) -> Side:
        """Side towards the camera in most of the last frames with a person: a single frame may have it wrong."""
        if np.isfinite(pixels[Joint.HIP.on(near), 0]):
            self._facing = int(np.clip(self._facing + near.sign, -MAX_VOTES, MAX_VOTES))
        return Side.LEFT if self._facing > 0 else Side.RIGHT

    def _slip(self, view: _View) -> None:
        """Take the low back for turned with the trunk; what goes unseen from frame to frame goes the same way."""
        if self._before is not None:
            self._turn += _difference(view.line, self._before.line)
        self._slips += 1
        self._variance += (2 * self._slips - 1) * np.radians(SLIP_DEG) ** 2

    def _follow(self, view: _View) -> int | None:
        """Turn to where the keyframe, or else the frame before, is found again; how many corners say so, None for neither."""
        key = self._key
        found = _register(key, view) if key else None
        if found is None and self._before is not None:
            key = _key(self._before, self._turn, self._variance)
            found = _register(key, view)
        if key is None or found is None:
            return None
        self._key = replace(key, last=found.corners)
        self._turn = key.turn + found.turn + _difference(view.line, key.view.line)
        self._variance = key.variance + found.variance
        return found.agreeing

    def _miss(self, time_s: float) -> SurfaceReading:
        if self._key is not None and time_s - self._seen_s > GIVE_UP_S:
            self._restart()
        return SurfaceReading(np.nan, self._segment, np.nan, 0)

    def _restart(self) -> None:
        self._key = self._before = None
        self._turn = self._variance = 0.0
        self._slips = 0
        self._segment += 1


def _difference(angle: float, before: float) -> float:
    """Radians from one direction to another, the short way round."""
    return float(np.arctan2(np.sin(angle - before), np.cos(angle - before)))


def _straighten(rgb: Picture, pixels: Floats, near: Side, outline: Floats) -> _View | None:
    """Cut out the trunk, hip below and shoulder above, at a fixed size; None where it is not seen or too small."""
    hip, shoulder = pixels[Joint.HIP.on(near)], pixels[Joint.SHOULDER.on(near)]
    trunk = shoulder - hip
    length = float(np.hypot(*trunk))
    if not length > MIN_TRUNK_PX:
        return None
    up, zoom = trunk / length, TRUNK_PX / length
    linear = zoom * np.array([[-up[1], up[0]], [-up[0], -up[1]]])
    matrix = np.column_stack([linear, HIP - linear @ hip])
    cut = cv2.warpAffine(rgb, matrix, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    gray = cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY).astype(np.float32)
    shade = cv2.GaussianBlur(gray, (0, 0), SHADE_PX)
    texture = gray - shade
    spread = np.sqrt(cv2.GaussianBlur(texture * texture, (0, 0), SHADE_PX) + GREY_STEP**2)
    evened = np.clip(128.0 + CONTRAST * texture / spread, 0, 255).astype(np.uint8)
    patch = _patch(outline, near)
    arm = [pixels[joint.on(near)] @ linear.T + matrix[:, 2] for joint in ARM]
    _cover(patch, arm)
    return _View(evened, patch, float(np.arctan2(up[0], -up[1])))


def _patch(outline: Floats, near: Side) -> Gray:
    """Where the low back lies in a straightened picture: with the right side near the back is left."""
    along = np.linspace(BOTTOM, TOP, 8)
    depth = np.interp(along, BACK_STATIONS, np.where(np.isfinite(outline), outline, USUAL_DEPTH)) - INSIDE
    back = -1.0 if near is Side.RIGHT else 1.0
    front_edge = HIP + TRUNK_PX * np.column_stack([np.full_like(along, back * FRONT), -along])
    back_edge = HIP + TRUNK_PX * np.column_stack([back * depth, -along])
    patch = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillPoly(patch, [np.vstack([front_edge, back_edge[::-1]]).round().astype(np.int32)], 255)
    return patch


def _cover(patch: Gray, arm: list[Floats]) -> None:
    """Take away from the patch what the near arm hides: it moves otherwise."""
    for start, end in pairwise(arm):
        if np.isfinite([start, end]).all():
            ends = np.clip([start, end], -1e4, 1e4).astype(int).tolist()
            cv2.line(patch, ends[0], ends[1], 0, round(2 * ARM_RADIUS * TRUNK_PX))


def _key(view: _View, turn: float, variance: float) -> _LowBackKeyframe:
    found = cv2.goodFeaturesToTrack(view.gray, MAX_CORNERS, 0.002, APART_PX, mask=view.patch, blockSize=7)
    corners = np.zeros((0, 1, 2), np.float32) if found is None else np.asarray(found, np.float32)
    return _LowBackKeyframe(view, corners, corners, turn, variance)


@dataclass(frozen=True)
class _KeyframeMatch:
    """Where a keyframe's corners are now, how far they turned in the straightened picture, and how sure that is."""

    corners: Corners
    turn: float
    variance: float
    agreeing: int


def _register(key: _LowBackKeyframe, view: _View) -> _KeyframeMatch | None:
    """Find the corners of a keyframe in a picture; None where too few agree on one similarity."""
    if len(key.corners) < MIN_CORNERS:
        return None
    now, seen = _flow(key.view.gray, view.gray, key.corners, key.last)
    then, seen_back = _flow(view.gray, key.view.gray, now, key.corners)
    again = seen & seen_back & (np.hypot(*(then - key.corners)[:, 0].T) < BACK_PX)
    if again.sum() < MIN_CORNERS:
        return None
    similarity, agree = cv2.estimateAffinePartial2D(key.corners[again], now[again], ransacReprojThreshold=AGREE_PX)
    if similarity is None or agree.sum() < max(MIN_CORNERS, KEPT * len(key.corners)):
        return None
    last = np.asarray(cv2.transform(key.corners, similarity), np.float32)
    apart = (now[again] - last[again])[agree.ravel() == 1, 0]
    arm = key.corners[again][agree.ravel() == 1, 0]
    lever = float(np.sum((arm - arm.mean(axis=0)) ** 2))
    variance = float(np.mean(np.sum(apart**2, axis=1))) / max(lever, 1.0)
    turn = float(np.arctan2(similarity[1, 0], similarity[0, 0]))
    return _KeyframeMatch(last, turn, variance, int(agree.sum()))


def _flow(before: Gray, after: Gray, corners: Corners, guess: Corners) -> tuple[Corners, NDArray[np.bool_]]:
    """Where corners of a picture are in another, looked for around a guess, and which of them were found."""
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        before, after, corners, guess.copy(), winSize=WINDOW_PX, maxLevel=LEVELS, flags=cv2.OPTFLOW_USE_INITIAL_FLOW
    )
    return np.asarray(found, np.float32), status.ravel() == 1
