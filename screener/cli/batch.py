"""The command for many clips: batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from screener.cli.base import EveryOption, ExportOption, MaxFpsOption, ModelOption, ModelPathOption, app
from screener.cli.console import err, out, print_table
from screener.errors import NothingMeasuredError, ScreenerError, UnreadableInputError, UsageError
from screener.extras import require_extra
from screener.model.results import Status

if TYPE_CHECKING:
    from screener.batch.plan import Clip
    from screener.batch.run import BatchProgress
    from screener.batch.work import BatchSettings

PLAIN_EVERY_S = 5.0
"""How often the counts are printed where there is no terminal."""


@app.command()
def batch(
    source: Annotated[
        str,
        typer.Argument(metavar="INPUT", help="Folder of videos, or a manifest (.csv, .toml); an address of a store works too."),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Folder to write to; clips that are already done in it are skipped.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Processes on this machine (one per core if left out).")] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="tcp://HOST:PORT", help="Use a Dask cluster instead.")] = None,
    model: ModelOption = "full",
    model_path: ModelPathOption = None,
    pictures: Annotated[bool, typer.Option(help="Pictures of the key moments in the reports.")] = True,
    every: EveryOption = 1,
    max_fps: MaxFpsOption = None,
    exports: ExportOption = "",
    limit: Annotated[int | None, typer.Option(metavar="N", help="Only the first N clips.")] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first clip that fails.")] = False,
    trust_manifest: Annotated[
        bool,
        typer.Option("--trust-manifest", help="Take clips that the manifest names outside its folder, by path or address."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be done.")] = False,
) -> None:
    """Screen many clips: a report each, one table of all, a summary. Start it again to continue where it stopped."""
    from screener.batch.plan import find_clips, limited
    from screener.batch.run import BatchRun, run_batch
    from screener.batch.work import BatchSettings
    from screener.files import check_writable
    from screener.pose.models import load_model
    from screener.report.exports.registry import wanted_exports
    from screener.video.file import Pace

    require_extra("A batch", "batch", "distributed", "cryptography", "fsspec", "pyarrow")
    chosen = load_model(model, model_path)
    if workers is not None and scheduler is not None:
        raise UsageError("Both --workers and --scheduler were given.", "A cluster has workers of its own; leave one out.")
    settings = BatchSettings(chosen.name, chosen.sha256, Pace(every, max_fps), wanted_exports(exports), pictures)
    clips = limited(find_clips(source, trust_manifest=trust_manifest), limit)
    if unread := dict.fromkeys(column for clip in clips for column in clip.unread):
        err.print(f"Columns of the manifest that are ignored: {escape(', '.join(unread))}", highlight=False)
    if dry_run:
        _print_plan(clips, settings, folder)
        return
    check_writable(folder)
    plan = BatchRun(clips, folder, chosen, settings, workers, scheduler, fail_fast)
    with _shown(len(clips)) as show:
        finished = run_batch(plan, show)
    count = finished.count
    out.print(_counted(count), highlight=False, soft_wrap=True)
    out.print(
        f"Results: {escape(str(folder / 'results.csv'))}\nSummary: {escape(str(folder / 'summary.html'))}", soft_wrap=True
    )
    if fail_fast and finished.first_failure:
        raise UnreadableInputError(f"Stopped at {finished.first_failure}", "Leave --fail-fast out to skip bad clips.")
    if not any(row.status == Status.SCORED.value for row in finished.rows):
        raise NothingMeasuredError("Nothing could be measured in any clip.", "See the reasons in results.csv.")


def _counted(count: BatchProgress) -> str:
    """What became of the clips, in one sentence."""
    parts = [f"{count.done} done now", f"{count.skipped} done before"]
    parts += [f"{count.copies} duplicates"] if count.copies else []
    parts += [f"{count.total - count.reached} not reached"] if count.reached < count.total else []
    return f"{count.total} clips: {', '.join(parts)}; {count.failed} failed, {count.unmeasured} could not be scored."


def _print_plan(clips: tuple[Clip, ...], settings: BatchSettings, folder: Path) -> None:
    """Say of each clip what would be asked of it, and whether it is done."""
    from screener.batch.run import finished_keys

    done = finished_keys(folder)
    table = Table("clip", Column("test", no_wrap=True), "side", "")
    waiting = 0
    for clip in clips:
        test, side = (clip.request.test, clip.request.side) if clip.request else ("", "")
        state = _state(clip, settings, done)
        waiting += not state
        table.add_row(escape(clip.name), test, side, escape(state))
    print_table(table)
    out.print(f"{waiting} of {len(clips)} clips would be screened.", highlight=False)


def _state(clip: Clip, settings: BatchSettings, done: Container[str]) -> str:
    """Why a clip would not be screened; empty where it would. A clip is read through only where some are done."""
    if clip.request is None:
        return clip.reason
    if not done and not clip.place.is_remote:
        return "" if clip.place.exists() else "The clip is not there."
    try:
        return "done" if settings.key(clip.place.content(), clip.request) in done else ""
    except ScreenerError as error:
        return error.message


@contextmanager
def _shown(total: int) -> Iterator[Callable[[BatchProgress], None]]:
    """Show how far it is: a bar with rate and time left, or plain counts where there is no terminal."""
    start = time.monotonic()
    if not err.is_terminal:
        yield _plain(start)
        return
    columns = (
        TextColumn("Screening"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}"),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=total, rate="", failed="")

        def show(count: BatchProgress) -> None:
            failed = f"{count.failed} failed" if count.failed else ""
            bar.update(task, completed=count.reached, rate=_rate(count, start), failed=failed)

        yield show


def _plain(start: float) -> Callable[[BatchProgress], None]:
    printed = start

    def show(count: BatchProgress) -> None:
        nonlocal printed
        now = time.monotonic()
        if now - printed >= PLAIN_EVERY_S or count.reached == count.total:
            printed = now
            ahead = ""
            if count.done:
                left_s = (now - start) / count.done * (count.total - count.reached)
                ahead = f", {_rate(count, start)}, {left_s:.0f} s left"
            err.print(f"{count.reached} of {count.total} clips, {count.failed} failed{ahead}", highlight=False)

    return show


def _rate(count: BatchProgress, start: float) -> str:
    return f"{3600 * count.done / max(time.monotonic() - start, 1e-3):.0f} clips an hour"
