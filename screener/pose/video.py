"""Where frames come from (files, cameras) and where pictures go (H.264 files)."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from screener.errors import UnreadableInputError, UsageError
from screener.pose.decoder import EXPORT_ADVICE, Decoder, is_turned_sideways, turned_as_shown
from screener.pose.decoder import Picture as Picture

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet: OpenCV reads it when it first opens a camera's address
CAMERA_ADDRESSES = ("http://", "https://", "rtsp://")
PATIENCE_MS = 5000
LONGEST_SIDE_PX = 1920
"""Larger pictures are reduced while decoding: the pose network sees a 256 x 256 crop of the person anyway."""
SAME_SHAPE = 0.02
"""Ratios of width to height that differ by less, as shares, are the same."""


@dataclass(frozen=True)
class Frame:
    """One picture and when it was taken.

    Attributes
    ----------
    time_s : float
        Seconds since the first frame, from the container or the camera clock; never frame number over rate.
    rgb : (H, W, 3) uint8
        Contiguous in memory: mediapipe finds nobody in a picture whose rows are padded.
    """

    time_s: float
    rgb: Picture


@dataclass(frozen=True)
class Pace:
    """How many of a file's frames are looked at; all of them when nothing is said.

    Attributes
    ----------
    every : int
        Only each so many-th frame, from 1.
    max_fps : float, optional
        At most so many frames a second.
    """

    every: int = 1
    max_fps: float | None = None

    def wants(self, number: int, last_s: float, time_s: float) -> bool:
        """Whether a frame is looked at.

        Parameters
        ----------
        number : int
            Frames before it.
        last_s, time_s : float
            Times of the frame before, negative for none, and of this one.
        """
        if number % self.every:
            return False
        return self.max_fps is None or self._slot(time_s) > self._slot(last_s)

    def _slot(self, time_s: float) -> int:
        return int(np.floor(time_s * (self.max_fps or 0.0) + 1e-6))

    @property
    def note(self) -> tuple[str, ...]:
        """Warning for the report; empty where every frame is looked at."""
        parts = [f"one frame in {self.every}"] if self.every > 1 else []
        parts += [f"at most {self.max_fps:g} frames a second"] if self.max_fps is not None else []
        if not parts:
            return ()
        return (f"Only {' and '.join(parts)} was looked at, to save time; times and fast movements are less exact.",)


EVERY_FRAME = Pace()


class VideoFile:
    """A recorded video, an iterable of Frame.

    Rotation metadata is applied, times are the container's. Each iteration decodes anew.

    Parameters
    ----------
    path : Path
        A file that any FFmpeg decoder reads.
    pace : Pace
        Which frames an iteration yields.
    threads : int, optional
        Decoding threads; as many as help when not given.

    Attributes
    ----------
    recorded_at : datetime, optional
        When the file says it was recorded.
    frames_read : int
        Frames that the newest iteration decoded, whether yielded or not.
    damaged_after_s : float, optional
        Where the file breaks off; known after an iteration.
    reshaped_after_s : float, optional
        Where its pictures get another shape, as of a telephone that was turned; known after an iteration, which ends there.

    Raises
    ------
    UnreadableInputError
        The file is missing, a folder, empty, not a video, a still picture, has no picture track, or cannot be opened.
    """

    def __init__(self, path: Path, pace: Pace = EVERY_FRAME, threads: int | None = None) -> None:
        self.path, self.pace, self.threads = path, pace, threads
        self.frames_read = 0
        self.damaged_after_s: float | None = None
        self.reshaped_after_s: float | None = None
        with Decoder(path, threads) as decoder:
            first = next(iter(decoder), None)
            if first is None:
                raise UnreadableInputError(f"{path.name} holds no pictures that can be read.", EXPORT_ADVICE)
            if first.time is None:
                raise UnreadableInputError(f"{path.name} does not say when its pictures were taken.", EXPORT_ADVICE)
            self._start_s = float(first.time)
            self.recorded_at = decoder.recorded_at
            self._size, self._sideways = (first.width, first.height), is_turned_sideways(first)
            self.width, self.height = self._size[::-1] if self._sideways else self._size
            self.frame_count_hint = decoder.stream.frames or None

    def sha256(self) -> str:
        """Checksum of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame that can be decoded, in order of time.

        A file that breaks off is read up to there; `damaged_after_s` then says where. A stream that changes its resolution
        gives pictures of one size.
        """
        last = -1.0
        painter = Painter(self._size)
        self.frames_read = 0
        with Decoder(self.path, self.threads) as decoder:
            for frame in decoder:
                if frame.time is None:
                    continue
                time_s = float(frame.time) - self._start_s
                if time_s <= last:
                    continue
                if not self._keeps_shape(frame):
                    self.reshaped_after_s = max(last, 0.0)
                    return
                wanted = self.pace.wants(self.frames_read, last, time_s)
                last = time_s
                self.frames_read += 1
                if wanted:
                    yield Frame(time_s, painter.picture(frame))
            if decoder.broken_off:
                self.damaged_after_s = max(last, 0.0)

    def picture_at(self, time_s: float) -> Picture | None:
        """Return the picture shown at a time, None when the file ends before it."""
        with Decoder(self.path, self.threads) as decoder:
            decoder.skip_to(self._start_s + time_s)
            for frame in decoder:
                if frame.time is not None and frame.time - self._start_s >= time_s - 1e-6:
                    return Painter(self._size).picture(frame)
        return None

    def _keeps_shape(self, frame: VideoFrame) -> bool:
        width, height = self._size
        same = abs(frame.width * height - frame.height * width) <= SAME_SHAPE * frame.width * height
        return same and is_turned_sideways(frame) == self._sideways


class Painter:
    """Makes pictures of decoded frames, with one scaler for all of them.

    Parameters
    ----------
    size : (int, int)
        Width and height of the first frame as it is coded; all pictures get it, reduced where it is larger than needed.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._scaler = VideoReformatter()
        scale = min(1.0, LONGEST_SIDE_PX / max(size))
        self._size = tuple(max(1, round(side * scale)) for side in size)

    def picture(self, frame: VideoFrame) -> Picture:
        """Turn a frame into a picture, turned as it is to be shown."""
        width, height = self._size
        scaled = self._scaler.reformat(frame, width, height, "rgb24", threads=1)  # more cost more than they save
        return turned_as_shown(np.asarray(scaled.to_ndarray(), np.uint8), frame)


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
        raise UsageError(f"{word} is not the address of a camera.", f"Start it with one of: {', '.join(CAMERA_ADDRESSES)}")
    return None


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
        cv2.utils.logging.setLogLevel(
            cv2.utils.logging.LOG_LEVEL_SILENT
        )  # what it tells the terminal about a missing camera is for its developers
        self._capture = cv2.VideoCapture(source) if isinstance(source, int) else _at_address(source)
        if not self._capture.isOpened():
            self._capture.release()
            raise UnreadableInputError(f"No camera answers at {source}.", _camera_advice(source))
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
                    f"The camera {self.source} stopped giving pictures.", "Check its cable and start again."
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


class VideoWriter:
    """Write an H.264 MP4 with the times of the frames kept.

    Parameters
    ----------
    path : Path
        File to write; its folder must exist.
    width, height : int
        Size of the pictures; odd sizes lose one row or column (H.264 wants even ones).
    rate_hz : float
        Nominal rate.
    """

    TIME_BASE = Fraction(1, 90_000)

    def __init__(self, path: Path, width: int, height: int, rate_hz: float) -> None:
        self.path = path
        self._container = av.open(str(path), mode="w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=Fraction(rate_hz).limit_denominator(1001))
        self._stream.width, self._stream.height = width // 2 * 2, height // 2 * 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = self.TIME_BASE
        self._stream.options = {"crf": "20", "preset": "superfast"}
        self._scaler = VideoReformatter()

    def add(self, frame: Frame) -> None:
        """Append one picture."""
        rgb = frame.rgb[: self._stream.height, : self._stream.width]
        picture = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        picture = self._scaler.reformat(picture, format="yuv420p", threads=1)
        picture.time_base = self.TIME_BASE
        picture.pts = round(frame.time_s / self.TIME_BASE)
        self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Flush and close the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
