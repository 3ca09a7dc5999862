"""Where frames come from (files, cameras) and where pictures go (H.264 files)."""

from __future__ import annotations

import hashlib
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
from av.video.stream import VideoStream
from numpy.typing import NDArray

from screener.errors import UnreadableInputError

Picture = NDArray[np.uint8]

LONGEST_SIDE_PX = 1920
"""Larger pictures are reduced while decoding: the pose network sees a 256 x 256 crop of the person anyway."""


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


class VideoFile:
    """A recorded video, an iterable of Frame.

    Rotation metadata is applied, times are the container's. Each iteration decodes anew.

    Parameters
    ----------
    path : Path
        A file that any FFmpeg decoder reads.

    Raises
    ------
    UnreadableInputError
        The file is missing, a folder, empty, not a video, has no picture track, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _require_file(path)
        self.damaged_after_s: float | None = None
        with self._open() as container:
            stream = _video_stream(container, path)
            first = next(_decoded(container, stream), None)
            if first is None:
                raise UnreadableInputError(
                    f"{path.name} holds no pictures.", "Record the clip again, or export it as MP4 (H.264)."
                )
            self.rotation_deg = _rotation_deg(first)
            size = (first.width, first.height)
            self.width, self.height = size if self.rotation_deg % 180 == 0 else size[::-1]
            self.frame_count_hint = stream.frames or None
            rate = stream.average_rate or stream.guessed_rate
            self.fps_hint = float(rate) if rate else 0.0

    def _open(self) -> av.container.InputContainer:
        try:
            return av.open(str(self.path))
        except (av.error.FFmpegError, ValueError) as error:
            raise UnreadableInputError(
                f"{self.path.name} is not a video that can be read.",
                "Check that the file was copied completely, or export it again as MP4 (H.264).",
            ) from error

    def sha256(self) -> str:
        """Checksum of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame that can be decoded, in order of time.

        A file that breaks off is read up to there; `damaged_after_s` then says where.
        """
        start: float | None = None
        last = -1.0
        with self._open() as container:
            stream = _video_stream(container, self.path)
            stream.thread_type = "AUTO"
            frames = _decoded(container, stream)
            while True:
                try:
                    frame = next(frames, None)
                except av.error.FFmpegError:
                    self.damaged_after_s = max(last, 0.0)
                    return
                if frame is None:
                    return
                if frame.time is None:
                    continue
                start = frame.time if start is None else start
                time_s = float(frame.time) - start
                if time_s <= last:
                    continue
                last = time_s
                yield Frame(time_s, self._picture(frame))

    def picture_at(self, time_s: float) -> Picture | None:
        """Return the picture shown at a time, None when the file ends before it."""
        with self._open() as container:
            stream = _video_stream(container, self.path)
            stream.thread_type = "AUTO"
            start: float | None = None
            for frame in _decoded(container, stream):
                if frame.time is None:
                    continue
                start = frame.time if start is None else start
                if frame.time - start >= time_s - 1e-6:
                    return self._picture(frame)
        return None

    def _picture(self, frame: VideoFrame) -> Picture:
        longest = max(frame.width, frame.height)
        if longest > LONGEST_SIDE_PX:
            scale = LONGEST_SIDE_PX / longest
            frame = frame.reformat(width=round(frame.width * scale), height=round(frame.height * scale))
        rgb = frame.to_ndarray(format="rgb24")
        return np.ascontiguousarray(np.rot90(rgb, self.rotation_deg // 90))


def _require_file(path: Path) -> None:
    if not path.exists():
        raise UnreadableInputError(f"There is no file {path.name}.", "Check the name and the folder.")
    if path.is_dir():
        raise UnreadableInputError(f"{path.name} is a folder, not a video.", "Name one video file in it.")
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise UnreadableInputError(f"{path.name} cannot be opened.", "Check that you may read the file.") from error
    if size == 0:
        raise UnreadableInputError(f"{path.name} is empty.", "Copy the file again from the camera or phone.")


def _video_stream(container: av.container.InputContainer, path: Path) -> VideoStream:
    if not container.streams.video:
        raise UnreadableInputError(
            f"{path.name} has no picture track.", "Name the video itself; this file holds only sound or data."
        )
    return container.streams.video[0]


def _decoded(container: av.container.InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    yield from container.decode(stream)


def _rotation_deg(frame: VideoFrame) -> int:
    """Quarter turns the container asks for, in degrees counter-clockwise, 0 to 270."""
    return round(float(getattr(frame, "rotation", 0) or 0) / 90.0) * 90 % 360


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
        self._capture = cv2.VideoCapture(source)
        if not self._capture.isOpened():
            self._capture.release()
            raise UnreadableInputError(
                f"No camera answers at {source}.",
                "Plug it in, close other programs that use it, or try another number with --camera.",
            )
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
        start = time.monotonic()
        while True:
            grabbed, bgr = self._capture.read()
            now = time.monotonic() - start
            if not grabbed:
                raise UnreadableInputError(
                    f"The camera {self.source} stopped giving pictures.", "Check its cable and start again."
                )
            yield Frame(now, np.ascontiguousarray(bgr[..., ::-1], dtype=np.uint8))


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
        self._stream.options = {"crf": "20", "preset": "veryfast"}

    def add(self, frame: Frame) -> None:
        """Append one picture."""
        rgb = frame.rgb[: self._stream.height, : self._stream.width]
        picture = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        picture.time_base = self.TIME_BASE
        picture.pts = round(frame.time_s / self.TIME_BASE)
        self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Flush and close the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
