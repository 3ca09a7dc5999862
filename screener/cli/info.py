"""Commands that tell: tests, norms, models, doctor, markers, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Column, Table

from screener.cli.base import app
from screener.cli.console import bar, out, print_table
from screener.errors import UsageError
from screener.model.results import ScreeningReport

MIN_NORMS_WIDTH = 100
"""Terminals with fewer columns get the limits as they are written: a table of seven columns would be cut."""
models_app = typer.Typer(help="Pose models: list them, fetch lite or heavy.")
app.add_typer(models_app, name="models")


@app.command()
def tests() -> None:
    """List the tests: what to do, and where the camera goes."""
    from screener.tests_clinical import TESTS

    table = Table(Column("key", no_wrap=True), "test", "camera sees the", title="Tests")
    for test in TESTS.values():
        table.add_row(test.key, test.title, " or ".join(view.value for view in test.views))
    print_table(table)
    for test in TESTS.values():
        out.print(f"\n[bold]{test.key}[/bold]  {test.idea}")
        for number, line in enumerate(test.instructions, 1):
            out.print(f"  {number}. {line}")
        out.print(f"  Easier: {test.easy_version}\n  Camera: {test.camera}")
        if test.command_hint:
            out.print(f"  Option: {test.command_hint}", soft_wrap=True)
        out.print(f"  Measures: {', '.join(measure.key for measure in test.measures)}", soft_wrap=True)


@app.command()
def norms() -> None:
    """Print every limit in use with its population and source: one page to read and sign (Markdown)."""
    from screener.report.norms_page import render_norms_markdown
    from screener.tests_clinical import TESTS
    from screener.tests_clinical.norms import norm_rows, norms_sha256

    page = render_norms_markdown(norm_rows(TESTS.values()), norms_sha256(TESTS.values()))
    if out.is_terminal and out.width >= MIN_NORMS_WIDTH:
        out.print(Markdown(page))
    else:
        typer.echo(page, nl=False)


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the pose models and whether they are on this machine."""
    from screener.pose.models import PUBLISHED

    if context.invoked_subcommand is not None:
        return
    table = Table(
        Column("model", no_wrap=True),
        "on this machine",
        "SHA-256 as published",
        title="Pose models (Apache-2.0, The MediaPipe Authors)",
    )
    for model in PUBLISHED.values():
        table.add_row(model.name, "yes" if model.path.is_file() else "no", model.sha256)
    print_table(table)


@models_app.command()
def fetch(name: Annotated[Literal["lite", "heavy", "full"], typer.Argument(help="Which model.")]) -> None:
    """Download a model from its official address and check it."""
    from screener.pose.models import fetch_model

    with bar() as shown:
        task = shown.add_task(f"Fetching {name}", total=None)
        model = fetch_model(name, lambda done, total: shown.update(task, completed=done, total=total or None))
    out.print(f"{model.name} is in place: {model.path}", soft_wrap=True)


@app.command()
def doctor() -> None:
    """Check libraries, model, camera and disk, and say what to do where one fails."""
    from screener.cli.doctor import examine

    checks = examine()
    table = Table(Column("check", no_wrap=True), "", "found", "what to do", title="Is this machine ready?")
    for check in checks:
        word = "ok" if check.well else ("FAILED" if check.needed else "missing")
        table.add_row(check.name, word, check.found, check.advice)
    print_table(table)
    failed = [check for check in checks if check.needed and not check.well]
    if failed:
        raise UsageError(f"{failed[0].name} failed: {failed[0].found}.", failed[0].advice)


@app.command("markers")
def marker_sheet(
    pdf: Annotated[Path, typer.Option("--pdf", help="PDF file to write.")],
) -> None:
    """Write a sheet with stickers and tags to print, and where to put them."""
    from screener.files import staged
    from screener.report.pdf import write_pdf
    from screener.report.sticker_sheet import sticker_sheet_html

    document = write_pdf(sticker_sheet_html())
    with staged(pdf.parent) as stage:
        (stage / pdf.name).write_bytes(document)
    out.print(f"Sheet: {escape(str(pdf))}", soft_wrap=True)


@app.command()
def schema() -> None:
    """Print the JSON schema of report.json."""
    import json

    typer.echo(json.dumps(ScreeningReport.model_json_schema(), indent=2))
