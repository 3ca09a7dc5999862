"""One pass through a video file: its frames as they are to be shown, and whether it breaks off."""

from __future__ import annotations

import heapq
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import av
import numpy as np
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from screener.errors import UnreadableInputError
from screener.model.picture import Picture

MAX_THREADS = 4
"""Each decoding thread holds a few whole pictures, 50 MB each in an 8K video."""
MAX_PIXELS = 50_000_000
"""An 8K picture has 33 million; a file that declares more would take gigabytes before anything is seen of it."""
SQUARE = 0.005
"""Pixels that differ from squares by less, as shares, are squares: some writers round."""
MAX_PIXEL_RATIO = 3.0
"""No camera has longer pixels; a file that says so is wrong."""
LISTS = ("concat", "hls", "dash")
"""Formats that name other files, which nobody chose."""
UNTIMED = ("avi",)
"""Formats that count pictures as they are stored; those of them that wait for a later one carry that one's number."""
MAX_WAITING = 32
"""More pictures than any codec holds back."""
CAPTURE_RATE = "com.android.capture.fps"
MIN_SLOWDOWN = 1.5
"""A telephone that films at many pictures a second and says fewer, by this factor, shows it slowed."""
MATROSKA_LENGTH = "DURATION"
"""Of a track: where it ends."""
ONE_PICTURE_S = 0.3
"""A shorter track is a cover or a thumbnail."""
MISSING_S = 0.5
"""A file that ends this much before the length it declares was not copied completely."""
LOCAL_MOMENT = "com.apple.quicktime.creationdate"
CLOCK_NOT_SET = 1990
"""Clocks that nobody set, and formats that must say a time, begin at 1904, 1970 or 1980."""
COPY_ADVICE = "Check that the file was copied completely, or export it again as MP4 (H.264)."
EXPORT_ADVICE = "Record the clip again, or export it as MP4 (H.264)."


def require_file(path: Path) -> None:
    """Raise UnreadableInputError, with the reason, unless there is a file that may be read and is not empty."""
    _require_name(path)
    if not path.exists():
        raise UnreadableInputError(f"There is no file {path.name}.", "Check the name and the folder.")
    if path.is_dir():
        raise UnreadableInputError(f"{path.name or path} is a folder, not a video.", "Name one video file in it.")
    if not path.is_file():
        raise UnreadableInputError(f"{path.name} is a device or a pipe, not a video file.", "Save the video as a file first.")
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise UnreadableInputError(f"{path.name} cannot be opened.", "Check that you may read the file.") from error
    if size == 0:
        raise UnreadableInputError(f"{path.name} is empty.", "Copy the file again from the camera or phone.")


