"""The lower edge of a shirt that hangs loose, read from colours and the person mask in a front or back view.

A shirt that stands off the body ends in a step: below its hem the outline of the person jumps inwards to the hips or thighs.
Cloth that lies on the body has none; there the outline widens towards the hips, or narrows slowly. How far the step goes in
says how far the cloth hangs away, and so that it need not turn with the pelvis under it. Whether it is the shirt that covers
the hips, or the trousers, their colours tell.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.kinematics.planar import distance, midpoint
from screener.model.picture import Picture
from screener.model.pose import Floats, Joint, Landmark, Side

TOP, BOTTOM = -0.30, 0.20
"""Where a hem is looked for, in torso lengths from the mid-hip, + = below."""
STEP = 0.02
FALL = 0.10
"""Over how much height the outline may fall inwards to count as one step."""
START = 0.10
REACH = 0.60
FINE = 0.005
"""From how far beside the mid-line to how far the outline is looked for, and how finely."""
ARM_GAP = 0.03
"""An outline from here on outwards is the arm's: where body and arm merge, it is found beyond the arm."""
LEVEL = 0.5
MIN_TORSO_PX = 32.0
ARM = (Joint.SHOULDER, Joint.ELBOW, Joint.WRIST, Joint.INDEX)
HAND_BEYOND = 1.6
"""The hand reaches this many times as far beyond the wrist as its index knuckle."""

WAIST, HIP = 0.27, 0.06
"""Where the shirt above the waist and the cloth over the hips are looked at, in torso lengths above the mid-hip."""
TRUNK_PATCH = (0.10, 0.04)
THIGH_PATCH = (0.05, 0.05)
ALONG_THIGH = (0.12, 0.25)
"""Half width and height of the patches, in torso lengths; where on the thigh, as shares of the way to the knee across and down:
a thigh that is raised towards the camera still shows its middle there."""
LIGHTNESS_SHARE = 0.5
"""Lightness counts by this share: a shadow under a hem is no other cloth."""


def _torso(pixels: Floats) -> tuple[Floats, float]:
    """Mid-hip and length of the torso in pixels."""
    hips = midpoint(pixels[Landmark.LEFT_HIP], pixels[Landmark.RIGHT_HIP])
    shoulders = midpoint(pixels[Landmark.LEFT_SHOULDER], pixels[Landmark.RIGHT_SHOULDER])
    return hips, float(distance(shoulders, hips))


def hem_contrast(rgb: Picture, pixels: Floats) -> float:
    """Whether the shirt covers the hips: how much more the cloth over them differs from the thighs than from the waist.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        The picture.
    pixels : (33, 2) float
        Landmarks; NaN where nobody was found.

    Returns
    -------
    float
        CIELAB units; positive: the shirt covers the hips, negative: what covers the thighs does, about 0: one colour. NaN
        without a body or where it reaches out of the picture.
    """
    hips, torso = _torso(pixels)
    if not torso > MIN_TORSO_PX:
        return float("nan")
    waist, over = (_colour(rgb, hips - np.array([0.0, up * torso]), torso, TRUNK_PATCH) for up in (WAIST, HIP))
    thighs = []
    for side in Side:
        hip, knee = pixels[Joint.HIP.on(side)], pixels[Joint.KNEE.on(side)]
        thighs.append(_colour(rgb, hip + np.array(ALONG_THIGH) * (knee - hip), torso, THIGH_PATCH))
    return min(_difference(over, thigh) for thigh in thighs) - _difference(over, waist)


def _colour(rgb: Picture, centre: Floats, torso: float, half: tuple[float, float]) -> Floats:
    """(3,) median colour of a patch, CIELAB; NaN outside of the picture."""
    if not np.isfinite(centre).all():
        return np.full(3, np.nan)
    low, high = (np.round(centre + sign * torso * np.array(half)).astype(int) for sign in (-1.0, 1.0))
    patch = rgb[max(0, low[1]) : max(0, high[1] + 1), max(0, low[0]) : max(0, high[0] + 1)].reshape(1, -1, 3)
    if patch.shape[1] == 0:
        return np.full(3, np.nan)
    lab = cv2.cvtColor(patch.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    return np.asarray(np.median(lab[0], axis=0), dtype=np.float64)


def _difference(one: Floats, other: Floats) -> float:
    return float(np.sqrt(np.sum(((one - other) * [LIGHTNESS_SHARE, 1.0, 1.0]) ** 2)))


def hem_step(mask: NDArray[np.float32], pixels: Floats) -> float:
    """How far the outline of the person falls inwards below the hem of a shirt.

    Parameters
    ----------
    mask : (H, W) float
        Share of person in each pixel, 0 to 1.
    pixels : (33, 2) float
        Landmarks; NaN where nobody was found.

    Returns
    -------
    float
        Torso lengths, the smaller of both sides, so that an arm or a bag on one side makes none. NaN without a body, or where
        the arms hide the outline of both sides.
    """
    hips, torso = _torso(pixels)
    if not torso > MIN_TORSO_PX:
        return float("nan")
    heights = np.arange(TOP, BOTTOM + STEP / 2, STEP)
    steps = [_fall(_half_width(mask, pixels, hips, torso, heights, side)) for side in Side]
    known = [step for step in steps if np.isfinite(step)]
    return float(np.mean(known)) if known else float("nan")


def _half_width(mask: NDArray[np.float32], pixels: Floats, hips: Floats, torso: float, heights: Floats, side: Side) -> Floats:
    """(K,) distance of the outline from the mid-line on one side of the picture, in torso lengths; NaN beside an arm."""
    outward = float(np.sign(pixels[Joint.HIP.on(side), 0] - hips[0])) or 1.0
    across = np.arange(START, REACH, FINE)
    x = np.broadcast_to(hips[0] + outward * across * torso, (len(heights), len(across))).astype(np.float32)
    y = np.broadcast_to((hips[1] + heights * torso)[:, None], x.shape).astype(np.float32)
    outside = cv2.remap(mask, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT) < LEVEL
    width = np.where(outside.any(axis=1), across[outside.argmax(axis=1)], np.nan)
    arm = outward * (_arm_at(pixels, hips[1] + heights * torso, side) - hips[0]) / torso
    return np.where(width > arm - ARM_GAP, np.nan, width)


def _arm_at(pixels: Floats, rows: Floats, side: Side) -> Floats:
    """(K,) where the arm crosses some rows, in pixels; NaN where it does not reach, which nothing is beside."""
    points = np.array([pixels[joint.on(side)] for joint in ARM])
    points[-1] = points[-2] + HAND_BEYOND * (points[-1] - points[-2])
    crossing = np.full(len(rows), np.nan)
    for start, end in pairwise(points):
        low, high = sorted((start[1], end[1]))
        here = (rows >= low) & (rows <= high)
        share = (rows - start[1]) / (end[1] - start[1] if end[1] != start[1] else 1.0)
        crossing = np.where(here, start[0] + share * (end[0] - start[0]), crossing)
    return crossing


def _fall(width: Floats) -> float:
    """Largest fall inwards within `FALL` of height; NaN where less than half of the outline is known."""
    if np.isfinite(width).mean() < 0.5:
        return float("nan")
    reach = round(FALL / STEP)
    falls = np.concatenate([width[:-gap] - width[gap:] for gap in range(1, reach + 1)])
    return float(np.max(falls, initial=0.0, where=np.isfinite(falls)))
