"""The thread that keeps the newest picture of the camera, and opens the camera again when it was lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from screener.errors import UnreadableInputError
from screener.live.camera.sources import FrameSource
from screener.live.camera.thread_guard import crash_guard
from screener.live.guide.view_state import CameraState, CameraStatus
from screener.model.picture import Frame

LOST_AFTER_S = 1.5
"""Without a picture for so long the camera counts as lost, even where reading it still waits."""
TRY_AGAIN_S = 1.0
RATE_WEIGHT = 0.1


@dataclass(frozen=True)
class Shot:
    """A picture with its number; the frame's time counts from the start of the capture, through every reopening."""

    number: int
    frame: Frame


class Capture:
    """Reads a camera in a thread of its own while it is wanted.

    Parameters
    ----------
    open_source : callable
        Opens the camera; UnreadableInputError where there is none.
    on_shot : callable
        Called in the thread with every picture; must be quick.
    on_fault : callable
        Called in the thread when it ends by a mistake of the program, whose trace has been printed.
    """

    def __init__(
        self, open_source: Callable[[], FrameSource], on_shot: Callable[[Shot], None], on_fault: Callable[[], None]
    ) -> None:
        self._open, self._on_shot, self._on_fault = open_source, on_shot, on_fault
        self._zero = time.monotonic()
        self._wanted, self._closing = threading.Event(), threading.Event()
        self._news = threading.Condition()
        self._newest: Shot | None = None
        self._seen_at: float | None = None
        self._error: UnreadableInputError | None = None
        self.interval_s = 1.0 / 30.0
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def want(self, wanted: bool) -> None:
        """Open the camera, or release it."""
        if wanted == self._wanted.is_set():
            return
        self._seen_at, self._error = None, None
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def close(self) -> None:
        """Release the camera and end the thread."""
        self._closing.set()
        self._wanted.set()
        with self._news:
            self._news.notify_all()
        self._thread.join(timeout=10.0)

    def status(self) -> CameraStatus:
        """What the camera does now."""
        if not self._wanted.is_set():
            return CameraStatus(CameraState.OFF)
        error, seen_at = self._error, self._seen_at
        words = (error.message, error.advice) if error else ("", "")
        if seen_at is None:
            return CameraStatus(CameraState.ABSENT if error else CameraState.OPENING, *words)
        fresh = time.monotonic() - seen_at < LOST_AFTER_S
        return CameraStatus(CameraState.ON) if fresh else CameraStatus(CameraState.LOST, *words)

    def newest(self, after: int, timeout_s: float) -> Shot | None:
        """Wait for a picture with a number above `after`; None when none came in time."""
        with self._news:
            self._news.wait_for(lambda: self._closing.is_set() or self._number() > after, timeout_s)
            return self._newest if self._number() > after else None

    def _number(self) -> int:
        return self._newest.number if self._newest else 0

    def _run(self) -> None:
        with crash_guard(self._on_fault):
            self._serve()

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._wanted.wait()
            if self._closing.is_set():
                return
            try:
                self._read()
            except UnreadableInputError as error:  # the page says so, and the camera is tried again
                self._error = error
                self._closing.wait(TRY_AGAIN_S)

    def _read(self) -> None:
        with self._open() as source:
            opened_s = time.monotonic() - self._zero
            for frame in source:
                if self._closing.is_set() or not self._wanted.is_set():
                    return
                self._take(Frame(opened_s + frame.time_s, frame.rgb))

    def _take(self, frame: Frame) -> None:
        before = self._newest
        shot = Shot(self._number() + 1, frame)
        if before is not None and 0 < frame.time_s - before.frame.time_s < 1.0:
            self.interval_s += RATE_WEIGHT * (frame.time_s - before.frame.time_s - self.interval_s)
        self._error, self._seen_at = None, time.monotonic()
        with self._news:
            self._newest = shot
            self._news.notify_all()
        self._on_shot(shot)
