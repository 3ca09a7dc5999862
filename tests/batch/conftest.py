"""Short clips that a batch is tried on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helpers.batch_clips import short_clip


@pytest.fixture(scope="module")
def shorts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four short clips of known tests, one that is none, and one whose name says nothing."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(4):
        side = "left" if number % 2 else "right"
        short_clip(folder / f"p{number // 2}_single-leg-stance_{side}.mp4", first=number)
    (folder / "p9 hip hinge.mp4").write_bytes(b"this is no video")
    shutil.copy(folder / "p0_single-leg-stance_left.mp4", folder / "holiday.mp4")
    (folder / "notes.txt").write_text("not a clip")
    return folder
