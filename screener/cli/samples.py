"""The bundled clips and what is expected of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UnreadableInputError


@dataclass(frozen=True)
class Sample:
    """A row of samples/videos/manifest.csv.

    Attributes
    ----------
    expected : str
        Flags expected of it, `measure=grade` separated by semicolons, or `not_assessed`.
    """

    path: Path
    sha256: str
    test: str
    side: str
    view: str
    licence: str
    expected: str


def samples_folder() -> Path:
    """Folder of the bundled clips: in the installed package, or in the checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "samples_videos", package.parent / "samples" / "videos"):
        if (folder / "manifest.csv").is_file():
            return folder
    raise UnreadableInputError("The bundled clips are not on this machine.", "Reinstall the package.")


def load_samples() -> tuple[Sample, ...]:
    """Read the manifest."""
    folder = samples_folder()
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Sample(
                path=folder / row["file"],
                sha256=row["sha256"],
                test=row["test"],
                side=row["side"],
                view=row["view"],
                licence=row["licence"],
                expected=row["expected"],
            )
            for row in csv.DictReader(file)
        )
