"""The time series as Parquet; needs the optional pyarrow."""

from __future__ import annotations

import io
from dataclasses import fields

from screener.model.series import Series


def timeseries_parquet(series: Series) -> bytes:
    """Write the columns of timeseries.csv with all their digits; null where not measured, the unit of each in its field."""
    import pyarrow
    from pyarrow import parquet

    columns = {field.name: pyarrow.array(getattr(series, field.name), from_pandas=True) for field in fields(series)}
    written = [
        pyarrow.field(name, column.type, metadata={"unit": unit} if (unit := _unit(name)) else None)
        for name, column in columns.items()
    ]
    sink = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(list(columns.values()), schema=pyarrow.schema(written)), sink)
    return sink.getvalue()


def _unit(column: str) -> str:
    return {"deg": "degrees", "s": "seconds"}.get(column.rsplit("_", 1)[-1], "")
