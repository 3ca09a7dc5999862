"""Golden motions of every clinical test: at least one within, one outside, one that cannot be assessed.

A new test adds a module `tests/tests_clinical/cases_KEY.py` with `CASES`.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tests_clinical.case import Case


def _discovered() -> tuple[Case, ...]:
    """Cases of every `cases_KEY.py` beside this file."""
    folder = Path(__file__).parent
    modules = [importlib.import_module(f"tests_clinical.{file.stem}") for file in sorted(folder.glob("cases_*.py"))]
    return tuple(case for module in modules for case in module.CASES)


CASES = _discovered()
