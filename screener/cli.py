"""The command line. Exit codes: 0 done, 2 wrong use, 3 nothing could be measured, 4 input could not be read."""

from __future__ import annotations

import os
import sys
import webbrowser
from io import TextIOWrapper
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from screener.console import INTERRUPTED, bar, out, print_report, progress, report_error
from screener.errors import NothingMeasuredError, UsageError
from screener.model import Sex
from screener.results import ScreeningReport

if TYPE_CHECKING:
    from screener.pose.models import ModelFile
    from screener.pose.store import Request
    from screener.screening import Screening

CAMERA_ADDRESSES = ("http://", "https://", "rtsp://")

app = typer.Typer(
    name="screener",
    help="Movement screen from one ordinary camera. Everything stays on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="Pose models: list them, fetch lite or heavy.")
app.add_typer(models_app, name="models")

SideOption = Annotated[
    Literal["left", "right", "both", "auto"],
    typer.Option(help="Which leg stands; auto finds out.", case_sensitive=False),
]
ModelOption = Annotated[Literal["full", "lite", "heavy"], typer.Option(help="Pose model.")]
ModelPathOption = Annotated[Path | None, typer.Option(help="A .task file of your own.")]
VerticalOption = Annotated[
    float | None,
    typer.Option(metavar="DEG", min=-90, max=90, help="Camera roll if you know it; + = the picture is turned clockwise."),
]
AgeOption = Annotated[int | None, typer.Option(min=1, max=120, help="Age in years, for norms that need it.")]
SexOption = Annotated[Sex | None, typer.Option(help="Sex, for norms that need it.")]


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> None:
    """Movement screen from one ordinary camera. Everything stays on this machine."""


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
        _screen_file(Path(video), request, chosen, pictures=pictures)
        if source is None
        else _screen_camera(source, seconds, request, chosen, pictures=pictures)
    )
    with progress("Drawing the overlay", len(screening.poses) if overlay else None) as step:
        page = write_screening(screening, folder, Wanted(Path(video) if overlay else None, pdf), lambda _frame: step())
    print_report(screening.report, page)
    _require_measured(screening.report)


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
    _require_measured(screening.report)


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
        screening = _screen_file(sample.path, Request(test=sample.test), model, pictures=True)
        page = write_screening(screening, folder / sample.path.stem)
        print_report(screening.report, page)
        pages.append(page)
    if open_page and _has_screen():
        webbrowser.open(pages[0].resolve().as_uri())


@app.command()
def tests() -> None:
    """List the tests: what to do, and where the camera goes."""
    from screener.tests_clinical import TESTS

    table = Table("key", "test", "camera sees the", title="Tests")
    for test in TESTS.values():
        table.add_row(test.key, test.title, " or ".join(view.value for view in test.views))
    out.print(table)
    for test in TESTS.values():
        out.print(f"\n[bold]{test.key}[/bold]  {test.idea}")
        for number, line in enumerate(test.instructions, 1):
            out.print(f"  {number}. {line}")
        out.print(f"  Easier: {test.easy_version}\n  Camera: {test.camera}")
        out.print(f"  Measures: {', '.join(measure.key for measure in test.measures)}")


