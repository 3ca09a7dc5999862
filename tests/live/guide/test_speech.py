"""What is said, beeped and written from one moment to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from screener.live.guide import flow
from screener.live.guide.camera_check import CameraAdvice
from screener.live.guide.flow import FlowState, PlannedTest, Stage
from screener.live.guide.progress import LiveReading
from screener.live.guide.speech import Speaker, display, sounds
from screener.live.guide.view_state import CameraState, CameraStatus, ViewState
from screener.live.language import load_language
from screener.model.pose import Side

WORDS = load_language("en")
ON, LOST = CameraStatus(CameraState.ON), CameraStatus(CameraState.LOST)
PLAN = (PlannedTest("single_leg_stance", Side.LEFT), PlannedTest("hip_hinge", None))


def moment(stage: Stage, *, camera: CameraStatus = ON, reading: LiveReading | None = None, **state: Any) -> ViewState:
    return ViewState(FlowState(stage=stage, plan=PLAN, **state), camera, reading=reading or LiveReading())


def heard(before: ViewState, after: ViewState) -> list[tuple[str, str]]:
    messages = list(sounds(before, after, WORDS))
    return [(message["kind"], message.get("text") or message.get("which") or "") for message in messages]


def test_the_countdown_is_written_beeped_and_spoken() -> None:
    moments = [moment(Stage.COUNTDOWN, now_s=second) for second in (0.0, 0.5, 1.0, 2.0)]
    assert [display(shown, WORDS)["count"] for shown in moments] == ["3", "3", "2", "1"]
    assert heard(moment(Stage.BASELINE), moments[0]) == [("beep", "count"), ("say", "3")]
    assert heard(moments[0], moments[1]) == []
    assert heard(moments[1], moments[2]) == [("beep", "count"), ("say", "2")]
    assert heard(moments[3], moment(Stage.TEST)) == [("beep", "start"), ("say", "Go!")]


def test_the_example_is_read_out_with_the_side_and_the_easier_way() -> None:
    ((_, beep), (_, said)) = heard(moment(Stage.CAMERA), moment(Stage.EXAMPLE, easy=True))
    assert beep == "good"
    assert said.startswith("Single-leg stance, left leg. Stand on both feet")
    assert "stand on your left leg" in said
    assert said.endswith("Easier: Rest two fingertips on the back of a chair beside you.")


def test_repetitions_and_the_end_of_a_set_are_announced() -> None:
    four = moment(Stage.TEST, number=1, reading=LiveReading(repetitions=4))
    five = moment(Stage.TEST, number=1, reading=LiveReading(repetitions=5))
    done = [("beep", "count"), ("say", "5"), ("beep", "stop"), ("say", "Well done. Stand still on both feet")]
    assert heard(four, five) == done
    assert (display(five, WORDS)["big"], display(five, WORDS)["small"]) == ("5", "of 5")
    assert display(five, WORDS)["tone"] == "good"


def test_the_last_seconds_of_a_hold_are_announced_once() -> None:
    holds = [moment(Stage.TEST, reading=LiveReading(hold_s=seconds, holding=True)) for seconds in (19.9, 20.1, 20.3)]
    assert heard(holds[0], holds[1]) == [("say", "10 seconds left")]
    assert heard(holds[1], holds[2]) == []
    assert display(holds[1], WORDS)["big"] == "20 s"


def test_stop_is_confirmed_by_beep_and_voice() -> None:
    assert heard(moment(Stage.TEST), moment(Stage.RESULT, stopped=True)) == [("beep", "stop"), ("say", "Stopped.")]


def test_a_lost_camera_is_said_written_and_taken_back() -> None:
    there, gone = moment(Stage.TEST), moment(Stage.TEST, camera=LOST)
    assert heard(there, gone) == [("beep", "lost"), ("say", "The camera is not connected. Please wait.")]
    assert display(gone, WORDS)["cue"] == "The camera is not connected."
    assert heard(gone, there) == [("beep", "good"), ("say", "The camera is back.")]


@pytest.mark.parametrize("stage", sorted(flow.RECORDING | {Stage.CAMERA}))
def test_every_stage_in_front_of_the_camera_says_something_large(stage: Stage) -> None:
    shown = replace(moment(stage), advice=CameraAdvice("step_back"))
    assert display(shown, WORDS)["cue"]


def test_voice_and_beeps_can_be_muted_each_by_itself() -> None:
    told: list[Mapping[str, Any]] = []
    speaker = Speaker(WORDS, told.append)
    speaker.follow(moment(Stage.COUNTDOWN))
    speaker.toggle_voice()
    assert told[-1] == {"kind": "hush"}
    told.clear()
    speaker.follow(moment(Stage.TEST))
    assert [message["kind"] for message in told] == ["show", "beep"]
    speaker.toggle_voice()
    speaker.toggle_beeps()
    told.clear()
    speaker.follow(moment(Stage.RESULT, stopped=True))
    assert [message["kind"] for message in told] == ["show", "say"]


def test_advice_is_not_chattered() -> None:
    told: list[Mapping[str, Any]] = []
    speaker = Speaker(WORDS, told.append)
    for tenth in range(100):
        key = "step_back" if tenth % 2 else "middle"
        speaker.follow(replace(moment(Stage.CAMERA, now_s=tenth / 10), advice=CameraAdvice(key)))
    spoken = [message["text"] for message in told if message["kind"] == "say"]
    assert 2 <= len(spoken) <= 6


def test_an_unchanged_moment_sends_nothing() -> None:
    told: list[Mapping[str, Any]] = []
    speaker = Speaker(WORDS, told.append)
    speaker.follow(moment(Stage.BASELINE))
    told.clear()
    speaker.follow(moment(Stage.BASELINE))
    assert told == []
