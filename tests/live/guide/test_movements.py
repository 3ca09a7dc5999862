"""Figures and how movements are carried out."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from screener.live.guide.movements import figure_svg, movement, short_screen, sides_to_record
from screener.model.pose import Side
from screener.tests_clinical import TESTS
from screener.tests_clinical.guide import LIMBS


@pytest.mark.parametrize("test", sorted(TESTS))
def test_the_table_is_well_formed_and_says_when_a_movement_is_complete(test: str) -> None:
    how = movement(test)
    assert (how.hold_s is None) or (how.repetitions is None)
    if how.figure is not None:
        start, end = how.figure.start.lines(), how.figure.end.lines()
        assert start.keys() == end.keys()
        assert all(len(start[name]) == len(end[name]) for name in start)
        points = [
            point for posture in (how.figure.start, how.figure.end) for line in posture.lines().values() for point in line
        ]
        assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in points)


@pytest.mark.parametrize("test", short_screen())
@pytest.mark.parametrize("side", [None, *Side])
def test_a_figure_is_drawn_moving_and_still(test: str, side: Side | None) -> None:
    moving, still = (ElementTree.fromstring(f"<svg{part}") for part in str(figure_svg(test, side)).split("<svg")[1:])
    assert moving.get("class") == "moves"
    assert len(moving.findall(".//animate")) >= 4
    assert still.findall(".//animate") == []
    assert len(still.findall(".//circle")) == 2


@pytest.mark.parametrize("posture", ["start", "end"])
@pytest.mark.parametrize("test", sorted(TESTS))
def test_limbs_keep_their_length(test: str, posture: str) -> None:
    """A limb drawn towards the viewer may look shorter, never longer than it can be."""
    figure = movement(test).figure
    assert figure is not None
    for name in LIMBS:
        line = getattr(getattr(figure, posture), name)
        for (x0, y0), (x1, y1) in pairwise(line):
            assert ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 <= 24.0, (test, posture, name)


def test_the_other_leg_is_the_mirror_image() -> None:
    assert "scale(-1 1)" in figure_svg("single_leg_stance", Side.RIGHT)
    assert "scale(-1 1)" not in figure_svg("single_leg_stance", Side.LEFT)


def test_a_test_that_is_not_in_the_table_has_no_figure_and_no_count() -> None:
    assert figure_svg("unheard_of", None) == ""
    assert (movement("unheard_of").hold_s, movement("unheard_of").repetitions) == (None, None)


def test_the_short_screen_is_in_its_order() -> None:
    assert short_screen() == ("single_leg_stance", "single_leg_squat", "hip_hinge")


@pytest.mark.parametrize("test", sorted(TESTS))
def test_sides_are_recorded_apart_or_together(test: str) -> None:
    apart = TESTS[test].sides
    assert sides_to_record(TESTS[test]) == ((None,) if movement(test).together else apart)
