"""Ties camera, recording and flow together; what the page shows is read from here, what it wants is asked for here."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from screener.live.camera.capture import Capture, Shot
from screener.live.camera.sources import FrameSource
from screener.live.camera.thread_guard import crash_guard, end_program
from screener.live.camera.watcher import MovementRecording, PreviewTracker, Watcher
from screener.live.guide import flow
from screener.live.guide.camera_check import CameraAdvice, advise
from screener.live.guide.flow import Act, CameraObservation, FlowState, Stage
from screener.live.guide.movements import movement, sides_to_record
from screener.live.guide.progress import LiveReading, is_over, later, read
from screener.live.guide.speech import Speaker
from screener.live.guide.view_state import CameraState, LiveOutcome, ViewState
from screener.live.language import Language
from screener.live.results.context import Outbox, ScreeningContext
from screener.live.results.outcome import conclude, folder_name
from screener.live.stream import NumberedPose, PageStream
from screener.model.pose import Pose
from screener.pose.models import ModelFile
from screener.runtime import give_memory_back, keep_memory_flat
from screener.tests_clinical import TESTS, get_test

PAUSE_S = 0.1
SHARE = 0.2
"""Share of its time that the display may use for analysing the recording so far."""
MAX_WAIT_S = 1.0
WORDS_A_SECOND = 2.2
MIN_EXAMPLE_S = 8.0
IN_STEP = 0.9
"""Up to this share of the camera's interval a picture waits for its own skeleton; slower networks draw on a later picture."""
SIDES = {key: sides_to_record(test) for key, test in TESTS.items()}

StateChange = Callable[[FlowState], FlowState]


