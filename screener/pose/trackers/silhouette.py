"""The outline of the back in a side view, read from the person mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.model.pose import BACK_STATIONS, Floats, Joint, Landmark, Reals, Side

OUTLINE_LEVEL = 0.5
"""Share of person in the mask at which its outline runs."""
REACH = 0.60
STEP = 0.004
"""How far behind the hip-shoulder line the outline is searched, and how finely, in trunk lengths."""


def back_outline(mask: NDArray[np.float32], pixels: Floats, near: Side) -> Floats:
    """Distance of the back's outline from the line between hip and shoulder.

    Parameters
    ----------
    mask : (H, W) float
        Share of person in each pixel, 0 to 1.
    pixels : (33, 2) float
        Landmarks.
    near : Side
        The side towards the camera, whose hip and shoulder span the line.

    Returns
    -------
    (K,) float
        At `BACK_STATIONS` from the hip (0) to the shoulder (1), in trunk lengths, positive: behind the line. NaN where no
        outline was met, or without a body.
    """
    hip, shoulder = pixels[Joint.HIP.on(near)], pixels[Joint.SHOULDER.on(near)]
    trunk = shoulder - hip
    length = float(np.hypot(*trunk))
    if not np.isfinite(length) or length < 1.0:
        return np.full(len(BACK_STATIONS), np.nan)
    backward = _backward(trunk / length, near)
    out = np.arange(0.0, REACH, STEP)
    along = hip + BACK_STATIONS[:, None] * trunk
    where = (along[:, None] + (out * length)[None, :, None] * backward).astype(np.float32)
    share = cv2.remap(mask, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _first_below(np.asarray(share, dtype=np.float64), out)


def _backward(along: Floats, near: Side) -> Floats:
    """Unit vector across the trunk towards the back: with the right side near, the person faces right and the back is left."""
    return np.array([along[1], -along[0]]) * (1.0 if near is Side.RIGHT else -1.0)


def _first_below(share: Floats, out: Floats) -> Floats:
    """(K,) where each row first falls below the outline level, interpolated; NaN where it never does."""
    below = share < OUTLINE_LEVEL
    first = below.argmax(axis=1)
    rows = np.arange(len(share))
    before = share[rows, np.maximum(first - 1, 0)]
    after = share[rows, first]
    part = (before - OUTLINE_LEVEL) / np.where(before > after, before - after, 1.0)
    met = below.any(axis=1) & (first > 0)
    return np.where(met, out[np.maximum(first - 1, 0)] + part * STEP, np.nan)


def is_sideways(world_m: Reals) -> bool:
    """Whether one pose shows the camera more of its side than of its front or back, by shoulders and hips."""
    across = (world_m[Landmark.LEFT_SHOULDER] - world_m[Landmark.RIGHT_SHOULDER]) + (
        world_m[Landmark.LEFT_HIP] - world_m[Landmark.RIGHT_HIP]
    )
    return bool(abs(across[2]) > abs(across[0]))


def nearer_side(world_m: Reals) -> Side:
    """Side towards the camera in one pose: the one with the smaller depth of shoulder and hip."""
    left = world_m[Landmark.LEFT_SHOULDER, 2] + world_m[Landmark.LEFT_HIP, 2]
    right = world_m[Landmark.RIGHT_SHOULDER, 2] + world_m[Landmark.RIGHT_HIP, 2]
    return Side.LEFT if left < right else Side.RIGHT
