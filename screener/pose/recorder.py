"""Poses collected one by one into arrays that grow by doubling; nothing is filtered."""

from __future__ import annotations

import numpy as np

from screener.model import BACK_STATIONS, LANDMARK_COUNT, Pose, PoseSequence

_ROW = np.dtype(
    [
        ("time_s", np.float64),
        ("pixels", np.float64, (LANDMARK_COUNT, 2)),
        ("world_m", np.float64, (LANDMARK_COUNT, 3)),
        ("visibility", np.float64, (LANDMARK_COUNT,)),
        ("surface_rotation_deg", np.float64),
        ("surface_spread_deg", np.float64),
        ("surface_segment", np.int64),
        ("marker_tilt_deg", np.float64),
        ("marker_spread_deg", np.float64),
        ("brightness", np.float64),
        ("people", np.int64),
        ("back_outline", np.float64, (len(BACK_STATIONS),)),
    ]
)


class Recorder:
    """Collects the poses of one recording.

    Parameters
    ----------
    width, height : int
        Size of the picture in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows = np.empty(256, dtype=_ROW)
        self._count = 0

    def __len__(self) -> int:
        """Count the poses."""
        return self._count

    def add(self, pose: Pose) -> None:
        """Append a pose; ValueError when its time is not later than the last one's."""
        if self._count and pose.time_s <= self._rows["time_s"][self._count - 1]:
            raise ValueError(f"time {pose.time_s} s is not later than the last frame")
        if self._count == len(self._rows):
            self._rows = np.concatenate((self._rows, np.empty_like(self._rows)))
        self._rows[self._count] = tuple(getattr(pose, name) for name in _ROW.names or ())
        self._count += 1

    def sequence(self) -> PoseSequence:
        """Copy what was collected so far."""
        return self._copy(0)

    def latest(self) -> PoseSequence:
        """Copy the newest pose, as a sequence of one (of none before the first)."""
        return self._copy(max(0, self._count - 1))

    def _copy(self, first: int) -> PoseSequence:
        rows = self._rows[first : self._count]
        columns = {name: np.array(rows[name]) for name in _ROW.names or ()}
        return PoseSequence(**columns, width=self.width, height=self.height)
