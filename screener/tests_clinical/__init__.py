"""The clinical tests: every module of `battery` holds one, as its `TEST`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from screener.errors import UsageError
from screener.tests_clinical import battery
from screener.tests_clinical.definition import ClinicalTest, Measure

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


def measure_of(test: str, measure: str) -> Measure | None:
    """Return the definition of a measure; None for one of an older or newer program."""
    return next((one for one in TESTS[test].measures if one.key == measure), None) if test in TESTS else None


def named_measure(key: str) -> Measure | None:
    """Return the first measure of this name in any test; None where there is none."""
    return next((one for test in TESTS.values() for one in test.measures if one.key == key), None)


def smallest_detectable_of(test: str, measure: str) -> float:
    """Smallest detectable difference of a measure in its unit; 0 where none is published, or for one of another version."""
    known = measure_of(test, measure)
    return known.smallest_detectable if known else 0.0
