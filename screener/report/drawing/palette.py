"""The colours of every page, picture and curve, said once; `report.css` has the same as variables."""

from __future__ import annotations

from screener.model.results import Grade

INK = "#1b2733"
FAINT = "#56616b"
LINE = "#d5dde3"
WASH = "#f4f7f9"
ACCENT = "#14507a"
PAPER = "#ffffff"
BAND = "#8fb3cf"
"""The uncertainty about a curve."""
SHADE = "#e9eef2"
"""Repetitions and holds behind a curve."""

GRADE_COLOURS = {
    Grade.WITHIN: "#17694a",
    Grade.WATCH: "#8a5200",
    Grade.OUTSIDE: "#a3291a",
    Grade.UNDECIDED: "#4a4f8a",
    Grade.NOT_ASSESSED: FAINT,
}
"""Text colours; each has a contrast of at least 4.5 on white and on its own tint."""
ZONE_TINTS = {Grade.WITHIN: "#dcefe6", Grade.WATCH: "#fbebc8", Grade.OUTSIDE: "#f8d9d2"}
LIMIT = GRADE_COLOURS[Grade.OUTSIDE]
"""The guide line."""
