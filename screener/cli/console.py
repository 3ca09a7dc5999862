"""What the terminal shows: progress, the result in a table, and errors as one sentence with one piece of advice."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
import typer.exceptions
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.table import Table

from screener.errors import ScreenerError, printable, printable_lines
from screener.model.results import Change, MeasureResult, ScreeningReport, Status

INTERRUPTED = 130
MIN_TABLE_WIDTH = 60
"""Terminals with fewer columns show a table row by row: in cells of a few characters nobody could read a name or copy a key."""


class SafeConsole(Console):
    """Shows texts of files and their names without what would steer the terminal; its own colours and cursor stay."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the pieces of what is shown; everything that is printed passes here."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else piece._replace(text=printable_lines(piece.text))


out = SafeConsole()
err = SafeConsole(stderr=True)


def print_table(table: Table) -> None:
    """Print a table of texts with nothing cut off; row by row where the terminal is narrow."""
    if out.width >= MIN_TABLE_WIDTH:
        for column in table.columns:
            column.overflow = "fold"
        out.print(table)
        return
    if table.title:
        out.print(table.title)
    heads = [column.header for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        for head, cell in zip(heads, row, strict=True):
            if cell:
                out.print(f"{head}: {cell}" if head else cell, highlight=False, soft_wrap=True)
        out.print()


def bar() -> Progress:
    """A progress bar on the error stream; silent where that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Show a progress bar; None for no bar, 0 for an unknown length."""
    if total is None:
        yield lambda: None
        return
    with bar() as shown:
        task = shown.add_task(what, total=total or None)
        yield lambda: shown.advance(task)


def print_report(result: ScreeningReport, page: Path) -> None:
    """Print the answer in words, the measures and where the report is."""
    from screener.report.wording import measure_grade  # loads the tests: not for a list of commands

    subject = f"{len(result.recordings)} recordings" if result.recordings else result.source.file
    out.print(f"\n[bold]{escape(printable(subject))}[/bold]  {escape(result.headline)}", highlight=False)
    for test in result.tests:
        if test.status is not Status.SCORED:
            continue
        points = "no points" if test.score is None else f"{test.score} of 3"
        table = Table("measure", "value", "grade", "firm", title=f"{test.title}, {test.side}: {points}")
        for measure in test.measures:
            firm = ("yes" if measure.firm else "no") if measure.grade.decided else ""
            table.add_row(measure.label, _value(measure), measure_grade(measure), firm)
        print_table(table)
    for change in result.changes:
        out.print(f"Since the earlier recording: {escape(change_sentence(change))}", highlight=False)
    for warning in all_warnings(result):
        out.print(f"Note: {escape(warning)}", highlight=False)
    out.print(f"Report: {escape(str(page))}", soft_wrap=True)


def all_warnings(result: ScreeningReport) -> tuple[str, ...]:
    """Warnings of every recording of a report, with its name where there are several."""
    if not result.recordings:
        return result.quality.warnings
    return tuple(f"{one.source.file}: {warning}" for one in result.recordings for warning in one.quality.warnings)


def change_sentence(change: Change) -> str:
    """One change in words."""
    from screener.report.wording import change_word  # loads the tests: not for a list of commands

    error = f" ± {change.uncertainty:.1f}" if change.uncertainty is not None else ""
    return (
        f"{change.label}: {change.before:.1f} then, {change.after:.1f} now, difference {change.difference:+.1f}{error} "
        f"{change.unit}; {change_word(change.changed)}."
    )


def _value(measure: MeasureResult) -> str:
    if measure.value is None:
        return "not measured"
    spread = f" ± {measure.uncertainty:.1f}" if measure.uncertainty else ""
    return f"{measure.value:.1f}{spread} {measure.unit}" if measure.unit else f"{measure.value:g}{spread}"


def report_error(error: BaseException, *, debug: bool) -> int:
    """Print an error, with its traceback if asked for, and return its exit code."""
    if debug:
        err.print_exception()
    message, advice, code = _explain(error)
    err.print(f"[bold]{escape(message)}[/bold]\n{escape(advice)}", highlight=False, soft_wrap=True)
    return code


def _explain(error: BaseException) -> tuple[str, str, int]:
    """Return what went wrong in one sentence, one piece of advice, and the exit code."""
    if isinstance(error, ScreenerError):
        return error.message, error.advice, error.exit_code
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "Stopped; nothing half-written is left behind.", "Start it again when you like.", INTERRUPTED
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "A disk is full.", "Free some space and start it again.", 2
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return "The name of a file is too long for this system.", "Check the name that was given.", 4
    if isinstance(error, ImportError) and ".so" in str(error):
        from screener.cli.doctor import SYSTEM_LIBRARIES

        return f"A system library is missing: {error}.", f"Install it: {SYSTEM_LIBRARIES}", 2
    if isinstance(error, typer.exceptions.TyperException):
        return *_wrong_use(error), 2
    return (
        f"Something went wrong inside the program ({type(error).__name__}).",
        "Run the same command with --debug and report what it prints.",
        1,
    )


def _wrong_use(error: typer.exceptions.TyperException) -> tuple[str, str]:
    """Return what typer says of a command line it cannot use, as one sentence, and where to look it up."""
    sentence = error.format_message().replace("Value error, ", "").rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "screener COMMAND"
    advice = "List the tests with: screener tests" if "'--test'" in sentence else f"See: {command} --help"
    return f"{sentence}.", advice
