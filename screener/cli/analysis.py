"""Commands that make reports: analyze, report, demo."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli.base import (
    AgeOption,
    ModelOption,
    ModelPathOption,
    SexOption,
    SideOption,
    VerticalOption,
    app,
    require_measured,
    screen_file,
)
from screener.console import print_report, progress
from screener.errors import UsageError

if TYPE_CHECKING:
    from screener.pose.models import ModelFile
    from screener.pose.store import Request
    from screener.screening import Screening

CAMERA_ADDRESSES = ("http://", "https://", "rtsp://")


@app.command()
def analyze(
    video: Annotated[str, typer.Argument(help="Video file; or a camera: its number, or an http or rtsp address.")],
    test: Annotated[str, typer.Option(help="Which test; see: screener tests.")],
    side: SideOption = "auto",
    folder: Annotated[Path | None, typer.Option("--out", help="Folder to write to (./screening/NAME).")] = None,
    overlay: Annotated[bool, typer.Option("--overlay", help="Also write overlay.mp4.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf.")] = False,
    pictures: Annotated[bool, typer.Option(help="Pictures of the key moments in the report.")] = True,
    model: ModelOption = "full",
    model_path: ModelPathOption = None,
    markers: Annotated[bool, typer.Option("--markers", help="Two stickers are on the front hip bones.")] = False,
    marker_colour: Annotated[str | None, typer.Option(help="Their colour, if it is not found by itself.")] = None,
    straight_first: Annotated[
        bool, typer.Option("--straight-first", help="Hip hinge: the first one was done with a stick along the back.")
    ] = False,
    vertical: VerticalOption = None,
    age: AgeOption = None,
    sex: SexOption = None,
    seconds: Annotated[float, typer.Option(min=3, help="How long to record from a camera.")] = 45.0,
) -> None:
    """Screen one recorded video, or a camera, and write the report."""
    from screener.output import Wanted, check_writable, write_screening
    from screener.pose.models import load_model
    from screener.pose.store import Request
    from screener.report.pdf import require_pdf
    from screener.tests_clinical import get_test

    get_test(test)
    source = _camera_source(video)
    folder = folder or Path("screening") / (Path(video).stem if source is None else "camera")
    request = Request(
        test=test,
        side=side,
        age_years=age,
        sex=sex,
        vertical_deg=vertical,
        markers=markers or marker_colour is not None,
        marker_colour=marker_colour,
        straight_first=straight_first,
    )
    if source is not None and overlay:
        raise UsageError("An overlay needs a recorded video.", "Leave --overlay out, or record a file first.")
    check_writable(folder)
    if pdf:
        require_pdf()
    chosen = load_model(model, model_path)
    screening = (
        screen_file(Path(video), request, chosen, pictures=pictures)
        if source is None
        else _screen_camera(source, seconds, request, chosen, pictures=pictures)
    )
    with progress("Drawing the overlay", len(screening.poses) if overlay else None) as step:
        page = write_screening(screening, folder, Wanted(Path(video) if overlay else None, pdf), lambda _frame: step())
    print_report(screening.report, page)
    require_measured(screening.report)


@app.command()
def report(
    landmarks: Annotated[Path, typer.Argument(help="landmarks.npz of an earlier run.")],
    folder: Annotated[Path | None, typer.Option("--out", help="Folder to write to (beside the file).")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf.")] = False,
) -> None:
    """Compute a report again from its landmarks, without the video."""
    from screener.output import Wanted, check_writable, write_screening
    from screener.pose.store import load_recording
    from screener.screening import rescreen

    recording = load_recording(landmarks)
    folder = folder or landmarks.parent / "again"
    check_writable(folder)
    screening = rescreen(recording)
    page = write_screening(screening, folder, Wanted(pdf=pdf))
    print_report(screening.report, page)
    require_measured(screening.report)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("screening/demo"),
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")] = True,
    clip: Annotated[str | None, typer.Option(help="Only this bundled clip (its file name).")] = None,
) -> None:
    """Screen the bundled clips, write and open the reports."""
    from screener.output import check_writable, write_screening
    from screener.pose.models import load_model
    from screener.pose.store import Request
    from screener.samples import load_samples

    samples = [sample for sample in load_samples() if clip in (None, sample.path.name, sample.path.stem)]
    if not samples:
        raise UsageError(f"There is no bundled clip {clip}.", "Leave --clip out to screen all of them.")
    check_writable(folder)
    model = load_model()
    pages = []
    for sample in samples:
        screening = screen_file(sample.path, Request(test=sample.test), model, pictures=True)
        page = write_screening(screening, folder / sample.path.stem)
        print_report(screening.report, page)
        pages.append(page)
    if open_page and has_screen():
        webbrowser.open(pages[0].resolve().as_uri())


def has_screen() -> bool:
    """Whether a browser could show a page; without a screen a text browser would take over the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _camera_source(video: str) -> int | str | None:
    """Camera index or address, None for a file."""
    if video.isdecimal() and not Path(video).exists():
        return int(video)
    if "://" in video and not video.startswith(CAMERA_ADDRESSES):
        raise UsageError(f"{video} is not the address of a camera.", f"Start it with one of: {', '.join(CAMERA_ADDRESSES)}")
    return video if video.startswith(CAMERA_ADDRESSES) else None


def _screen_camera(source: int | str, seconds: float, request: Request, model: ModelFile, *, pictures: bool) -> Screening:
    from screener.session import screen_camera

    with progress("Recording (Ctrl-C ends it)", round(seconds)) as step:
        return screen_camera(source, seconds, request, model, on_second=step, pictures=pictures)