def _require_name(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:  # bytes that are not UTF-8
        raise UnreadableInputError(
            f"The file name {path.name!a} holds characters that cannot be read.", "Rename the file."
        ) from error


class Decoder:
    """One pass through the picture track of a file; a context.

    Parameters
    ----------
    path : Path
        A file that any FFmpeg decoder reads.
    threads : int, optional
        Decoding threads; one a core, up to `MAX_THREADS`, when not given.

    Attributes
    ----------
    broken_off : bool
        Known at the end of the pass: the file does not hold all that it should.
    damaged : int
        Pictures passed over so far because a part of them is missing.

    Raises
    ------
    UnreadableInputError
        Not a video, a still picture, no picture track, or pixels of an impossible shape.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        require_file(path)
        self._container = _open(path)
        try:
            _require_video(self._container, path)
        except UnreadableInputError:
            self._container.close()
            raise
        self.stream = _film_track(self._container)
        if not 1.0 / MAX_PIXEL_RATIO <= self.pixel_ratio <= MAX_PIXEL_RATIO:
            self._container.close()
            raise UnreadableInputError(
                f"The pixels in {path.name} are said to be {self.pixel_ratio:.2g} times as wide as high; no camera has such.",
                EXPORT_ADVICE,
            )
        self.stream.thread_type = "AUTO"
        self.stream.codec_context.thread_count = threads or min(MAX_THREADS, os.cpu_count() or 1)
        self.stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}  # the head need not tell how large they become
        self.broken_off = False
        self.damaged = 0
        self._untimed = self._container.format.name in UNTIMED

    def __enter__(self) -> Decoder:
        """Use as a context; the file is closed at its end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file."""
        self._container.close()

    @property
    def recorded_at(self) -> datetime | None:
        """When the file says it was recorded, on the clock of the place; None where it does not, or its clock was not set.

        Most files say only the universal time, which may be on another day: the place is then taken to be here.
        """
        local = _moment(self._container.metadata.get(LOCAL_MOMENT, ""))
        universal = _moment(self._container.metadata.get("creation_time", ""))
        if local is None and universal is not None:
            local = (universal if universal.tzinfo else universal.replace(tzinfo=UTC)).astimezone()
        return local if local is None or local.tzinfo else local.astimezone()

    @property
    def pixel_ratio(self) -> float:
        """Width over height of a pixel as it is to be shown, by the container where it says so, else by the stream."""
        ratio = float(self.stream.sample_aspect_ratio or 1)
        return 1.0 if abs(ratio - 1.0) < SQUARE else ratio

    @property
    def slowdown(self) -> float:
        """How many times slower than it was filmed the file is shown: 1, unless the telephone says that it filmed faster."""
        try:
            filmed_hz = float(self._container.metadata.get(CAPTURE_RATE, ""))
        except ValueError:
            return 1.0
        shown_hz = float(self.stream.average_rate or 0)
        factor = filmed_hz / shown_hz if shown_hz > 0 else 1.0
        return factor if MIN_SLOWDOWN <= factor < np.inf else 1.0

    def skip_to(self, time_s: float) -> None:
        """Start at the last picture before a time of the container that stands on its own, where the format can jump."""
        if self.stream.time_base and not self._untimed:
            self._container.seek(max(0, round(time_s / self.stream.time_base)), stream=self.stream)

    def __iter__(self) -> Iterator[VideoFrame]:
        """Yield frames in order, up to the end or to where the file breaks off."""
        span: list[float] = []
        waiting: list[int] = []
        last_is_cut = False
        try:
            for packet in self._container.demux(self.stream):
                if packet.size:
                    last_is_cut = packet.is_corrupt
                if last_is_cut and packet.size:
                    self.damaged += 1
                    continue
                span = _widened(span, packet)
                waiting = _with_time_of(packet, waiting)
                for frame in packet.decode():
                    if frame.width * frame.height > MAX_PIXELS:
                        self.broken_off = True
                        return
                    if self._untimed and waiting:
                        frame.pts = heapq.heappop(waiting)
                    yield frame
        except av.error.FFmpegError:
            self.broken_off = True
            return
        self.damaged -= last_is_cut  # that is where the file breaks off
        self.broken_off = last_is_cut or self._missing_s(span) > MISSING_S

    def _missing_s(self, span: list[float]) -> float:
        """How much of the length that the head of the file promises the pictures do not cover; 0 where it promises none."""
        begin, end = span or (0.0, 0.0)
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base) - (end - begin)
        if track_end := _seconds(self.stream.metadata.get(MATROSKA_LENGTH, "")):
            return track_end - end
        if len(self._container.streams) > 1:  # sound or subtitles may last longer
            return 0.0
        return (self._container.duration or 0) / av.time_base - (end - begin)


def _open(path: Path) -> av.container.InputContainer:
    # A colon in a plain name would be the end of a protocol; a playlist inside must not reach the network.
    try:
        return av.open(f"file:{path.absolute()}", options={"protocol_whitelist": "file"})
    except (av.error.FFmpegError, ValueError) as error:
        raise UnreadableInputError(f"{path.name} is not a video that can be read.", COPY_ADVICE) from error


def _film_track(container: av.container.InputContainer) -> VideoStream:
    """Return the picture track that is the film, among covers, thumbnails and previews."""

    def rank(track: VideoStream) -> tuple[bool, bool, bool, int]:
        return (
            not track.disposition & Disposition.attached_pic,
            track.frames != 1 and not 0.0 < _seconds(track.metadata.get(MATROSKA_LENGTH, "")) < ONE_PICTURE_S,
            bool(track.disposition & Disposition.default),
            track.width * track.height,
        )

    # A codec that this FFmpeg does not know leaves the stream without a context.
    readable = [track for track in container.streams.video if cast(object, track.codec_context) is not None]
    return max(readable, key=rank) if readable else container.streams.video[0]


def _seconds(length: str) -> float:
    """Read a length such as 00:01:07.400000000; 0 for anything else."""
    found = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", length)
    return sum(float(part) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True)) if found else 0.0


def _moment(said: str) -> datetime | None:
    """Read a moment; None where there is none, or the clock was not set."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment if moment.year > CLOCK_NOT_SET else None


def _require_video(container: av.container.InputContainer, path: Path) -> None:
    if container.format.name in LISTS:
        raise UnreadableInputError(f"{path.name} is a list of other files, not a video.", "Name the video itself.")
    if container.format.name.endswith("_pipe") or container.format.name == "image2":
        raise UnreadableInputError(
            f"{path.name} is a still picture, not a video.",
            "Name the video itself; a movement cannot be read from one picture.",
        )
    if not container.streams.video:
        raise UnreadableInputError(
            f"{path.name} has no picture track.", "Name the video itself; this file holds only sound or data."
        )
    context = _film_track(container).codec_context
    if cast(object, context) is None:
        raise UnreadableInputError(
            f"The pictures in {path.name} are in a format that cannot be read.", "Export it again as MP4 (H.264)."
        )
    if context.width * context.height > MAX_PIXELS:
        raise UnreadableInputError(
            f"The pictures in {path.name} are too large: {context.width} x {context.height}.", "Film in 4K or Full HD."
        )


def _widened(span: list[float], packet: Packet[Any]) -> list[float]:
    """First and last second that the packets so far cover."""
    at = packet.pts if packet.pts is not None else packet.dts
    if at is None or not packet.size:
        return span
    begin, end = float(at * packet.time_base), float((at + (packet.duration or 0)) * packet.time_base)
    return [min(span[0], begin), max(span[1], end)] if span else [begin, end]


def _with_time_of(packet: Packet[Any], waiting: list[int]) -> list[int]:
    """Times of stored pictures that were not shown yet, the earliest first; what never was shown is forgotten."""
    at = packet.pts if packet.pts is not None else packet.dts
    if at is not None and packet.size:
        heapq.heappush(waiting, at)
    return heapq.nsmallest(MAX_WAITING, waiting) if len(waiting) > 2 * MAX_WAITING else waiting


def turned_as_shown(rgb: Picture, frame: VideoFrame) -> Picture:
    """Turn, and mirror back, a picture as the file asks for; contiguous in memory.

    Parameters
    ----------
    rgb : (H, W, 3) uint8
        As stored.
    frame : VideoFrame
        Carries the display matrix, which takes (x, y) to (a x + c y, b x + d y).
    """
    a, b, c, d = _display_matrix(frame)
    if b or c:
        rgb = rgb.transpose(1, 0, 2)
    if a + c < 0:
        rgb = rgb[:, ::-1]
    if b + d < 0:
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)


def is_turned_sideways(frame: VideoFrame) -> bool:
    """Whether width and height change places when the frame is shown."""
    return _display_matrix(frame)[1] != 0


def _display_matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Return a, b, c, d of the display matrix to the nearest quarter turn; the identity where the file asks for nothing."""
    stored: Any = frame.side_data.get("DISPLAYMATRIX")
    if stored is None:
        return 1, 0, 0, 1
    matrix = np.frombuffer(bytes(stored), np.int32).reshape(3, 3)[:2, :2] / 65536.0
    if abs(matrix[0, 0]) >= abs(matrix[0, 1]):
        return int(np.sign(matrix[0, 0])), 0, 0, int(np.sign(matrix[1, 1]))
    return 0, int(np.sign(matrix[0, 1])), int(np.sign(matrix[1, 0])), 0
