"""Attempts at holding a position: what belongs to one, how long it lasted, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from screener.kinematics.attempts import MovementAttempt
from screener.kinematics.events import MAX_GAP_S, inside, spans
from screener.model.pose import Bools, Floats
from screener.model.series import Interval

MAX_UNSEEN_S = 3.0
"""Nobody knows what happened in a longer time in which the standing foot was not seen: the attempt ends there."""
MIN_ATTEMPT_S = 1.0
"""A shorter stance is a step, or the foot being put in its place."""


@dataclass(frozen=True)
class Hold:
    """One attempt.

    Attributes
    ----------
    interval : Interval
        From the first to the last moment of it.
    sure_s : float
        The longest part of it that was seen without a break.
    """

    interval: Interval
    sure_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds, the breaks included."""
        return self.interval.duration_s


def holds_of(carried: Bools, unknown: Bools, time_s: Floats, signal_s: float = 0.0) -> tuple[Hold, ...]:
    """Find the attempts in a recording.

    A break up to `MAX_GAP_S` in which nothing contradicts the hold is closed. A longer one, up to `MAX_UNSEEN_S`, ends the
    certainty, not the hold. A foot that was seen down ends it at once.

    Parameters
    ----------
    carried : (T,) bool
        Frames in which the position is held.
    unknown : (T,) bool
        Frames in which that could not be seen; they are not `carried`.
    time_s : (T,) float
        Seconds.
    signal_s : float
        Nothing before this moment counts.

    Returns
    -------
    tuple of Hold
        In order of time.
    """
    pieces = spans(carried & (time_s >= signal_s), time_s)
    groups: list[list[Interval]] = []
    for piece in (part for whole in pieces for part in _without_pauses(whole, time_s)):
        if groups and _joins(groups[-1][-1], piece, unknown, time_s):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return tuple(_hold(group) for group in groups)


def _without_pauses(whole: Interval, time_s: Floats) -> tuple[Interval, ...]:
    """Split a stretch where the camera paused: no frame contradicts it there, but none shows it."""
    times = time_s[inside(time_s, whole)]
    cuts = np.flatnonzero(np.diff(times) > MAX_GAP_S) + 1
    return tuple(Interval(float(part[0]), float(part[-1])) for part in np.split(times, cuts))


def _joins(before: Interval, after: Interval, unknown: Bools, time_s: Floats) -> bool:
    """Whether the time between two parts was short enough, and nothing seen in it contradicts the hold."""
    between = (time_s > before.end_s) & (time_s < after.start_s)
    return after.start_s - before.end_s <= MAX_UNSEEN_S and bool(unknown[between].all())


def _hold(parts: list[Interval]) -> Hold:
    """One attempt from its parts; breaks up to `MAX_GAP_S` do not cost certainty."""
    sure = [0.0]
    start_s = parts[0].start_s
    for before, after in pairwise(parts):
        if after.start_s - before.end_s > MAX_GAP_S:
            sure.append(before.end_s - start_s)
            start_s = after.start_s
    sure.append(parts[-1].end_s - start_s)
    return Hold(Interval(parts[0].start_s, parts[-1].end_s), max(sure))


def unseen(stance: NDArray[np.str_]) -> Bools:
    """(T,) frames in which nobody knows which leg stands."""
    return np.asarray(stance == "none")


def longest(holds: tuple[Hold, ...]) -> Hold:
    """Return the longest attempt, the first of equal ones: the one that is scored."""
    return max(holds, key=lambda hold: hold.duration_s)


def listed(holds: tuple[Hold, ...], least_s: float, cut_off: Bools) -> tuple[MovementAttempt, ...]:
    """Attempts as a report lists them.

    Parameters
    ----------
    holds : tuple of Hold
        Of one side.
    least_s : float
        What an attempt must last to be measured.
    cut_off : (N,) bool
        Which of the holds the recording cut off.
    """
    return tuple(
        MovementAttempt(hold.interval, _lacking(hold, least_s, cut=bool(cut)))
        for hold, cut in zip(holds, cut_off, strict=True)
        if hold.duration_s >= MIN_ATTEMPT_S
    )


def _lacking(hold: Hold, least_s: float, *, cut: bool) -> str | None:
    if cut:
        return "its beginning or its end was not seen"
    return f"it was shorter than {least_s:.0f} seconds" if hold.duration_s < least_s else None
