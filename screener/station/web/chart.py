"""Where the marks of a progress chart stand; the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from screener.report.wording import number
from screener.station.results.progress import ProgressLine, ProgressPoint

WIDTH = 480.0
HEIGHT = 210.0
LEFT = 46.0
RIGHT = 14.0
TOP = 12.0
BOTTOM = 30.0
MAX_TICKS = 4
APART = 5.0
"""Half the distance between the marks of left and right of one day, so that neither hides the other."""
SHIFT = {"left": -APART, "right": APART, "both": 0.0}


@dataclass(frozen=True)
class ChartMark:
    """One visit on one side, in units of the drawing; `low` and `high` are None where the uncertainty is not known."""

    x: float
    y: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ChartLine:
    """The marks of one side, and the line through them."""

    side: str
    marks: tuple[ChartMark, ...]

    @property
    def path(self) -> str:
        """Points of the line."""
        return " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in self.marks)


@dataclass(frozen=True)
class AxisTick:
    """A label on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """All that is drawn; both axes in units of the drawing."""

    curves: tuple[ChartLine, ...]
    values: tuple[AxisTick, ...]
    days: tuple[AxisTick, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bottom: float = HEIGHT - BOTTOM


def chart(lines: Sequence[ProgressLine]) -> Chart:
    """Lay out one measure, both sides in one drawing.

    Parameters
    ----------
    lines : sequence of Line
        Of one measure, one a side, none empty.
    """
    points = [point for line in lines for point in line.points]
    ticks = _value_ticks(points)
    low, high = float(ticks[0]), float(ticks[-1])
    days = sorted({point.day for point in points})

    def x_of(day: date) -> float:
        if days[0] == days[-1]:
            return (LEFT + WIDTH - RIGHT) / 2
        share = (day - days[0]).days / (days[-1] - days[0]).days
        return LEFT + 3 * APART + share * (WIDTH - RIGHT - LEFT - 6 * APART)

    def y_of(value: float) -> float:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def mark(point: ProgressPoint, side: str) -> ChartMark:
        x, spread = x_of(point.day) + SHIFT[side], point.uncertainty
        ends = (None, None) if spread is None else (y_of(point.value - spread), y_of(point.value + spread))
        return ChartMark(x, y_of(point.value), *ends)

    decimals = 0 if float(ticks[1] - ticks[0]) >= 1 else 1 if float(ticks[1] - ticks[0]) >= 0.1 else 2
    return Chart(
        tuple(ChartLine(line.side, tuple(mark(point, line.side) for point in line.points)) for line in lines),
        tuple(AxisTick(y_of(float(value)), number(float(value), decimals)) for value in ticks),
        tuple(AxisTick(x_of(day), f"{day.day} {day:%b %y}") for day in _shown(days)),
    )


def _shown(days: Sequence[date]) -> list[date]:
    """First, last and, where there is room, the middle one."""
    if len(days) < 3:
        return list(days)
    span = (days[-1] - days[0]).days
    middle = min(days[1:-1], key=lambda day: abs((day - days[0]).days / span - 0.5))
    share = (middle - days[0]).days / span
    return [days[0], middle, days[-1]] if 0.25 < share < 0.75 else [days[0], days[-1]]


def _value_ticks(points: Sequence[ProgressPoint]) -> np.ndarray:
    """Round numbers that hold all values with their uncertainty."""
    spreads = [point.uncertainty or 0.0 for point in points]
    low = min(point.value - spread for point, spread in zip(points, spreads, strict=True))
    high = max(point.value + spread for point, spread in zip(points, spreads, strict=True))
    span = max(high - low, 1e-6 * max(abs(high), abs(low)), 1e-3)
    step = _round_step(span / MAX_TICKS)
    first, last = np.floor(low / step), np.ceil(high / step)
    return np.arange(first, max(last, first + 1) + 1) * step


def _round_step(least: float) -> float:
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9)))
