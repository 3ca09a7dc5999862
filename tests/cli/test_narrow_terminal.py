"""A narrow terminal shows every name and key whole."""

from __future__ import annotations

import pytest

from helpers.console import Console
from screener.cli import console as shown
from screener.pose.models import PUBLISHED
from screener.tests_clinical import TESTS


@pytest.mark.parametrize("width", [10, 20, 60, 80])
def test_no_key_is_cut(console: Console, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(shown.out, "width", width)
    said = console("tests").out
    assert "…" not in said
    table = said.split("1. ")[0]
    for key, test in TESTS.items():
        assert width < 20 or key in table
        for measure in test.measures:
            assert measure.key in said
    models = console("models").out
    assert "…" not in models
    for name, model in PUBLISHED.items():
        assert name in models
        assert model.sha256[:8] in models
    assert width < 20 or "mediapipe" in console("doctor").out


def test_a_narrow_terminal_gets_the_limits_as_they_are_written(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown.out, "_force_terminal", True)
    monkeypatch.setattr(shown.out, "width", 80)
    said = console("norms").out
    assert "…" not in said
    assert "| Clamshell |" in said
