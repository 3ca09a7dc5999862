"""The flow without camera, page or clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screener.live.guide import flow
from screener.live.guide.flow import GOOD_FOR_S, Act, CameraObservation, FlowState, PlannedTest, Stage
from screener.model.pose import Side
from screener.tests_clinical import TESTS

SIDES = {"stance": (Side.LEFT, Side.RIGHT), "hinge": (None,)}
PLAN = flow.plan_of(("stance", "hinge"), SIDES)
READY = FlowState(chosen=("stance", "hinge"), plan=PLAN, ticked=frozenset(flow.TICKS))


def at(stage: Stage, **changes: object) -> FlowState:
    return replace(READY, stage=stage, **changes)


def act(state: FlowState, *what: Act) -> FlowState:
    for one in what:
        state = flow.act(state, one, SIDES)
    return state


def test_the_default_tests_exist() -> None:
    assert set(flow.short_screen()) <= set(TESTS)


def test_a_side_is_a_recording_of_its_own() -> None:
    assert PLAN == (PlannedTest("stance", Side.LEFT), PlannedTest("stance", Side.RIGHT), PlannedTest("hinge", None))


def test_the_safety_list_cannot_be_passed_before_every_line_is_ticked() -> None:
    state = FlowState()
    for key in flow.TICKS:
        assert act(state, Act.NEXT).stage is Stage.SAFETY
        state = flow.toggle_tick(state, key)
    assert act(state, Act.NEXT).stage is Stage.CHOOSE
    assert act(flow.toggle_tick(state, "hold"), Act.NEXT).stage is Stage.SAFETY


def test_at_least_one_test_must_be_chosen_and_tests_keep_their_order() -> None:
    none = at(Stage.CHOOSE, chosen=())
    assert act(none, Act.NEXT).stage is Stage.CHOOSE
    both = flow.toggle_test(flow.toggle_test(none, "stance", ("hinge", "stance")), "hinge", ("hinge", "stance"))
    assert both.chosen == ("hinge", "stance")
    assert flow.toggle_test(both, "hinge", ("hinge", "stance")).chosen == ("stance",)


def test_the_short_screen_comes_first() -> None:
    assert flow.in_order(["a", "hip_hinge", "b", "single_leg_stance"]) == ("single_leg_stance", "hip_hinge", "a", "b")


def test_next_leads_through_every_stage_and_every_recording() -> None:
    state = replace(READY, stage=Stage.CHOOSE, plan=())
    seen = []
    while state.stage is not Stage.REPORT:
        state = act(state, Act.NEXT)
        seen.append((state.stage, state.number))
    round_trip = [Stage.CAMERA, Stage.EXAMPLE, Stage.BASELINE, Stage.COUNTDOWN, Stage.TEST, Stage.RESULT]
    assert seen[:-1] == [(stage, number) for number in range(3) for stage in round_trip]


def test_the_camera_must_be_good_for_long_enough() -> None:
    state = flow.tick(at(Stage.CAMERA), CameraObservation(good=True), 10.0)
    state = flow.tick(state, CameraObservation(good=True), 10.0 + GOOD_FOR_S - 0.1)
    assert state.stage is Stage.CAMERA
    spoiled = flow.tick(state, CameraObservation(good=False), 10.0 + GOOD_FOR_S)
    assert flow.tick(spoiled, CameraObservation(good=True), 10.1 + GOOD_FOR_S).stage is Stage.CAMERA
    assert flow.tick(state, CameraObservation(good=True), 10.01 + GOOD_FOR_S).stage is Stage.EXAMPLE


@pytest.mark.parametrize(
    ("stage", "seen", "after_s", "then"),
    [
        (Stage.EXAMPLE, CameraObservation(reading_s=12.0), 12.0, Stage.BASELINE),
        (Stage.BASELINE, CameraObservation(quiet_s=flow.QUIET_S), 0.1, Stage.COUNTDOWN),
        (Stage.COUNTDOWN, CameraObservation(), 3.0, Stage.TEST),
        (Stage.TEST, CameraObservation(over=True), 0.1, Stage.RESULT),
        (Stage.RESULT, CameraObservation(scored=True), flow.RESULT_S, Stage.CAMERA),
    ],
)
def test_it_goes_on_by_itself_when_it_is_time_and_not_before(
    stage: Stage, seen: CameraObservation, after_s: float, then: Stage
) -> None:
    early = flow.tick(at(stage), CameraObservation(reading_s=12.0), after_s - 0.05)
    assert early.stage is stage
    assert flow.tick(early, seen, after_s).stage is then


@pytest.mark.parametrize("stage", [Stage.EXAMPLE, Stage.RESULT])
def test_wait_holds_it_until_asked_again(stage: Stage) -> None:
    waiting = act(at(stage), Act.WAIT)
    late = flow.tick(waiting, CameraObservation(scored=True), 1000.0)
    assert late.stage is stage
    assert act(late, Act.WAIT).waiting is False
    assert act(late, Act.NEXT).waiting is False


def test_a_result_that_needs_a_second_try_waits_for_the_person() -> None:
    assert flow.tick(at(Stage.RESULT), CameraObservation(scored=False), 1000.0).stage is Stage.RESULT
    assert flow.tick(at(Stage.RESULT, stopped=True), CameraObservation(scored=True), 1000.0).stage is Stage.RESULT
    again = act(at(Stage.RESULT, number=1), Act.AGAIN)
    assert (again.stage, again.number) == (Stage.CAMERA, 1)


@pytest.mark.parametrize("stage", list(Stage))
def test_stop_works_wherever_someone_moves(stage: Stage) -> None:
    stopped = act(at(stage), Act.STOP)
    if stage in flow.STOPPABLE:
        assert (stopped.stage, stopped.stopped) == (Stage.RESULT, True)
    else:
        assert stopped == at(stage)


def test_stop_ends_with_the_test_it_belongs_to() -> None:
    stopped = act(at(Stage.TEST), Act.STOP)
    assert act(stopped, Act.AGAIN).stopped is False
    assert act(stopped, Act.NEXT).stopped is False


@pytest.mark.parametrize("stage", sorted(flow.STOPPABLE))
def test_a_lost_camera_stops_the_clock_of_the_stage(stage: Stage) -> None:
    state = flow.tick(at(stage), CameraObservation(reading_s=99.0), 1.0)
    lost = flow.tick(state, CameraObservation(lost=True, over=True, quiet_s=9.0, reading_s=0.0), 61.0)
    assert lost.stage is stage
    assert lost.elapsed_s == pytest.approx(1.0)


def test_a_test_can_be_left_out_and_the_screen_ended_early() -> None:
    assert act(at(Stage.CAMERA), Act.SKIP).number == 1
    assert act(at(Stage.EXAMPLE, number=2), Act.SKIP).stage is Stage.REPORT
    assert act(at(Stage.TEST), Act.SKIP).stage is Stage.TEST
    assert act(at(Stage.RESULT), Act.FINISH).stage is Stage.REPORT


def test_back_leads_back_but_not_to_another_choice_after_the_first_test() -> None:
    assert act(at(Stage.EXAMPLE), Act.BACK).stage is Stage.CAMERA
    assert act(at(Stage.CAMERA), Act.BACK).stage is Stage.CHOOSE
    assert act(at(Stage.CAMERA, number=1), Act.BACK).stage is Stage.CAMERA
    assert act(at(Stage.TEST), Act.BACK).stage is Stage.TEST


def test_a_new_screen_asks_for_safety_anew() -> None:
    new = act(at(Stage.REPORT, easy=True), Act.RESTART)
    assert (new.stage, new.ticked, new.plan, new.easy) == (Stage.SAFETY, frozenset(), (), True)


def test_what_was_pressed_for_a_stage_that_has_just_ended_is_dropped_but_stop_counts() -> None:
    shown = at(Stage.TEST)
    assert flow.is_meant(Act.NEXT, shown, replace(shown, now_s=1.0))
    ended = flow.tick(shown, CameraObservation(over=True), 1.0)
    assert ended.stage is Stage.RESULT
    assert not flow.is_meant(Act.NEXT, shown, ended)
    assert not flow.is_meant(Act.BACK, at(Stage.CAMERA), at(Stage.CAMERA, number=1))
    assert flow.is_meant(Act.STOP, at(Stage.EXAMPLE), at(Stage.BASELINE))
