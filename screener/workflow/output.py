"""A screening written to a folder: all of it, or none of it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screener.errors import OutputError, UsageError
from screener.model.landmarks_file import save_recording
from screener.model.picture import Frame
from screener.model.results import Grade, Span, TestResult
from screener.report.drawing.picture import OverlayLine, blur_face, draw_overlay_frame, pelvis_on_screen_deg
from screener.report.exports.registry import EXPORTS, ExportInput
from screener.report.page import render_html
from screener.report.pdf import write_pdf
from screener.report.tables import timeseries_csv
from screener.runtime import ahead
from screener.video.file import VideoFile
from screener.video.writer import VideoWriter
from screener.workflow.screening import Screening
from screener.workflow.visit import Visit, combine

LINES_ON_OVERLAY = 3
MADE_AGAIN = ("report.pdf", "overlay.mp4", "timeseries.csv", *(export.file for export in EXPORTS.values()))
"""What a run does not always write. Beside a newer report it would pass for a part of it; recordings are never removed."""
STAGE_PREFIX = ".partial-"
"""Files are written in a folder of this name, with the number of the process, before they are put in place."""


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


def write_screening(
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
        html = render_html(visit.report, series, visit.pictures)
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
        _write_overlay(screening, wanted.overlay_of, place("overlay.mp4"), on_frame)


@contextmanager
def staged(folder: Path, removes: Callable[[str], bool] = lambda _name: False) -> Iterator[Path]:
    """Give a folder to write in; its files move into `folder` when all went well, and vanish when not.

    Files of `folder` with a name that `removes` tells are removed then.

    Raises
    ------
    OutputError
        The folder cannot be made or written, or the disk is full.
    """
    stage: Path | None = None
    made: list[Path] = []
    try:
        made = [part for part in (folder, *folder.parents) if not part.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder)
        stage = Path(tempfile.mkdtemp(prefix=f"{STAGE_PREFIX}{os.getpid()}-", dir=folder))
        yield stage
        _put_in_place(stage, folder, removes)
    except OSError as error:
        raise _output_error(error, folder) from error
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
        for part in made:
            with suppress(OSError):  # not empty: the files are there
                part.rmdir()


def _put_in_place(stage: Path, folder: Path, removes: Callable[[str], bool]) -> None:
    """Move what is in the stage into the folder, report.json last; if one file cannot, the earlier files come back."""
    names = sorted((file.name for file in stage.iterdir()), key=lambda name: (name == "report.json", name))
    old = [file.name for file in folder.iterdir() if file.is_file() and file.name not in names and removes(file.name)]
    in_the_way = next((name for name in names if (folder / name).is_dir()), None)
    if in_the_way is not None:
        raise IsADirectoryError(errno.EISDIR, f"{in_the_way} in it is a folder")
    earlier = stage / "earlier"
    earlier.mkdir()
    moved = []
    try:
        for name in (*old, *names):
            if (folder / name).exists():
                (folder / name).replace(earlier / name)
            if name in names:
                (stage / name).replace(folder / name)
                moved.append(name)
    except BaseException:
        for name in moved:
            (folder / name).unlink()
        for file in earlier.iterdir():
            file.replace(folder / file.name)
        raise


def remove_abandoned(folder: Path) -> None:
    """Remove what runs that were killed left behind; stages of runs that still go on stay."""
    for stage in folder.glob(f"{STAGE_PREFIX}*-*"):
        pid = stage.name.removeprefix(STAGE_PREFIX).split("-")[0]
        if pid.isdecimal() and not _runs(int(pid)):
            shutil.rmtree(stage, ignore_errors=True)


def _runs(pid: int) -> bool:
    """Whether a process of this number runs; Windows is not asked, there it counts as running."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_writable(folder: Path) -> None:
    """Fail before the long work, not after it: OutputError when a file cannot be written into the folder.

    Nothing is left behind, the folder itself is only made when there is a report to put in it.
    """
    with staged(folder) as stage:
        (stage / "report.json").touch()
        (stage / "report.json").unlink()


