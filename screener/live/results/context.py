"""What a screen is made for: where its results go, whose it is, and where its end leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from screener.errors import ScreenerError
from screener.live.guide import flow
from screener.live.guide.flow import FlowState, PlannedTest
from screener.live.guide.view_state import LiveOutcome
from screener.model.recording import Request


class ResultSink(Protocol):
    """Where outcomes go. `keep` and `finish` may raise a ScreenerError, which the page tells; they are then called again."""

    @property
    def folder(self) -> Path | None:
        """Folder with the reports that the page may show; None where there are no files."""

    def begin(self) -> None:
        """Begin a new screen: its first outcome is about to come."""

    def keep(self, outcome: LiveOutcome) -> None:
        """Keep the outcome of a test as soon as it is known."""

    def finish(self, outcomes: Sequence[LiveOutcome]) -> None:
        """Make what is made of all tests, in the order in which they were done."""


@dataclass(frozen=True)
class ScreeningContext:
    """What a screen is made for.

    Attributes
    ----------
    keeper : ResultSink
        Where outcomes go.
    plan : tuple of Item
        What is recorded; where it is empty, the person reads the safety list and chooses.
    about : Request, optional
        Age, sex and stickers; test and side come from the plan.
    home : str
        Address of the visit that the page belongs to and leads back to; empty for none.
    start : FlowState
        Where the flow begins.
    """

    keeper: ResultSink
    plan: tuple[PlannedTest, ...] = ()
    about: Request | None = None
    home: str = ""
    start: FlowState = field(init=False)

    def __post_init__(self) -> None:
        """Find where the flow begins."""
        object.__setattr__(self, "start", flow.given(self.plan) if self.plan else FlowState())

    def request(self, item: PlannedTest) -> Request:
        """What is asked of one recording."""
        asked = {"test": item.test, "side": item.side.value if item.side else "both"}
        return (self.about or Request(test=item.test)).model_copy(update=asked)


class Outbox:
    """The outcomes of a screen; what could not be kept is tried again with the next one and at the end.

    Attributes
    ----------
    outcomes : dict
        By the number of the recording in the plan; a second try takes the place of the first.
    problem : str
        Why something is not kept; empty where all is.
    """

    def __init__(self, keeper: ResultSink) -> None:
        self._keeper = keeper
        self._waiting: list[LiveOutcome] = []
        self.outcomes: dict[int, LiveOutcome] = {}
        self.problem = ""

    def add(self, number: int, outcome: LiveOutcome) -> None:
        """Take in an outcome, and keep it at once."""
        if not self.outcomes:
            self._keeper.begin()
        self.outcomes[number] = outcome
        self._waiting.append(outcome)
        self._carry_out()

    def finish(self) -> None:
        """Keep what is left, and make what is made of all."""
        done = [self.outcomes[number] for number in sorted(self.outcomes)]
        if done:
            self._carry_out(lambda: self._keeper.finish(done))

    def clear(self) -> None:
        """Begin a new screen."""
        self.outcomes, self._waiting, self.problem = {}, [], ""

    def _carry_out(self, then: Callable[[], None] = lambda: None) -> None:
        self.problem = ""
        try:
            while self._waiting:
                self._keeper.keep(self._waiting[0])
                del self._waiting[0]
            then()
        except ScreenerError as error:  # the results stay on the page, which says why they are not kept
            self.problem = f"{error.message} {error.advice}"
