"""Stretches of a video in which there are no pictures: nobody knows what was done in them."""

from __future__ import annotations

from collections import deque

import numpy as np

MIN_HOLE_S = 0.3
MIN_HOLE_INTERVALS = 3.0
"""A longer step, of at least so many usual ones, is a hole and not the pace of the video."""
REMEMBERED = 25
MIN_KNOWN = 3
"""Steps after which the usual one is known."""


class HoleFinder:
    """Tells holes from the pace of a video, while its pictures come.

    Attributes
    ----------
    holes : int
        How many were found.
    seconds : float
        How long they are together.
    """

    def __init__(self) -> None:
        self.holes = 0
        self.seconds = 0.0
        self._last_s: float | None = None
        self._steps: deque[float] = deque(maxlen=REMEMBERED)

    def add(self, time_s: float) -> bool:
        """Take in the time of the next picture and say whether there is a hole before it."""
        step_s = 0.0 if self._last_s is None else time_s - self._last_s
        self._last_s = time_s
        usual_s = float(np.median(self._steps)) if len(self._steps) >= MIN_KNOWN else np.inf
        if step_s > max(MIN_HOLE_S, MIN_HOLE_INTERVALS * usual_s):
            self.holes, self.seconds = self.holes + 1, self.seconds + step_s
            return True
        if step_s > 0.0:
            self._steps.append(step_s)
        return False

    @property
    def note(self) -> tuple[str, ...]:
        """Warning for the report; empty where there is no hole."""
        if not self.holes:
            return ()
        where, them = ("a hole", "it") if self.holes == 1 else (f"{self.holes} holes", "them")
        return (
            f"The video has {where} without pictures, {self.seconds:.1f} s together; what was done in {them} is not known. "
            "Film the test without a break, and use the original file of the camera.",
        )
