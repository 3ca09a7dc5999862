"""The report page as PDF; needs the optional WeasyPrint."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from screener.errors import UsageError
from screener.extras import install_command

PANGO = {
    "linux": "Install it: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "darwin": "Install it: brew install pango",
}


def _weasyprint() -> Any:
    try:
        module = importlib.import_module("weasyprint")
        module.URLFetcher  # noqa: B018 - versions before 68 have none and would load anything
    except OSError as missing:
        raise UsageError(
            "The PDF could not be made, because WeasyPrint does not find the text library Pango.",
            PANGO.get(sys.platform, "Print report.html from the browser instead."),
        ) from missing
    except (ImportError, AttributeError) as missing:
        raise UsageError(
            "The PDF could not be made, because WeasyPrint 68 or newer is not installed.",
            f"Install it with: {install_command('pdf')}, or print report.html from the browser.",
        ) from missing
    return module


def require_pdf() -> None:
    """Fail before the long work, not after it: UsageError when no PDF can be made here."""
    _weasyprint()


def write_pdf(html: str) -> bytes:
    """Print the report page.

    Parameters
    ----------
    html : str
        What `render_html` returned.

    Returns
    -------
    bytes
        A PDF document, A4.

    Raises
    ------
    UsageError
        WeasyPrint 68 or newer, or one of the system libraries it stands on, is not installed.
    """
    weasyprint = _weasyprint()
    no_network = weasyprint.URLFetcher(allowed_protocols=("data",))
    document: bytes = weasyprint.HTML(string=html, url_fetcher=no_network).write_pdf()
    return document
