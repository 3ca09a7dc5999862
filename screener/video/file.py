"""Where frames come from (files, cameras) and where pictures go (H.264 files)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from screener.errors import UnreadableInputError
from screener.model.picture import Frame
from screener.model.picture import Picture as Picture
from screener.video.clock import Clock, without_strays
from screener.video.decoder import EXPORT_ADVICE, Decoder, is_turned_sideways, turned_as_shown
from screener.video.repeats import Changes

MAX_SIDE_PX = 1920
"""Larger pictures are reduced while decoding: the pose network sees a 256 x 256 crop of the person anyway."""
LOOKED_FOR_TIMES = 250
"""Pictures that are decoded in search of one whose time is known; a format without times has none."""
SAME_SHAPE = 0.02
"""Ratios of width to height that differ by less, as shares, are the same."""


@dataclass(frozen=True)
class Pace:
    """How many of a file's frames are looked at; all of them when nothing is said.

    Attributes
    ----------
    every : int
        Analyse every n-th frame (n >= 1).
    max_fps : float, optional
        At most this many frames a second.
    from_s, to_s : float, optional
        Only what lies between these seconds of the video.
    """

    every: int = 1
    max_fps: float | None = None
    from_s: float | None = None
    to_s: float | None = None

    def wants(self, number: int, last_s: float, time_s: float) -> bool:
        """Whether a frame is looked at.

        Parameters
        ----------
        number : int
            Frames before it.
        last_s, time_s : float
            Times of the frame before, negative for none, and of this one.
        """
        if number % self.every or not self.covers(time_s):
            return False
        return self.max_fps is None or self._slot(time_s) > self._slot(last_s)

    def covers(self, time_s: float) -> bool:
        """Whether a time lies in the part of the video that is looked at."""
        return (self.from_s is None or time_s >= self.from_s) and (self.to_s is None or time_s <= self.to_s)

    def _slot(self, time_s: float) -> int:
        return int(np.floor(time_s * (self.max_fps or 0.0) + 1e-6))

    @property
    def note(self) -> tuple[str, ...]:
        """Warning for the report; empty where every frame is looked at."""
        parts = [f"one frame in {self.every}"] if self.every > 1 else []
        parts += [f"at most {self.max_fps:g} frames a second"] if self.max_fps is not None else []
        if not parts:
            return self._part
        pace = f"Only {' and '.join(parts)} was analyzed, to save time; times and fast movements are less exact."
        return (pace, *self._part)

    @property
    def _part(self) -> tuple[str, ...]:
        """Which part of the video was looked at, in words; empty for all of it."""
        if self.from_s is None and self.to_s is None:
            return ()
        end = "to its end" if self.to_s is None else f"to {self.to_s:g} s"
        return (f"Only part of the video was analyzed: from {self.from_s or 0.0:g} s {end}.",)


EVERY_FRAME = Pace()


class VideoFile:
    """A recorded video, an iterable of Frame.

    Pictures have square pixels, rotation metadata is applied, times are the container's as long as they rise. Each iteration
    decodes anew.

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
    slowdown : float
        How many times slower than it was filmed the file is shown; times are those of the movement.
    frames_read : int
        Frames that the newest iteration decoded, whether yielded or not.
    frames_lost : int
        Of the newest iteration: pictures that are damaged, or come before the first one that has a time.
    clock : Clock
        Of the newest iteration: knows how often the file's clock was set anew, and which pictures had no time.
    changes : Changes
        Of the newest iteration: knows which pictures only repeat the one before.
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
        self.frames_lost = 0
        self.changes = Changes()
        self.damaged_after_s: float | None = None
        self.reshaped_after_s: float | None = None
        with Decoder(path, threads) as decoder:
            first = _first_timed(decoder, path)
            self.slowdown = decoder.slowdown
            self._start_s = float(first.time or 0.0) / self.slowdown
            self.clock = Clock(self._start_s)
            self.recorded_at = decoder.recorded_at
            self._size, self._sideways = (first.width, first.height), is_turned_sideways(first)
            self._square = (max(1, round(first.width * decoder.pixel_ratio)), first.height)
            self.width, self.height = self._square[::-1] if self._sideways else self._square
            self.frame_count_hint = decoder.stream.frames or None

    @property
    def coded_pixels(self) -> int:
        """Pixels of a picture as it is stored."""
        return self._size[0] * self._size[1]

    def sha256(self) -> str:
        """Checksum of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame that can be decoded, in order of time.

        A file that breaks off is read up to there; `damaged_after_s` then says where. A stream that changes its resolution
        gives pictures of one size. No picture is left out because of its time; see `Clock`.
        """
        last = -1.0
        painter = Painter(self._square)
        self.frames_read = self.frames_lost = 0
        self.clock, self.changes = Clock(self._start_s), Changes()
        with Decoder(self.path, self.threads) as decoder:
            for frame, said_s in self._timed(decoder):
                if said_s is None and self.frames_read == 0:
                    self.frames_lost += 1
                    continue
                if not self._keeps_shape(frame):
                    self.reshaped_after_s = max(last, 0.0)
                    return
                time_s = self.clock.time_s(said_s)
                wanted = self.pace.wants(self.frames_read, last, time_s)
                last = time_s
                self.frames_read += 1
                if wanted:
                    shown = Frame(time_s, painter.picture(frame))
                    self.changes.add(shown)
                    yield shown
            self.frames_lost += decoder.damaged
            if decoder.broken_off:
                self.damaged_after_s = max(last, 0.0)

    def picture_at(self, time_s: float) -> Picture | None:
        """Return the picture shown at a time, None when the file ends before it."""
        found = self._picture_at(time_s, jump=True) if self.clock.follows_the_file else None
        return self._picture_at(time_s, jump=False) if found is None else found

    def _picture_at(self, time_s: float, *, jump: bool) -> Picture | None:
        """Picture at a time; with a jump also None where it missed, as in streams without an index."""
        clock = Clock(self._start_s)
        with Decoder(self.path, self.threads) as decoder:
            if jump:
                decoder.skip_to((self._start_s + time_s) * self.slowdown)
            timed = dropwhile(lambda one: one[1] is None, self._timed(decoder))
            for number, (frame, said_s) in enumerate(timed):
                if clock.time_s(said_s) >= time_s - 1e-6:
                    missed = jump and number == 0 and clock.last_s > time_s + 1e-6
                    return None if missed else Painter(self._square).picture(frame)
        return None

    def _timed(self, decoder: Decoder) -> Iterator[tuple[VideoFrame, float | None]]:
        """Frames with what the file says of their times, as they were filmed."""
        return without_strays((frame, None if frame.time is None else frame.time / self.slowdown) for frame in decoder)

    def _keeps_shape(self, frame: VideoFrame) -> bool:
        width, height = self._size
        same = abs(frame.width * height - frame.height * width) <= SAME_SHAPE * frame.width * height
        return same and is_turned_sideways(frame) == self._sideways


def _first_timed(decoder: Decoder, path: Path) -> VideoFrame:
    """Return the first picture whose time is known."""
    first = None
    for frame in islice(decoder, LOOKED_FOR_TIMES):
        first = frame
        if frame.time is not None:
            return frame
    if first is None:
        raise UnreadableInputError(f"{path.name} holds no pictures that can be read.", EXPORT_ADVICE)
    raise UnreadableInputError(f"{path.name} does not say when its pictures were taken.", EXPORT_ADVICE)


class Painter:
    """Makes pictures of decoded frames, with one scaler for all of them.

    Parameters
    ----------
    size : (int, int)
        Width and height of the first frame before it is turned, in square pixels; all pictures get it, reduced where it is
        larger than needed.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._scaler = VideoReformatter()
        scale = min(1.0, MAX_SIDE_PX / max(size))
        self._size = tuple(max(1, round(side * scale)) for side in size)

    def picture(self, frame: VideoFrame) -> Picture:
        """Turn a frame into a picture, turned as it is to be shown."""
        width, height = self._size
        scaled = self._scaler.reformat(frame, width, height, "rgb24", threads=1)  # more cost more than they save
        return turned_as_shown(np.asarray(scaled.to_ndarray(), np.uint8), frame)
