"""The flow as a pure state machine: what a key, a button or the passing of time does. No camera, no page, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from screener.live.guide.movements import short_screen
from screener.model.pose import Side

TICKS = ("floor", "hold", "someone", "clothes", "shoes", "stop_list")
"""What has to be ticked before anything else; texts `safety.tick.KEY`."""
GOOD_FOR_S = 1.2
"""The picture must be good for this long before a test starts."""
QUIET_S = 1.0
"""Quiet standing that is enough for the zero of the angles."""
COUNT_FROM = 3
RESULT_S = 12.0
"""A result goes on by itself after so long, since the person stands three metres away."""


class Stage(StrEnum):
    """Where the person is."""

    SAFETY = "safety"
    CHOOSE = "choose"
    CAMERA = "camera"
    EXAMPLE = "example"
    BASELINE = "baseline"
    COUNTDOWN = "countdown"
    TEST = "test"
    RESULT = "result"
    REPORT = "report"


RECORDING = frozenset({Stage.BASELINE, Stage.COUNTDOWN, Stage.TEST})
"""Stages in which poses are recorded: the quiet standing is the zero of the test, so it is part of it."""
STOPPABLE = RECORDING | {Stage.CAMERA, Stage.EXAMPLE}


class Act(StrEnum):
    """What the person can do."""

    NEXT = "next"
    BACK = "back"
    STOP = "stop"
    AGAIN = "again"
    SKIP = "skip"
    WAIT = "wait"
    FINISH = "finish"
    RESTART = "restart"


@dataclass(frozen=True)
class PlannedTest:
    """One recording to make: a test, on one side where it has sides."""

    test: str
    side: Side | None


@dataclass(frozen=True)
class CameraObservation:
    """What the camera shows, as far as the flow needs it.

    Attributes
    ----------
    good : bool
        Nothing is left to do about the camera.
    lost : bool
        No pictures come: the clock of the stage stands still.
    quiet_s : float
        Quiet standing recorded so far.
    over : bool
        The movement has been carried through, or its time is up.
    scored : bool
        The last test has a result that needs no second try.
    reading_s : float
        Time needed to read the example out.
    """

    good: bool = False
    lost: bool = False
    quiet_s: float = 0.0
    over: bool = False
    scored: bool = False
    reading_s: float = 10.0


@dataclass(frozen=True)
class FlowState:
    """Where the flow is.

    Attributes
    ----------
    since_s : float
        When the stage began, put off by the time in which the camera was lost.
    now_s : float
        Time of the last tick.
    good_since_s : float, optional
        Since when the camera has been well placed.
    waiting : bool
        The person asked the page not to go on by itself.
    stopped : bool
        The newest test was stopped.
    given : bool
        The plan was given: there is no safety list, no choosing and no new screen.
    """

    stage: Stage = Stage.SAFETY
    since_s: float = 0.0
    now_s: float = 0.0
    ticked: frozenset[str] = frozenset()
    chosen: tuple[str, ...] = field(default_factory=short_screen)
    plan: tuple[PlannedTest, ...] = ()
    number: int = 0
    easy: bool = False
    good_since_s: float | None = None
    waiting: bool = False
    stopped: bool = False
    given: bool = False

    @property
    def item(self) -> PlannedTest:
        """The recording that is being made."""
        return self.plan[self.number]

    @property
    def elapsed_s(self) -> float:
        """Time in this stage, without the time in which the camera was lost."""
        return self.now_s - self.since_s

    @property
    def last(self) -> bool:
        """Whether no recording comes after this one."""
        return self.number + 1 >= len(self.plan)


def in_order(tests: Iterable[str]) -> tuple[str, ...]:
    """Put the tests of the short screen first, the others behind them in their own order."""
    first = short_screen()
    return tuple(sorted(tests, key=lambda test: first.index(test) if test in first else len(first)))


def plan_of(chosen: Sequence[str], sides: Mapping[str, Sequence[Side | None]]) -> tuple[PlannedTest, ...]:
    """List the recordings that the chosen tests need, in order."""
    return tuple(PlannedTest(test, side) for test in chosen for side in sides[test])


def given(plan: Sequence[PlannedTest]) -> FlowState:
    """Where a screen begins whose tests were chosen elsewhere: at the camera.

    Raises
    ------
    ValueError
        An empty plan.
    """
    if not plan:
        raise ValueError("a given plan holds at least one recording")
    return FlowState(stage=Stage.CAMERA, plan=tuple(plan), given=True)


def toggle_tick(state: FlowState, key: str) -> FlowState:
    """Tick or untick a line of the safety list."""
    return replace(state, ticked=state.ticked ^ {key})


def toggle_test(state: FlowState, key: str, order: Sequence[str]) -> FlowState:
    """Choose a test or leave it out; tests keep the order given."""
    chosen = set(state.chosen) ^ {key}
    return replace(state, chosen=tuple(test for test in order if test in chosen))


def may_go_on(state: FlowState) -> bool:
    """Whether NEXT leads anywhere."""
    if state.stage is Stage.SAFETY:
        return state.ticked >= set(TICKS)
    return bool(state.chosen) if state.stage is Stage.CHOOSE else state.stage is not Stage.REPORT


def may_go_back(state: FlowState) -> bool:
    """Whether BACK leads anywhere: not to another choice of tests once one of them is done."""
    return state.stage in _BACK and not (state.stage is Stage.CAMERA and (state.number > 0 or state.given))


def _go(state: FlowState, stage: Stage) -> FlowState:
    return replace(state, stage=stage, since_s=state.now_s, good_since_s=None, waiting=False)


def _next_item(state: FlowState) -> FlowState:
    if state.last:
        return _go(state, Stage.REPORT)
    return _go(replace(state, number=state.number + 1, stopped=False), Stage.CAMERA)


_FORWARD: Mapping[Stage, Callable[[FlowState], FlowState]] = {
    Stage.SAFETY: lambda state: _go(state, Stage.CHOOSE),
    Stage.CAMERA: lambda state: _go(state, Stage.EXAMPLE),
    Stage.EXAMPLE: lambda state: _go(state, Stage.BASELINE),
    Stage.BASELINE: lambda state: _go(state, Stage.COUNTDOWN),
    Stage.COUNTDOWN: lambda state: _go(state, Stage.TEST),
    Stage.TEST: lambda state: _go(state, Stage.RESULT),
    Stage.RESULT: _next_item,
}
_BACK = {Stage.CHOOSE: Stage.SAFETY, Stage.CAMERA: Stage.CHOOSE, Stage.EXAMPLE: Stage.CAMERA}


def act(state: FlowState, what: Act, sides: Mapping[str, Sequence[Side | None]]) -> FlowState:
    """Return the state after something the person did; the same state where it means nothing here.

    Parameters
    ----------
    state : FlowState
        Before.
    what : Act
        Key or button.
    sides : mapping
        Sides of every test.
    """
    match what:
        case Act.STOP if state.stage in STOPPABLE:
            return _go(replace(state, stopped=True), Stage.RESULT)
        case Act.NEXT if may_go_on(state):
            return _forward(state, sides)
        case Act.BACK if may_go_back(state):
            return _go(state, _BACK[state.stage])
        case Act.AGAIN if state.stage is Stage.RESULT:
            return _go(replace(state, stopped=False), Stage.CAMERA)
        case _:
            return _aside(state, what)


def is_meant(what: Act, shown: FlowState, state: FlowState) -> bool:
    """Whether an act still belongs to this moment.

    A test that ends by itself while the person presses the button would else skip its result. STOP always counts.

    Parameters
    ----------
    what : Act
        Key or button.
    shown : FlowState
        What the person was looking at.
    state : FlowState
        What it has become.
    """
    return what is Act.STOP or (shown.stage, shown.number) == (state.stage, state.number)


def _forward(state: FlowState, sides: Mapping[str, Sequence[Side | None]]) -> FlowState:
    if state.stage is Stage.CHOOSE:
        planned = replace(state, plan=plan_of(state.chosen, sides), number=0, stopped=False)
        return _go(planned, Stage.CAMERA)
    return _FORWARD[state.stage](state)


def _aside(state: FlowState, what: Act) -> FlowState:
    match what:
        case Act.SKIP if state.stage in STOPPABLE - RECORDING:
            return _next_item(state)
        case Act.WAIT if state.stage in (Stage.EXAMPLE, Stage.RESULT):
            return replace(state, waiting=not state.waiting, since_s=state.now_s)
        case Act.FINISH if state.stage is Stage.RESULT:
            return _go(state, Stage.REPORT)
        case Act.RESTART if state.stage is Stage.REPORT and not state.given:
            return _go(FlowState(now_s=state.now_s, chosen=state.chosen, easy=state.easy), Stage.SAFETY)
        case _:
            return state


def tick(state: FlowState, seen: CameraObservation, now_s: float) -> FlowState:
    """Return the state after some time has passed.

    Parameters
    ----------
    state : FlowState
        Before.
    seen : CameraObservation
        What the camera shows.
    now_s : float
        Seconds, rising.
    """
    passed = now_s - state.now_s
    frozen = seen.lost and state.stage in STOPPABLE
    state = replace(state, now_s=now_s, since_s=state.since_s + (passed if frozen else 0.0))
    if frozen:
        return replace(state, good_since_s=None)
    if state.stage is Stage.CAMERA:
        since = (now_s if state.good_since_s is None else state.good_since_s) if seen.good else None
        state = replace(state, good_since_s=since)
    return _FORWARD[state.stage](state) if _is_due(state, seen) else state


def _is_due(state: FlowState, seen: CameraObservation) -> bool:
    """Whether the flow goes on by itself."""
    held = state.good_since_s is not None and state.now_s - state.good_since_s >= GOOD_FOR_S
    due = {
        Stage.CAMERA: held,
        Stage.EXAMPLE: not state.waiting and state.elapsed_s >= seen.reading_s,
        Stage.BASELINE: seen.quiet_s >= QUIET_S,
        Stage.COUNTDOWN: state.elapsed_s >= COUNT_FROM,
        Stage.TEST: seen.over,
        Stage.RESULT: not state.waiting and not state.stopped and seen.scored and state.elapsed_s >= RESULT_S,
    }
    return due.get(state.stage, False)
