"""Is this machine ready? Each check says what to do where it fails."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from screener.errors import ScreenerError

MIN_DISK_MB = 500
SYSTEM_LIBRARIES = "sudo apt-get install libgl1 libegl1 libgles2"


@dataclass(frozen=True)
class Diagnosis:
    """One finding.

    Attributes
    ----------
    needed : bool
        Whether the program cannot work without it.
    advice : str
        What to do when it is not well; empty when it is.
    """

    name: str
    well: bool
    found: str
    needed: bool = True
    advice: str = ""


def examine() -> tuple[Diagnosis, ...]:
    """Run every check."""
    libraries = tuple(_library(name) for name in ("numpy", "scipy", "pydantic", "av", "cv2", "mediapipe", "matplotlib"))
    return (*libraries, _model(), _network_block(), _camera(), _disk(), _writable())


def _library(name: str) -> Diagnosis:
    try:
        module = importlib.import_module("screener.pose.landmarker" if name == "mediapipe" else name)
    except ImportError as error:
        system = ".so" in str(error)
        return Diagnosis(name, False, str(error), advice=SYSTEM_LIBRARIES if system else "pip install movement-screener")
    version = getattr(module, "MEDIAPIPE_VERSION", None) or getattr(module, "__version__", "found")
    return Diagnosis(name, True, str(version))


def _model() -> Diagnosis:
    from screener.pose.models import load_model

    try:
        model = load_model()
    except ScreenerError as error:
        return Diagnosis("pose model", False, error.message, advice=error.advice)
    return Diagnosis("pose model", True, f"full, SHA-256 {model.sha256[:12]}… as published")


def _network_block() -> Diagnosis:
    from screener.pose.landmarker import close_metrics

    close_metrics()  # as every measurement does before it loads the network
    address = os.environ.get("https_proxy", "")
    well = address == "http://127.0.0.1:9"
    return Diagnosis(
        "nothing leaves the machine",
        well,
        "mediapipe's metrics call ends at a closed local port" if well else "mediapipe could reach the network",
        advice="" if well else "Restart the program; something changed https_proxy in between.",
    )


def _camera() -> Diagnosis:
    from screener.video.camera import Camera

    try:
        with Camera(0):
            return Diagnosis("camera", True, "camera 0 answers", needed=False)
    except ScreenerError:
        return Diagnosis(
            "camera",
            False,
            "camera 0 does not answer",
            needed=False,
            advice="Only needed for live tests: plug one in, close other programs that use it, allow this one to use it.",
        )


def _disk() -> Diagnosis:
    free_mb = shutil.disk_usage(Path.cwd()).free // 2**20
    well = free_mb >= MIN_DISK_MB
    return Diagnosis("disk", well, f"{free_mb} MB free here", needed=False, advice="" if well else "Free some space.")


def _writable() -> Diagnosis:
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            return Diagnosis("this folder", True, "can be written", needed=False)
    except OSError:
        return Diagnosis("this folder", False, "cannot be written", needed=False, advice="Name another folder with --out.")
