"""What was filmed in one visit: a list of videos, each with its test, as the command line or a plan file gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from screener.errors import UnreadableInputError, UsageError
from screener.model.recording import Request, Sex
from screener.model.results import Record
from screener.tests_clinical import get_test
from screener.workflow.user_file import TypedNumber, TypedWholeNumber, TypedYesNo, decoded, parsed_toml, shown

EXAMPLE = '[[recording]]\nvideo = "stance.mp4"\ntest = "single_leg_stance"'


@dataclass(frozen=True)
class PlannedClip:
    """One video and what to look for in it."""

    video: str
    request: Request


class ClipSettings(Record):
    """What a file, written by a user, asks of one video."""

    test: str
    side: Literal["left", "right", "both", "auto"] = "auto"
    vertical: TypedNumber = Field(default=None, ge=-90, le=90)
    markers: TypedYesNo = False
    marker_colour: str | None = None
    straight_first: TypedYesNo = False

    def request(self, age_years: int | None, sex: Sex | None) -> Request:
        """Return it as a request; a colour of stickers says that there are stickers."""
        return Request(
            test=self.test,
            side=self.side,
            age_years=age_years,
            sex=sex,
            vertical_deg=self.vertical,
            markers=self.markers or self.marker_colour is not None,
            marker_colour=self.marker_colour,
            straight_first=self.straight_first,
        )


class PlannedRecording(ClipSettings):
    """One video of a plan file."""

    video: str


class VisitPlan(Record):
    """A plan file: who was filmed, and the videos."""

    age: TypedWholeNumber = Field(default=None, ge=1, le=120)
    sex: Sex | None = None
    recording: tuple[PlannedRecording, ...] = Field(min_length=1)


def read_plan(path: Path) -> tuple[PlannedClip, ...]:
    """Read a plan file (TOML); paths of videos count from its folder.

    Raises
    ------
    UnreadableInputError
        There is no such file, or it is no plan.
    UsageError
        It names an unknown test.
    """
    try:
        plan = VisitPlan.model_validate(parsed_toml(decoded(path.read_bytes(), path.name)))
    except OSError as error:
        raise UnreadableInputError(f"The plan {path.name} cannot be read.", "Check its name with: ls") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableInputError(
            f"The plan {path.name} is wrong at {shown(where)}: {first['msg']}.", f"Write it like this:\n{EXAMPLE}"
        ) from error
    except ValueError as error:  # of which a ValidationError is one too
        raise UnreadableInputError(f"{path.name} is not a plan: {shown(error)}.", f"Write it like this:\n{EXAMPLE}") from error
    return tuple(_take(one, plan, path.parent) for one in plan.recording)


def _take(one: PlannedRecording, plan: VisitPlan, folder: Path) -> PlannedClip:
    get_test(one.test)
    return PlannedClip(str(folder / one.video), one.request(plan.age, plan.sex))


def takes_of(videos: Sequence[str], tests: Sequence[str], request: Request) -> tuple[PlannedClip, ...]:
    """Pair videos with their tests, in order; one test stands for all videos.

    Parameters
    ----------
    videos, tests : sequence of str
        As named on the command line.
    request : Request
        What else holds for all of them.

    Raises
    ------
    UsageError
        No video, no test, an unknown test, or numbers that do not fit.
    """
    if not videos:
        raise UsageError("No video was named.", "Name a video and its test, or a plan with --plan.")
    if not tests:
        raise UsageError("No test was named.", "Name it with --test; list the tests with: screener tests")
    if len(tests) not in (1, len(videos)):
        numbers = f"There are {len(videos)} videos and {len(tests)} tests."
        raise UsageError(numbers, "Give --test once for each video, in order.")
    for test in tests:
        get_test(test)
    each = tests if len(tests) > 1 else list(tests) * len(videos)
    return tuple(
        PlannedClip(video, request.model_copy(update={"test": test})) for video, test in zip(videos, each, strict=True)
    )
