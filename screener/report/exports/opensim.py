"""Files that OpenSim reads, laid out as Sports2D and Pose2Sim write them: .trc (points) and .mot (angles)."""

from __future__ import annotations

import numpy as np

from screener.model.pose import Floats
from screener.model.series import Series
from screener.report.exports.points import MarkerTrajectories

ANGLES = {
    "knee_flexion_right_deg": "right knee",
    "knee_flexion_left_deg": "left knee",
    "hip_flexion_right_deg": "right hip",
    "hip_flexion_left_deg": "left hip",
    "pelvic_obliquity_deg": "pelvis",
    "trunk_lean_deg": "trunk",
    "trunk_inclination_deg": "trunk inclination",
    "knee_valgus_right_deg": "right knee valgus",
    "knee_valgus_left_deg": "left knee valgus",
    "spine_rounding_deg": "spine rounding",
}
"""Column of timeseries.csv and its name in the .mot: those of Sports2D where it has the angle. Signs are ours."""
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
    """Write the angles as a .mot in degrees; columns without any value are left out, `nan` where one is not known."""
    columns = {name: getattr(series, column) for column, name in ANGLES.items()}
    columns = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    table = np.stack([series.time_s, *columns.values()], axis=1)
    head = ["Coordinates", "version=1", f"nRows={len(table)}", f"nColumns={table.shape[1]}", "inDegrees=yes", ""]
    head += [*_MOT_HEAD, "", "endheader", "\t".join(["time", *columns])]
    return "\n".join([*head, *("\t".join(_cells(row)) for row in table), ""])


def _cells(values: Floats) -> list[str]:
    return [f"{value:.6f}" if np.isfinite(value) else "nan" for value in values.tolist()]
