from __future__ import annotations

from pathlib import Path

from helpers.console import Console
from screener import TESTS
from screener.report.norms_page import render_norms_markdown
from screener.tests_clinical.norms import norm_rows, norms_sha256

DOCS = Path(__file__).parents[2] / "docs" / "norms.md"


def test_the_page_lists_every_limit_its_source_and_the_checksum() -> None:
    rows = norm_rows(TESTS.values())
    page = render_norms_markdown(rows, norms_sha256(TESTS.values()))
    assert page.count("\n| ") == len(rows) + 1
    assert norms_sha256(TESTS.values()) in page
    assert "| Single-leg stance | Hold time | ≥ 43 s | < 30.1 s |" in page
    assert "| Sit to stand | Time for five stands | ≤ 11.4 s | > 15 s |" in page
    assert "Signature" in page
    for row in rows:
        assert row.norm.source.citation in page


def test_the_command_prints_it_and_the_docs_hold_it(console: Console) -> None:
    said = console("norms")
    assert said.code == 0
    assert said.out == DOCS.read_text(encoding="utf-8"), "write it anew: screener norms > docs/norms.md"
