"""The page that shows what a batch found: numbers in, one self-contained page out."""

from __future__ import annotations

import io

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from screener.model.results import Record
from screener.report.drawing.palette import ACCENT, INK, LIMIT
from screener.report.style import page_style

BINS = 24
MAX_DRAWN = 1000
"""More points than this are drawn as a picture, so that the page does not grow with the batch."""
PICTURE_DPI = 200
FILES_SHOWN = 20
"""Names shown of the clips that share a problem."""


class MeasureHeading(Record):
    """Which measure of which test a part of the page is about, with the words for both."""

    test: str
    title: str
    measure: str
    label: str
    unit: str


class Distribution(MeasureHeading):
    """Values of one measure over a batch, and how they were graded."""

    values: tuple[float, ...]
    mean: float
    sd: float | None
    p5: float
    median: float
    p95: float
    within: int
    watch: int
    outside: int
    undecided: int
    firm_outside: int
    limit_within: float | None
    limit_outside: float | None


class FlaggedValue(MeasureHeading):
    """A value outside the guide range."""

    file: str
    folder: str
    side: str
    value: float
    uncertainty: float | None
    firm: bool


class SideAgreement(MeasureHeading):
    """Left against right of one measure over people; `lower` and `upper` are the 95 % limits of agreement."""

    left: tuple[float, ...]
    right: tuple[float, ...]
    mean_difference: float
    lower: float
    upper: float
    correlation: float | None


class FailureReason(Record):
    """A reason why clips gave no score, and which they are."""

    status: str
    reason: str
    files: tuple[str, ...]


class BatchSummary(Record):
    """What a batch found."""

    clips: int
    done: int
    scored: int
    failed: int
    copies: int
    hours: float
    distributions: tuple[Distribution, ...]
    flagged: tuple[FlaggedValue, ...]
    flags_in_all: int
    pairings: tuple[SideAgreement, ...]
    problems: tuple[FailureReason, ...]


def render_summary(summary: BatchSummary) -> str:
    """Lay a summary out as a page; names of files come from strangers and are escaped."""
    environment = Environment(
        loader=PackageLoader("screener.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "words": lambda text: text.replace("_", " ")}
    environment.globals |= {
        "histogram": histogram_svg,
        "sides": pairing_svg,
        "files_shown": FILES_SHOWN,
        "length": length_of_video,
    }
    css = page_style()
    return environment.get_template("batch_summary.html.j2").render(summary=summary, css=Markup(css))


def _number(value: float | None, decimals: int = 1) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.{decimals}f}"


def length_of_video(hours: float) -> tuple[str, str]:
    """Length in the largest unit of which there is at least one, and the word for that unit."""
    for unit, in_an_hour in (("hours", 1), ("minutes", 60)):
        if hours * in_an_hour >= 1:
            return _number(hours * in_an_hour), unit
    return _number(hours * 3600), "seconds"


def histogram_svg(row: Distribution) -> Markup:
    """How often each value came, with the guide limits as lines."""
    figure = Figure(figsize=(4.6, 2.3))
    axes = figure.add_subplot()
    axes.hist(row.values, bins=min(BINS, max(5, len(row.values) // 2)), color=ACCENT, edgecolor="white", linewidth=0.5)
    for limit, line in ((row.limit_within, ":"), (row.limit_outside, "--")):
        if limit is not None:
            axes.axvline(limit, color=LIMIT, linestyle=line, linewidth=1.4)
    axes.set_xlabel(row.unit or "value")
    axes.set_ylabel("tests")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    return _svg(figure, f"Distribution of {row.label}")


def pairing_svg(row: SideAgreement) -> Markup:
    """Right against left, with the line on which both are the same."""
    figure = Figure(figsize=(3.4, 3.2))
    axes = figure.add_subplot()
    low, high = min(*row.left, *row.right), max(*row.left, *row.right)
    axes.plot([low, high], [low, high], color=INK, linewidth=0.8)
    axes.scatter(row.left, row.right, s=14, color=ACCENT, alpha=0.7, linewidths=0, rasterized=len(row.left) > MAX_DRAWN)
    axes.set_xlabel(f"left ({row.unit})" if row.unit else "left")
    axes.set_ylabel(f"right ({row.unit})" if row.unit else "right")
    return _svg(figure, f"Left and right of {row.label}")


def _svg(figure: Figure, title: str) -> Markup:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", dpi=PICTURE_DPI, metadata={"Date": None, "Title": title})
    svg = drawn.getvalue()
    return Markup(svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{title}"', 1))
