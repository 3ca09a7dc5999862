"""Pictures that only repeat the one before: a camera in poor light gives few, and the recorder pads them to its own rate."""

from __future__ import annotations

from array import array

import numpy as np

from screener.model.picture import Frame, Picture
from screener.model.pose import Bools, Floats

COMPARED_SIDE = 160
"""Points compared along the longer side of a picture; single pixels, because a mean would hide the noise of the sensor."""
WINDOW_S = 0.25
"""A camera that gives five pictures a second or more shows a new one on both sides of a repeated one within this time."""
MAX_SHARE_OF_NEW = 0.2
"""A repeated picture changes by less than this share of what the new ones beside it change."""
MOVING_PERCENTILE = 67.0
"""Whether a video is padded is judged where most moves: of a still scene a lossy encoder refreshes only some pictures."""
MIN_SHARE_REPEATED = 0.45
"""From every other picture on; ordinary videos stay below 0.3, most at 0."""
MIN_PICTURES = 30
HARMLESS_HZ = 26.0
"""With more new pictures a second nothing is measured worse; at 60 and more an encoder itself leaves out where little moves."""
MIN_INTERVALS = 0.6
MAX_INTERVALS = 1.3
"""How far apart new pictures lie, in usual intervals of theirs, where padding does not go up evenly."""


class Changes:
    """How much each picture of a video differs from the one before; `add` takes them in order."""

    def __init__(self) -> None:
        self._times = array("d")
        self._levels = array("d")
        self._last: Picture | None = None

    def add(self, frame: Frame) -> None:
        """Compare a frame with the one before."""
        step = max(1, max(frame.rgb.shape) // COMPARED_SIDE)
        points = frame.rgb[::step, ::step, 1].copy()
        self._times.append(frame.time_s)
        self._levels.append(0.0 if self._last is None else _change(points, self._last))
        self._last = points

    def repeated_times(self) -> Floats:
        """(R,) times of the pictures that show nothing new; none where the video is not padded."""
        time_s = np.array(self._times)
        return time_s[repeated(np.array(self._levels), time_s)]


def _change(points: Picture, before: Picture) -> float:
    """Mean change of the points, 0 to 255."""
    return float(np.abs(points.astype(np.int16) - before).mean())


def repeated(change: Floats, time_s: Floats) -> Bools:
    """(T,) pictures that only repeat the one before, in a video that was padded to a higher rate.

    Parameters
    ----------
    change : (T,) float
        How much each picture differs from the one before, any unit.
    time_s : (T,) float
        Seconds.

    Returns
    -------
    (T,) bool
        All false where fewer than about half of the pictures of moving parts are repeated, or enough new ones are left.
    """
    none = np.zeros(len(time_s), dtype=bool)
    if len(time_s) < MIN_PICTURES:
        return none
    step_s = float(np.median(np.diff(time_s)))
    beside = _both_sides(change, max(1, round(WINDOW_S / step_s)))
    moving = beside >= np.percentile(beside, MOVING_PERCENTILE)
    old = change < MAX_SHARE_OF_NEW * beside
    share = float(old[moving].mean())
    if share < MIN_SHARE_REPEATED:
        return none
    steps = np.diff(time_s[moving & ~old])
    steps = steps[steps <= 2.0 * WINDOW_S]
    interval_s = float(np.median(steps)) if steps.size else step_s / (1.0 - share)
    return none if interval_s * HARMLESS_HZ < 1.0 else ~_new(~old, time_s, interval_s)


def _both_sides(change: Floats, reach: int) -> Floats:
    """Of the largest change before and the largest change after each picture, within a reach, the smaller one."""
    before, after = np.zeros_like(change), np.zeros_like(change)
    for shift in range(1, reach + 1):
        before[shift:] = np.maximum(before[shift:], change[:-shift])
        after[:-shift] = np.maximum(after[:-shift], change[shift:])
    return np.minimum(before, after)


def _new(looks_new: Bools, time_s: Floats, interval_s: float) -> Bools:
    """Pictures that are new: they look so, or are due; where nothing moves new ones cannot be told by sight."""
    new = np.zeros(len(time_s), dtype=bool)
    last_s = -np.inf
    for number, since in enumerate(time_s):
        passed = (since - last_s) / interval_s
        if passed >= MAX_INTERVALS or (looks_new[number] and passed >= MIN_INTERVALS):
            new[number], last_s = True, since
    return new