@app.command()
def norms() -> None:
    """List every limit in use with its population and source."""
    from screener.report.wording import norm_limits
    from screener.tests_clinical import TESTS
    from screener.tests_clinical.norms import norm_rows, norms_sha256

    for key, rows in groupby(norm_rows(TESTS.values()), key=lambda row: row.test):
        out.print(f"\n[bold]{key}[/bold]")
        for row in rows:
            out.print(
                f"  {row.measure}: {norm_limits(row.norm)} ({row.tier.value} confidence)", highlight=False, soft_wrap=True
            )
            kind = " Only a convention." if row.norm.convention else ""
            out.print(f"    {row.norm.population}.{kind}", highlight=False)
            out.print(f"    {row.norm.source.citation} {row.norm.source.doi_or_url}", highlight=False, soft_wrap=True)
    out.print(f"\nSHA-256 of all norms: {norms_sha256(TESTS.values())}", soft_wrap=True)


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the pose models and whether they are on this machine."""
    from screener.pose.models import PUBLISHED

    if context.invoked_subcommand is not None:
        return
    table = Table("model", "on this machine", "SHA-256 as published", title="Pose models (Apache-2.0, The MediaPipe Authors)")
    for model in PUBLISHED.values():
        table.add_row(model.name, "yes" if model.path.is_file() else "no", model.sha256)
    out.print(table)


@models_app.command()
def fetch(name: Annotated[Literal["lite", "heavy", "full"], typer.Argument(help="Which model.")]) -> None:
    """Download a model from its official address and check it."""
    from screener.pose.models import fetch_model

    with bar() as shown:
        task = shown.add_task(f"Fetching {name}", total=None)
        model = fetch_model(name, lambda done, total: shown.update(task, completed=done, total=total or None))
    out.print(f"{model.name} is in place: {model.path}", soft_wrap=True)


@app.command()
def validate(
    clips: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Clips with a truth table NAME.csv beside NAME.mp4, or recordings with stickers."),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("screening/accuracy"),
    model: ModelOption = "full",
    model_path: ModelPathOption = None,
) -> None:
    """Compare the program with the truth: agreement of every angle, and of the 5-degree flag."""
    from screener.output import check_writable, staged
    from screener.pose.models import load_model
    from screener.report.accuracy import bland_altman_svg, render_accuracy_html, render_accuracy_markdown
    from screener.validate import find_cases, paired
    from screener.validate import validate as run_validation

    check_writable(folder)
    cases = find_cases(clips)
    with progress("Comparing with the truth", sum(map(len, cases))) as step:
        found, compared = run_validation(cases, clips, load_model(model, model_path), lambda _clip: step())
    row = next((row for row in found.columns if row.column == "pelvic_obliquity_deg"), found.columns[0])
    plot = bland_altman_svg(*paired(compared, row.column), row)
    with staged(folder) as stage:
        (stage / "accuracy.json").write_text(found.model_dump_json(indent=2) + "\n", encoding="utf-8")
        (stage / "accuracy.html").write_text(render_accuracy_html(found, plot), encoding="utf-8")
        (stage / "accuracy.md").write_text(render_accuracy_markdown(found), encoding="utf-8")
    typer.echo(render_accuracy_markdown(found))
    out.print(f"Report: {folder / 'accuracy.html'}", soft_wrap=True)


@app.command()
def doctor() -> None:
    """Check libraries, model, camera and disk, and say the cure."""
    from screener.doctor import examine

    checks = examine()
    table = Table("check", "", "found", "cure", title="Is this machine ready?")
    for check in checks:
        word = "well" if check.well else ("NOT WELL" if check.needed else "missing")
        table.add_row(check.name, word, check.found, check.cure)
    out.print(table)
    failed = [check for check in checks if check.needed and not check.well]
    if failed:
        raise UsageError(f"{failed[0].name} is not well: {failed[0].found}.", failed[0].cure)


@app.command("markers")
def marker_sheet(
    pdf: Annotated[Path, typer.Option("--pdf", help="PDF file to write.")],
) -> None:
    """Write a sheet with stickers and tags to print, and where to put them."""
    from screener.output import staged
    from screener.report.marker_sheet import marker_sheet_html
    from screener.report.pdf import write_pdf

    document = write_pdf(marker_sheet_html())
    with staged(pdf.parent) as stage:
        (stage / pdf.name).write_bytes(document)
    out.print(f"Sheet: {escape(str(pdf))}", soft_wrap=True)


@app.command()
def schema() -> None:
    """Print the JSON schema of report.json."""
    import json

    typer.echo(json.dumps(ScreeningReport.model_json_schema(), indent=2))


def _has_screen() -> bool:
    """Whether a browser could show a page; without a screen a text browser would take over the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _camera_source(video: str) -> int | str | None:
    """Camera index or address, None for a file."""
    if video.isdecimal() and not Path(video).exists():
        return int(video)
    if "://" in video and not video.startswith(CAMERA_ADDRESSES):
        raise UsageError(f"{video} is not the address of a camera.", f"Start it with one of: {', '.join(CAMERA_ADDRESSES)}")
    return video if video.startswith(CAMERA_ADDRESSES) else None


def _screen_file(video: Path, request: Request, model: ModelFile, *, pictures: bool) -> Screening:
    from screener.pose.video import VideoFile
    from screener.session import screen

    total = VideoFile(video).frame_count_hint
    with progress(f"Watching {escape(video.name)}", total or 0) as step:
        return screen(video, request, model, on_frame=lambda _frame: step(), pictures=pictures)


def _screen_camera(source: int | str, seconds: float, request: Request, model: ModelFile, *, pictures: bool) -> Screening:
    from screener.session import screen_camera

    with progress("Recording (Ctrl-C ends it)", round(seconds)) as step:
        return screen_camera(source, seconds, request, model, on_second=step, pictures=pictures)


def _require_measured(result: ScreeningReport) -> None:
    """Exit code 3 where nothing was scored; the report is written all the same and says why."""
    if result.score.assessed == 0:
        first = result.tests[0]
        raise NothingMeasuredError(
            f"Nothing could be measured: {first.reason}", first.cure or "Film the test again as described."
        )


def _files_are_files(arguments: list[str]) -> list[str]:
    """Mark arguments such as -clip.mp4 that look like options but name a file."""
    return [f"./{word}" if word.startswith("-") and Path(word).is_file() else word for word in arguments]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; no traceback unless asked for."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    arguments = _files_are_files([argument for argument in arguments if argument != "--debug"])
    try:
        code: Any = app(arguments, prog_name="screener", standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except (Exception, KeyboardInterrupt) as error:  # the border of the program: every error becomes a sentence
        return report_error(error, debug=debug)
    if code == INTERRUPTED:  # typer makes a bare exit code of Ctrl-C
        return report_error(KeyboardInterrupt(), debug=False)
    return code if isinstance(code, int) else 0


def run() -> None:
    """Entry point of the console script; a sign that the terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    raise SystemExit(main())
