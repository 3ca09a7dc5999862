"""The clinical tests: every module of `battery` holds one, as its `TEST`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from screener.errors import UsageError
from screener.tests_clinical import battery
from screener.tests_clinical.definition import ClinicalTest


def _discover() -> Mapping[str, ClinicalTest]:
    found = {}
    for module in pkgutil.iter_modules(battery.__path__):
        test = importlib.import_module(f"{battery.__name__}.{module.name}").TEST
        found[test.key] = test
    return MappingProxyType(dict(sorted(found.items())))


TESTS: Mapping[str, ClinicalTest] = _discover()
"""Every clinical test by its key."""


def get_test(key: str) -> ClinicalTest:
    """Look a test up; UsageError for an unknown key."""
    if key not in TESTS:
        raise UsageError(f"There is no test {key}.", f"Choose one of {', '.join(TESTS)}; see: screener tests")
    return TESTS[key]


def smallest_detectable_of(test: str, measure: str) -> float:
    """Smallest detectable difference of a measure in its unit; 0 where none is published, or for one of another version."""
    known = TESTS[test].measures if test in TESTS else ()
    return next((one.smallest_detectable for one in known if one.key == measure), 0.0)
