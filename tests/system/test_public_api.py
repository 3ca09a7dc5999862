from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import screener

NAMES = {
    "Frame", "PoseSequence", "Recording", "Request", "Screening", "ScreeningReport", "ScreenerError", "Session", "TESTS",
    "__version__", "load_recording", "rescreen", "screen", "write_report",
}  # fmt: skip
HEAVY = ("mediapipe", "cv2", "av", "matplotlib")


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_the_public_names_are_these() -> None:
    assert set(screener.__all__) == NAMES
    assert set(dir(screener)) == NAMES
    for name in screener.__all__:
        assert getattr(screener, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(screener, "nonsense")


def test_types_ship() -> None:
    assert (Path(screener.__file__).parent / "py.typed").is_file()


def test_importing_leaves_the_environment_and_the_logs_alone() -> None:
    code = (
        "import logging, os; env, logs = dict(os.environ), (logging.root.level, list(logging.root.handlers))\n"
        "import screener; from screener import TESTS, load_recording, rescreen, screen\n"
        "own = {k for k in os.environ.keys() | env.keys() if os.environ.get(k) != env.get(k)}\n"
        "print(sorted(k for k in own if not k.startswith('QT_') and k != 'LD_LIBRARY_PATH'),"  # OpenCV's own
        " (logging.root.level, list(logging.root.handlers)) == logs)"
    )
    assert run(code) == "[] True"


@pytest.mark.parametrize(
    "module",
    [
        "screener.tests_clinical", "screener.live.guide.flow", "screener.live.guide.progress", "screener.live.guide.speech",
        "screener.station.records.people", "screener.station.records.consents", "screener.station.records.visits",
        "screener.station.storage.tables", "screener.workflow.screening", "screener.workflow.visit",
    ],
)  # fmt: skip
def test_what_knows_no_camera_loads_none(module: str) -> None:
    assert run(f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])") == "[]"


def test_the_pages_of_the_station_load_no_camera_before_something_is_measured() -> None:
    code = (
        "import pkgutil, sys, importlib, screener.station.web.app, screener.station.web.routes as routes\n"
        "[importlib.import_module(one.name) for one in pkgutil.iter_modules(routes.__path__, routes.__name__ + '.')]\n"
        "print([m for m in ('mediapipe', 'cv2', 'av', 'nicegui') if m in sys.modules])"
    )
    assert run(code) == "[]"
