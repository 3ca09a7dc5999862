"""Points as a C3D file, the format of motion capture; needs the optional ezc3d."""

from __future__ import annotations

import numpy as np

from screener.files import stage_in, user_temporary_folder
from screener.report.exports.points import MarkerTrajectories

MM_PER_M = 1000.0
UNSEEN = -1.0
"""Residual by which readers know a point that was not seen; without it they draw it."""


def c3d(points: MarkerTrajectories) -> bytes:
    """Write points in millimetres, y up, z towards the camera; a point that was not seen is marked invalid.

    Parameters
    ----------
    points : Markers
        The points.
    """
    import ezc3d

    frames, count = points.metres.shape[:2]
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["RATE"]["value"] = [points.rate_hz]
    file["parameters"]["POINT"]["LABELS"]["value"] = list(points.names)
    file.add_parameter("POINT", "X_SCREEN", "+X")
    file.add_parameter("POINT", "Y_SCREEN", "+Y")
    data = np.ones((4, count, frames))
    data[:3] = MM_PER_M * points.metres.transpose(2, 1, 0)
    file["data"]["points"] = data
    unseen = np.isnan(data[:3]).any(axis=0)
    file["data"]["meta_points"]["residuals"] = np.where(unseen, UNSEEN, 0.0)[np.newaxis]
    with stage_in(user_temporary_folder()) as folder:
        path = folder / "points.c3d"
        file.write(str(path))
        return path.read_bytes()
