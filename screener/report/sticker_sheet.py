"""The sheet of stickers and tags for the front hip bones, to print at true size."""

from __future__ import annotations

from typing import Final

from screener.model.results import SAFETY_SENTENCE
from screener.report.drawing.palette import FAINT, INK

TAG_BITS: Final = (
    ("1011", "0101", "0011", "0010"),
    ("0000", "1111", "1001", "1010"),
)
"""Inner bits, 1 white, of the tags 0 and 1 of OpenCV's DICT_4X4_50 (a test compares them with OpenCV)."""
TAG_MM = 80
QUIET_MM = 10
STICKER_MM = 32
BAR_MM = 100
GREEN: Final = "#00b140"
_CUT: Final = f'fill="none" stroke="{FAINT}" stroke-width=".25" stroke-dasharray="2 1.5"'
_FONT: Final = f'font-size="3.2" font-family="Helvetica Neue, Arial, Liberation Sans, sans-serif" fill="{INK}"'

_STYLE: Final = """
@page { size: A4; margin: 9mm 5mm; }
* { box-sizing: border-box; -webkit-print-color-adjust: exact; }
body { margin: 0 auto; max-width: 200mm; padding: 0 9mm; color: #1b2733; background: #fff;
  font: 9.5pt/1.36 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
h1 { font-size: 15pt; line-height: 1.2; margin: 0 0 1.5mm; }
h2 { font-size: 10.5pt; margin: 2.6mm 0 .8mm; }
p, ol { margin: 0; } ol { padding-left: 5mm; } li + li { margin-top: .6mm; }
svg { display: block; }
.prints { width: 200mm; height: 143mm; margin: 2.5mm -9mm 0; }
.safety { margin-top: 2.6mm; padding: 1.6mm 2.5mm; font-size: 8.5pt;
  border: .3mm solid #d5dde3; border-left: 1.2mm solid #14507a; }
"""


def sticker_sheet_html() -> str:
    """Lay out one A4 page with two tags, two round stickers and how to use them.

    Returns
    -------
    str
        A self-contained HTML document; printed at 100 % the tags are 80 mm, the stickers 32 mm and the scale bar 100 mm.
    """
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Stickers for the front hip bones</title><style>{_STYLE}</style></head>
<body>
<h1>Stickers for the front hip bones</h1>
<p>Two marks on the pelvis let the camera follow its tilt more closely than it can from the body's outline. Use either the two
green stickers or the two tags, never both. Print on paper at 100&nbsp;% (not &ldquo;fit to page&rdquo;) and cut along the
dashed lines.</p>
{_prints()}
<h2>Which to use</h2>
<p><strong>Green stickers:</strong> for any picture from 640&times;480 up. Wear no green near the hips; if green cannot be
avoided, use two bought stickers of about 3&nbsp;cm in another strong colour. <strong>Tags:</strong> only for a picture of
1280&times;720 or more with the camera at most 3&nbsp;m away; each small square of a tag then covers about 3 pixels. At
640&times;480 tags are too small to read.</p>
<h2>Where to put them</h2>
<ol>
<li>Wear tight clothes. Put your hands on your hips and feel for the bony point at the front of the pelvis on each side, where
the thumbs or fingertips rest: a little below the waist, about a hand's width to the side of the navel.</li>
<li>Stick one mark on each point, centre on the bone, with skin-friendly double-sided tape, over the clothes. Keep both at the
same height; tag 0 on your right, tag 1 on your left. Loose cloth slides over the bone, and the marks with it.</li>
<li>Stand facing the camera, at hip height and about 3&nbsp;m away, arms clear of the marks. Stand still on
both feet for the first second or two. When a mark is hidden the program waits; it does not guess.</li>
</ol>
<p class="safety">{SAFETY_SENTENCE} Do not stick anything on broken or sore skin; stop if something hurts.</p>
</body>
</html>
"""


def _prints() -> str:
    """Everything that is cut out or measured, in millimetres."""
    tags = "".join(_tag(number, x=number * (TAG_MM + 2 * QUIET_MM)) for number in range(len(TAG_BITS)))
    stickers = "".join(_sticker(x, y=122.0) for x in (28.0, 68.0))
    return (
        '<svg class="prints" viewBox="0 0 200 143" role="img" '
        'aria-label="Two square tags, two round green stickers and a scale bar of 10 centimetres">'
        f"{tags}{stickers}{_bar(x=92.0, y=118.0)}</svg>"
    )


def _tag(number: int, x: float) -> str:
    """One tag in its white margin; its dashed outline is the cut line."""
    cut = TAG_MM + 2 * QUIET_MM
    module = TAG_MM / (len(TAG_BITS[number]) + 2)
    white = "".join(
        f"M{x + QUIET_MM + (column + 1) * module:.3f} {QUIET_MM + (row + 1) * module:.3f}"
        f"h{module:.3f}v{module:.3f}h{-module:.3f}z"
        for row, bits in enumerate(TAG_BITS[number])
        for column, bit in enumerate(bits)
        if bit == "1"
    )
    wearer = ("right", "left")[number]
    return (
        f'<rect x="{x + 0.2:.1f}" y="0.2" width="{cut - 0.4:.1f}" height="{cut - 0.4:.1f}" {_CUT}/>'
        f'<rect class="tag" x="{x + QUIET_MM:.1f}" y="{QUIET_MM}" width="{TAG_MM}" height="{TAG_MM}" fill="#000"/>'
        f'<path d="{white}" fill="#fff"/>'
        f'<text x="{x + QUIET_MM:.1f}" y="{cut - 3:.1f}" {_FONT}>Tag {number}: your {wearer} hip, this way up \u2191</text>'
    )


def _sticker(x: float, y: float) -> str:
    radius = STICKER_MM / 2
    return (
        f'<circle class="sticker" cx="{x}" cy="{y}" r="{radius}" fill="{GREEN}"/>'
        f'<circle cx="{x}" cy="{y}" r="{radius + 0.2:.1f}" {_CUT}/>'
    )


def _bar(x: float, y: float) -> str:
    """Ruler that shows whether the sheet came out at true size."""
    ticks = "".join(f"M{x + mm} {y}v{-4 if mm % 50 == 0 else -2.5}" for mm in range(0, BAR_MM + 1, 10))
    return (
        f'<path class="bar" d="M{x} {y}h{BAR_MM}{ticks}" stroke="{INK}" stroke-width=".4" fill="none"/>'
        f'<text x="{x}" y="{y - 6}" {_FONT}>Check the size: this bar must be 10 cm long</text>'
        f'<text x="{x}" y="{y + 6}" {_FONT}>If it is not, print again at 100 % (\u201cactual size\u201d).</text>'
    )
