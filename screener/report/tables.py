"""Time series as CSV, and the table that stands beside each curve."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from screener.model.pose import Bools, Floats
from screener.model.results import Curve, Span, TestResult
from screener.model.series import Series

MAX_STRETCHES = 15
"""A recording without repetitions or holds is cut into at most this many rows."""
ROWS_AT_ONCE = 4096
"""A long recording would take much memory as text cells."""
_DECIMALS = {"time_s": 4}


@dataclass(frozen=True)
class CurveRow:
    """One line of the table beside a curve.

    Attributes
    ----------
    name : str
        "Repetition 1", "Hold 1", or empty for a plain stretch of time.
    median, largest : float or None
        In the sign of the measure; None where nothing was measured in the stretch.
    """

    name: str
    start_s: float
    end_s: float
    median: float | None
    largest: float | None


def curve_values(curve: Curve, series: Series) -> Floats:
    """(T,) values of a curve in the sign of its measure, NaN where not measured."""
    column: Floats = getattr(series, curve.column)
    return curve.sign * column


def inside(series: Series, span: Span) -> Bools:
    """(T,) frames of a stretch, both ends included."""
    return (series.time_s >= span.start_s) & (series.time_s <= span.end_s)


def shown_window(test: TestResult, series: Series) -> Span | None:
    """Return the stretch a curve shows: the window of the test, otherwise the whole recording; None if it is empty."""
    if test.window is not None:
        return test.window
    if not len(series.time_s):
        return None
    return Span(start_s=float(series.time_s[0]), end_s=float(series.time_s[-1]))


def _named_spans(test: TestResult, series: Series) -> Iterator[tuple[str, Span]]:
    if test.repetitions:
        yield from ((f"Repetition {n}", span) for n, span in enumerate(test.repetitions, start=1))
        return
    if test.holds:
        yield from ((f"Hold {n}", span) for n, span in enumerate(test.holds, start=1))
        return
    window = shown_window(test, series)
    if window is None:
        return
    step_s = max(1.0, float(np.ceil((window.end_s - window.start_s) / MAX_STRETCHES)))
    for start_s in np.arange(window.start_s, window.end_s, step_s):
        yield "", Span(start_s=float(start_s), end_s=min(float(start_s) + step_s, window.end_s))


def curve_table(test: TestResult, curve: Curve, series: Series) -> tuple[CurveRow, ...]:
    """Put a curve in numbers.

    Returns
    -------
    tuple of CurveRow
        One for each repetition, otherwise for each hold, otherwise for each second (or a few) of the window.
    """
    values = curve_values(curve, series)
    rows = []
    for name, span in _named_spans(test, series):
        measured = values[inside(series, span) & np.isfinite(values)]
        median, largest = (float(np.median(measured)), float(measured.max())) if measured.size else (None, None)
        rows.append(CurveRow(name, span.start_s, span.end_s, median, largest))
    return tuple(rows)


def _cells(name: str, column: Floats) -> list[str]:
    decimals = _DECIMALS.get(name, 3)
    return ["" if np.isnan(value) else f"{value:.{decimals}f}" for value in column]


def timeseries_csv(series: Series) -> str:
    """Write `timeseries.csv`: one row a frame, one column a field of `Series`, empty where not measured."""
    names = [field.name for field in fields(series)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for start in range(0, len(series.time_s), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        writer.writerows(zip(*(_written(name, getattr(series, name)[rows]) for name in names), strict=True))
    return text.getvalue()


def _written(name: str, column: NDArray[np.generic]) -> list[str]:
    if name == "stance":
        return [str(value) for value in column]
    if name == "usable":
        return [str(int(value)) for value in column]
    return _cells(name, np.asarray(column, np.float64))
