"""Commands that make reports: analyze, report, demo."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli.base import (
    AgeOption,
    EveryOption,
    ExportOption,
    FromOption,
    MaxFpsOption,
    ModelOption,
    ModelPathOption,
    SexOption,
    SideOption,
    ToOption,
    VerticalOption,
    app,
    require_measured,
    screen_file,
)
from screener.cli.console import out, print_report, progress
from screener.errors import UsageError

if TYPE_CHECKING:
    from screener.model.recording import Recording, Request, Sex
    from screener.model.results import ScreeningReport
    from screener.pose.models import ModelFile
    from screener.video.file import Pace
    from screener.workflow.plan import PlannedClip
    from screener.workflow.screening import Screening
    from screener.workflow.visit import Visit


@app.command()
def analyze(
    videos: Annotated[
        list[str] | None,
        typer.Argument(metavar="VIDEO...", help="Video of a test; or a camera: its number, or an http or rtsp address."),
    ] = None,
    tests: Annotated[
        list[str] | None, typer.Option("--test", help="Which test; see: screener tests. Once for each video.")
    ] = None,
    plan: Annotated[Path | None, typer.Option("--plan", help="A plan.toml that lists the videos of one visit.")] = None,
    side: SideOption = "auto",
    folder: Annotated[Path | None, typer.Option("--out", help="Folder to write to (./screening/NAME).")] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="landmarks.npz of an earlier recording, to show what changed.")
    ] = None,
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
    every: EveryOption = 1,
    max_fps: MaxFpsOption = None,
    from_s: FromOption = None,
    to_s: ToOption = None,
    exports: ExportOption = "",
    seconds: Annotated[float, typer.Option(min=3, help="How long to record from a camera.")] = 45.0,
) -> None:
    """Screen recorded videos, or a camera, and write one report."""
    from screener.files import check_writable
    from screener.model.recording import Request
    from screener.pose.models import load_model
    from screener.report.exports.registry import wanted_exports
    from screener.report.pdf import require_pdf
    from screener.video.camera import camera_source
    from screener.workflow.output import OutputOptions, write_visit
    from screener.workflow.plan import read_plan, takes_of
    from screener.workflow.visit import combine

    if plan is not None and (videos or tests):
        raise UsageError("Both a plan and videos were named.", "Name the videos in the plan, or leave --plan out.")
    request = Request(
        test="",
        side=side,
        age_years=age,
        sex=sex,
        vertical_deg=vertical,
        markers=markers or marker_colour is not None,
        marker_colour=marker_colour,
        straight_first=straight_first,
    )
    takes = read_plan(plan) if plan is not None else takes_of(videos or [], tests or [], request)
    cameras = [camera_source(take.video) for take in takes]
    if overlay and any(source is not None for source in cameras):
        raise UsageError("An overlay needs a recorded video.", "Leave --overlay out, or record a file first.")
    pace = _pace(every, max_fps, from_s, to_s, one_video=len(takes) == 1 and cameras[0] is None)
    chosen_exports = wanted_exports(exports)
    folder = folder or _default_folder(takes, cameras)
    check_writable(folder)
    if pdf:
        require_pdf()
    earlier = _earlier_report(compare)
    chosen = load_model(model, model_path)
    screenings = [
        screen_file(Path(take.video), take.request, chosen, pictures=pictures, pace=pace)
        if source is None
        else _screen_camera(source, seconds, take.request, chosen, pictures=pictures)
        for take, source in zip(takes, cameras, strict=True)
    ]
    visit = _compared(combine(screenings), earlier)
    frames = sum(len(screening.poses) for screening in screenings)
    with progress("Drawing the overlay", frames if overlay else None) as step:
        wanted = [OutputOptions(Path(take.video) if overlay else None, pdf, chosen_exports) for take in takes]
        page = write_visit(visit, folder, wanted, lambda _frame: step())
    print_report(visit.report, page)
    require_measured(visit.report)


def _pace(every: int, max_fps: float | None, from_s: float | None, to_s: float | None, *, one_video: bool) -> Pace:
    """Which frames are looked at; UsageError where a part is named that no single video has."""
    from screener.video.file import Pace

    named = from_s is not None or to_s is not None
    if named and not one_video:
        raise UsageError(
            "--from and --to need one recorded video.", "Analyze the videos one by one, or leave both options out."
        )
    if from_s is not None and to_s is not None and to_s <= from_s:
        raise UsageError(f"--to {to_s:g} is not after --from {from_s:g}.", "Give the earlier second with --from.")
    return Pace(every, max_fps, from_s, to_s)


def _default_folder(takes: Sequence[PlannedClip], cameras: Sequence[int | str | None]) -> Path:
    """Name of the video; of a visit, and of a camera that shows another person each time, with the time."""
    if len(takes) == 1 and cameras[0] is None:
        return Path("screening") / Path(takes[0].video).stem
    now = datetime.now().astimezone()
    return Path("screening") / f"{'visit' if len(takes) > 1 else 'camera'}-{now:%Y-%m-%d-%H%M%S}"


def _earlier_report(landmarks: Path | None) -> ScreeningReport | None:
    """Report of an earlier recording, recomputed with the current formulas."""
    if landmarks is None:
        return None
    from screener.model.landmarks_file import load_recording
    from screener.workflow.screening import rescreen

    return rescreen(load_recording(landmarks)).report


def _compared(visit: Visit, earlier: ScreeningReport | None) -> Visit:
    from screener.workflow.visit import compare

    if earlier is None or not any(test.measures for test in visit.report.tests):  # nothing was measured: the report says why
        return visit
    return replace(visit, report=compare(visit.report, earlier))


@app.command()
def report(
    landmarks: Annotated[list[Path], typer.Argument(help="landmarks.npz of an earlier run; several make one report.")],
    folder: Annotated[Path | None, typer.Option("--out", help="Folder to write to (beside the file).")] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="landmarks.npz of an earlier recording, to show what changed.")
    ] = None,
    age: AgeOption = None,
    sex: SexOption = None,
    from_s: FromOption = None,
    to_s: ToOption = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf.")] = False,
    exports: ExportOption = "",
) -> None:
    """Compute a report again from its landmarks, without the video; --age and --sex fill in what was not given then."""
    from screener.files import check_writable
    from screener.kinematics.film_parts import trimmed
    from screener.model.landmarks_file import load_recording
    from screener.report.exports.registry import wanted_exports
    from screener.workflow.output import OutputOptions, write_visit
    from screener.workflow.screening import rescreen
    from screener.workflow.visit import combine

    wanted = OutputOptions(pdf=pdf, exports=wanted_exports(exports))
    person = {name: value for name, value in (("age_years", age), ("sex", sex)) if value is not None}
    _pace(1, None, from_s, to_s, one_video=len(landmarks) == 1)
    recordings = [trimmed(_of_person(load_recording(path), person), from_s, to_s) for path in landmarks]
    folder = folder or landmarks[0].parent / "again"
    check_writable(folder)
    visit = _compared(combine([rescreen(recording) for recording in recordings]), _earlier_report(compare))
    page = write_visit(visit, folder, [wanted] * len(recordings))
    print_report(visit.report, page)
    require_measured(visit.report)


def _of_person(recording: Recording, person: dict[str, int | Sex]) -> Recording:
    return replace(recording, request=recording.request.model_copy(update=person))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("screening/demo"),
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")] = True,
    clip: Annotated[str | None, typer.Option(help="Only this bundled clip (its file name).")] = None,
) -> None:
    """Screen the bundled clips, write and open the reports."""
    from screener.cli.samples import load_samples
    from screener.files import check_writable, written_whole
    from screener.model.recording import Request
    from screener.pose.models import load_model
    from screener.report.overview import ListedReport, render_overview
    from screener.workflow.output import write_report

    samples = [sample for sample in load_samples() if clip in (None, sample.path.name, sample.path.stem)]
    if not samples:
        raise UsageError(f"There is no bundled clip {clip}.", "Leave --clip out to screen all of them.")
    check_writable(folder)
    model = load_model()
    listed = []
    for sample in samples:
        screening = screen_file(sample.path, Request(test=sample.test), model, pictures=True)
        page = write_report(screening, folder / sample.path.stem)
        print_report(screening.report, page)
        href = page.relative_to(folder).as_posix()
        listed.append(ListedReport(href, screening.report, (screening.series,), screening.pictures))
    overview = folder / "index.html"
    with written_whole(overview) as beside:
        beside.write(render_overview("Movement screen: the bundled clips", listed).encode())
    out.print(f"All of them on one page: {overview}", highlight=False)
    if open_page and has_screen():
        webbrowser.open(overview.resolve().as_uri())


def has_screen() -> bool:
    """Whether a browser could show a page; without a screen a text browser would take over the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _screen_camera(source: int | str, seconds: float, request: Request, model: ModelFile, *, pictures: bool) -> Screening:
    from screener.workflow.session import screen_camera

    with progress("Recording (Ctrl-C ends it)", round(seconds)) as step:
        return screen_camera(source, seconds, request, model, on_second=step, pictures=pictures)
