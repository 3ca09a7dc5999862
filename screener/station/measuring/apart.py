"""An upload is measured in a process of its own, which can be ended at any moment and takes nothing with it when it fails."""

from __future__ import annotations

import io
import json
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

import numpy as np

from screener import errors
from screener.errors import ScreenerError, StationError, UnreadableInputError
from screener.model.landmarks_file import read_recording
from screener.model.picture import KeyPicture
from screener.model.recording import Recording
from screener.model.series import nearest_frame
from screener.station.measuring import measurer
from screener.station.measuring.measurer import MeasuringOrder
from screener.workflow.screening import Screening, rescreen

MAX_ANSWER_BYTES = 1_000_000_000
REFUSALS = {
    kind.__name__: kind
    for kind in (errors.UnreadableInputError, errors.NothingMeasuredError, errors.UsageError, errors.ModelError, StationError)
}
CANCELLED = ("The measurement was cancelled; nothing was saved.", "Upload the video again when you like.")


@dataclass(frozen=True)
class MeasuredUpload:
    """What became of an upload.

    Attributes
    ----------
    blurred : tuple of bytes
        The copy with a blurred face, in pieces; empty where it was not asked for.
    """

    screening: Screening
    blurred: tuple[bytes, ...]


class Cancellation:
    """Ends a measurement from another thread, before it begins or while it runs."""

    def __init__(self) -> None:
        self.is_asked = False
        self._kill: Callable[[], object] = lambda: None
        self._turn = threading.Lock()

    def ask(self) -> None:
        """End it."""
        with self._turn:
            self.is_asked = True
            self._kill()

    def ends(self, kill: Callable[[], object]) -> None:
        """Have it end something that has begun."""
        with self._turn:
            self._kill = kill
            if self.is_asked:
                kill()


@dataclass
class _Answer:
    """What the process has said so far."""

    landmarks: bytes = b""
    pictures: list[bytes] = field(default_factory=list)
    blurred: list[bytes] = field(default_factory=list)


def measured_apart(
    order: MeasuringOrder, most_s: float, follow: Callable[[float], None], cancellation: Cancellation
) -> MeasuredUpload:
    """Measure an upload in a process of its own.

    Parameters
    ----------
    order : MeasuringOrder
        What to measure.
    most_s : float
        How long it may take.
    follow : callable
        Called with the time of each frame in the video, for a progress display.
    cancellation : Cancellation
        Ends it.

    Raises
    ------
    UnreadableInputError
        It is no video that can be measured, or measuring it takes too long or too much memory.
    StationError
        It was cancelled.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=measurer.measure, args=(order, theirs), name="measurer", daemon=True)
    process.start()
    theirs.close()
    cancellation.ends(process.kill)
    late = threading.Event()

    def end_late() -> None:
        late.set()
        process.kill()

    clock = threading.Timer(most_s, end_late)
    clock.start()
    try:
        answer = _heard(ours, follow)
    finally:
        clock.cancel()
        cancellation.ends(lambda: None)
        process.kill()
        process.join()
        ours.close()
    if answer is None:
        raise _why_it_ended(cancellation, late, most_s, process.exitcode)
    return _measured(answer, order)


def _heard(ours: Connection, follow: Callable[[float], None]) -> _Answer | None:
    """Listen until the process has said all; None where it ended before."""
    answer = _Answer()
    try:
        while True:
            said = ours.recv_bytes(MAX_ANSWER_BYTES)
            kind, content = said[:1], said[1:]
            if kind == measurer.TIME:
                follow(float(content))
            elif kind == measurer.LANDMARKS:
                answer.landmarks = content
            elif kind == measurer.PICTURE:
                answer.pictures.append(content)
            elif kind == measurer.VIDEO:
                answer.blurred.append(content)
            elif kind == measurer.REFUSAL:
                raise _refusal(content)
            else:
                return answer
    except (EOFError, ConnectionError):
        return None


def _refusal(content: bytes) -> ScreenerError:
    kind, message, advice = json.loads(content)
    return REFUSALS.get(kind, UnreadableInputError)(message, advice)


def _why_it_ended(cancellation: Cancellation, late: threading.Event, most_s: float, code: int | None) -> Exception:
    if cancellation.is_asked:
        return StationError(*CANCELLED)
    if late.is_set():
        return UnreadableInputError(
            f"Measuring this video takes longer than {most_s / 60:.0f} minutes.",
            "Trim it to the test, or film at 30 or 60 pictures a second.",
        )
    if code is not None and code < 0:  # the system ended it, or the C++ of a library that got no more memory
        return UnreadableInputError(*measurer.TOO_MUCH)
    return RuntimeError(f"the process that measures ended with {code}")


def _measured(answer: _Answer, order: MeasuringOrder) -> MeasuredUpload:
    """Look at what came, and compute the report from it here."""
    told = read_recording(io.BytesIO(answer.landmarks), "landmarks.npz")
    recording = Recording(told.poses, told.tilt, told.origin, order.request)
    screening = rescreen(recording)
    pictures = tuple(_pictures(answer.pictures, screening))
    return MeasuredUpload(replace(screening, pictures=pictures), tuple(answer.blurred))


def _pictures(told: list[bytes], screening: Screening) -> Iterator[KeyPicture]:
    for one in told:
        with np.load(io.BytesIO(one), allow_pickle=False) as stored:
            test, side, time_s, caption = json.loads(str(stored["facts"]))
            rgb = np.ascontiguousarray(stored["rgb"], np.uint8)
        pose = screening.poses.pose(nearest_frame(screening.poses.time_s, float(time_s)))
        yield KeyPicture(str(test), str(side), float(time_s), rgb, pose, str(caption))