def _output_error(error: OSError, folder: Path) -> OutputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"The disk of {folder} is full; nothing was written.",
            "Free some space, or choose another folder with --out.",
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        in_the_way = next((part for part in (folder, *folder.parents) if part.is_file()), folder)
        return OutputError(f"{in_the_way} is a file, not a folder.", "Choose another folder with --out.")
    return OutputError(
        f"The folder {folder} cannot be written ({error.strerror or error}).",
        "Choose a folder you may write to with --out.",
    )


def _write_overlay(screening: Screening, video: Path, path: Path, on_frame: Callable[[Frame], None] | None) -> None:
    """Draw skeleton, angles and flags on every frame, the face blurred; no pose is found anew."""
    times = screening.poses.time_s
    if len(times) == 0:
        raise UsageError("There are no frames to draw on.", "Leave --overlay out.")

    def drawn(frame: Frame) -> Frame:
        index = int(np.argmin(np.abs(times - frame.time_s)))
        pose = screening.poses.pose(index)
        pelvis_deg = pelvis_on_screen_deg(screening.series, screening.report.quality, frame.time_s)
        lines = overlay_lines(screening, index)
        return Frame(frame.time_s, draw_overlay_frame(blur_face(frame.rgb, pose), pose, lines, pelvis_deg))

    writer: VideoWriter | None = None
    try:
        with closing(ahead(VideoFile(video))) as frames, closing(ahead(map(drawn, frames))) as pictures:
            for frame in pictures:
                height, width = frame.rgb.shape[:2]
                writer = writer or VideoWriter(path, width, height, max(screening.poses.rate_hz, 1.0))
                writer.add(frame)
                if on_frame is not None:
                    on_frame(frame)
    finally:
        if writer is not None:
            writer.close()


def overlay_lines(screening: Screening, index: int) -> tuple[OverlayLine, ...]:
    """Texts for one frame: the measures of the movement that goes on, or is nearest, flagged beyond their guide line.

    Of a movement that both sides make at once, such as a squat, both are shown.

    Parameters
    ----------
    screening : Screening
        The result.
    index : int
        Frame.
    """
    time_s = float(screening.series.time_s[index])
    found = [test for test in screening.report.tests if test.window is not None]
    windows = [test.window for test in found if test.window is not None]
    if not windows or not min(one.start_s for one in windows) <= time_s <= max(one.end_s for one in windows):
        return ()
    away_s = [_away_s(time_s, test.repetitions or test.holds or (test.window,)) for test in found]
    nearest = [test for test, away in zip(found, away_s, strict=True) if away == min(away_s)]
    return tuple(line for test in nearest for line in _test_lines(screening, test, index, name_side=len(found) > 1))


def _away_s(time_s: float, stretches: Sequence[Span | None]) -> float:
    """Seconds to the nearest of some stretches of time, 0 inside one."""
    return min(max(span.start_s - time_s, time_s - span.end_s, 0.0) for span in stretches if span is not None)


def _test_lines(screening: Screening, test: TestResult, index: int, *, name_side: bool) -> tuple[OverlayLine, ...]:
    norms = {measure.key: measure.norm for measure in test.measures}
    lines = []
    for curve in test.curves[:LINES_ON_OVERLAY]:
        value = curve.sign * float(getattr(screening.series, curve.column)[index])
        norm = norms.get(curve.measure)
        label = f"{curve.label}, {test.side}" if name_side else curve.label
        if not np.isfinite(value):
            lines.append(OverlayLine(f"{label}  not seen", False))
            continue
        u95 = float(getattr(screening.series, curve.u95_column)[index]) if curve.u95_column else float("nan")
        spread = f" ± {u95:.0f}" if np.isfinite(u95) else ""
        beyond = norm is not None and (value > norm.outside if norm.higher_is_worse else value < norm.outside)
        sure = norm is not None and not abs(value - norm.outside) <= u95
        word = f"  {Grade.OUTSIDE.value.upper()}{'' if sure else '?'}" if beyond else ""
        lines.append(OverlayLine(f"{label}  {round(value)}{spread}°{word}", beyond))
    return tuple(lines)
