"""Every limit in use on one page that a clinician can read, sign and keep beside the reports."""

from __future__ import annotations

from collections.abc import Sequence

from screener.model.results import SAFETY_SENTENCE, Grade, Norm, NormRow
from screener.report.wording import GRADE_WORDS, TIER_WORDS, limit
from screener.tests_clinical.sources import DOUBTS
from screener.version import __version__

SIGNATURE = "Name ______________________ Date ____________ Signature ______________________"


def render_norms_markdown(rows: Sequence[NormRow], sha256: str) -> str:
    """Write the page.

    Parameters
    ----------
    rows : sequence of NormRow
        All limits.
    sha256 : str
        Their checksum, as reports carry it.

    Returns
    -------
    str
        Markdown: a table of limits, the sources they cite, and lines to sign.
    """
    sources = list(dict.fromkeys(_source(row.norm) for row in rows))
    lines = [
        "# Guide ranges in use",
        "",
        f"screener {__version__}. Checksum of all limits (SHA-256), which every report carries: `{sha256}`",
        "",
        SAFETY_SENTENCE,
        "",
        f"Between the two limits a value is {GRADE_WORDS[Grade.WATCH]}. A limit marked with an asterisk is only a convention.",
        "",
        "| Test | Measure | Within | Outside | For whom | Confidence | Source |",
        "|---|---|---|---|---|---|---|",
        *(_line(row, 1 + sources.index(_source(row.norm))) for row in rows),
        "",
        "## Sources",
        "",
        *(f"{number}. {source}" for number, source in enumerate(sources, start=1)),
        "",
        "## What speaks against the limit of the pelvic drop",
        "",
        *(f"- {doubt}" for doubt in DOUBTS),
        "",
        "Read and accepted for this practice:",
        "",
        SIGNATURE.replace("_", "\\_"),
    ]
    return "\n".join(lines) + "\n"


def _source(norm: Norm) -> str:
    return f"{norm.source.citation} {norm.source.doi_or_url}".rstrip()


def _line(row: NormRow, source: int) -> str:
    norm = row.norm
    within, outside = limit(norm.within, norm.unit), limit(norm.outside, norm.unit)
    limits = f"≤ {within} | > {outside}" if norm.higher_is_worse else f"≥ {within} | < {outside}"
    label = row.label + (r" \*" if norm.convention else "")
    confidence = TIER_WORDS[row.tier].removesuffix(" confidence")
    return f"| {row.title} | {label} | {limits} | {norm.population} | {confidence} | {source} |"
