"""H.264 files, with the times of the frames kept."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from screener.model.picture import Frame


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
        self._container = av.open(f"file:{path.absolute()}", mode="w", format="mp4")  # a name may hold a colon
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
