"""One shape for each grade, so that no meaning hangs on colour alone."""

from __future__ import annotations

from markupsafe import Markup

from screener.model.results import Grade
from screener.report.drawing.palette import GRADE_COLOURS

_SHAPES = {
    Grade.WITHIN: '<circle cx="8" cy="8" r="7.5"/><path class="i" d="M4.4 8.4 7 11l4.8-5.6"/>',
    Grade.WATCH: '<path d="M8 .8 15.7 15H.3Z"/><path class="i" d="M8 5.8v4.4M8 12.3v.6"/>',
    Grade.OUTSIDE: '<path d="M8 .2 15.8 8 8 15.8.2 8Z"/><path class="i" d="M8 11.8V4.6M5.2 7.2 8 4.4l2.8 2.8"/>',
    Grade.UNDECIDED: (
        '<rect x=".8" y=".8" width="14.4" height="14.4" rx="2.5"/>'
        '<path class="i" d="M5.4 5.9a2.7 2.7 0 1 1 3.7 2.6c-.8.3-1.1.8-1.1 1.6M8 12.2v.6"/>'
    ),
    Grade.NOT_ASSESSED: '<circle cx="8" cy="8" r="7.5"/><path class="i" d="M4.4 8h7.2"/>',
}


def icon_shape(grade: Grade) -> str:
    """SVG elements of an icon in a 16 by 16 box."""
    stroke = 'class="i" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"'
    return f'<g fill="{GRADE_COLOURS[grade]}">{_SHAPES[grade]}</g>'.replace('class="i"', stroke)


def icon(grade: Grade) -> Markup:
    """Inline icon, hidden from screen readers because the word always stands beside it."""
    return Markup(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        f"{icon_shape(grade)}</svg>"
    )
