"""The one style sheet of all pages that are files."""

from __future__ import annotations

from importlib.resources import files


def page_style() -> str:
    """Return it; a page holds it, so that it needs nothing beside itself."""
    return files("screener.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
