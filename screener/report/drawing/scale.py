"""The bar scale of a measure: its value and 95 % interval on the zones of its norm, as a small hand-made SVG."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from screener.model.results import Grade, MeasureResult, Norm
from screener.report.drawing.icons import icon_shape
from screener.report.drawing.palette import FAINT, GRADE_COLOURS, INK, ZONE_TINTS
from screener.report.wording import ZONE_WORDS, limit, measure_grade, norm_limits, quantity, quantity_with_uncertainty

WIDTH = 340.0
HEIGHT = 96.0
LEFT = 8.0
RIGHT = 332.0
BAR_TOP = 46.0
BAR_HEIGHT = 24.0
MARK_Y = 34.0
GAPS_SHOWN = 4.0
"""The scale ends at most this many widths of the watch zone away from it; values further out get an arrow."""
CHARACTER_WIDTH = 7.4
"""Of bold 12 pixel text in the widest of the usual fonts."""


@dataclass(frozen=True)
class Zone:
    """A stretch of the scale with one grade, in units of the measure."""

    grade: Grade
    start: float
    end: float


@dataclass(frozen=True)
class Axis:
    """Linear map from units of the measure to the width of the picture."""

    start: float
    end: float

    def x(self, value: float) -> float:
        """Place of a value; values off the scale sit at its end."""
        share = (min(max(value, self.start), self.end) - self.start) / (self.end - self.start)
        return LEFT + share * (RIGHT - LEFT)

    def shows(self, value: float) -> bool:
        """Whether the value lies on the scale."""
        return self.start <= value <= self.end


def _reach(measure: MeasureResult) -> tuple[float, ...]:
    if measure.value is None:
        return ()
    half = measure.uncertainty or 0.0
    return (measure.value - half, measure.value + half)


def axis_for(measure: MeasureResult) -> Axis:
    """Choose the stretch of values to show: both limits and, where it is not too far off, the whole interval."""
    reach = _reach(measure)
    if measure.norm is None:
        low, high = min(reach, default=0.0), max(reach, default=1.0)
        room = (high - low) or max(abs(high), 1.0)
        return Axis(low - room, high + room)
    lower, upper = sorted((measure.norm.within, measure.norm.outside))
    gap = (upper - lower) or max(abs(upper) / 2, 1.0)
    low = max(min((lower - 1.5 * gap, *reach)), lower - GAPS_SHOWN * gap)
    high = min(max((upper + 1.5 * gap, *reach)), upper + GAPS_SHOWN * gap)
    if min((lower, *reach)) >= 0:
        low = max(low, 0.0) if lower > 0 else -0.75 * gap
    return Axis(low, high)


def zones(norm: Norm, axis: Axis) -> tuple[Zone, ...]:
    """Within, watch and outside in the order in which they lie from left to right."""
    grades = [Grade.WITHIN, Grade.WATCH, Grade.OUTSIDE]
    if not norm.higher_is_worse:
        grades.reverse()
    lower, upper = sorted((norm.within, norm.outside))
    ends = (axis.start, lower, upper, axis.end)
    found = (Zone(grade, start, end) for grade, start, end in zip(grades, ends[:-1], ends[1:], strict=True))
    return tuple(zone for zone in found if zone.end > zone.start)


def _hatch(grade: Grade, start: float, end: float) -> str:
    """Pattern of a zone: none within, upright strokes for watch, slanted strokes for outside."""
    if grade is Grade.WITHIN:
        return ""
    slant = BAR_HEIGHT if grade is Grade.OUTSIDE else 0.0
    step = 7.0 if grade is Grade.OUTSIDE else 5.0
    bottom, strokes, foot = BAR_TOP + BAR_HEIGHT, [], start - slant + step / 2
    while foot < end:
        first, last = max(0.0, start - foot), min(slant, end - foot)
        if slant == 0.0:
            strokes.append(f"M{foot:.1f} {BAR_TOP}V{bottom}")
        elif last > first:
            strokes.append(f"M{foot + first:.1f} {bottom - first:.1f}L{foot + last:.1f} {bottom - last:.1f}")
        foot += step
    return f'<path d="{"".join(strokes)}" stroke="{GRADE_COLOURS[grade]}" stroke-width="1" opacity=".38"/>'


def _zone_fill_svg(zone: Zone, axis: Axis) -> str:
    start, end = axis.x(zone.start), axis.x(zone.end)
    return (
        f'<rect class="zone {zone.grade.value}" x="{start:.1f}" y="{BAR_TOP}" width="{end - start:.1f}" '
        f'height="{BAR_HEIGHT}" fill="{ZONE_TINTS[zone.grade]}"/>{_hatch(zone.grade, start, end)}'
    )


def _zone_word_svg(zone: Zone, axis: Axis) -> str:
    """Word of a zone, with its icon before it; what does not fit is left out."""
    start, end = axis.x(zone.start), axis.x(zone.end)
    word, tint = ZONE_WORDS[zone.grade], ZONE_TINTS[zone.grade]
    word_width = CHARACTER_WIDTH * len(word)
    if end - start < word_width:
        return ""
    with_icon = end - start >= word_width + 22
    x = (start + end) / 2 + (8 if with_icon else 0)
    left = x - word_width / 2 - (17 if with_icon else 0)
    ground = (
        f'<rect x="{left - 2:.1f}" y="{BAR_TOP + 3}" width="{x + word_width / 2 - left + 2:.1f}" '
        f'height="{BAR_HEIGHT - 6}" rx="3" fill="{tint}"/>'
    )
    mark = f'<g transform="translate({left:.1f} {BAR_TOP + 5.5}) scale(.82)">{icon_shape(zone.grade)}</g>'
    return (
        f"{ground}{mark if with_icon else ''}"
        f'<text x="{x:.1f}" y="{BAR_TOP + 16.3}" text-anchor="middle" font-size="12" font-weight="600" '
        f'fill="{GRADE_COLOURS[zone.grade]}">{word}</text>'
    )


def _limit_svg(value: float, norm: Norm, axis: Axis) -> str:
    heavy = value == norm.outside
    anchor = "middle"
    if norm.within != norm.outside and abs(axis.x(norm.within) - axis.x(norm.outside)) < 44:
        anchor = "end" if value == min(norm.within, norm.outside) else "start"
    nudge = {"middle": 0.0, "end": 3.0, "start": -3.0}[anchor]
    return (
        f'<path class="limit" d="M{axis.x(value):.1f} {BAR_TOP - 3}v{BAR_HEIGHT + 9}" stroke="{INK}" '
        f'stroke-width="{2 if heavy else 1}"/>'
        f'<text x="{axis.x(value) + nudge:.1f}" y="{BAR_TOP + BAR_HEIGHT + 19}" text-anchor="{anchor}" font-size="12" '
        f'font-weight="{600 if heavy else 400}" fill="{INK}">{escape(limit(value, norm.unit.split(" ")[0]))}</text>'
    )


def _arrow_svg(x: float, direction: int) -> str:
    return f'<path class="off-scale" d="M{x:.1f} {MARK_Y - 6}l{6 * direction} 6l{-6 * direction} 6Z" fill="{INK}"/>'


def _drop_line_svg(measure: MeasureResult, axis: Axis) -> str:
    if measure.value is None or not axis.shows(measure.value):
        return ""
    line = f"M{axis.x(measure.value):.1f} {MARK_Y}V{BAR_TOP + BAR_HEIGHT}"
    return f'<path class="drop-line" d="{line}" stroke="{INK}" stroke-width="1.5" stroke-dasharray="3 2"/>'


def _value_svg(measure: MeasureResult, axis: Axis) -> str:
    """Dot with a whisker for the 95 % interval, the value written above it."""
    if measure.value is None:
        return f'<text x="{LEFT}" y="34" font-size="13" font-style="italic" fill="{FAINT}">not measured</text>'
    x, half = axis.x(measure.value), measure.uncertainty or 0.0
    low, high = measure.value - half, measure.value + half
    whisker = f"M{axis.x(low):.1f} {MARK_Y}H{axis.x(high):.1f}"
    whisker += "".join(f"M{axis.x(end):.1f} {MARK_Y - 5}v10" for end in (low, high) if half and axis.shows(end))
    text = quantity_with_uncertainty(measure.value, measure.uncertainty, measure.unit)
    reach = CHARACTER_WIDTH * len(text) / 2
    dot = f'<circle class="value" cx="{x:.1f}" cy="{MARK_Y}" r="5.5" fill="{INK}" stroke="#fff" stroke-width="1.5"/>'
    return (
        f'<path class="interval" d="{whisker}" stroke="{INK}" stroke-width="2.5"/>'
        + (dot if axis.shows(measure.value) else _arrow_svg(x, 1 if measure.value > axis.end else -1))
        + f'<text x="{min(max(x, LEFT + reach), RIGHT - reach):.1f}" y="20" text-anchor="middle" font-size="13" '
        f'font-weight="600" fill="{INK}">{escape(text)}</text>'
    )


def _description(measure: MeasureResult) -> str:
    if measure.value is None:
        return f"Not measured. {norm_limits(measure.norm)}." if measure.norm else "Not measured."
    words = f"{quantity_with_uncertainty(measure.value, measure.uncertainty, measure.unit)}, {measure_grade(measure)}."
    if measure.uncertainty is not None:
        low, high = measure.value - measure.uncertainty, measure.value + measure.uncertainty
        words += f" 95 % interval {quantity(low, measure.unit)} to {quantity(high, measure.unit)}."
    return words + (f" Guide: {norm_limits(measure.norm)}." if measure.norm else "")


def _plain_bar_svg() -> str:
    return (
        f'<path class="plain" d="M{LEFT} {BAR_TOP + 12}H{RIGHT}" stroke="{FAINT}" stroke-width="2"/>'
        f'<text x="{WIDTH / 2}" y="{BAR_TOP + BAR_HEIGHT + 12}" text-anchor="middle" font-size="12" '
        f'fill="{FAINT}">not compared: no guide range</text>'
    )


def scale_svg(measure: MeasureResult) -> str:
    """Draw the value of a measure on the zones of its norm.

    Parameters
    ----------
    measure : MeasureResult
        Any result: without a norm the value stands on a plain line, without a value the zones stand alone.

    Returns
    -------
    str
        One `<svg>` element without ids, so that many of them can stand on one page.
    """
    axis = axis_for(measure)
    drop_line = _drop_line_svg(measure, axis)
    if measure.norm is None:
        bar = _plain_bar_svg() + drop_line
    else:
        found = zones(measure.norm, axis)
        limits = sorted({measure.norm.within, measure.norm.outside})
        bar = "".join(_zone_fill_svg(zone, axis) for zone in found) + drop_line
        bar += "".join(_zone_word_svg(zone, axis) for zone in found)
        bar += "".join(_limit_svg(value, measure.norm, axis) for value in limits)
    title, description = measure.label, _description(measure)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="scale" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
        f"aria-label={quoteattr(f'{title}: {description}')}>"
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        f'<g fill="none" font-family="system-ui, sans-serif">{bar}{_value_svg(measure, axis)}</g></svg>'
    )
