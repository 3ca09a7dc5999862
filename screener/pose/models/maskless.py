"""The pose bundle without the part that draws the person mask: a third less work, landmarks the same to the last bit.

The landmark network computes a mask even when nobody asks for it. Here the operators that only the mask needs are taken off
the network's list, on this machine and once; the result lies in the user's cache folder. Weights are not touched.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from screener.files import written_whole
from screener.pose.models import ModelFile, sha256_of

LANDMARK_NETWORK = "pose_landmarks_detector.tflite"
MEMBERS = ["pose_detector.tflite", LANDMARK_NETWORK]
OUTPUTS = (b"Identity", b"Identity_1", b"Identity_2", b"Identity_3", b"Identity_4")
MASK = 2
HEATMAP = 3
"""Slots of the outputs: the mask, and one that is computed anyway and stands in for it."""
RECIPE = 1
"""Part of the name in the cache: another way of cutting must not find the files of this one."""
_OPERATORS_FIELD = 10
"""Place of the operators in a subgraph of the TFLite schema."""


class UnexpectedNetworkError(ValueError):
    """The bundle is not built as the official ones are; it is used whole."""


def maskless(model: ModelFile) -> ModelFile:
    """Return a model to use where no mask is needed.

    Parameters
    ----------
    model : ModelFile
        A verified model.

    Returns
    -------
    ModelFile
        Name and checksum of the model, since its numbers come out; the path is that of the lighter bundle, or of the model
        itself where it cannot be made lighter or the cache cannot be written.
    """
    folder = Path(platformdirs.user_cache_dir("screener")) / "models"
    stem = f"{model.sha256}-{RECIPE}"
    try:
        ready = next((path for path in sorted(folder.glob(f"{stem}-*.task")) if _is_whole(path)), None)
        return replace(model, path=ready or _put(folder, stem, cut_bundle(model.path)))
    except (OSError, UnexpectedNetworkError):
        return model


def _is_whole(path: Path) -> bool:
    """Whether a file in the cache still has the checksum in its name."""
    return path.stem.rsplit("-", 1)[-1] == sha256_of(path)


def _put(folder: Path, stem: str, data: bytes) -> Path:
    """Write beside, then rename: another process sees all of the file or none."""
    path = folder / f"{stem}-{hashlib.sha256(data).hexdigest()}.task"
    with written_whole(path) as file:
        file.write(data)
    return path


def cut_bundle(path: Path) -> bytes:
    """Return a bundle without the mask's operators.

    Parameters
    ----------
    path : Path
        A `.task` file: a zip with two stored networks.

    Raises
    ------
    UnexpectedNetworkError
        It is built otherwise.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            members = bundle.infolist()
            if [member.filename for member in members] != MEMBERS or any(member.compress_type for member in members):
                raise UnexpectedNetworkError("not two stored networks")
            data = [bundle.read(member) for member in members]
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnexpectedNetworkError("not a zip") from error
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:
            bundle.writestr(members[0], data[0])
            bundle.writestr(members[1], without_mask(data[1]))
        file.seek(0)
        return file.read()


def without_mask(network: bytes) -> bytes:
    """Take the operators that only the mask needs off a landmark network; nothing else moves in the file.

    Parameters
    ----------
    network : bytes
        The official landmark network, a TFLite FlatBuffer.

    Raises
    ------
    UnexpectedNetworkError
        Its outputs are not the official ones, or nothing would be saved.
    """
    from flatbuffers.number_types import Uint32Flags
    from mediapipe.tasks.metadata.schema_py_generated import Model

    data = bytearray(network)
    try:
        model = Model.GetRootAs(data, 0)
        graph = model.Subgraphs(0)
        outputs = graph.OutputsAsNumpy()
        names = tuple(graph.Tensors(index).Name() for index in outputs)
    except (struct.error, AttributeError, TypeError, IndexError, ValueError) as error:
        raise UnexpectedNetworkError("not a TFLite network") from error
    if model.SubgraphsLength() != 1 or names != OUTPUTS:
        raise UnexpectedNetworkError("other outputs than the official network's")
    outputs[MASK] = outputs[HEATMAP]  # a view: written into `data`
    kept = _needed(graph, {int(index) for index in outputs})
    if len(kept) == graph.OperatorsLength():
        raise UnexpectedNetworkError("no operator serves the mask alone")
    table = graph._tab
    field = table.Offset(_OPERATORS_FIELD)
    start = table.Vector(field)
    places = start + 4 * np.arange(graph.OperatorsLength())
    offsets = table.GetVectorAsNumpy(Uint32Flags, field)
    targets = places + offsets  # an offset counts from where it is written
    offsets[: len(kept)] = targets[kept] - places[: len(kept)]
    struct.pack_into("<I", data, start - 4, len(kept))
    return bytes(data)


def _needed(graph: Any, wanted: set[int]) -> list[int]:
    """Numbers of the operators that the wanted tensors come from, in order."""
    kept = []
    for number in reversed(range(graph.OperatorsLength())):
        operator = graph.Operators(number)
        if wanted & set(operator.OutputsAsNumpy().tolist()):
            kept.append(number)
            wanted |= set(operator.InputsAsNumpy().tolist())
    return kept[::-1]
