"""How each movement is carried out, and its figure drawn."""

from __future__ import annotations

from markupsafe import Markup

from screener.model.pose import Side
from screener.tests_clinical import TESTS
from screener.tests_clinical.definition import ClinicalTest
from screener.tests_clinical.guide import Guide, Point, Posture

HEAD_RADIUS = 7.5


def movement(test: str) -> Guide:
    """How a test is carried out; nothing is known of one that there is not."""
    return TESTS[test].how if test in TESTS else Guide()


def short_screen() -> tuple[str, ...]:
    """Keys of the tests of the short screen, in their order."""
    places = {key: test.how.short_screen for key, test in TESTS.items()}
    return tuple(sorted((key for key, place in places.items() if place is not None), key=lambda key: places[key] or 0))


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
