"""Frames in, a screening out. A live camera and a recorded file go through the same session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from screener.errors import UnreadableInputError, UsageError
from screener.kinematics.film_parts import NAME_SECONDS, frames_of
from screener.model.picture import Frame, KeyPicture, Picture
from screener.model.pose import Floats, Pose, PoseSequence
from screener.model.recorder import Recorder
from screener.model.recording import Origin, Recording, Request
from screener.model.results import SourceVideo
from screener.model.series import nearest_frame
from screener.pose.finder import LocatedPose, PoseFinder
from screener.pose.landmarker import MEDIAPIPE_VERSION
from screener.pose.models import ModelFile, load_model
from screener.pose.trackers.camera_roll import CameraTiltEstimator
from screener.pose.trackers.stickers import StickerTracker
from screener.runtime import ahead, give_memory_back
from screener.tests_clinical import get_test
from screener.video.camera import Camera
from screener.video.file import EVERY_FRAME, Pace, VideoFile
from screener.video.snapshots import SnapshotBuffer
from screener.workflow.file_notes import file_notes
from screener.workflow.holes import HoleFinder
from screener.workflow.screening import Screening, rescreen

TIDY_EVERY = 1000
"""Frames after which memory that threads freed in small pieces goes back to the system; it takes a few milliseconds."""
GAP_EDGE_S = 0.02
"""How close to its ends a stretch that nobody watched is marked."""


class Session:
    """One recording of one test.

    Parameters
    ----------
    request : Request
        Test, side, and what is known of the person and the camera.
    model : ModelFile, optional
        The embedded full model when not given.

    Attributes
    ----------
    holes : HoleFinder
        Stretches without pictures in a recorded video.

    Raises
    ------
    UsageError
        Unknown test.
    ModelError
        The model cannot be used.
    """

    def __init__(self, request: Request, model: ModelFile | None = None) -> None:
        self.request = request
        self.test = get_test(request.test)
        self.model = model or load_model()
        markers = StickerTracker(request.marker_colour) if request.markers else None
        self._finder = PoseFinder(
            self.model,
            pelvis=self.test.frontal and not self.test.lying,
            back=self.test.looks_at_back,
            markers=markers,
        )
        self._tilt = CameraTiltEstimator()
        self._recorder: Recorder | None = None
        self._began_at: datetime | None = None
        self.holes = HoleFinder()
        self._left_out = np.zeros(0)

    def __enter__(self) -> Session:
        """Use as a context; the networks are released at its end."""
        return self

    def __exit__(self, *_details: object) -> None:
        """Release the networks."""
        self.close()

    def close(self) -> None:
        """Release the networks; `finish` still works."""
        self._finder.close()

    def add(self, frame: Frame) -> Pose:
        """Take in one frame and return the pose found in it."""
        return self._record(self._finder.locate(frame))

    def watch(self, frames: Iterable[Frame], *, overlap: bool = True) -> Iterator[Frame]:
        """Take in the frames of a recorded video and pass each on; the same poses as `add`, sooner, and holes are marked.

        One thread reads the frames, one runs the network, and the caller's looks at the pictures.

        Parameters
        ----------
        frames : iterable of Frame
            In order of time.
        overlap : bool
            False: all in the caller's thread.
        """
        if not overlap:
            for frame in frames:
                self._take(self._finder.locate(frame))
                yield frame
            return
        with closing(ahead(frames)) as read, closing(ahead(map(self._finder.locate, read))) as located:
            for number, one in enumerate(located, 1):
                self._take(one)
                yield one.frame
                if number % TIDY_EVERY == 0:
                    give_memory_back()

    def _take(self, located: LocatedPose) -> None:
        if self.holes.add(located.frame.time_s):
            self.add_gap(located.frame.time_s)
        self._record(located)

    def _record(self, located: LocatedPose) -> Pose:
        rgb = located.frame.rgb
        if self._recorder is None:
            self._recorder = Recorder(rgb.shape[1], rgb.shape[0])
            self._began_at = datetime.now(UTC)
        pose = self._finder.look(located)
        self._tilt.add(rgb, pose)
        self._recorder.add(pose)
        return pose

    def add_gap(self, until_s: float) -> None:
        """Say that nobody was watching between the last frame and a time, so that no hold is measured across it."""
        if self._recorder is None or len(self._recorder) == 0:
            return
        last_s = float(self._recorder.latest().time_s[0])
        for time_s in (last_s + GAP_EDGE_S, until_s - GAP_EDGE_S):
            self._recorder.add(Pose.missing(time_s))

    def leave_out(self, times_s: Floats) -> None:
        """Leave the frames of these times out of the recording: they turned out to show nothing of their own."""
        self._left_out = times_s

    def so_far(self, source: SourceVideo | None = None, notes: tuple[str, ...] = ()) -> Recording:
        """Copy what was recorded until now; may be called from another thread than `add`."""
        return self._recording((self._recorder or Recorder(0, 0)).sequence(), source, notes)

    def _recording(self, poses: PoseSequence, source: SourceVideo | None, notes: tuple[str, ...]) -> Recording:
        if self._left_out.size:
            poses = frames_of(poses, ~np.isin(poses.time_s, self._left_out))
        origin = Origin(
            source=source or _live_source(poses, self._began_at),
            mediapipe=MEDIAPIPE_VERSION,
            model=self.model.name,
            model_sha256=self.model.sha256,
            notes=notes,
        )
        return Recording(poses, self._tilt.result(), origin, self.request)

    def signal(self) -> None:
        """The person is told to start now: what came before is no attempt."""
        if self._recorder is not None and len(self._recorder) > 0:
            now_s = float(self._recorder.latest().time_s[0])
            self.request = self.request.model_copy(update={"signal_s": now_s})

    def stop(self) -> None:
        """The person stopped the test: `finish` will say so and score nothing."""
        self.request = self.request.model_copy(update={"stopped": True})

    def finish(self, source: SourceVideo | None = None, notes: tuple[str, ...] = (), *, hand_over: bool = False) -> Screening:
        """Score the whole recording.

        Parameters
        ----------
        source : SourceVideo, optional
            Facts of the file; taken from the recording itself when it was live.
        notes : tuple of str
            Warnings about the source.
        hand_over : bool
            Give the recording away instead of copying it, which halves the memory of a long one; the session is empty then.
        """
        if not hand_over:
            return rescreen(self.so_far(source, notes))
        poses = (self._recorder or Recorder(0, 0)).hand_over()
        give_memory_back()
        return rescreen(self._recording(poses, source, notes))


def _live_source(poses: PoseSequence, began_at: datetime | None) -> SourceVideo:
    return SourceVideo(
        file="camera",
        sha256="",
        width=poses.width,
        height=poses.height,
        fps=round(poses.rate_hz, 3),
        frames=len(poses),
        duration_s=round(poses.duration_s, 3),
        recorded_at=began_at,
    )


def screen(
    video: Path,
    request: Request,
    model: ModelFile | None = None,
    *,
    on_frame: Callable[[Frame], None] | None = None,
    pictures: bool = True,
    pace: Pace = EVERY_FRAME,
    threads: int | None = None,
) -> Screening:
    """Screen a recorded video.

    Parameters
    ----------
    video : Path
        The file.
    request : Request
        Test, side, and what is known of the person and the camera.
    model : ModelFile, optional
        The embedded full model when not given.
    on_frame : callable, optional
        Called after each frame, for a progress display.
    pictures : bool
        Take pictures of the key moments.
    pace : Pace
        Which frames are looked at.
    threads : int, optional
        1 keeps all work in one thread, for a process that shares its machine with others of its kind; the result is the same.

    Raises
    ------
    UnreadableInputError
        The file gives no pictures.
    UsageError, ModelError
        Unknown test, unusable model.
    """
    file = VideoFile(video, pace, threads)
    with Session(request, model) as session:
        frames, first_s, last_s = 0, 0.0, 0.0
        for frame in session.watch(file, overlap=threads != 1):
            first_s = first_s if frames else frame.time_s
            frames, last_s = frames + 1, frame.time_s
            if on_frame is not None:
                on_frame(frame)
    if frames == 0 and not pace.covers(0.0):
        raise UsageError(f"{video.name} has no pictures between --from and --to.", NAME_SECONDS)
    give_memory_back()  # the networks are closed: a long recording now needs what they held
    repeated = file.changes.repeated_times()
    session.leave_out(repeated)
    new = frames - len(repeated)
    source = SourceVideo(
        file=video.name,
        sha256=file.sha256(),
        width=file.width,
        height=file.height,
        fps=round((new - 1) / (last_s - first_s), 3) if last_s > first_s else 0.0,
        frames=new,
        duration_s=round(last_s - first_s, 3),
        bits_per_pixel=_bits_per_pixel(file, new / frames if frames else 1.0),
        recorded_at=file.recorded_at,
    )
    screening = session.finish(
        source, pace.note + session.holes.note + file_notes(file) + _padding_note(source, len(repeated)), hand_over=True
    )
    return replace(screening, pictures=_key_pictures(screening, file.picture_at)) if pictures else screening


def screen_camera(
    source: int | str,
    seconds: float,
    request: Request,
    model: ModelFile | None = None,
    *,
    on_second: Callable[[], None] | None = None,
    pictures: bool = True,
) -> Screening:
    """Record from a camera for a while, or until Ctrl-C, and screen what was seen.

    Parameters
    ----------
    source : int or str
        Index of a camera, or an http or rtsp address.
    seconds : float
        How long to record.
    request, model, pictures
        As for `screen`.
    on_second : callable, optional
        Called after each second, for a progress display.

    Raises
    ------
    UnreadableInputError
        No camera answers, or it stopped before anything was seen.
    """
    memory = SnapshotBuffer()
    notes: tuple[str, ...] = ()
    with Camera(source) as camera, Session(request, model) as session:
        try:
            second = 0
            for frame in camera:
                if frame.time_s > seconds:
                    break
                session.add(frame)
                memory.add(frame)
                if on_second is not None and int(frame.time_s) > second:
                    second = int(frame.time_s)
                    on_second()
        except KeyboardInterrupt:
            notes = ("The recording was ended with Ctrl-C.",)
        except UnreadableInputError as lost:
            if len(memory) == 0:
                raise
            notes = (f"{lost.message} What had been recorded until then was measured.",)
        screening = session.finish(notes=notes)
    return with_pictures(screening, memory) if pictures else screening


def with_pictures(screening: Screening, memory: SnapshotBuffer) -> Screening:
    """Add the pictures of the key moments of a live recording."""
    return replace(screening, pictures=_key_pictures(screening, memory.picture_at))


def _bits_per_pixel(file: VideoFile, new_share: float) -> float | None:
    """Bits for each pixel of the pictures that show something new; a repeated one costs next to nothing."""
    pixels = file.frames_read * new_share * file.coded_pixels
    return round(8 * file.path.stat().st_size / pixels, 5) if pixels else None


def _padding_note(source: SourceVideo, repeated: int) -> tuple[str, ...]:
    if repeated == 0:
        return ()
    return (
        f"{100 * repeated / (source.frames + repeated):.0f} % of the pictures only repeat the one before, so the video has "
        f"{source.fps:.0f} frames a second. Film with more light: a camera in the dark gives fewer pictures.",
    )


def _key_pictures(screening: Screening, picture_at: Callable[[float], Picture | None]) -> tuple[KeyPicture, ...]:
    """Picture of the key moment of every scored test."""
    found = []
    for test in screening.report.tests:
        if test.key_moment_s is None:
            continue
        index = nearest_frame(screening.poses.time_s, test.key_moment_s)
        side = f", {test.side} leg" if test.side != "both" else ""
        time_s = float(screening.poses.time_s[index])
        rgb = picture_at(time_s)
        if rgb is not None:
            caption = f"{test.title}{side}: the key moment."
            found.append(KeyPicture(test.key, test.side, time_s, rgb, screening.poses.pose(index), caption))
    return tuple(found)
