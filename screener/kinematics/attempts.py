"""Movements that were begun and not carried through: counted beside the whole ones, with what they lacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screener.kinematics.events import EDGE_SHARE, Repetition, inside, runs
from screener.model.pose import Floats
from screener.model.series import Interval

MIN_TRIED_SHARE = 0.30
"""Share of the usual way from which a movement is a try at a repetition; less is a change of posture."""
MIN_TRIED_S = 0.3


@dataclass(frozen=True)
class MovementAttempt:
    """One try at a movement.

    Attributes
    ----------
    lacking : str, optional
        What it lacked, in words; None for a whole one.
    """

    interval: Interval
    lacking: str | None = None

    @property
    def complete(self) -> bool:
        """Whether it was a whole repetition."""
        return self.lacking is None

    @property
    def middle(self) -> Repetition:
        """A repetition whose deepest point is its middle."""
        start_s, end_s = self.interval.start_s, self.interval.end_s
        return Repetition(start_s, (start_s + end_s) / 2.0, end_s)


def attempts(depth: Floats, time_s: Floats, whole: Sequence[Repetition]) -> tuple[MovementAttempt, ...]:
    """All tries at a movement in order of time: the whole repetitions, and what else went part of the way.

    Parameters
    ----------
    depth : (T,) float
        The series by which the repetitions were found; grows away from the standing position.
    time_s : (T,) float
        Seconds.
    whole : sequence of Repetition
        Result of `events.repetitions`; without any there is no usual way to compare with, and no attempt.
    """
    if not whole:
        return ()
    known = np.isfinite(depth)
    filled = np.interp(time_s, time_s[known], depth[known])
    rest = float(np.percentile(filled, 5))
    usual = float(np.median(np.interp([one.deepest_s for one in whole], time_s, filled))) - rest
    share = (filled - rest) / usual
    left_over = ~np.any([inside(time_s, one.interval) for one in whole], axis=0)
    found = [MovementAttempt(one.interval) for one in whole]
    for first, after in runs(left_over & (share > EDGE_SHARE)):
        if _was_tried(share, time_s, first, after):
            found.append(_begun(share, time_s, first, after))
    return tuple(sorted(found, key=lambda one: one.interval.start_s))


def _was_tried(share: Floats, time_s: Floats, first: int, after: int) -> bool:
    """Whether a stretch away from rest was meant: far enough, long enough, and not the tail of a whole repetition beside it."""
    stretch = share[first:after]
    inner = float(stretch.max()) > max(stretch[0], stretch[-1]) or first == 0 or after == len(share)
    return inner and float(stretch.max()) >= MIN_TRIED_SHARE and time_s[after - 1] - time_s[first] >= MIN_TRIED_S


def _begun(share: Floats, time_s: Floats, first: int, after: int) -> MovementAttempt:
    span = Interval(float(time_s[first]), float(time_s[after - 1]))
    if first == 0:
        return MovementAttempt(span, "its beginning was not seen")
    if after == len(share):
        return MovementAttempt(span, "its end was not seen")
    return MovementAttempt(span, f"it went only {100 * min(float(share[first:after].max()), 0.99):.0f} % as far as the others")
