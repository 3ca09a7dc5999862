"""The command line's root, and what several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from screener.cli.console import progress
from screener.errors import NothingMeasuredError
from screener.model.recording import Sex
from screener.model.results import ScreeningReport, Status

if TYPE_CHECKING:
    from screener.model.recording import Request
    from screener.pose.models import ModelFile
    from screener.video.file import Pace
    from screener.workflow.screening import Screening

app = typer.Typer(
    name="screener",
    help="Movement screen from one ordinary camera. Everything stays on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SideOption = Annotated[
    Literal["left", "right", "both", "auto"],
    typer.Option(help="Which leg is tested; auto finds out.", case_sensitive=False),
]
ModelOption = Annotated[Literal["full", "lite", "heavy"], typer.Option(help="Pose model.")]
ModelPathOption = Annotated[Path | None, typer.Option(help="A .task file of your own.")]
VerticalOption = Annotated[
    float | None,
    typer.Option(metavar="DEG", min=-90, max=90, help="Camera roll if you know it; + = the picture is turned clockwise."),
]
ExportOption = Annotated[
    str,
    typer.Option(
        "--export", metavar="NAMES", help="Also write, separated by commas: trc, mot, c3d, fhir, parquet (csv always)."
    ),
]
EveryOption = Annotated[int, typer.Option(min=1, metavar="N", help="For triage: look at one frame in N only.")]
MaxFpsOption = Annotated[
    float | None, typer.Option("--max-fps", min=1, metavar="F", help="For triage: look at F frames a second at most.")
]
FromOption = Annotated[
    float | None, typer.Option("--from", min=0, metavar="S", help="Ignore everything before this second of the video.")
]
ToOption = Annotated[
    float | None, typer.Option("--to", min=0, metavar="S", help="Ignore everything after this second of the video.")
]
AgeOption = Annotated[int | None, typer.Option(min=1, max=120, help="Age in years, for norms that need it.")]
SexOption = Annotated[Sex | None, typer.Option(help="Sex, for norms that need it.")]


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> None:
    """Movement screen from one ordinary camera. Everything stays on this machine."""


def screen_file(video: Path, request: Request, model: ModelFile, *, pictures: bool, pace: Pace | None = None) -> Screening:
    """Screen a file behind a progress bar."""
    from screener.video.file import EVERY_FRAME, VideoFile
    from screener.workflow.session import screen

    pace = pace or EVERY_FRAME
    total = VideoFile(video).frame_count_hint
    with progress(f"Watching {escape(video.name)}", (total or 0) // pace.every) as step:
        return screen(video, request, model, on_frame=lambda _frame: step(), pictures=pictures, pace=pace)


def require_measured(result: ScreeningReport) -> None:
    """Exit code 3 where nothing was measured; the report is written all the same and says why."""
    if not any(test.status is Status.SCORED for test in result.tests):
        first = result.tests[0]
        raise NothingMeasuredError(
            f"Nothing could be measured: {first.reason}", first.advice or "Film the test again as described."
        )
