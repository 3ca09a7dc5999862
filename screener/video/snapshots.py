"""Pictures of a live recording kept small in memory, so that the key moments can be shown. Nothing touches the disk."""

from __future__ import annotations

from bisect import bisect_left

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.model.picture import Frame, Picture

EVERY_S = 0.2
MOST = 1024
JPEG_QUALITY = 85


class SnapshotBuffer:
    """Keeps a picture every fifth of a second; when it is full, every other one is forgotten and the pace halves."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._jpegs: list[NDArray[np.uint8]] = []
        self._every_s = EVERY_S

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self._times)

    def add(self, frame: Frame) -> None:
        """Keep a frame when it is time to."""
        if self._times and frame.time_s - self._times[-1] < self._every_s - 1e-9:
            return
        coded = cv2.imencode(".jpg", frame.rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
        self._times.append(frame.time_s)
        self._jpegs.append(np.asarray(coded, dtype=np.uint8))
        if len(self._times) > MOST:
            self._times, self._jpegs = self._times[::2], self._jpegs[::2]
            self._every_s *= 2

    def nearest_time_s(self, time_s: float) -> float | None:
        """Time of the picture nearest to a moment; None when there is none."""
        if not self._times:
            return None
        after = min(bisect_left(self._times, time_s), len(self._times) - 1)
        before = max(after - 1, 0)
        return min(self._times[before], self._times[after], key=lambda kept: abs(kept - time_s))

    def picture_at(self, time_s: float) -> Picture | None:
        """Return the picture nearest to a moment; None when there is none."""
        nearest = self.nearest_time_s(time_s)
        if nearest is None:
            return None
        bgr = np.asarray(cv2.imdecode(self._jpegs[self._times.index(nearest)], cv2.IMREAD_COLOR), dtype=np.uint8)
        return np.ascontiguousarray(bgr[..., ::-1])
