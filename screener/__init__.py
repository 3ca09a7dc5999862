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
    from screener.model.pose import PoseSequence
    from screener.model.recording import Request
    from screener.model.results import ScreeningReport
    from screener.tests_clinical import TESTS
    from screener.workflow.screening import Screening
    from screener.workflow.session import Session, screen

__all__ = ["TESTS", "PoseSequence", "Request", "ScreenerError", "Screening", "ScreeningReport", "Session", "screen"]

_HOMES = {
    "TESTS": "screener.tests_clinical",
    "PoseSequence": "screener.model.pose",
    "Request": "screener.model.landmarks_file",
    "ScreenerError": "screener.errors",
    "Screening": "screener.workflow.screening",
    "ScreeningReport": "screener.model.results",
    "Session": "screener.workflow.session",
    "screen": "screener.workflow.session",
}


def __getattr__(name: str) -> Any:
    """Load public names when they are first used: mediapipe takes seconds, and most commands do not need it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
