"""A copy of a video with the face blurred, which is all that is ever kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from screener.errors import StationError
from screener.model.picture import Frame
from screener.model.pose import Pose, PoseSequence
from screener.model.series import nearest_frame
from screener.report.drawing.face import blur_face
from screener.video.file import VideoFile
from screener.video.writer import VideoWriter

PART_BYTES = 1_000_000


class BlurredWriter:
    """Write a video whose face is blurred, frame by frame, as a live page or a copy needs it.

    Parameters
    ----------
    path : Path
        MP4 to write.
    rate_hz : float
        Nominal rate.
    """

    def __init__(self, path: Path, rate_hz: float) -> None:
        self._path, self._rate_hz = path, max(rate_hz, 1.0)
        self._writer: VideoWriter | None = None

    def add(self, frame: Frame, pose: Pose) -> None:
        """Append a frame; where nobody was found, the whole picture is made coarse."""
        height, width = frame.rgb.shape[:2]
        self._writer = self._writer or VideoWriter(self._path, width, height, self._rate_hz)
        self._writer.add(Frame(frame.time_s, blur_face(frame.rgb, pose)))

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


def blurred_copy(video: Path, poses: PoseSequence, to: Path, on_frame: Callable[[Frame], None] | None = None) -> Path:
    """Copy a video with the face blurred, without its sound and whatever else the file carries.

    Parameters
    ----------
    video : Path
        The original.
    poses : PoseSequence
        Found in it.
    to : Path
        MP4 to write.
    on_frame : callable, optional
        Called after each frame.

    Raises
    ------
    StationError
        There is no frame in it.
    """
    if len(poses) == 0:
        raise StationError("There are no pictures to keep.", "Record again.")
    writer = BlurredWriter(to, poses.rate_hz)
    try:
        for frame in VideoFile(video):
            writer.add(frame, poses.pose(nearest_frame(poses.time_s, frame.time_s)))
            if on_frame is not None:
                on_frame(frame)
    finally:
        writer.close()
    return to
