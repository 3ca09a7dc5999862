"""The curve of a measure over time with its 95 % band, guide lines, repetitions and gaps, as an SVG from matplotlib."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from screener.model.pose import Floats
from screener.model.results import Curve, Norm, Span, TestResult
from screener.model.series import Series, nearest_frame
from screener.report.drawing.palette import BAND, FAINT, INK, LIMIT, LINE, SHADE
from screener.report.tables import curve_values, inside, shown_window
from screener.report.wording import DEGREE_UNITS, limit, quantity

MAX_BRIDGE_S = 0.5
"""The line breaks where the camera gave no frame for longer than this."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "screener",
    "font.family": ["DejaVu Sans"],
    "font.size": 11.0,
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


MARGINS = {"left": 0.155, "right": 0.985, "bottom": 0.145, "top": 0.87}
"""Room for numbers as wide as -12.5; a layout that measures every word first takes three times as long."""


def norm_of(test: TestResult, curve: Curve) -> Norm | None:
    """Norm of the measure a curve shows; None unless it is in degrees, as all curves are."""
    norms = (measure.norm for measure in test.measures if measure.key == curve.measure)
    norm = next(norms, None)
    return norm if norm is not None and norm.unit in DEGREE_UNITS else None


def _with_breaks(time_s: Floats, *columns: Floats) -> tuple[Floats, ...]:
    """Put a NaN into every pause without frames, so that no line is drawn across it."""
    pauses = np.flatnonzero(np.diff(time_s) > MAX_BRIDGE_S) + 1
    return (np.insert(time_s, pauses, time_s[pauses - 1]), *(np.insert(column, pauses, np.nan) for column in columns))


def _draw_stretches(axes: Axes, test: TestResult) -> None:
    """Shade the repetitions, otherwise the holds, and name them above; holds in repetitions get a foot bar."""
    word, spans = ("Rep", test.repetitions) if test.repetitions else ("Hold", test.holds)
    for count, span in enumerate(spans, start=1):
        axes.axvspan(span.start_s, span.end_s, color=SHADE, linewidth=0, zorder=0, gid=f"{word.lower()}-{count}")
        axes.annotate(
            f"{word} 1" if count == 1 else f"{count}", ((span.start_s + span.end_s) / 2, 1), (0, 3),
            xycoords=("data", "axes fraction"), textcoords="offset points", ha="center", fontsize=10, color=FAINT,
        )  # fmt: skip
    for count, span in enumerate(test.holds if test.repetitions else (), start=1):
        axes.axvspan(span.start_s, span.end_s, ymax=0.03, color=FAINT, alpha=0.7, linewidth=0, gid=f"hold-{count}")


def _draw_guides(axes: Axes, norm: Norm) -> None:
    lines = [(norm.outside, 1.8, "--", "guide line")]
    if norm.within != norm.outside:
        lines.append((norm.within, 1.0, ":", "watch line"))
    upper = max(norm.within, norm.outside)
    for value, width, dashes, word in lines:
        axes.axhline(value, color=LIMIT, linewidth=width, linestyle=dashes, zorder=2, gid=word.replace(" ", "-"))
        above = value == upper
        axes.annotate(
            f"{word} {limit(value, norm.unit)}", (1, value), (-3, 3 if above else -3),
            xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
            va="bottom" if above else "top", fontsize=10, color=LIMIT,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8}, zorder=5,
        )  # fmt: skip


