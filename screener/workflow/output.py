"""A screening written to a folder: all of it, or none of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from screener.files import staged
from screener.model.landmarks_file import save_recording
from screener.model.picture import Frame
from screener.report.exports.registry import EXPORTS, ExportInput
from screener.report.page import render_html
from screener.report.pdf import write_pdf
from screener.report.tables import timeseries_csv
from screener.workflow.overlay import write_overlay
from screener.workflow.screening import Screening
from screener.workflow.visit import Visit, combine

MADE_AGAIN = ("report.pdf", "overlay.mp4", "timeseries.csv", *(export.file for export in EXPORTS.values()))
"""What a run does not always write. Beside a newer report it would pass for a part of it; recordings are never removed."""


@dataclass(frozen=True)
class OutputOptions:
    """What to write besides the files that are always written.

    Attributes
    ----------
    overlay_of : Path, optional
        The video to draw on.
    pdf : bool
        Also write report.pdf.
    exports : tuple of str
        Further formats, names of `EXPORTS`.
    """

    overlay_of: Path | None = None
    pdf: bool = False
    exports: tuple[str, ...] = ()


def write_report(
    screening: Screening, folder: Path, wanted: OutputOptions | None = None, on_frame: Callable[[Frame], None] | None = None
) -> Path:
    """Write report.json, report.html, timeseries.csv and landmarks.npz, and what else is wanted.

    Everything is written beside and then put in place, so that a run that is broken off leaves no partial report.

    Parameters
    ----------
    screening : Screening
        The result.
    folder : Path
        Made when missing.
    wanted : OutputOptions, optional
        Further files.
    on_frame : callable, optional
        Called after each frame of the overlay, for a progress display.

    Returns
    -------
    Path
        report.html.

    Raises
    ------
    OutputError
        The folder cannot be written, or the disk is full.
    """
    return write_visit(combine([screening]), folder, [wanted or OutputOptions()], on_frame)


def write_visit(
    visit: Visit, folder: Path, wanted: Sequence[OutputOptions], on_frame: Callable[[Frame], None] | None = None
) -> Path:
    """Write one report, and the files of each recording; of several, their names end in a number from 1.

    A folder holds one run: a PDF, overlay, table or export of an earlier one goes, its landmarks stay.

    Parameters
    ----------
    visit : Visit
        The result.
    folder : Path
        Made when missing.
    wanted : sequence of Wanted
        Further files of each recording; the report is written as PDF when any of them asks for it.
    on_frame : callable, optional
        Called after each frame of an overlay, for a progress display.

    Returns
    -------
    Path
        report.html.

    Raises
    ------
    OutputError
        The folder cannot be written, or the disk is full.
    """
    several = len(visit.screenings) > 1
    with staged(folder, removes=_is_made_again) as stage:
        series = [screening.series for screening in visit.screenings]
        html = render_html(visit.report, series, visit.pictures, poses=[screening.poses for screening in visit.screenings])
        (stage / "report.html").write_text(html, encoding="utf-8")
        if any(one.pdf for one in wanted):
            (stage / "report.pdf").write_bytes(write_pdf(html))
        for number, (screening, one) in enumerate(zip(visit.screenings, wanted, strict=True), start=1):
            _write_recording(screening, one, stage, f"-{number}" if several else "", on_frame)
        (stage / "report.json").write_text(visit.report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return folder / "report.html"


def _is_made_again(name: str) -> bool:
    """Whether this is the name of a file that a run may write, with or without the number of a recording."""
    return re.sub(r"-\d+(?=\.)", "", name, count=1) in MADE_AGAIN


def _write_recording(
    screening: Screening, wanted: OutputOptions, stage: Path, suffix: str, on_frame: Callable[[Frame], None] | None
) -> None:
    """Files of one recording; `suffix` tells those of several apart."""

    def place(name: str) -> Path:
        stem, dot, ending = name.partition(".")
        return stage / f"{stem}{suffix}{dot}{ending}"

    save_recording(screening.recording, place("landmarks.npz"))
    place("timeseries.csv").write_text(timeseries_csv(screening.series), encoding="utf-8")
    for name in wanted.exports:
        content = EXPORTS[name].write(ExportInput(screening.report, screening.series, screening.poses))
        place(EXPORTS[name].file).write_bytes(content)
    if wanted.overlay_of is not None:
        write_overlay(screening, wanted.overlay_of, place("overlay.mp4"), on_frame)
