"""Files that OpenSim reads, laid out as Sports2D and Pose2Sim write them: .trc (points) and .mot (angles)."""

from __future__ import annotations

import numpy as np

from screener.model.pose import Floats
from screener.model.series import Series
from screener.report.exports.points import MarkerTrajectories

ANGLES = {
    "knee_flexion_right_deg": "right_knee",
    "knee_flexion_left_deg": "left_knee",
    "hip_flexion_right_deg": "right_hip",
    "hip_flexion_left_deg": "left_hip",
    "pelvic_obliquity_deg": "pelvis",
    "trunk_lean_deg": "trunk",
    "trunk_inclination_deg": "trunk_inclination",
    "knee_valgus_right_deg": "right_knee_valgus",
    "knee_valgus_left_deg": "left_knee_valgus",
    "spine_rounding_deg": "spine_rounding",
}
"""Column of timeseries.csv and its name in the .mot: those of Sports2D where it has the angle, without blanks, at which
OpenSim's older reader (its graphical program) splits a name. Signs are ours."""
_MOT_HEAD = (
    "Units are S.I. units (second, meters, Newtons, ...)",
    "If the header above contains a line with 'inDegrees', this indicates whether rotational values are in degrees (yes) or "
    "radians (no).",
)


def trc(points: MarkerTrajectories, name: str) -> str:
    """Write points as a .trc: metres, y up; `nan` where a point was not seen, as OpenSim drops an empty field that ends a row.

    Parameters
    ----------
    points : Markers
        The points.
    name : str
        File name, which stands in the first line.
    """
    frames, count = points.metres.shape[:2]
    rate = f"{points.rate_hz:.6g}"
    head = [
        ("PathFileType", "4", "(X/Y/Z)", name),
        ["DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"],
        (rate, rate, str(frames), str(count), "m", rate, "1", str(frames)),
        ("Frame#", "Time", *(cell for marker in points.names for cell in (marker, "", ""))),
        ("", "", *(f"{axis}{number}" for number in range(1, count + 1) for axis in "XYZ")),
    ]
    flat = points.metres.reshape(frames, -1)
    rows = (
        (str(number), f"{time_s:.6f}", *_cells(values))
        for number, (time_s, values) in enumerate(zip(points.time_s.tolist(), flat, strict=True), 1)
    )
    return "".join("\t".join(row) + "\n" for part in (head, rows) for row in part)


def mot(series: Series) -> str:
    """Write the angles as a .mot in degrees; columns without any value are left out.

    OpenSim's older reader ends a file at the first `nan`. What was not measured lies on a straight line between the measured
    values around it, or has the nearest one before the first and after the last; the head says how many there are.
    """
    measured = {name: getattr(series, column) for column, name in ANGLES.items()}
    measured = {name: values for name, values in measured.items() if np.isfinite(values).any()}
    columns = {name: _filled(values, series.time_s) for name, values in measured.items()}
    table = np.stack([series.time_s, *columns.values()], axis=1)
    head = ["Coordinates", "version=1", f"nRows={len(table)}", f"nColumns={table.shape[1]}", "inDegrees=yes", ""]
    head += [*_MOT_HEAD, *_fillings(measured), "", "endheader", "\t".join(["time", *columns])]
    return "\n".join([*head, *("\t".join(_cells(row)) for row in table), ""])


def _filled(values: Floats, time_s: Floats) -> Floats:
    known = np.isfinite(values)
    return np.interp(time_s, time_s[known], values[known])


def _fillings(measured: dict[str, Floats]) -> list[str]:
    """Lines of the head that say what was not measured."""
    missing = {name: int((~np.isfinite(values)).sum()) for name, values in measured.items()}
    rows = [f"{name}: {count} of {len(measured[name])} rows" for name, count in missing.items() if count]
    if not rows:
        return []
    return [
        "Not measured, filled by straight lines between measured values or the nearest one (timeseries.csv has them empty):",
        *rows,
    ]


def _cells(values: Floats) -> list[str]:
    return [f"{value:.6f}" if np.isfinite(value) else "nan" for value in values.tolist()]
