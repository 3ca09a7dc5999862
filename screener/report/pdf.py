"""The report page as PDF; needs the optional WeasyPrint."""

from __future__ import annotations

import importlib
from typing import Any

from screener.errors import UsageError


def _weasyprint() -> Any:
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as missing:
        raise UsageError(
            "The PDF could not be made, because WeasyPrint is not installed.",
            'Install it with: pip install "screener[pdf]", or print report.html from the browser.',
        ) from missing


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
        WeasyPrint, or one of the system libraries it stands on, is not installed.
    """
    weasyprint = _weasyprint()
    no_network = weasyprint.URLFetcher(allowed_protocols=("data",))
    document: bytes = weasyprint.HTML(string=html, url_fetcher=no_network).write_pdf()
    return document
