"""Is this machine ready? Each check names its cure."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from screener.errors import ScreenerError

LEAST_DISK_MB = 500
SYSTEM_LIBRARIES = "sudo apt-get install libgl1 libegl1 libgles2"


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes
    ----------
    needed : bool
        Whether the program cannot work without it.
    cure : str
        What to do when it is not well; empty when it is.
    """

    name: str
    well: bool
    found: str
    needed: bool = True
    cure: str = ""


def examine() -> tuple[Check, ...]:
    """Run every check."""
    libraries = tuple(_library(name) for name in ("numpy", "scipy", "pydantic", "av", "cv2", "mediapipe", "matplotlib"))
    return (*libraries, _model(), _network_block(), _camera(), _disk(), _writable())


def _library(name: str) -> Check:
    try:
        module = importlib.import_module("screener.pose.landmarker" if name == "mediapipe" else name)
    except ImportError as error:
        system = ".so" in str(error)
        return Check(name, False, str(error), cure=SYSTEM_LIBRARIES if system else "pip install movement-screener")
    version = getattr(module, "MEDIAPIPE_VERSION", None) or getattr(module, "__version__", "found")
    return Check(name, True, str(version))


def _model() -> Check:
    from screener.pose.models import load_model

    try:
        model = load_model()
    except ScreenerError as error:
        return Check("pose model", False, error.message, cure=error.advice)
    return Check("pose model", True, f"full, SHA-256 {model.sha256[:12]}… as published")


def _network_block() -> Check:
    address = os.environ.get("https_proxy", "")
    well = address == "http://127.0.0.1:9"
    return Check(
        "nothing leaves the machine",
        well,
        "mediapipe's metrics call ends at a closed local port" if well else "mediapipe could reach the network",
        cure="" if well else "Start the program anew; another program changed https_proxy in between.",
    )


def _camera() -> Check:
    from screener.pose.video import Camera

    try:
        with Camera(0):
            return Check("camera", True, "camera 0 answers", needed=False)
    except ScreenerError:
        return Check(
            "camera",
            False,
            "no camera answers at 0",
            needed=False,
            cure="Only needed for live tests: plug one in, close other programs that use it, allow this one to use it.",
        )


def _disk() -> Check:
    free_mb = shutil.disk_usage(Path.cwd()).free // 2**20
    well = free_mb >= LEAST_DISK_MB
    return Check("disk", well, f"{free_mb} MB free here", needed=False, cure="" if well else "Free some space.")


def _writable() -> Check:
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            return Check("this folder", True, "can be written", needed=False)
    except OSError:
        return Check("this folder", False, "cannot be written", needed=False, cure="Name another folder with --out.")
