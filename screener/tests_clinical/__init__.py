"""The clinical tests: every module of `battery` holds one, as its `TEST`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from screener.errors import UsageError
from screener.tests_clinical import battery
from screener.tests_clinical.definition import ClinicalTest


_found: dict[str, ClinicalTest] = {}
TESTS: Mapping[str, ClinicalTest] = MappingProxyType(_found)
"""Every clinical test by its key."""


def discover() -> None:
    """Find the tests in the folders of `battery`, sorted by key; called at import, and again where a folder was added."""
    modules = [
        importlib.import_module(f"{battery.__name__}.{module.name}") for module in pkgutil.iter_modules(battery.__path__)
    ]
    _found.clear()
    _found.update(sorted((module.TEST.key, module.TEST) for module in modules))


discover()


def get_test(key: str) -> ClinicalTest:
    """Look a test up; UsageError for an unknown key."""
    if key not in TESTS:
        raise UsageError(f"There is no test {key}.", f"Choose one of {', '.join(TESTS)}; see: screener tests")
    return TESTS[key]


def smallest_detectable_of(test: str, measure: str) -> float:
    """Smallest detectable difference of a measure in its unit; 0 where none is published, or for one of another version."""
    known = TESTS[test].measures if test in TESTS else ()
    return next((one.smallest_detectable for one in known if one.key == measure), 0.0)
