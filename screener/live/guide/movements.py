"""How each movement is carried out, and a drawn figure of it, from movements.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from screener.model.pose import Side
from screener.model.results import Record
from screener.tests_clinical.definition import ClinicalTest

Point = tuple[float, float]
LIMBS = ("arm2", "leg2", "arm", "leg")
HEAD_RADIUS = 7.5


class Posture(Record):
    """One end of a movement in a box of 100 by 100, y down."""

    head: Point
    neck: Point
    hip: Point
    arm: tuple[Point, ...]
    leg: tuple[Point, ...]
    arm2: tuple[Point, ...] = ()
    leg2: tuple[Point, ...] = ()

    def lines(self) -> dict[str, tuple[Point, ...]]:
        """Every line of the figure by its name."""
        limbs = {name: getattr(self, name) for name in LIMBS}
        return {**{name: line for name, line in limbs.items() if line}, "trunk": (self.neck, self.hip)}


class StickFigure(Record):
    """Both ends of a movement."""

    start: Posture
    end: Posture


class Movement(Record):
    """How a movement is carried out.

    `hold_s` and `repetitions` say when it is complete; None where nothing is counted. `still_s`: who lies or sits has no quiet
    standing, and stays still for so long instead. `together`: both sides are in one recording. `starts_far`: the person begins
    far from the camera. `low_camera`: it stands low, beside somebody who lies.
    """

    hold_s: float | None = None
    repetitions: int | None = None
    still_s: float | None = None
    together: bool = False
    starts_far: bool = False
    low_camera: bool = False
    figure: StickFigure | None = None


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files("screener.live.guide").joinpath("movements.toml").read_text(encoding="utf-8"))


def movement(test: str) -> Movement:
    """How a test is carried out; nothing is known of one that is not in the table."""
    return Movement.model_validate(_table().get(test, {}))


def sides_to_record(test: ClinicalTest) -> tuple[Side | None, ...]:
    """List the recordings that a test needs: one a side, or one for all."""
    return (None,) if movement(test.key).together else test.sides


def _path(points: tuple[Point, ...]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _body(posture: Posture, towards: Posture | None, seconds: float) -> Markup:
    """Lines and head; with `towards`, moving there and back."""
    timing = Markup('dur="{}s" repeatCount="indefinite" calcMode="spline" keyTimes="0;.15;.5;.65;1" ').format(seconds)
    timing += Markup('keySplines=".4 0 .6 1;.4 0 .6 1;.4 0 .6 1;.4 0 .6 1"')
    drawn = Markup()
    for name, points in posture.lines().items():
        here, there = _path(points), _path(towards.lines()[name]) if towards else ""
        values = ";".join((here, here, there, there, here))
        moving = Markup('<animate attributeName="d" values="{}" {}/>').format(values, timing) if towards else ""
        drawn += Markup('<path class="{}" d="{}">{}</path>').format(name, here, moving)
    moves = Markup()
    for axis, name in enumerate(("cx", "cy")) if towards else ():
        ends = f"{posture.head[axis]:g}", f"{towards.head[axis]:g}" if towards else ""
        values = ";".join((ends[0], ends[0], ends[1], ends[1], ends[0]))
        moves += Markup('<animate attributeName="{}" values="{}" {}/>').format(name, values, timing)
    head = Markup('<circle class="head" cx="{:g}" cy="{:g}" r="{}">{}</circle>').format(*posture.head, HEAD_RADIUS, moves)
    return drawn + head


def _svg(inside: Markup, css: str, width: int, *, mirrored: bool) -> Markup:
    floor = Markup('<path class="floor" d="M4 97.5H{}"/>').format(width - 4)
    turned = Markup('<g transform="translate({} 0) scale(-1 1)">{}</g>').format(width, inside) if mirrored else inside
    return Markup('<svg class="{}" viewBox="0 0 {} 100" aria-hidden="true" focusable="false">{}{}</svg>').format(
        css, width, floor, turned
    )


def figure_svg(test: str, side: Side | None) -> Markup:
    """Draw the movement: moving, and as two still figures for people who asked for less motion; empty where it is not known.

    The figure is a mirror image, as the picture on the page: the person's left is on the left.
    """
    figure = movement(test).figure
    if figure is None:
        return Markup()
    mirrored = side is Side.RIGHT
    seconds = 6.0 if movement(test).hold_s else 4.0
    moving = _svg(_body(figure.start, figure.end, seconds), "moves", 100, mirrored=mirrored)
    end = Markup('<g transform="translate(100 0)">{}</g>').format(_body(figure.end, None, 0))
    still = _svg(_body(figure.start, None, 0) + end, "still", 200, mirrored=False)
    return moving + still
