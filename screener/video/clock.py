"""Times of the pictures of a file, made one line that rises."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

RESTART_S = 0.5
"""A clock that falls back by more was set anew, as where pieces of a recorder were joined."""
FIRST_INTERVAL_S = 1.0 / 30.0
"""From one picture to the next, as long as nothing is known of the file."""
MIN_STEP_S = 0.001
"""Pictures closer than the coarsest clock in use tells apart were given one time."""
REMEMBERED = 25


_Picture = TypeVar("_Picture")


def without_strays(pictures: Iterable[tuple[_Picture, float | None]]) -> Iterator[tuple[_Picture, float | None]]:
    """Take away a time that lies far from those of the picture before and after, which lie side by side.

    Parameters
    ----------
    pictures : iterable of (picture, float or None)
        Pictures and what the file says of their times, in order.
    """
    before_s: float | None = None
    held: tuple[_Picture, float | None] | None = None
    for one in pictures:
        if held is not None:
            said_s = None if _is_stray(before_s, held[1], one[1]) else held[1]
            before_s = before_s if said_s is None else said_s
            yield held[0], said_s
        held = one
    if held is not None:
        yield held


def _is_stray(before_s: float | None, said_s: float | None, after_s: float | None) -> bool:
    if before_s is None or said_s is None or after_s is None:
        return False
    return abs(said_s - before_s) > RESTART_S and 0.0 < after_s - before_s <= RESTART_S


class Clock:
    """Turns what a file says of the times of its pictures, in the order they are shown, into times that rise from zero.

    A clock that is set anew goes on one usual interval after the last picture. A picture without a time, or with one that is
    not later than the last, is placed one interval after it; the clock of the file soon catches up.

    Parameters
    ----------
    start_s : float
        The time that becomes zero.

    Attributes
    ----------
    restarts : int
        How often the clock was set anew.
    placed : int
        Pictures whose time is not the file's.
    last_s : float
        Time of the last picture.
    """

    def __init__(self, start_s: float) -> None:
        self.restarts = 0
        self.placed = 0
        self._offsets = [-start_s]
        self._offset_s = -start_s
        self.last_s = -np.inf
        self._said: deque[float | None] = deque(maxlen=REMEMBERED)
        self._interval_s = FIRST_INTERVAL_S

    @property
    def follows_the_file(self) -> bool:
        """Whether every time so far is the file's own."""
        return self.restarts == 0 and self.placed == 0

    def time_s(self, said_s: float | None) -> float:
        """Time of the next picture.

        Parameters
        ----------
        said_s : float, optional
            What the file says.
        """
        time_s = self.last_s if said_s is None else said_s + self._offset_s
        if said_s is not None and abs(time_s - self.last_s) > RESTART_S:
            time_s = self._after_a_jump(said_s, time_s)
        self._said.append(said_s)
        self._interval_s = _interval_s(self._said) or self._interval_s
        if time_s < self.last_s + MIN_STEP_S / 2.0:
            self.placed += 1
            time_s = self.last_s + self._interval_s
        self.last_s = time_s
        return time_s

    def _after_a_jump(self, said_s: float, time_s: float) -> float:
        """Time of a picture whose clock jumped: as an earlier clock has it that fits, else anew where the clock fell back."""
        self._said.clear()
        if time_s < self.last_s:
            self.restarts += 1
        fitting = [offset for offset in self._offsets if 0.0 < said_s + offset - self.last_s <= RESTART_S]
        if not fitting and time_s > self.last_s:
            return time_s
        self._offset_s = fitting[0] if fitting else self.last_s + self._interval_s - said_s
        self._offsets.append(self._offset_s)
        return said_s + self._offset_s


def _interval_s(said: Sequence[float | None]) -> float:
    """Time from one picture to the next, also where some have no time or come in the wrong order; 0 where it is not known."""
    known = [(number, one) for number, one in enumerate(said) if one is not None]
    if len(known) < 2:
        return 0.0
    times = [one for _number, one in known]
    return (max(times) - min(times)) / (known[-1][0] - known[0][0])
