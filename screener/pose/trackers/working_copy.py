"""A smaller copy of a picture, in which the room is looked at."""

from __future__ import annotations

import cv2
import numpy as np

from screener.model.picture import Picture


def working_copy(rgb: Picture, side_px: int) -> tuple[Picture, float]:
    """Scale a picture so that its longer side has a length; returns it and the scale. No side becomes less than a pixel."""
    height, width = rgb.shape[:2]
    scale = side_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8), scale
