from __future__ import annotations

import pytest

from helpers import sample_report as sample
from screener.model.picture import KeyPicture
from screener.model.results import ScreeningReport
from screener.model.series import Series


@pytest.fixture(scope="session")
def report() -> ScreeningReport:
    return sample.report()


@pytest.fixture(scope="session")
def series() -> Series:
    return sample.series()


@pytest.fixture(scope="session")
def key_picture() -> KeyPicture:
    return sample.key_picture()
