"""The command that compares the program with the truth: validate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from screener.cli.base import ModelOption, ModelPathOption, app
from screener.cli.console import out, progress
from screener.errors import printable_lines


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
    from screener.accuracy.page import bland_altman_svg, render_accuracy_html, render_accuracy_markdown
    from screener.accuracy.validate import find_cases, paired
    from screener.accuracy.validate import validate as run_validation
    from screener.files import check_writable, staged
    from screener.pose.models import load_model

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
    typer.echo(printable_lines(render_accuracy_markdown(found)))
    out.print(f"Report: {escape(str(folder / 'accuracy.html'))}", soft_wrap=True)
