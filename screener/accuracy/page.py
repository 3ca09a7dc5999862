"""The accuracy page of `screener validate`: tables and a Bland-Altman plot, as HTML and as Markdown."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from jinja2 import Environment, PackageLoader, select_autoescape
from matplotlib.figure import Figure

from screener.accuracy.agreement import Agreement, ClipAgreement, FlagAgreement
from screener.model.pose import Floats
from screener.model.results import Record
from screener.report.drawing.palette import ACCENT, LIMIT
from screener.report.style import page_style


class AccuracyReport(Record):
    """The content of accuracy.json."""

    folder: str
    model: str
    columns: tuple[Agreement, ...]
    hip_line: Agreement | None
    clips: tuple[ClipAgreement, ...]
    flags: FlagAgreement


def two(value: float | None) -> str:
    """Format with two decimals, a dash for none."""
    return "–" if value is None else f"{value:.2f}"


def share(value: float | None) -> str:
    """Format a fraction as per cent, a dash for none."""
    return "–" if value is None else f"{100 * value:.0f} %"


def bland_altman_svg(estimate: Floats, truth: Floats, row: Agreement) -> str:
    """Difference against mean of estimate and truth, with bias and limits of agreement.

    Parameters
    ----------
    estimate, truth : (N,) float
        Degrees.
    row : Agreement
        Their agreement.
    """
    figure = Figure(figsize=(8.0, 4.2))
    axes = figure.add_subplot()
    known = np.isfinite(estimate) & np.isfinite(truth)
    mean, difference = (estimate[known] + truth[known]) / 2, estimate[known] - truth[known]
    axes.scatter(mean, difference, s=6, alpha=0.35, color=ACCENT, linewidths=0)
    for value, text in zip((row.bias, *row.limits_of_agreement), ("bias", "lower limit", "upper limit"), strict=True):
        axes.axhline(value, color=LIMIT, linestyle="-" if text == "bias" else "--", linewidth=1)
        axes.annotate(f"{text} {value:.2f}", (1.0, value), xycoords=("axes fraction", "data"), ha="right", va="bottom")
    axes.set_xlabel("mean of estimate and truth (degrees)")
    axes.set_ylabel("estimate minus truth (degrees)")
    figure.tight_layout()
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Title": "Bland-Altman plot"})
    svg = drawn.getvalue()
    return svg[svg.index("<svg") :]


def render_accuracy_html(report: AccuracyReport, plot_svg: str) -> str:
    """One self-contained page."""
    environment = Environment(loader=PackageLoader("screener.report"), autoescape=select_autoescape(["html", "j2"]))
    environment.filters |= {"two": two, "share": share}
    css = page_style()
    rows = [*report.columns, *([_renamed(report.hip_line)] if report.hip_line else [])]
    page = environment.get_template("accuracy.html.j2")
    return str(page.render(report=report, rows=rows, plot=plot_svg, css=css))


def _renamed(hip_line: Agreement) -> Agreement:
    return hip_line.model_copy(update={"column": "hip_line_deg against the true obliquity"})


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def render_accuracy_markdown(report: AccuracyReport) -> str:
    """Return the tables as Markdown, for docs/accuracy.md."""
    rows = [*report.columns, *([_renamed(report.hip_line)] if report.hip_line else [])]
    angles = _table(
        ("column", "clips", "frames", "MAE", "bias", "slope", "residual SD", "ICC(2,1)", "SEM", "MDC 95", "covers"),
        [
            (
                row.column,
                str(row.clips),
                str(row.pairs),
                *map(two, (row.mean_absolute_error, row.bias, row.slope, row.residual_sd, row.icc_2_1, row.sem, row.mdc95)),
                share(row.coverage),
            )
            for row in rows
        ],
    )
    clips = _table(
        ("clip", "test", "frames", "MAE", "hip line's MAE", "covers", "sign right", "true peak", "measured", "flag", "firm"),
        [_clip_row(clip) for clip in report.clips],
    )
    flags = report.flags
    verdict = (
        f"Flag above {flags.limit:.0f} degrees: sensitivity {share(flags.sensitivity)}, specificity "
        f"{share(flags.specificity)}; firm in {flags.firm} clips, wrongly in {flags.firm_wrong}."
    )
    return f"{angles}\n\n{verdict}\n\n{clips}\n"


def _clip_row(clip: ClipAgreement) -> tuple[str, ...]:
    spread = f" ± {clip.peak_half_width:.1f}" if clip.peak_half_width else ""
    return (
        clip.clip,
        clip.test or "–",
        str(clip.frames),
        two(clip.mean_absolute_error),
        two(clip.hip_line_error),
        share(clip.coverage),
        share(clip.sign_right),
        two(clip.true_peak),
        f"{two(clip.measured_peak)}{spread}",
        "–" if clip.flagged is None else ("outside" if clip.flagged else "not outside"),
        "–" if clip.firm is None else ("yes" if clip.firm else "no"),
    )
