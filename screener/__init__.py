"""A movement screen from one ordinary camera, with its uncertainty.

>>> from screener import TESTS
>>> "single_leg_stance" in TESTS
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from screener.version import __version__ as __version__

if TYPE_CHECKING:
    from screener.errors import ScreenerError
    from screener.model import PoseSequence
    from screener.pose.store import Request
    from screener.results import ScreeningReport
    from screener.screening import Screening
    from screener.session import Session, screen
    from screener.tests_clinical import TESTS

__all__ = ["TESTS", "PoseSequence", "Request", "ScreenerError", "Screening", "ScreeningReport", "Session", "screen"]

_HOMES = {
    "TESTS": "screener.tests_clinical",
    "PoseSequence": "screener.model",
    "Request": "screener.pose.store",
    "ScreenerError": "screener.errors",
    "Screening": "screener.screening",
    "ScreeningReport": "screener.results",
    "Session": "screener.session",
    "screen": "screener.session",
}


def __getattr__(name: str) -> Any:
    """Load public names when they are first used: mediapipe takes seconds, and most commands do not need it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
