"""The process that decodes and measures one upload: it knows no database, and nothing it says is believed without a look.

What it answers are bytes, never objects that run code where they are read: a letter that says what follows, then that.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from screener.errors import ScreenerError, UnreadableInputError
from screener.model.landmarks_file import write_recording
from screener.model.picture import Frame, KeyPicture
from screener.model.recording import Request
from screener.pose.models import ModelFile
from screener.station.measuring.sealed import PIECE_BYTES, SealedVideo, in_memory, opened
from screener.workflow.screening import Screening

TIME, LANDMARKS, PICTURE, VIDEO, REFUSAL, END = b"t", b"l", b"p", b"v", b"r", b"e"
TOO_MUCH = ("Measuring this video takes more memory than the station gives it.", "Trim it to the test, or film it in Full HD.")


@dataclass(frozen=True)
class MeasuringOrder:
    """What is to be measured, and what it may take.

    Attributes
    ----------
    keep_video : bool
        Also make a copy with the face blurred.
    model : ModelFile, optional
        The embedded full model when not given.
    longest_s : float
        Length of the video.
    most_frames : int
        Its pictures.
    most_bytes : int
        Memory of the process, the video itself left out.
    """

    video: SealedVideo
    request: Request
    keep_video: bool
    model: ModelFile | None
    longest_s: float
    most_frames: int
    most_bytes: int


def measure(order: MeasuringOrder, answers: Connection) -> None:
    """Carry out an order and answer; the main function of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the station ends this one
    threading.Thread(target=_end_with_the_station, daemon=True).start()
    limit_memory(order.most_bytes)
    try:
        with ExitStack() as files:
            _answer(order, answers, files)
    except ScreenerError as error:
        answers.send_bytes(REFUSAL + json.dumps([type(error).__name__, error.message, error.advice]).encode())
    except MemoryError:
        answers.send_bytes(REFUSAL + json.dumps([UnreadableInputError.__name__, *TOO_MUCH]).encode())
    answers.close()


def _end_with_the_station() -> None:
    """However the station ends: a process that is left alone would hold a video in clear."""
    station = multiprocessing.parent_process()
    if station is not None:
        station.join()
        os._exit(1)


def limit_memory(most_bytes: int) -> None:
    """Have the system refuse more memory (Linux), and write none of it to the disk if the process dies."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS takes the limit and does not keep it
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))


def _answer(order: MeasuringOrder, answers: Connection, files: ExitStack) -> None:
    video = files.enter_context(opened(order.video))
    screening = _screened(video, order, answers)
    landmarks = io.BytesIO()
    write_recording(screening.recording, landmarks)
    answers.send_bytes(LANDMARKS + landmarks.getvalue())
    for picture in screening.pictures:
        answers.send_bytes(PICTURE + _written_picture(picture))
    if order.keep_video:
        from screener.station.measuring.blurring import blurred_copy

        blurred = files.enter_context(in_memory(video.with_name("blurred.mp4")))
        blurred_copy(video, screening.poses, blurred)
        with blurred.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                answers.send_bytes(VIDEO + piece)
    answers.send_bytes(END)


def _screened(video: Path, order: MeasuringOrder, answers: Connection) -> Screening:
    from screener.video.file import VideoFile

    hint = VideoFile(video).frame_count_hint  # what is no video is told before the networks are loaded
    if hint is not None and hint > order.most_frames:
        raise _too_many(order)
    from screener.workflow.session import screen

    frames = 0

    def watched(frame: Frame) -> None:
        nonlocal frames
        frames += 1
        if frame.time_s > order.longest_s:
            raise UnreadableInputError(f"The video is longer than {order.longest_s / 60:.0f} minutes.", "Trim it to the test.")
        if frames > order.most_frames:
            raise _too_many(order)
        answers.send_bytes(TIME + f"{frame.time_s:.3f}".encode())

    return screen(video, order.request, order.model, on_frame=watched)


def _too_many(order: MeasuringOrder) -> UnreadableInputError:
    return UnreadableInputError(
        f"The video has more than {order.most_frames} pictures.", "Trim it to the test, or film at 30 or 60 pictures a second."
    )


def _written_picture(picture: KeyPicture) -> bytes:
    """Return a picture and what is said of it, without its pose."""
    file = io.BytesIO()
    facts = json.dumps([picture.test, picture.side, picture.time_s, picture.caption])
    np.savez(file, rgb=picture.rgb, facts=np.array(facts))
    return file.getvalue()
