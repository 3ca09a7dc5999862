"""Camera roll from the room: the vertical edges of walls, doors and windows meet in one vanishing point."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from screener.kinematics.planar import direction_deg, distance
from screener.model.picture import Picture
from screener.model.pose import Floats, Pose
from screener.model.recording import FOCAL_SHARE, CameraTilt
from screener.pose.trackers.camera_motion import CameraMotion
from screener.pose.trackers.working_copy import working_copy

WORKING_SIDE_PX = 640
MIN_EDGE_PX = 25
MAX_ROLL_DEG = 40.0
MAX_PITCH_DEG = 35.0
EDGE_SD_DEG = 1.0
TRIALS = 800
MIN_EDGES = 6
MIN_SHARE = 0.12
"""Share of the edge length that must agree on the vertical."""
AGREEMENT_DEG = 1.5
"""Pictures of one recording must agree this well for the camera to count as fixed."""


def _edges(rgb: Picture, pose: Pose) -> Floats:
    """(N, 4) straight edges x0 y0 x1 y1 about the picture's centre, the person's own left out, in working pixels."""
    small, scale = working_copy(rgb, WORKING_SIDE_PX)
    found = cv2.createLineSegmentDetector().detect(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))[0]
    if found is None:
        return np.empty((0, 4))
    edges = np.asarray(found, dtype=np.float64).reshape(-1, 4)
    middle = (edges[:, :2] + edges[:, 2:]) / 2.0
    keep = distance(edges[:, :2], edges[:, 2:]) >= MIN_EDGE_PX
    if pose.found:
        low, high = pose.pixels.min(axis=0) * scale, pose.pixels.max(axis=0) * scale
        keep &= ~((middle >= low) & (middle <= high)).all(axis=1)
    centre = np.array([small.shape[1], small.shape[0]]) / 2.0
    return edges[keep] - np.tile(centre, 2)


def camera_tilt(rgb: Picture, pose: Pose) -> CameraTilt:
    """Find the vertical vanishing point of a picture by consensus of its edges.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        Picture.
    pose : Pose
        The person, whose limbs and clothes are no part of the room.

    Returns
    -------
    CameraTilt
        NaN where fewer than `MIN_EDGES` edges, or too small a share of them, agree.
    """
    edges = _edges(rgb, pose)
    length = distance(edges[:, :2], edges[:, 2:])
    along = (edges[:, 2:] - edges[:, :2]) / np.maximum(length, 1e-9)[:, None]
    steep = np.abs(along[:, 1]) > np.abs(along[:, 0])
    edges, length, along = edges[steep], length[steep], along[steep]
    if len(edges) < MIN_EDGES:
        return CameraTilt.unknown()
    down = _candidate_verticals(edges, length)
    if len(down) == 0:
        return CameraTilt.unknown()
    middle = (edges[:, :2] + edges[:, 2:]) / 2.0
    weight = _agreement(down, middle, along) * length
    best = int(np.argmax(weight.sum(axis=1)))
    if weight[best].sum() < MIN_SHARE * length.sum() or (weight[best] > 0.5 * length).sum() < MIN_EDGES:
        return CameraTilt.unknown()
    roll, pitch = _roll_pitch(down[best : best + 1])
    return CameraTilt(float(roll[0]), float(pitch[0]))


def _candidate_verticals(edges: Floats, length: Floats) -> Floats:
    """(K, 3) unit vectors pointing down in camera axes (x right, y down, z ahead), one for each plausible pair of edges."""
    focal = FOCAL_SHARE * WORKING_SIDE_PX
    ones = np.ones((len(edges), 1))
    lines = np.cross(np.hstack([edges[:, :2] / focal, ones]), np.hstack([edges[:, 2:] / focal, ones]))
    chance = np.random.default_rng(0)
    pairs = chance.choice(len(edges), size=(TRIALS, 2), p=length / length.sum())
    down = np.cross(lines[pairs[:, 0]], lines[pairs[:, 1]])
    size = np.linalg.norm(down, axis=1)
    down = down[size > 1e-9] / size[size > 1e-9, None]
    down *= np.where(down[:, 1:2] < 0, -1.0, 1.0)
    roll, pitch = _roll_pitch(down)
    return np.asarray(down[(np.abs(roll) <= MAX_ROLL_DEG) & (np.abs(pitch) <= MAX_PITCH_DEG)])


def _agreement(down: Floats, middle: Floats, along: Floats) -> Floats:
    """(K, N) how well each edge points at each vanishing point, 0 to 1."""
    focal = FOCAL_SHARE * WORKING_SIDE_PX
    towards = down[:, None, :2] * focal - middle[None] * down[:, None, 2:]
    cross = towards[..., 0] * along[:, 1] - towards[..., 1] * along[:, 0]
    sine = np.abs(cross) / np.maximum(np.linalg.norm(towards, axis=2), 1e-9)
    return np.asarray(np.exp(-0.5 * (sine / np.sin(np.radians(EDGE_SD_DEG))) ** 2))


def _roll_pitch(down: Floats) -> tuple[Floats, Floats]:
    """(K,) roll (+ = picture turned clockwise) and pitch (+ = looking down) of the vertical, degrees."""
    roll = -direction_deg(down[:, 1], down[:, 0])
    pitch = direction_deg(np.hypot(down[:, 0], down[:, 1]), down[:, 2])
    return roll, pitch


class CameraTiltEstimator:
    """Looks at the room while a recording runs: how the camera is held, and whether it is held still."""

    def __init__(self) -> None:
        self._tilts: list[CameraTilt] = []
        self._next_s = 0.0
        self._motion = CameraMotion()

    def add(self, rgb: Picture, pose: Pose) -> None:
        """Look at a picture when it is time to."""
        self._motion.add(rgb, pose)
        if pose.time_s < self._next_s or not pose.found:
            return
        self._tilts.append(camera_tilt(rgb, pose))
        self._next_s = 1.5 * pose.time_s + 1.0

    def result(self) -> CameraTilt:
        """Return the median tilt; NaN where too few pictures showed one or they disagree."""
        known = [tilt for tilt in self._tilts if np.isfinite(tilt.roll_deg)]
        moved = self._motion.range_deg
        if not known or len(known) < len(self._tilts) / 2:
            return replace(CameraTilt.unknown(), moved_deg=moved)
        roll, pitch = np.array([(tilt.roll_deg, tilt.pitch_deg) for tilt in known]).T
        if np.median(np.abs(roll - np.median(roll))) > AGREEMENT_DEG:
            return replace(CameraTilt.unknown(), moved_deg=moved)
        return CameraTilt(float(np.median(roll)), float(np.median(pitch)), moved)
