"""The pose models: which exist, where they are, and whether they are what they should be."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from screener.errors import ModelError, UsageError
from screener.files import written_whole

_ADDRESS = (
    "https://storage.googleapis.com/mediapipe-models/pose_landmarker/"
    "pose_landmarker_{name}/float16/1/pose_landmarker_{name}.task"
)


@dataclass(frozen=True)
class PublishedModel:
    """An official MediaPipe pose bundle (Apache-2.0, The MediaPipe Authors)."""

    name: str
    sha256: str

    @property
    def address(self) -> str:
        """Where Google publishes it."""
        return _ADDRESS.format(name=self.name)

    @property
    def path(self) -> Path:
        """Where it lies on this machine: full inside the package, the others in the user's data folder."""
        folder = Path(__file__).parent if self.name == "full" else Path(platformdirs.user_data_dir("screener")) / "models"
        return folder / f"pose_landmarker_{self.name}.task"


PUBLISHED = {
    model.name: model
    for model in (
        PublishedModel("full", "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad"),
        PublishedModel("lite", "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a"),
        PublishedModel("heavy", "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b"),
    )
}


@dataclass(frozen=True)
class ModelFile:
    """A model on disk, its checksum known."""

    name: str
    path: Path
    sha256: str


def published(name: str) -> PublishedModel:
    """Look a published model up by name; UsageError for an unknown one."""
    if name not in PUBLISHED:
        raise UsageError(f"There is no model {name}.", f"Choose one of {', '.join(PUBLISHED)}.")
    return PUBLISHED[name]


def sha256_of(path: Path) -> str:
    """Checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_model(name: str = "full", path: Path | None = None) -> ModelFile:
    """Find a model and verify it.

    Parameters
    ----------
    name : str
        "full", "lite" or "heavy"; checked against the published SHA-256.
    path : Path, optional
        A bundle of the user's own; it is named by its file name and its checksum is reported, not judged.

    Raises
    ------
    ModelError
        The file is missing or its checksum is not the published one.
    """
    if path is not None:
        if not path.is_file():
            raise ModelError(f"There is no model file {path.name}.", "Check the name given with --model-path.")
        return ModelFile(path.stem, path, sha256_of(path))
    model = published(name)
    if not model.path.is_file():
        raise ModelError(f"The model {name} is not on this machine.", f"Get it with: screener models fetch {name}")
    found = sha256_of(model.path)
    if found != model.sha256:
        advice = "Reinstall the package." if name == "full" else f"Get it again with: screener models fetch {name}"
        raise ModelError(f"The model {name} is damaged: its checksum is not the published one.", advice)
    return ModelFile(name, model.path, found)


def fetch_model(name: str, on_progress: Callable[[int, int], None]) -> ModelFile:
    """Download a published model, check it, then put it in place.

    Parameters
    ----------
    name : str
        "lite" or "heavy" ("full" comes with the package).
    on_progress : callable
        Called with bytes read and bytes in all (0 when unknown).

    Raises
    ------
    ModelError
        No connection, or what came is not the published file; nothing is left behind then.
    """
    model = published(name)
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(model.address, timeout=30) as answer, written_whole(model.path) as file:
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while block := answer.read(1 << 16):
                file.write(block)
                digest.update(block)
                done += len(block)
                on_progress(done, total)
            if digest.hexdigest() != model.sha256:
                raise ModelError(
                    f"The download of the model {name} is not the published file.", "Try again on another connection."
                )
    except OSError as error:
        raise ModelError(
            f"The model {name} could not be downloaded.", "Check the connection, or copy the file and use --model-path."
        ) from error
    return ModelFile(name, model.path, model.sha256)
