"""What a golden motion is: who moves, from where it is filmed, and what must come out."""

from __future__ import annotations

from dataclasses import dataclass

from helpers import stickman as sm
from screener.model.results import Grade


@dataclass(frozen=True)
class Case:
    """A motion filmed by a camera and what must come out."""

    test: str
    name: str
    motion: sm.Figure
    camera: sm.Camera
    side: str
    expected: dict[str, Grade | None]  # None: the whole test is not assessed
    timed: frozenset[str] = frozenset()  # measures of time: another speed may grade them otherwise
    distances: tuple[float, float] = (2.2, 6.0)  # metres, near and far


FRONT, BACK = sm.Camera(), sm.Camera(yaw=180)
LEFT_NEAR, RIGHT_NEAR = sm.Camera(yaw=90), sm.Camera(yaw=-90)
NOT_ASSESSED: dict[str, Grade | None] = {}
