"""The rows of results.parquet and results.csv: one a clip, test, side and measure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, get_args

from screener.model.results import MeasureResult, Record, ScreeningReport, TestResult


class ResultRow(Record):
    """One line of the results.

    `file` is the name of the clip under the input, `person` who it shows as far as is known, `folder` where its report lies.
    A clip without measures has one row with `status` and `reason`. `clip_seconds` is what the clip took to screen.
    """

    file: str = ""
    person: str = ""
    test: str = ""
    side: str = ""
    status: str = ""
    reason: str = ""
    score: int | None = None
    measure: str = ""
    value: float | None = None
    uncertainty: float | None = None
    unit: str = ""
    grade: str = ""
    firm: bool | None = None
    method: str = ""
    tier: str = ""
    usable_fraction: float | None = None
    norm_within: float | None = None
    norm_outside: float | None = None
    view: str = ""
    fps: float | None = None
    frames: int | None = None
    duration_s: float | None = None
    camera_roll_deg: float | None = None
    warnings: str = ""
    sha256: str = ""
    model: str = ""
    version: str = ""
    folder: str = ""
    clip_seconds: float | None = None


COLUMNS = tuple(ResultRow.model_fields)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Spreadsheets run a cell that begins so; a clip's name and the manifest may come from anyone."""


def rows_of(report: ScreeningReport) -> tuple[ResultRow, ...]:
    """Return a row for each measure of each test and side; one for a test without measures."""
    rows = []
    for test in report.tests:
        about = _about(report, test)
        rows += [ResultRow(**about, **_measured(measure)) for measure in test.measures] or [ResultRow(**about)]
    return tuple(rows)


def _about(report: ScreeningReport, test: TestResult) -> dict[str, Any]:
    return {
        "test": test.key,
        "side": test.side,
        "status": test.status.value,
        "reason": test.reason or "",
        "score": test.score,
        "view": report.quality.view,
        "fps": report.quality.fps,
        "frames": report.source.frames,
        "duration_s": report.source.duration_s,
        "camera_roll_deg": report.quality.camera_roll_deg,
        "warnings": " ".join(report.quality.warnings),
        "sha256": report.source.sha256,
        "model": report.software.model,
        "version": report.software.version,
    }


def _measured(measure: MeasureResult) -> dict[str, Any]:
    return {
        "measure": measure.key,
        "value": measure.value,
        "uncertainty": measure.uncertainty,
        "unit": measure.unit,
        "grade": measure.grade.value,
        "firm": measure.firm,
        "method": measure.method.value,
        "tier": measure.tier.value,
        "usable_fraction": measure.usable_fraction,
        "norm_within": measure.norm.within if measure.norm else None,
        "norm_outside": measure.norm.outside if measure.norm else None,
    }


def csv_bytes(rows: Iterable[ResultRow]) -> bytes:
    """Write rows as CSV; empty where nothing is known.

    A mark at its beginning tells spreadsheets that it is UTF-8, and a text that they would run as a formula begins with an
    apostrophe. Read it as `utf-8-sig`; results.parquet has the texts as they are.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(row, name)) for name in COLUMNS] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("\r", " ")  # `csv` does not quote it, so that readers would begin a row there
    return f"'{text}" if value.startswith(FORMULA_SIGNS) else text


def parquet_bytes(rows: Iterable[ResultRow]) -> bytes:
    """Write rows as Parquet; null where nothing is known, the same columns and types however few rows there are."""
    import pyarrow
    from pyarrow import parquet

    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    kinds = {name: (get_args(field.annotation) or (field.annotation,))[0] for name, field in ResultRow.model_fields.items()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in kinds.items()])
    sink = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist([row.model_dump() for row in rows], schema=schema), sink)
    return sink.getvalue()
