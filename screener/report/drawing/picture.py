"""Skeleton, panel and face blur on pictures of the person. Never mirrored: left on the picture stays left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from screener.model.picture import KeyPicture
from screener.model.pose import SEEN_VISIBILITY, Floats, Joint, Pose, Side, View
from screener.model.results import Quality
from screener.model.series import Series, nearest_frame
from screener.report.drawing.face import blur_face

__all__ = ["KeyPicture", "OverlayLine", "blur_face", "draw_overlay_frame", "draw_skeleton", "pelvis_on_screen_deg"]

Colour = tuple[int, int, int]

SIDE_COLOURS: dict[Side, Colour] = {Side.LEFT: (64, 196, 255), Side.RIGHT: (255, 176, 59)}
HIP_LINE_COLOUR: Colour = (255, 241, 118)
TRUNK_LINE_COLOUR: Colour = (240, 244, 248)
CASING: Colour = (18, 28, 38)
PANEL_FILL = (12, 20, 28, 178)
FLAGGED_TEXT: Colour = (255, 214, 102)
PLAIN_TEXT: Colour = (255, 255, 255)
PELVIS_SHARE = 0.8
"""Half the drawn pelvis, in distances between the hip points: it reaches beyond them."""
STILL_LINES = 1.8
"""Lines on a still are this much wider than on the video, because the page shows it smaller."""
_CHAIN = (
    (Joint.SHOULDER, Joint.ELBOW),
    (Joint.ELBOW, Joint.WRIST),
    (Joint.SHOULDER, Joint.HIP),
    (Joint.HIP, Joint.KNEE),
    (Joint.KNEE, Joint.ANKLE),
    (Joint.ANKLE, Joint.HEEL),
    (Joint.HEEL, Joint.FOOT_INDEX),
    (Joint.ANKLE, Joint.FOOT_INDEX),
)
_DOTS = (Joint.SHOULDER, Joint.ELBOW, Joint.WRIST, Joint.HIP, Joint.KNEE, Joint.ANKLE)


@dataclass(frozen=True)
class OverlayLine:
    """One line of the panel of an overlay video."""

    text: str
    flagged: bool


@dataclass(frozen=True)
class Stroke:
    """A straight line of the skeleton."""

    start: Floats
    end: Floats
    colour: Colour
    width: float


@lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf", size_px)


def _seen(pose: Pose) -> Floats:
    """(33, 2) landmarks in pixels, NaN where the model did not see the point."""
    return np.where(pose.visibility[:, None] >= SEEN_VISIBILITY, pose.pixels, np.nan)


def pelvis_on_screen_deg(series: Series, quality: Quality, time_s: float) -> float:
    """Return the turn of the pelvis on the picture as it was measured, degrees clockwise; NaN where it was not."""
    mediolateral_sign = View(quality.view).mediolateral_sign
    if not mediolateral_sign or not len(series.time_s):
        return float("nan")
    index = nearest_frame(series.time_s, time_s)
    return mediolateral_sign * float(series.pelvic_obliquity_deg[index]) + quality.camera_roll_deg


def _pelvis(hips: tuple[Floats, Floats], pelvis_deg: float, unit: float) -> list[Stroke]:
    """The line of the hip points and, where it was measured, the pelvis itself, which is then the wide one."""
    left, right = hips
    if not np.isfinite(pelvis_deg):
        return [Stroke(left, right, HIP_LINE_COLOUR, 2.2 * unit)]
    along = (
        PELVIS_SHARE * np.linalg.norm(left - right) * np.array([np.cos(np.radians(pelvis_deg)), np.sin(np.radians(pelvis_deg))])
    )
    middle = (left + right) / 2
    return [
        Stroke(left, right, TRUNK_LINE_COLOUR, unit),
        Stroke(middle - along, middle + along, HIP_LINE_COLOUR, 2.2 * unit),
    ]


def _strokes(points: Floats, unit: float, pelvis_deg: float) -> list[Stroke]:
    """All lines whose two ends were seen; the trunk and the pelvis come last, on top of the others."""

    def at(joint: Joint, side: Side) -> Floats:
        end: Floats = points[joint.on(side)]
        return end

    def middle(joint: Joint) -> Floats:
        centre: Floats = (at(joint, Side.LEFT) + at(joint, Side.RIGHT)) / 2
        return centre

    strokes = [Stroke(at(upper, side), at(lower, side), SIDE_COLOURS[side], unit) for side in Side for upper, lower in _CHAIN]
    strokes += [
        Stroke(at(Joint.SHOULDER, Side.LEFT), at(Joint.SHOULDER, Side.RIGHT), TRUNK_LINE_COLOUR, unit),
        Stroke(middle(Joint.SHOULDER), middle(Joint.HIP), TRUNK_LINE_COLOUR, 1.6 * unit),
        *_pelvis((at(Joint.HIP, Side.LEFT), at(Joint.HIP, Side.RIGHT)), pelvis_deg, unit),
    ]
    return [stroke for stroke in strokes if np.isfinite([stroke.start, stroke.end]).all()]


def _draw_body(draw: ImageDraw.ImageDraw, points: Floats, unit: float, pelvis_deg: float) -> None:
    strokes = _strokes(points, unit, pelvis_deg)
    for casing in (True, False):
        for stroke in strokes:
            width = stroke.width + (unit if casing else 0)
            ends = [tuple(stroke.start), tuple(stroke.end)]
            draw.line(ends, fill=CASING if casing else stroke.colour, width=max(1, round(width)))
    for side in Side:
        for joint in _DOTS:
            x, y = points[joint.on(side)]
            if np.isfinite(x) and np.isfinite(y):
                radius = unit * (1.7 if joint is Joint.HIP else 1.3)
                box = (x - radius, y - radius, x + radius, y + radius)
                draw.ellipse(box, fill=SIDE_COLOURS[side], outline=CASING, width=max(1, round(unit / 3)))


def _draw_side_letters(draw: ImageDraw.ImageDraw, points: Floats, unit: float) -> None:
    """Write L and R beside the hips, outwards, so that a side is known without its colour."""
    hips = points[[Joint.HIP.on(side) for side in Side]]
    if not np.isfinite(hips).all():
        return
    outwards = np.sign(hips[0, 0] - hips[1, 0]) or 1.0
    for side, (x, y) in zip(Side, hips, strict=True):
        place = (x + side.sign * outwards * 9 * unit, y)
        draw.text(
            place, side.name[0], font=_font(round(6 * unit)), fill=SIDE_COLOURS[side], anchor="mm",
            stroke_width=max(1, round(unit / 2)), stroke_fill=CASING,
        )  # fmt: skip


def _line_unit(width: int, height: int) -> float:
    """Width of a thin line of the skeleton: 2.4 pixels at 640x480."""
    return max(1.5, min(width, height) / 200)


def draw_skeleton(rgb: NDArray[np.uint8], pose: Pose, pelvis_deg: float = float("nan")) -> NDArray[np.uint8]:
    """Draw the body on a still picture with smooth lines.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        A picture, not changed.
    pose : Pose
        Points with a visibility below 0.5 are left out.
    pelvis_deg : float
        Result of `pelvis_on_screen_deg`.

    Returns
    -------
    (H, W, 3) uint8
        A copy with the skeleton, the trunk line and, widest, the pelvis as it was measured, or else the line of the hip
        points; L and R stand beside the hips.
    """
    points = _seen(pose)
    if not np.isfinite(points).any():
        return rgb.copy()
    height, width = rgb.shape[:2]
    large = Image.fromarray(rgb).resize((2 * width, 2 * height), Image.Resampling.NEAREST)
    draw, unit = ImageDraw.Draw(large), 2 * STILL_LINES * _line_unit(width, height)
    _draw_body(draw, 2 * points, unit, pelvis_deg)
    _draw_side_letters(draw, 2 * points, unit)
    return np.asarray(large.reduce(2))


def _panel_font(lines: Sequence[OverlayLine], width: int, height: int) -> ImageFont.FreeTypeFont:
    """Font in proportion to the picture, smaller where the longest line would not fit."""
    size_px = max(11, round(min(width, height) / 30))
    longest = max(_font(size_px).getlength(line.text) for line in lines)
    room = width - 5 * size_px
    return _font(max(6, int(size_px * min(1.0, room / max(longest, 1.0)))))


def _draw_panel(draw: ImageDraw.ImageDraw, lines: Sequence[OverlayLine], width: int, height: int) -> None:
    """Text on dark glass in the upper left corner; a flagged line has a raised flag and its own colour."""
    font = _panel_font(lines, width, height)
    em = font.size
    step, left, top = 1.45 * em, 0.8 * em, 0.6 * em
    gutter = 1.2 * em if any(line.flagged for line in lines) else 0.0
    longest = max(font.getlength(line.text) for line in lines)
    box = (left / 2, top / 2, left + gutter + longest + 0.6 * em, top + step * len(lines) + 0.2 * em)
    draw.rounded_rectangle(box, radius=0.4 * em, fill=PANEL_FILL)
    for row, line in enumerate(lines):
        y = top + step * (row + 0.5)
        colour = FLAGGED_TEXT if line.flagged else PLAIN_TEXT
        if line.flagged:
            pole = [(left + 0.2 * em, y - 0.5 * em), (left + 0.2 * em, y + 0.5 * em)]
            draw.line(pole, fill=colour, width=max(1, round(em / 8)))
            draw.polygon([pole[0], (left + 0.95 * em, y - 0.2 * em), (left + 0.2 * em, y + 0.1 * em)], fill=colour)
        draw.text((left + gutter, y), line.text, font=font, fill=colour, anchor="lm")


def draw_overlay_frame(
    rgb: NDArray[np.uint8], pose: Pose, lines: Sequence[OverlayLine], pelvis_deg: float = float("nan")
) -> NDArray[np.uint8]:
    """Draw skeleton and text panel on one frame of the overlay video.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        The frame, not changed, face already blurred where wanted.
    pose : Pose
        The body; where nobody was found only the panel is drawn.
    lines : sequence of OverlayLine
        Text of the panel, none for no panel.
    pelvis_deg : float
        Result of `pelvis_on_screen_deg`.

    Returns
    -------
    (H, W, 3) uint8
        A copy of the same size.
    """
    height, width = rgb.shape[:2]
    picture = Image.fromarray(rgb)
    draw = ImageDraw.Draw(picture, "RGBA")
    points = _seen(pose)
    unit = _line_unit(width, height)
    _draw_body(draw, points, unit, pelvis_deg)
    _draw_side_letters(draw, points, unit)
    if lines:
        _draw_panel(draw, lines, width, height)
    return np.asarray(picture)
