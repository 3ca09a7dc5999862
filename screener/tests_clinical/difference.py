"""The one rule of what a change is: a visit against another, left against right, then against now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Difference:
    """Two readings of one measure, the second minus the first, in the unit of the measure.

    Attributes
    ----------
    value : float
        Second minus first.
    u95 : float, optional
        Half width of its 95 % interval, from both readings; None where one of them is not known.
    needed : float
        What it must exceed: the larger of `u95` and the smallest detectable difference.
    is_change : bool, optional
        Whether it does; None where it cannot be known.
    """

    value: float
    u95: float | None
    needed: float
    is_change: bool | None


def difference(
    first: float, second: float, first_u95: float | None, second_u95: float | None, smallest_detectable: float = 0.0
) -> Difference:
    """Compare two readings: a change only beyond both their own error and the smallest detectable difference.

    The errors are taken as independent. What one body always adds or takes away cancels in fact, so this is on the safe side.

    Parameters
    ----------
    first, second : float
        Values of the same measure.
    first_u95, second_u95 : float, optional
        Half widths of their 95 % intervals; None where not known.
    smallest_detectable : float
        Published, in the unit of the measure; 0 where none is.

    Examples
    --------
    >>> difference(3.0, 9.0, 2.0, 2.0, smallest_detectable=3.0).is_change
    True
    >>> difference(3.0, 9.0, 2.0, None).is_change is None
    True
    """
    value = second - first
    u95 = None if first_u95 is None or second_u95 is None else float(np.hypot(first_u95, second_u95))
    needed = max(u95 or 0.0, smallest_detectable)
    return Difference(value, u95, needed, None if u95 is None else abs(value) > needed)
