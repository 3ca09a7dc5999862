"""All pictures of numbers a report shows."""

from __future__ import annotations

from screener.report.curve import curve_svg
from screener.report.scale import scale_svg

__all__ = ["curve_svg", "scale_svg"]
