from __future__ import annotations

import subprocess
import sys

import screener


def test_the_public_names_are_these() -> None:
    names = {"PoseSequence", "Request", "Screening", "ScreeningReport", "ScreenerError", "Session", "TESTS", "screen"}
    assert set(screener.__all__) == names
    for name in screener.__all__:
        assert getattr(screener, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(screener, "nonsense")


def test_listing_tests_does_not_load_the_network() -> None:
    code = (
        "import sys; from screener import TESTS; print(len(TESTS), any(m in sys.modules for m in ('mediapipe', 'cv2', 'av')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, loaded = done.stdout.split()
    assert int(count) >= 3
    assert loaded == "False"
