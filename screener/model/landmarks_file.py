"""landmarks.npz: everything a report is computed from, without the video."""

from __future__ import annotations

import json
import lzma
import tokenize
import zipfile
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from pydantic import ValidationError

from screener.errors import UnreadableInputError
from screener.model.pose import PoseSequence
from screener.model.recording import CameraTilt, Origin, Recording, Request

FORMAT = "screener-landmarks"
FORMAT_VERSION = 1
_STORED_NAMES = {"surface_u_deg": "surface_spread_deg", "marker_u_deg": "marker_spread_deg"}
"""Arrays whose name in a file is an older one than in the code; files are read across versions."""
_ARRAYS = {
    field.name: _STORED_NAMES.get(field.name, field.name)
    for field in fields(PoseSequence)
    if field.name not in ("width", "height")
}
_LATER = ("hem_step", "hem_contrast")
"""Arrays that files of earlier releases do not hold; they are NaN there, as where nobody looked."""
MAX_FRAMES = 500_000
"""More than an hour of 120 frames a second."""
MAX_SIDE_PX = 100_000
"""Largest side of a picture that a file may name."""
_FRAME_BYTES = 2_000
"""A little more than a frame takes, every number of it in eight bytes."""
_MAX_BYTES = MAX_FRAMES * _FRAME_BYTES
_MAX_FACTS_BYTES = 4_000_000
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    MemoryError,
    SyntaxError,
    NotImplementedError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ValidationError,
)
"""What zipfile, numpy, json and pydantic raise at a file that is damaged, another program's, or made to do harm."""


def save_recording(recording: Recording, path: Path) -> None:
    """Write a recording; the caller writes beside and renames."""
    with path.open("wb") as file:
        write_recording(recording, file)


def write_recording(recording: Recording, file: BinaryIO) -> None:
    """Write a recording into an open file, which may be in memory."""
    facts = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "origin": recording.origin.model_dump(mode="json"),
        "request": recording.request.model_dump(mode="json"),
        "size": [recording.poses.width, recording.poses.height],
        "tilt_deg": [recording.tilt.roll_deg, recording.tilt.pitch_deg, recording.tilt.moved_deg],
    }
    arrays = {stored: getattr(recording.poses, name) for name, stored in _ARRAYS.items()}
    np.savez_compressed(file, facts=np.array(json.dumps(facts)), **arrays)


def load_recording(path: Path) -> Recording:
    """Read a recording.

    Raises
    ------
    UnreadableInputError
        No such file, not a landmarks file, of another version, or incomplete.
    """
    if path.is_dir():
        raise UnreadableInputError(f"{path.name or path} is a folder, not a landmarks file.", "Name the landmarks.npz in it.")
    if not path.is_file():
        raise UnreadableInputError(f"There is no file {path.name}.", "Name the landmarks.npz of an earlier run.")
    try:
        with path.open("rb") as file:
            return read_recording(file, path.name)
    except OSError as error:
        raise _damaged(path.name) from error


def read_recording(file: BinaryIO, name: str) -> Recording:
    """Read a recording from an open file.

    Parameters
    ----------
    file : binary file
        May be in memory.
    name : str
        How an error calls it.

    Raises
    ------
    UnreadableInputError
        As `load_recording`.
    """
    try:
        _require_size(file)
        with np.load(file, allow_pickle=False) as stored:
            facts: dict[str, Any] = json.loads(str(stored["facts"]))
            _require_version(facts, name)
            arrays = {name: stored[key] for name, key in _ARRAYS.items() if name not in _LATER or key in stored.files}
            unknown = {name: np.full(len(arrays["time_s"]), np.nan) for name in _LATER}
        width, height = facts["size"]
        poses = PoseSequence(**(unknown | arrays), width=width, height=height)
        _require_plausible(poses)
        return Recording(
            poses,
            CameraTilt(*(float(angle) for angle in facts["tilt_deg"])),
            Origin.model_validate(facts["origin"]),
            Request.model_validate(facts["request"]),
        )
    except _DAMAGE as error:
        raise _damaged(name) from error


def _require_size(file: BinaryIO) -> None:
    """Refuse what would fill the memory before it is unpacked: a few kilobytes of a zip archive can hold gigabytes of zeros."""
    with zipfile.ZipFile(file) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if sum(sizes.values()) > _MAX_BYTES or sizes["facts.npy"] > _MAX_FACTS_BYTES:
        raise ValueError("too large")
    file.seek(0)


def _require_plausible(poses: PoseSequence) -> None:
    """Refuse numbers that no camera and no network gives; missing ones are NaN and are not refused."""
    for name in _ARRAYS:
        kinds = "iu" if name in ("surface_segment", "people") else "f"
        array = getattr(poses, name)
        if array.dtype.kind not in kinds or array.dtype.itemsize > 8 or np.isinf(array).any():
            raise ValueError(f"{name} holds something else than it should")
    if not np.isfinite(poses.time_s).all() or (np.diff(poses.time_s) <= 0).any():
        raise ValueError("time goes backwards")
    for side in (poses.width, poses.height):
        if not isinstance(side, int) or not 0 <= side <= MAX_SIDE_PX:
            raise ValueError("no size of a picture")


def _damaged(name: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} is not a landmarks file of this program, or it is damaged.",
        "Use the landmarks.npz that screener analyze wrote, or analyze the video again.",
    )


def _require_version(facts: dict[str, Any], name: str) -> None:
    if facts.get("format") == FORMAT and facts.get("version") != FORMAT_VERSION:
        raise UnreadableInputError(
            f"{name} has version {facts.get('version')} of the landmarks format; this program reads {FORMAT_VERSION}.",
            "Analyze the video again, or use the program version that wrote the file.",
        )
