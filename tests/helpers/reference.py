"""Reference angles: rendered truth tables, and the four-camera markerless reference of the pose2sim trial."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from screener.model.pose import Floats

CALIBRATION_SCALE = 64.0
"""The calibration counts sixty-fourths of a pixel."""


@dataclass(frozen=True)
class Truth:
    """Columns of a truth table; (T,) each, NaN where empty."""

    time_s: Floats
    stance: np.ndarray
    rows: tuple[dict[str, str], ...]

    def column(self, name: str) -> Floats:
        """(T,) one column."""
        return np.array([float(row[name]) if row.get(name) else np.nan for row in self.rows])


def load_truth(path: Path) -> Truth:
    """Read a truth table with the columns of timeseries.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = tuple(csv.DictReader(file))
    return Truth(np.array([float(row["time_s"]) for row in rows]), np.array([row["stance"] for row in rows]), rows)


@dataclass(frozen=True)
class Markerless:
    """The pose2sim trial: 3-D points (row i = frame i) and the cameras.

    Attributes
    ----------
    points : (T, K, 3) float
        Metres, y up.
    """

    names: tuple[str, ...]
    points: Floats
    calibration: ElementTree.Element

    @classmethod
    def load(cls, folder: Path) -> Markerless:
        """Read Balancing_for_IK.trc and Calib.qca.txt."""
        lines = (folder / "Balancing_for_IK.trc").read_text(encoding="utf-8").splitlines()
        names = tuple(name for name in lines[3].split("\t")[2:] if name)
        rows = [[float(cell) for cell in line.split("\t")[2 : 2 + 3 * len(names)]] for line in lines[5:] if line.strip()]
        points = np.array(rows).reshape(-1, len(names), 3)
        return cls(names, points, ElementTree.parse(folder / "Calib.qca.txt").getroot())

    def pixels(self, camera: str) -> Floats:
        """(T, K, 2) points as a camera sees them."""
        element = next(found for found in self.calibration.iter("camera") if found.get("serial") == camera)
        transform, intrinsic = element.find("transform"), element.find("intrinsic")
        assert transform is not None
        assert intrinsic is not None
        rotation = np.array([[float(transform.attrib[f"r{a}{b}"]) for b in (1, 2, 3)] for a in (1, 2, 3)])
        position = np.array([float(transform.attrib[axis]) for axis in "xyz"]) / 1000.0
        names = ("focalLengthU", "focalLengthV", "centerPointU", "centerPointV")
        fu, fv, cu, cv = (float(intrinsic.attrib[name]) / CALIBRATION_SCALE for name in names)
        seen = (self.points[..., [2, 0, 1]] - position) @ rotation.T
        return np.stack([-seen[..., 0] / seen[..., 2] * fu + cu, seen[..., 1] / seen[..., 2] * fv + cv], axis=-1)

    def at(self, camera: str, name: str) -> Floats:
        """(T, 2) one point in pixels."""
        return self.pixels(camera)[:, self.names.index(name)]
