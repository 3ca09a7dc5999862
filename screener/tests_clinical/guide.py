"""How a test is carried out and explained: when it is complete, its moving figure, its words in every language.

A test has its guide in `guides/KEY.toml`, or in its own file as `ClinicalTest.guide`; without one it is shown with its English
instructions and ends with a key.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from pydantic import Field

from screener.model.results import Record

Point = tuple[float, float]
LIMBS = ("arm2", "leg2", "arm", "leg")


class Posture(Record):
    """One end of a movement: points of the limbs in a box of 100 by 100, y down, the floor at 96.

    `leg` and `arm` are those of the side that moves; the figure is mirrored where the other side is meant.
    """

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


class GuideWords(Record):
    """What a person is told, in one language; `{side}` and `{other}` in a step name the leg."""

    title: str
    idea: str
    steps: tuple[str, ...]
    easier: str


class Guide(Record):
    """How a test is carried out.

    `hold_s` and `repetitions` say when it is complete; None where nothing is counted. `still_s`: who lies or sits has no quiet
    standing, and stays still for this long instead. `together`: both sides are in one recording. `starts_far`: the person
    begins far from the camera. `low_camera`: it stands low, beside somebody who lies. `short_screen`: its place in
    the short screen, from 1; None where it is not part of it.
    """

    hold_s: float | None = None
    repetitions: int | None = None
    still_s: float | None = None
    together: bool = False
    starts_far: bool = False
    low_camera: bool = False
    short_screen: int | None = None
    figure: StickFigure | None = None
    words: dict[str, GuideWords] = Field(default_factory=dict)


@lru_cache
def guide_file(key: str) -> Guide:
    """Read the guide of a test; an empty one where there is no file of its key."""
    file = files(__package__).joinpath("guides", f"{key}.toml")
    return Guide.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))) if file.is_file() else Guide()
