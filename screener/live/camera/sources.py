"""Where live pictures come from: a camera, or a file played in real time as if it were one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol

from screener.errors import UsageError
from screener.model.picture import Frame
from screener.video.camera import Camera, camera_source, without_password
from screener.video.file import VideoFile

LATE_S = 0.2
"""A picture of a file that is later than this is left out, as a camera would."""


class FrameSource(Protocol):
    """A context that opens a camera and yields its pictures, their times counted from the opening."""

    def __enter__(self) -> FrameSource:
        """Open."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Release."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield pictures as they come."""


class PlayedFile:
    """A video file at its own pace, from the beginning again when it ends; its times go on.

    Parameters
    ----------
    path : Path
        A file that `VideoFile` reads.

    Raises
    ------
    UnreadableInputError
        As `VideoFile`.
    """

    def __init__(self, path: Path) -> None:
        self._file = VideoFile(path)
        self._closed = threading.Event()

    def __enter__(self) -> PlayedFile:
        """Use as a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop playing."""
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        """Yield each picture when it is due."""
        start, round_s, last_s, step_s = time.monotonic(), 0.0, 0.0, 0.0
        while not self._closed.is_set():
            for frame in self._file:
                now_s = round_s + frame.time_s
                step_s, last_s = (now_s - last_s) or step_s, now_s
                wait_s = start + now_s - time.monotonic()
                if wait_s > 0:
                    self._closed.wait(wait_s)
                elif wait_s < -LATE_S:
                    continue
                yield Frame(now_s, frame.rgb)
            round_s = last_s + step_s


def source_of(camera: str) -> Callable[[], FrameSource]:
    """Return what opens a camera: its number, its http or rtsp address, or a file.

    Raises
    ------
    UsageError
        No such file, or an address that no camera has.
    UnreadableInputError
        A file that is no video.
    """
    source = camera_source(camera)
    if source is not None:
        return lambda: Camera(source)
    path = Path(camera)
    if not path.is_file():
        raise UsageError(
            f"There is no camera {without_password(camera)}.",
            "Give its number (0 is the first), an http or rtsp address, or a video file.",
        )
    VideoFile(path)  # fail here, at the command, not in a thread
    return lambda: PlayedFile(path)
