"""Make the face unrecognisable, from in front, from behind and from the side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from screener.model.pose import Floats, Landmark, Pose

_HEAD = slice(Landmark.NOSE, Landmark.MOUTH_RIGHT + 1)
_SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
_HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
BLOCKS_ACROSS = 6
"""The head is shown in this many coarse blocks: enough to see a head, too few to see a face."""
MIN_RADIUS_PX = 10.0


@dataclass(frozen=True)
class HeadEllipse:
    """Where the head is: centre, half axes along and across the neck, and the direction of the neck, in pixels."""

    centre: Floats
    along: float
    across: float
    direction: Floats

    def mask(self, rows_shown: slice, columns_shown: slice) -> NDArray[np.bool_]:
        """(rows, columns) pixels inside the ellipse, in a part of the picture."""
        rows, columns = np.ogrid[rows_shown, columns_shown]
        dx, dy = columns - self.centre[0], rows - self.centre[1]
        up = dx * self.direction[0] + dy * self.direction[1]
        sideways = dy * self.direction[0] - dx * self.direction[1]
        inside: NDArray[np.bool_] = (up / self.along) ** 2 + (sideways / self.across) ** 2 <= 1
        return inside


def _middle(points: Floats) -> Floats:
    known = points[np.isfinite(points).all(axis=1)]
    return known.mean(axis=0) if len(known) else np.full(2, np.nan)


def _body_scale(pixels: Floats, head: Floats) -> float:
    """Half the length of a head in pixels, from whichever part of the body shows it largest."""
    shoulders, hips = pixels[_SHOULDERS], pixels[_HIPS]
    lengths = [
        0.45 * float(np.linalg.norm(shoulders[0] - shoulders[1])),
        0.30 * float(np.linalg.norm(_middle(shoulders) - _middle(hips))),
        0.95 * float(np.linalg.norm(np.ptp(head, axis=0))) if len(head) else np.nan,
        MIN_RADIUS_PX,
    ]
    return max(length for length in lengths if np.isfinite(length))


def find_head(pose: Pose) -> HeadEllipse | None:
    """Find a generous ellipse around the head.

    All head landmarks are used, however little the model trusts them: behind the head it still places them well, and a
    blur too many does no harm. Without any, the head is sought above the shoulders. None when neither is known.
    """
    head = pose.pixels[_HEAD]
    head = head[np.isfinite(head).all(axis=1)]
    radius = _body_scale(pose.pixels, head)
    neck, hips = _middle(pose.pixels[_SHOULDERS]), _middle(pose.pixels[_HIPS])
    if len(head):
        centre = (head.min(axis=0) + head.max(axis=0)) / 2
        upwards = centre - neck
    else:
        upwards = neck - hips
        if np.isfinite(neck).all() and not np.isfinite(upwards).all():
            upwards = np.array([0.0, -1.0])
        centre = neck + radius * upwards / max(float(np.linalg.norm(upwards)), 1e-9)
    if not np.isfinite(centre).all():
        return None
    length = float(np.linalg.norm(upwards))
    direction = upwards / length if np.isfinite(length) and length > 0 else np.array([0.0, -1.0])
    return HeadEllipse(centre + 0.15 * radius * direction, 1.2 * radius, 1.0 * radius, direction)


def _coarse(rgb: NDArray[np.uint8], blocks_across: int) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    picture = Image.fromarray(rgb)
    rows = max(1, round(blocks_across * height / width))
    small = picture.resize((blocks_across, rows), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.NEAREST))


def blur_face(rgb: NDArray[np.uint8], pose: Pose) -> NDArray[np.uint8]:
    """Pixelate the head.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        A picture, not changed.
    pose : Pose
        The body in it. When it is missing, the whole picture is made coarse: a face may be anywhere in it.

    Returns
    -------
    (H, W, 3) uint8
        A copy, the same outside the head.
    """
    height, width = rgb.shape[:2]
    ellipse = find_head(pose)
    if ellipse is None:
        return _coarse(rgb, 24)
    reach = max(ellipse.along, ellipse.across) + 1
    top, bottom = (int(np.clip(ellipse.centre[1] + way * reach, 0, height)) for way in (-1, 1))
    left, right = (int(np.clip(ellipse.centre[0] + way * reach, 0, width)) for way in (-1, 1))
    blurred = rgb.copy()
    if bottom > top and right > left:
        rows, columns = slice(top, bottom), slice(left, right)
        box, mask = blurred[rows, columns], ellipse.mask(rows, columns)
        blocks = max(2, round(BLOCKS_ACROSS * (right - left) / (2 * reach)))
        box[mask] = _coarse(np.ascontiguousarray(box), blocks)[mask]
    return blurred
