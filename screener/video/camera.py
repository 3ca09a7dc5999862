"""Live cameras, of this machine or at an address."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from screener.errors import UnreadableInputError, UsageError
from screener.model.picture import Frame, Picture

CAMERA_ADDRESSES = ("http://", "https://", "rtsp://")


PATIENCE_MS = 5000


def camera_source(word: str) -> int | str | None:
    """Number or address of a camera as a person types it; None for what can only be a file.

    Raises
    ------
    UsageError
        An address that no camera has.
    """
    if word.isdecimal() and not Path(word).exists():
        return int(word)
    if word.lower().startswith(CAMERA_ADDRESSES):
        return word
    if "://" in word:
        raise UsageError(
            f"{without_password(word)} is not the address of a camera.", f"Start it with one of: {', '.join(CAMERA_ADDRESSES)}"
        )
    return None


def without_password(address: str) -> str:
    """Return an address as it may be printed and logged: without user, password and what follows a question mark."""
    return re.sub(r"(?<=://).*@", "", address.partition("?")[0])


class Camera:
    """A live camera, an endless iterable of Frame.

    Parameters
    ----------
    source : int or str
        Index of a camera of this machine, or an http or rtsp address.

    Raises
    ------
    UnreadableInputError
        No camera answers there, or it stops giving pictures.
    """

    def __init__(self, source: int | str) -> None:
        self.source = source
        self.name = without_password(str(source))
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet; OpenCV reads it when it first opens an address
        cv2.utils.logging.setLogLevel(
            cv2.utils.logging.LOG_LEVEL_SILENT
        )  # what it tells the terminal about a missing camera is for its developers
        self._capture = cv2.VideoCapture(source) if isinstance(source, int) else _at_address(source)
        if not self._capture.isOpened():
            self._capture.release()
            raise UnreadableInputError(f"No camera answers at {self.name}.", _camera_advice(source))
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def __enter__(self) -> Camera:
        """Use as a context; the camera is released at its end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Release the camera."""
        self.close()

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()

    def __iter__(self) -> Iterator[Frame]:
        """Yield pictures as they come, timed by the monotonic clock."""
        start, shape = time.monotonic(), None
        while True:
            grabbed, bgr = self._capture.read()
            now = time.monotonic() - start
            if not grabbed:
                raise UnreadableInputError(
                    f"The camera {self.name} stopped giving pictures.", "Check its cable and start again."
                )
            shape = shape or bgr.shape[:2]
            yield Frame(now, fitted(np.ascontiguousarray(bgr[..., ::-1], dtype=np.uint8), shape))


def fitted(rgb: Picture, shape: tuple[int, int]) -> Picture:
    """Return a picture at the height and width of the first one: scaled to fit, the rest grey. A camera may change its mode."""
    if rgb.shape[:2] == tuple(shape):
        return rgb
    scale = min(shape[0] / rgb.shape[0], shape[1] / rgb.shape[1])
    height, width = (max(1, round(side * scale)) for side in rgb.shape[:2])
    top, left = (shape[0] - height) // 2, (shape[1] - width) // 2
    out = np.full((*shape, 3), 127, np.uint8)
    out[top : top + height, left : left + width] = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
    return out


def _at_address(address: str) -> cv2.VideoCapture:
    """Open a network camera; one that falls silent is given up instead of waited for."""
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, PATIENCE_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, PATIENCE_MS]
    return cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)


def _camera_advice(source: int | str) -> str:
    if isinstance(source, int):
        return "Plug it in, close other programs that use it, or try another number."
    return "Check the address, and that the camera is switched on and in the same network."
