"""Poses collected one by one in blocks of a fixed size; nothing is filtered, nothing is copied while it grows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from screener.model.pose import BACK_STATIONS, LANDMARK_COUNT, Pose, PoseSequence

BLOCK = 1024
_ROW = np.dtype(
    [
        ("time_s", np.float64),
        ("pixels", np.float64, (LANDMARK_COUNT, 2)),
        ("world_m", np.float32, (LANDMARK_COUNT, 3)),  # what the network gives, so nothing is lost
        ("visibility", np.float32, (LANDMARK_COUNT,)),
        ("surface_rotation_deg", np.float64),
        ("surface_u_deg", np.float64),
        ("surface_segment", np.int64),
        ("marker_tilt_deg", np.float64),
        ("marker_u_deg", np.float64),
        ("brightness", np.float64),
        ("people", np.int64),
        ("back_outline", np.float64, (len(BACK_STATIONS),)),
        ("hem_step", np.float64),
        ("hem_contrast", np.float64),
    ]
)
_NAMES = _ROW.names or ()


@dataclass
class Recorder:
    """Collects the poses of one recording.

    Parameters
    ----------
    width, height : int
        Size of the picture in pixels.
    """

    width: int
    height: int
    _blocks: list[dict[str, np.ndarray]] = field(default_factory=list)
    _count: int = 0
    _last_s: float = -np.inf

    def __len__(self) -> int:
        """Count the poses."""
        return self._count

    def add(self, pose: Pose) -> None:
        """Append a pose; ValueError when its time is not later than the last one's."""
        if pose.time_s <= self._last_s:
            raise ValueError(f"time {pose.time_s} s is not later than the last frame")
        row = self._count % BLOCK
        if row == 0:
            self._blocks.append({name: np.empty((BLOCK, *_ROW[name].shape), _ROW[name].base) for name in _NAMES})
        for name, column in self._blocks[-1].items():
            column[row] = getattr(pose, name)
        self._count, self._last_s = self._count + 1, pose.time_s

    def sequence(self) -> PoseSequence:
        """Copy what was collected so far; another thread may go on adding."""
        return self._copy(0, self._count)

    def hand_over(self) -> PoseSequence:
        """Give away what was collected and start empty: a long recording is never in memory twice."""
        columns = {}
        for name in _NAMES:
            columns[name] = self._column(name, 0, self._count)
            for block in self._blocks:
                del block[name]
        self._blocks, self._count, self._last_s = [], 0, -np.inf
        return PoseSequence(**columns, width=self.width, height=self.height)

    def latest(self) -> PoseSequence:
        """Copy the newest pose, as a sequence of one (of none before the first)."""
        count = self._count
        return self._copy(max(0, count - 1), count)

    def _copy(self, first: int, count: int) -> PoseSequence:
        columns = {name: self._column(name, first, count) for name in _NAMES}
        return PoseSequence(**columns, width=self.width, height=self.height)

    def _column(self, name: str, first: int, count: int) -> np.ndarray:
        """Return a copy of a column from one frame up to a count; the count is read once, for it may grow meanwhile."""
        column = np.empty((count - first, *_ROW[name].shape), _ROW[name].base)
        for number in range(first // BLOCK, -(-count // BLOCK)):
            start, stop = max(first, number * BLOCK), min(count, (number + 1) * BLOCK)
            column[start - first : stop - first] = self._blocks[number][name][start - number * BLOCK : stop - number * BLOCK]
        return column
