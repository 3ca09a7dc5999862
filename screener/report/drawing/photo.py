"""A key moment made ready for the page: face blurred, cut to the person, skeleton drawn, encoded."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from screener.model.picture import KeyPicture
from screener.report.drawing.picture import blur_face, draw_skeleton

MARGIN = 0.22
"""Room left around the body, as a share of its longer side; the head ends well above its landmarks."""
SHOWN_PX = 760
"""Longer side of the picture on the page."""


@dataclass(frozen=True)
class PictureCard:
    """A picture as the page shows it; `shows_pelvis`: its wide line is the pelvis as it was measured."""

    data_uri: str
    width: int
    height: int
    caption: str
    time_s: float
    shows_pelvis: bool


@dataclass(frozen=True)
class Crop:
    """A part of a picture in whole pixels, ends excluded."""

    left: int
    top: int
    right: int
    bottom: int


def crop_around(picture: KeyPicture) -> Crop:
    """Cut to the person, so that a small body fills the picture and bystanders mostly fall outside it."""
    height, width = picture.rgb.shape[:2]
    points = picture.pose.pixels[np.isfinite(picture.pose.pixels).all(axis=1)]
    if not len(points):
        return Crop(0, 0, width, height)
    low, high = points.min(axis=0), points.max(axis=0)
    room = MARGIN * float((high - low).max()) + 1
    (left, top), (right, bottom) = low - room, high + room
    crop = Crop(max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom)))
    return crop if crop.right > crop.left and crop.bottom > crop.top else Crop(0, 0, width, height)


def picture_card(picture: KeyPicture, pelvis_deg: float) -> PictureCard:
    """Blur first, then cut, scale and draw; `pelvis_deg` is the result of `pelvis_on_screen_deg`."""
    crop = crop_around(picture)
    blurred = blur_face(picture.rgb, picture.pose)[crop.top : crop.bottom, crop.left : crop.right]
    scale = SHOWN_PX / max(blurred.shape[:2])
    size = tuple(max(1, round(scale * side)) for side in (blurred.shape[1], blurred.shape[0]))
    cut = Image.fromarray(np.ascontiguousarray(blurred)).resize((size[0], size[1]), Image.Resampling.LANCZOS)
    pose = replace(picture.pose, pixels=scale * (picture.pose.pixels - (crop.left, crop.top)))
    file = io.BytesIO()
    Image.fromarray(draw_skeleton(np.asarray(cut), pose, pelvis_deg)).save(file, format="JPEG", quality=85)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return PictureCard(
        f"data:image/jpeg;base64,{data}", size[0], size[1], picture.caption, picture.time_s, bool(np.isfinite(pelvis_deg))
    )
