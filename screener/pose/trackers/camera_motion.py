"""Whether the camera turns while it films: the room behind the person, followed from one look to the next."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.kinematics.planar import direction_deg
from screener.model.picture import Picture
from screener.model.pose import Pose
from screener.pose.trackers.working_copy import working_copy

EVERY_S = 0.2
WORKING_SIDE_PX = 480
MAX_CORNERS = 120
MIN_CORNERS = 12
GRID = 3
"""The room is looked at in GRID by GRID fields, each with its share of the corners: a film in a corner of the picture, or a
fan, has many and moves, and must not outvote the walls."""
CANDIDATES = 400
MIN_FIELD_CORNERS = 3
MAX_STILL_PX = 0.5
"""Corners of a field that move by less than this have stood still."""
MIN_STILL_SHARE = 0.5
"""Where this share of the fields stands still, so does the camera."""
PERSON_MARGIN = 0.25
"""Share of the person's size around the person that does not count as room."""

Points = NDArray[np.float32]


@dataclass(frozen=True)
class RoomView:
    """The room at one moment, and how far the camera had turned by then."""

    grey: NDArray[np.uint8]
    corners: Points | None
    turn_deg: float

    def turn_until_deg(self, grey: NDArray[np.uint8]) -> float | None:
        """Turn of the camera at a later picture; None where too few corners could be followed."""
        turned = None if self.corners is None else turn_between_deg(self.grey, grey, self.corners)
        return None if turned is None else self.turn_deg + turned


class CameraMotion:
    """Follows the turn of the picture's background about the optical axis.

    Every picture is compared with one and the same earlier look, so that errors do not add up over an hour; when the room has
    moved too far for that, the newest look takes over.
    """

    def __init__(self) -> None:
        self._anchor: RoomView | None = None
        self._last: RoomView | None = None
        self._next_s = 0.0
        self._least_deg = self._most_deg = 0.0

    @property
    def range_deg(self) -> float:
        """From the furthest turn one way to the furthest the other way; 0 where the room gives nothing to follow."""
        return self._most_deg - self._least_deg

    def add(self, rgb: Picture, pose: Pose) -> None:
        """Look at a picture when it is time to."""
        if pose.time_s < self._next_s:
            return
        self._next_s = pose.time_s + EVERY_S
        small, scale = working_copy(rgb, WORKING_SIDE_PX)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        turn = self._turn_deg(grey)
        self._least_deg, self._most_deg = min(self._least_deg, turn), max(self._most_deg, turn)
        self._last = RoomView(grey, _room_corners(grey, pose, scale), turn)
        self._anchor = self._anchor or self._last

    def _turn_deg(self, grey: NDArray[np.uint8]) -> float:
        if self._anchor is None or self._last is None:
            return 0.0
        turn = self._anchor.turn_until_deg(grey)
        if turn is None:
            self._anchor = self._last
            turn = self._last.turn_until_deg(grey)
        return self._last.turn_deg if turn is None else turn


def turn_between_deg(before: NDArray[np.uint8], after: NDArray[np.uint8], corners: Points) -> float | None:
    """Turn of the picture between two looks, + = clockwise; None where too few corners could be followed.

    Parameters
    ----------
    before, after : (H, W) uint8
        Grey pictures.
    corners : (N, 1, 2) float32
        Corners of the room in the earlier one.
    """
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, None)
    good = np.asarray(found).ravel() == 1
    if good.sum() < MIN_CORNERS:
        return None
    if _stands_still(before.shape, corners[good], moved[good]):
        return 0.0
    matrix, kept = cv2.estimateAffinePartial2D(corners[good], moved[good], ransacReprojThreshold=1.0)
    if matrix is None or np.asarray(kept).sum() < MIN_CORNERS:
        return None
    return float(direction_deg(float(matrix[0, 0]), float(matrix[1, 0])))


def fields_of(points: Points, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """(N,) number of the field of the picture in which each point lies."""
    height, width = shape[:2]
    place = points.reshape(-1, 2) / np.array([width, height]) * GRID
    column, row = np.clip(place.astype(np.int64), 0, GRID - 1).T
    return np.asarray(row * GRID + column)


def _stands_still(shape: tuple[int, ...], before: Points, after: Points) -> bool:
    """Whether most fields of the picture did not move: what moves in the others is not the camera."""
    way = np.linalg.norm((after - before).reshape(-1, 2), axis=1)
    number = fields_of(before, shape)
    still = [
        float(np.median(way[number == field])) < MAX_STILL_PX
        for field in range(GRID * GRID)
        if (number == field).sum() >= MIN_FIELD_CORNERS
    ]
    return bool(still) and float(np.mean(still)) >= MIN_STILL_SHARE


def _spread(corners: Points, shape: tuple[int, ...]) -> Points:
    """Keep the best corners of each field, so that none has more than its share."""
    number = fields_of(corners, shape)
    most = MAX_CORNERS // (GRID * GRID) + 1
    rank = np.array([(number[:index] == field).sum() for index, field in enumerate(number)])
    return corners[rank < most]


def _room_corners(grey: NDArray[np.uint8], pose: Pose, scale: float) -> Points | None:
    mask = np.full(grey.shape, 255, dtype=np.uint8)
    if pose.found:
        low, high = pose.pixels.min(axis=0) * scale, pose.pixels.max(axis=0) * scale
        margin = PERSON_MARGIN * float((high - low).min())
        left, top = np.maximum(np.floor(low - margin), 0).astype(int)
        right, bottom = np.maximum(np.ceil(high + margin), 0).astype(int)
        mask[top:bottom, left:right] = 0
    corners = cv2.goodFeaturesToTrack(grey, CANDIDATES, 0.01, 8, mask=mask)
    if corners is None or len(corners) < MIN_CORNERS:
        return None
    spread = _spread(np.asarray(corners, dtype=np.float32), grey.shape)
    return spread if len(spread) >= MIN_CORNERS else np.asarray(corners, dtype=np.float32)
