"""The thread that finds the person in the newest picture: to help placing the camera, or to record a test."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from screener.live.camera.capture import Capture, Shot
from screener.live.camera.thread_guard import crash_guard
from screener.live.guide.camera_check import PoseWindow
from screener.model.picture import Frame
from screener.model.pose import Pose
from screener.model.recorder import Recorder
from screener.model.recording import Request
from screener.pose.finder import PoseFinder
from screener.pose.models import ModelFile
from screener.pose.trackers.camera_roll import CameraTiltEstimator
from screener.video.camera import fitted
from screener.video.snapshots import SnapshotBuffer
from screener.workflow.session import Session

LOOK_BACK_S = 1.0
"""How much of the past the camera check looks at."""
GAP_S = 0.5
"""Pictures further apart than this leave a gap in the recording that nothing is guessed across."""
IDLE_S = 0.2
SPEED_WEIGHT = 0.1


class PreviewTracker:
    """Finds poses without keeping them: the camera check."""

    def __init__(self, model: ModelFile) -> None:
        self._finder = PoseFinder(model, pelvis=True, back=False)
        self._tilt = CameraTiltEstimator()
        self._poses: deque[Pose] = deque()
        self._looked: Pose | None = None
        self._size = (0, 0)

    def add(self, frame: Frame) -> Pose:
        """Take in one picture."""
        pose = self._finder.look(self._finder.locate(frame))
        self._looked = pose if pose.people else self._looked
        self._tilt.add(frame.rgb, pose)
        self._size = (frame.rgb.shape[1], frame.rgb.shape[0])
        self._poses.append(self._with_last_look(pose))
        while frame.time_s - self._poses[0].time_s > LOOK_BACK_S:
            self._poses.popleft()
        return pose

    def _with_last_look(self, pose: Pose) -> Pose:
        """Who else is there and what the person wears is looked at now and then, and holds until the next look."""
        last = self._looked
        if not pose.found or last is None:
            return replace(pose, people=1 if pose.found else 0)
        return replace(pose, people=last.people, hem_step=last.hem_step, hem_contrast=last.hem_contrast)

    def look(self) -> PoseWindow:
        """What was seen in the last second."""
        recorder = Recorder(*self._size)
        for pose in tuple(self._poses):
            recorder.add(pose)
        return PoseWindow(recorder.sequence(), self._tilt.result())

    def close(self) -> None:
        """Release the networks."""
        self._finder.close()


class MovementRecording:
    """One recording of one test: every pose through the same session as a file, and pictures for the key moment."""

    def __init__(self, model: ModelFile, request: Request) -> None:
        self.session = Session(request, model)
        self.memory = SnapshotBuffer()
        self.gaps = 0
        self._last_s: float | None = None

    def add(self, frame: Frame) -> Pose:
        """Record one picture; where the camera was away before it, say that nothing was seen then."""
        if self._last_s is not None and frame.time_s - self._last_s > GAP_S:
            self.session.add_gap(frame.time_s)
            self.gaps += 1
        self._last_s = frame.time_s
        pose = self.session.add(frame)
        self.memory.add(frame)
        return pose

    def close(self) -> None:
        """Release the networks; the recording stays."""
        self.session.close()


class Watcher:
    """Runs the pose network on the newest picture, in a thread of its own.

    Parameters
    ----------
    capture : Capture
        Where pictures come from.
    model : ModelFile
        A verified model.
    on_pose : callable
        Called in the thread with each picture and its pose.
    on_fault : callable
        Called in the thread when it ends by a mistake of the program, whose trace has been printed.
    """

    def __init__(
        self, capture: Capture, model: ModelFile, on_pose: Callable[[Shot, Pose], None], on_fault: Callable[[], None]
    ) -> None:
        self._capture, self._model, self._on_pose, self._on_fault = capture, model, on_pose, on_fault
        self._lock = threading.Lock()
        self._user: PreviewTracker | MovementRecording | None = None
        self._first_s: float | None = None
        self._shape: tuple[int, int] | None = None
        self.inference_s = 0.02
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._thread.start()

    def look_for(self) -> PreviewTracker:
        """Look without recording."""
        finder = PreviewTracker(self._model)
        self._use(finder)
        return finder

    def record(self, request: Request) -> MovementRecording:
        """Start a recording."""
        take = MovementRecording(self._model, request)
        self._use(take)
        return take

    def rest(self) -> None:
        """Stop looking; a recording is complete when this returns."""
        self._use(None)

    def close(self) -> None:
        """Stop, and end the thread."""
        self._closing.set()
        self._thread.join(timeout=10.0)
        self.rest()

    def _use(self, user: PreviewTracker | MovementRecording | None) -> None:
        with self._lock:
            before, self._user, self._first_s, self._shape = self._user, user, None, None
        if before is not None:
            before.close()

    def _run(self) -> None:
        with crash_guard(self._on_fault):
            self._watch()

    def _watch(self) -> None:
        number = 0
        while not self._closing.is_set():
            shot = self._capture.newest(number, IDLE_S)
            if shot is None:
                continue
            number = shot.number
            pose = self._find(shot)
            if pose is not None:
                self._on_pose(shot, pose)

    def _find(self, shot: Shot) -> Pose | None:
        """Pose in a picture, its time counted from the first picture of this look or recording; None while resting."""
        with self._lock:
            if self._user is None:
                return None
            start = time.perf_counter()
            self._first_s = shot.frame.time_s if self._first_s is None else self._first_s
            rgb = shot.frame.rgb
            self._shape = self._shape or (rgb.shape[0], rgb.shape[1])
            pose = self._user.add(Frame(shot.frame.time_s - self._first_s, fitted(rgb, self._shape)))
            self.inference_s += SPEED_WEIGHT * (time.perf_counter() - start - self.inference_s)
            return pose
