from __future__ import annotations

import pytest

from screener.model import Series
from screener.report.picture import KeyPicture
from screener.results import ScreeningReport

from . import sample


@pytest.fixture(scope="session")
def report() -> ScreeningReport:
    return sample.report()


@pytest.fixture(scope="session")
def series() -> Series:
    return sample.series()


@pytest.fixture(scope="session")
def key_picture() -> KeyPicture:
    return sample.key_picture()
