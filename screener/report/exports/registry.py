"""The formats a screening can be written in besides its own, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from screener.errors import UsageError
from screener.extras import require_extra
from screener.model.pose import PoseSequence
from screener.model.results import ScreeningReport
from screener.model.series import Series
from screener.report.exports.c3d import c3d
from screener.report.exports.fhir import fhir_bundle
from screener.report.exports.opensim import mot, trc
from screener.report.exports.parquet import timeseries_parquet
from screener.report.exports.points import MarkerTrajectories, markers


@dataclass(frozen=True)
class ExportInput:
    """All that an export is made of."""

    report: ScreeningReport
    series: Series
    poses: PoseSequence

    def markers(self) -> MarkerTrajectories:
        """Return the body points in metres, camera roll removed."""
        return markers(self.poses, self.report.quality.camera_roll_deg)


@dataclass(frozen=True)
class Export:
    """A file format.

    Attributes
    ----------
    file : str
        Name of the file in the folder of the report.
    write : callable
        Gives its content.
    require : callable
        Raises UsageError where a library for it is missing.
    """

    file: str
    write: Callable[[ExportInput], bytes]
    require: Callable[[], None] = lambda: None


EXPORTS = {
    "trc": Export("landmarks.trc", lambda measured: trc(measured.markers(), "landmarks.trc").encode()),
    "mot": Export("angles.mot", lambda measured: mot(measured.series).encode()),
    "c3d": Export(
        "landmarks.c3d",
        lambda measured: c3d(measured.markers()),
        lambda: require_extra("A C3D file", "c3d", "ezc3d"),
    ),
    "fhir": Export("report.fhir.json", lambda measured: fhir_bundle(measured.report).encode()),
    "parquet": Export(
        "timeseries.parquet",
        lambda measured: timeseries_parquet(measured.series),
        lambda: require_extra("A Parquet file", "batch", "pyarrow"),
    ),
}
ALWAYS = "csv"
"""timeseries.csv is written whatever is asked for."""


def wanted_exports(names: str) -> tuple[str, ...]:
    """Read a list such as "csv,trc,fhir"; UsageError for an unknown name or a missing library.

    Parameters
    ----------
    names : str
        Separated by commas; may be empty.
    """
    asked = tuple(dict.fromkeys(name.strip().lower() for name in names.split(",") if name.strip()))
    for name in asked:
        if name not in (ALWAYS, *EXPORTS):
            raise UsageError(f"There is no export {name}.", f"Choose from: {', '.join((ALWAYS, *EXPORTS))}.")
    chosen = tuple(name for name in asked if name != ALWAYS)
    for name in chosen:
        EXPORTS[name].require()
    return chosen