class LiveController:
    """Runs the flow of one person in front of one camera.

    Parameters
    ----------
    open_source : callable
        Opens the camera.
    model : ModelFile
        A verified model.
    language : Language
        Of the page and the voice.
    occasion : ScreeningContext
        What the screen is made for.
    on_fault : callable
        Called when the flow broke off by a mistake of the program, whose trace has been printed.
    """

    def __init__(
        self, open_source: Callable[[], FrameSource], model: ModelFile, language: Language, occasion: ScreeningContext,
        on_fault: Callable[[], None] = end_program,
    ) -> None:  # fmt: skip
        keep_memory_flat()
        self.language, self.occasion, self._model, self._on_fault = language, occasion, model, on_fault
        self._kept = Outbox(occasion.keeper)
        self.stream = PageStream(self._key, self._greeting)
        self.speaker = Speaker(language, self.stream.tell)
        self._wishes: queue.SimpleQueue[StateChange | None] = queue.SimpleQueue()
        self._zero = time.monotonic()
        self._state = FlowState()
        self._advice: CameraAdvice | None = None
        self._reading, self._read_at, self._read_cost = LiveReading(), 0.0, 0.0
        self._found: NumberedPose | None = None
        self._user: PreviewTracker | MovementRecording | None = None
        self._probing = True
        self._closing = threading.Event()
        self.capture = Capture(open_source, self._on_shot, on_fault)
        self.watcher = Watcher(self.capture, model, self._on_pose, on_fault)
        self.capture.want(True)
        self._become(occasion.start)
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all threads and release the camera."""
        self._closing.set()
        self._wishes.put(None)
        self._thread.join(timeout=20.0)
        self.capture.close()
        self.watcher.close()

    def shown(self) -> ViewState:
        """What the page shows now."""
        return ViewState(
            self._state,
            self.capture.status(),
            self._advice,
            self._reading,
            self.outcomes.get(self._state.number),
            max(0.0, self.reading_s(self._state) - self._state.elapsed_s),
            self._kept.problem,
        )

    @property
    def outcomes(self) -> Mapping[int, LiveOutcome]:
        """What has been done, by its number in the plan."""
        return self._kept.outcomes

    def act(self, what: Act) -> None:
        """Ask for something a button or key stands for."""
        shown = self._state
        self._wishes.put(lambda state: flow.act(state, what, SIDES) if flow.is_meant(what, shown, state) else state)

    def tick(self, key: str) -> None:
        """Tick or untick a line of the safety list."""
        self._wishes.put(lambda state: flow.toggle_tick(state, key))

    def choose(self, key: str) -> None:
        """Choose a test or leave it out."""
        self._wishes.put(lambda state: flow.toggle_test(state, key, flow.in_order(TESTS)))

    def easy(self) -> None:
        """Turn the easy mode on or off."""
        self._wishes.put(lambda state: replace(state, easy=not state.easy))

    def keep_again(self) -> None:
        """Try once more to keep what could not be kept."""

        def again(state: FlowState) -> FlowState:
            self._kept.finish()
            return state

        self._wishes.put(again)

    def _key(self, name: str) -> None:
        if name in {what.value for what in Act}:
            self.act(Act(name))

    def _greeting(self) -> tuple[Mapping[str, Any], ...]:
        return (self.speaker.display(self.shown()),)

    # Pictures: in step with their own skeleton where the network is fast enough, else as they come.

    def _in_step(self) -> bool:
        return self.watcher.inference_s < IN_STEP * self.capture.interval_s

    def _on_shot(self, shot: Shot) -> None:
        if self._user is not None and not self._in_step():
            self.stream.picture(shot, self._found)

    def _on_pose(self, shot: Shot, pose: Pose) -> None:
        self._found = NumberedPose(shot.number, pose)
        if self._in_step():
            self.stream.picture(shot, self._found)
        else:
            self.stream.skeleton(self._found)

    # The thread.

    def _run(self) -> None:
        with crash_guard(self._on_fault):
            while not self._closing.is_set():
                self._become(self._after_wishes(self._state))
                self._become(flow.tick(self._state, self._see(self._state), self._now_s()))
                self._probe(self._state)
                self.speaker.follow(self.shown())

    def _become(self, state: FlowState) -> None:
        """Go to a state; what belongs to its stage is done first, so that nothing is judged by the stage before."""
        before = self._state
        if (state.stage, state.number) != (before.stage, before.number):
            self._enter(before, state)
            give_memory_back()  # pieces that threads freed would else grow by a megabyte a screen
        self._state = state

    def _now_s(self) -> float:
        return time.monotonic() - self._zero

    def _after_wishes(self, state: FlowState) -> FlowState:
        """Wait a little for a wish, then carry all of them out."""
        try:
            wish = self._wishes.get(timeout=PAUSE_S)
            while True:
                state = wish(state) if wish else state
                wish = self._wishes.get_nowait()
        except queue.Empty:
            return state

    def _see(self, state: FlowState) -> CameraObservation:
        """Look at the camera; nothing begins by itself while nobody has the page open."""
        camera, watched = self.capture.status().state, self.stream.watched
        if state.stage is Stage.CAMERA and isinstance(self._user, PreviewTracker):
            self._advice = advise(self._user.look(), get_test(state.item.test))
        if state.stage in flow.RECORDING and isinstance(self._user, MovementRecording):
            self._read(self._user, state)
        return CameraObservation(
            good=watched and camera is CameraState.ON and self._advice is not None and self._advice.good,
            lost=camera is not CameraState.ON,
            quiet_s=self._quiet_s(state),
            over=state.stage is Stage.TEST and is_over(self._reading, movement(state.item.test), state.elapsed_s),
            scored=state.number in self.outcomes and self.outcomes[state.number].scored,
            reading_s=self.reading_s(state),
        )

    def _read(self, take: MovementRecording, state: FlowState) -> None:
        """Analyse the recording so far, never more often than a share of the time allows."""
        now_s = self._now_s()
        if now_s - self._read_at < min(self._read_cost / SHARE, MAX_WAIT_S):
            return
        reading = read(take.session.so_far(), state.item)
        self._reading = later(self._reading, reading) if state.stage is Stage.TEST else reading
        self._read_at = self._now_s()
        self._read_cost = self._read_at - now_s

    def _quiet_s(self, state: FlowState) -> float:
        if not state.plan:
            return 0.0
        still_s = movement(state.item.test).still_s
        if still_s is None:
            return self._reading.quiet_s
        return flow.QUIET_S if state.elapsed_s >= still_s else 0.0

    def reading_s(self, state: FlowState) -> float:
        """Time needed to hear or read what is to be done."""
        if not state.plan:
            return MIN_EXAMPLE_S
        words = " ".join(self.language.steps(state.item.test, state.item.side)).split()
        return max(MIN_EXAMPLE_S, len(words) / WORDS_A_SECOND + 2.0)

    def _probe(self, state: FlowState) -> None:
        """Look once at the start whether there is a camera, so that nobody learns it after the reading."""
        waiting = state.stage in (Stage.SAFETY, Stage.CHOOSE)
        if self._probing and waiting and self.capture.status().state is CameraState.ON:
            self.capture.want(False)
            self._probing = False

    def _enter(self, before: FlowState, state: FlowState) -> None:
        """Do what belongs to the beginning of a stage."""
        self._advice = None
        self._signal(state)
        if state.stage is not Stage.RESULT and before.stage in flow.RECORDING and state.stage not in flow.RECORDING:
            self._leave()
        match state.stage:
            case Stage.CAMERA:
                self._probing = False
                self.capture.want(True)
                self._user = self.watcher.look_for()
            case Stage.BASELINE:
                self._reading, self._read_cost = LiveReading(), 0.0
                self._user = self.watcher.record(self.occasion.request(state.item))
            case Stage.RESULT:
                self._conclude(state)
            case Stage.REPORT:
                self._leave()
                self._kept.finish()
            case Stage.CHOOSE | Stage.SAFETY:
                self._leave()
                if before.stage is Stage.REPORT:
                    self._kept.clear()
            case _:
                pass

    def _signal(self, state: FlowState) -> None:
        """Mark in the recording when the person is told to start: nothing before it counts."""
        if state.stage is Stage.TEST and isinstance(self._user, MovementRecording):
            self._user.session.signal()
            self._reading = replace(self._reading, repetitions=0, hold_s=0.0)

    def _leave(self) -> None:
        """Release network and camera."""
        self._user, self._found = None, None
        self.watcher.rest()
        if not self._probing:
            self.capture.want(False)

    def _conclude(self, state: FlowState) -> None:
        take = (
            self._user
            if isinstance(self._user, MovementRecording)
            else MovementRecording(self._model, self.occasion.request(state.item))
        )
        self._user = None
        self.watcher.rest()
        take.close()
        outcome = LiveOutcome(state.item, conclude(take, stopped=state.stopped), folder_name(state.number, state.item))
        self._kept.add(state.number, outcome)