def _draw_key_moment(axes: Axes, moment_s: float, time_s: Floats, values: Floats) -> None:
    measured = np.flatnonzero(np.isfinite(values))
    if not measured.size:
        return
    nearest = measured[nearest_frame(time_s[measured], moment_s)]
    axes.plot(
        time_s[nearest], values[nearest], marker="D", markersize=8, color=INK, markeredgecolor="white", zorder=6,
        gid="key-moment",
    )  # fmt: skip
    axes.annotate(
        "picture", (float(time_s[nearest]), float(values[nearest])), (0, 9), textcoords="offset points", ha="center",
        fontsize=10, color=INK, zorder=6, bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip


def _draw_line(axes: Axes, time_s: Floats, values: Floats, half_widths: Floats | None) -> None:
    if half_widths is not None:
        band_time_s, centre, half = _with_breaks(time_s, values, half_widths)
        axes.fill_between(band_time_s, centre - half, centre + half, color=BAND, alpha=0.45, linewidth=0, zorder=1, gid="band")
    line_time_s, line = _with_breaks(time_s, values)
    axes.plot(line_time_s, line, color=INK, linewidth=1.8, zorder=3, gid="curve")


def _draw(axes: Axes, test: TestResult, curve: Curve, series: Series, window: Span | None) -> None:
    chosen = inside(series, window) if window else np.zeros(len(series.time_s), dtype=bool)
    time_s, values = series.time_s[chosen], curve_values(curve, series)[chosen]
    half_widths = getattr(series, curve.u95_column)[chosen] if curve.u95_column else None
    _draw_stretches(axes, test)
    _draw_line(axes, time_s, values, half_widths)
    norm = norm_of(test, curve)
    if norm is not None:
        _draw_guides(axes, norm)
    if test.key_moment_s is not None:
        _draw_key_moment(axes, test.key_moment_s, time_s, values)
    if not np.isfinite(values).any():
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", color=FAINT, fontsize=13)
    axes.margins(y=0.16)
    if window is not None and window.end_s > window.start_s:
        axes.set_xlim(window.start_s, window.end_s)


def _figure(test: TestResult, curve: Curve, series: Series) -> Figure:
    figure = Figure(figsize=(5.2, 3.6))
    figure.subplots_adjust(**MARGINS)
    axes = figure.add_subplot()
    _draw(axes, test, curve, series, shown_window(test, series))
    axes.set_xlabel("time in seconds")
    axes.set_ylabel("degrees")
    axes.set_title(curve.label, loc="left", fontsize=12, fontweight="bold", color=INK, pad=18)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=LINE, linewidth=0.7, zorder=0)
    axes.set_axisbelow(True)
    figure.patch.set_alpha(0)
    return figure


def describe(test: TestResult, curve: Curve, series: Series) -> str:
    """Say in words what the curve shows, for those who cannot see it."""
    window = shown_window(test, series)
    values = curve_values(curve, series)[inside(series, window)] if window else np.empty(0)
    measured = values[np.isfinite(values)]
    words = "Nothing was measured."
    if measured.size and window:
        low, high = quantity(float(measured.min()), "deg"), quantity(float(measured.max()), "deg")
        start_s, end_s = quantity(window.start_s, "s"), quantity(window.end_s, "s")
        words = f"From {start_s} to {end_s} the curve lies between {low} and {high}."
    norm = norm_of(test, curve)
    return words + (f" Guide line at {limit(norm.outside, norm.unit)}." if norm else "")


def _embeddable(svg: str, title: str, description: str) -> str:
    """Strip what belongs to a file of its own, make ids unique on the page, add title and description."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<title>.*?</title>", "", svg, flags=re.DOTALL)
    prefix = "c" + hashlib.sha256(svg.encode()).hexdigest()[:8] + "-"
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{prefix}", svg)
    head, body = svg.split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    label = quoteattr(f"{title}: {description}")
    names = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return f'{head} class="curve" role="img" aria-label={label}>{names}{body}'.strip()


def curve_svg(test: TestResult, curve: Curve, series: Series) -> str:
    """Draw a measure over the time of its test.

    Parameters
    ----------
    test : TestResult
        Gives the window, the repetitions and holds to shade, the key moment and the norm whose limits are drawn.
    curve : Curve
        The column to show, its sign and the column of its 95 % half width.
    series : Series
        The time series of the whole recording; NaN shows as a gap.

    Returns
    -------
    str
        One `<svg>` element, the same for the same input, with title and description.
    """
    text = io.StringIO()
    with mpl.rc_context(_STYLE):
        canvas: Any = FigureCanvasSVG(_figure(test, curve, series))  # its own method: savefig lays everything out twice
        canvas.print_svg(text, metadata={"Date": None, "Creator": None})
    return _embeddable(text.getvalue(), f"{curve.label} over time", describe(test, curve, series))
