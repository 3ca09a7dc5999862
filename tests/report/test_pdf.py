from __future__ import annotations

import sys
from types import ModuleType

import pytest

from screener.errors import UsageError
from screener.extras import install_command
from screener.report.pdf import write_pdf


class FakeFetcher:
    def __init__(self, allowed_protocols: tuple[str, ...]) -> None:
        self.allowed_protocols = allowed_protocols


class FakeHtml:
    def __init__(self, string: str, url_fetcher: FakeFetcher) -> None:
        self.string, self.url_fetcher = string, url_fetcher

    def write_pdf(self) -> bytes:
        return f"%PDF {self.string} {self.url_fetcher.allowed_protocols}".encode()


def test_page_is_printed_without_access_to_anything_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("weasyprint")
    monkeypatch.setattr(fake, "HTML", FakeHtml, raising=False)
    monkeypatch.setattr(fake, "URLFetcher", FakeFetcher, raising=False)
    monkeypatch.setitem(sys.modules, "weasyprint", fake)
    assert write_pdf("<p>page</p>") == b"%PDF <p>page</p> ('data',)"


@pytest.mark.parametrize("installed", [None, ModuleType("weasyprint")], ids=["missing", "too old to be kept off the network"])
def test_without_weasyprint_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch, installed: ModuleType | None) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", installed)
    with pytest.raises(UsageError) as caught:
        write_pdf("<p>page</p>")
    assert install_command("pdf") in caught.value.advice
    assert caught.value.exit_code == 2
