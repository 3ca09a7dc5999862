"""MediaPipe's pose landmarker: one picture in, one Pose out. Nothing leaves the machine."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray

from screener.errors import ModelError
from screener.model.picture import Picture
from screener.model.pose import LANDMARK_COUNT, Floats, Pose
from screener.pose.models import ModelFile
from screener.pose.models.maskless import maskless

MEDIAPIPE_VERSION: str = mp.__version__
NOWHERE = "http://127.0.0.1:9"
"""A closed port of this machine: where mediapipe's usage metrics go."""


_outside: dict[str, str] = {}


def outside_environment() -> dict[str, str]:
    """Return the environment without what `close_metrics` set, for processes that fetch files and never load mediapipe."""
    return dict(_outside or os.environ)


def close_metrics() -> None:
    """Keep mediapipe's usage metrics on this machine.

    Its binary posts them to the network and honours `https_proxy`, which it reads whenever it sends, so that the variable stays
    set in this process from the first landmarker on. Importing changes nothing. `http_proxy` is left alone: network cameras
    are reached by it. `tests/system/test_privacy.py` watches a whole run.
    """
    if not _outside:
        _outside.update(os.environ)
    for name in ("https_proxy", "HTTPS_PROXY"):
        os.environ[name] = NOWHERE
    for name in ("no_proxy", "NO_PROXY"):
        os.environ.pop(name, None)
    for name in ("GLOG_minloglevel", "TF_CPP_MIN_LOG_LEVEL"):
        os.environ.setdefault(name, "3")


@contextlib.contextmanager
def _quiet_native_log() -> Iterator[None]:
    """Keep the C++ start-up chatter of mediapipe off the user's terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _open(model: ModelFile, mode: vision.RunningMode, people: int, *, with_mask: bool = False) -> vision.PoseLandmarker:
    close_metrics()
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model.path)),
        running_mode=mode,
        num_poses=people,
        output_segmentation_masks=with_mask,
    )
    try:
        with _quiet_native_log():
            return vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"The model file {model.path.name} is not a pose landmarker bundle.",
            "Use a .task file of MediaPipe's pose landmarker, or leave --model-path out.",
        ) from error


def _open_light(model: ModelFile, mode: vision.RunningMode, people: int) -> vision.PoseLandmarker:
    """Open without the mask: the lighter bundle, or the model itself where mediapipe refuses that one."""
    light = maskless(model)
    try:
        return _open(light, mode, people)
    except ModelError:
        if light == model:
            raise
        return _open(model, mode, people)


def _image(rgb: Picture) -> mp.Image:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)


def _pixels(landmarks: list[Any], rgb: Picture) -> Floats:
    """(33, 2) pixels: mediapipe normalises x and y separately, an angle on its numbers would be wrong."""
    height, width = rgb.shape[:2]
    return np.array([(mark.x * width, mark.y * height) for mark in landmarks])


class Landmarker:
    """Follows one body from frame to frame (VIDEO mode: no frame is dropped).

    Parameters
    ----------
    model : ModelFile
        A verified model.
    with_mask : bool
        Also keep the person mask of the newest frame in `mask`, (H, W) float, 0 to 1; None when nobody was found.
    """

    def __init__(self, model: ModelFile, *, with_mask: bool = False) -> None:
        video = vision.RunningMode.VIDEO
        self._landmarker = _open(model, video, 1, with_mask=True) if with_mask else _open_light(model, video, 1)
        self.mask: NDArray[np.float32] | None = None
        self._clock_ms = -1
        self._warm = False

    def __enter__(self) -> Landmarker:
        """Use as a context; the network is released at its end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Release the network."""
        self.close()

    def close(self) -> None:
        """Release the network."""
        with _quiet_native_log():
            self._landmarker.close()

    def detect(self, rgb: Picture, time_s: float) -> Pose:
        """Find the body in one picture; a pose of NaN when there is none."""
        # The clock of the landmarker must rise strictly; a picture may be looked at twice.
        self._clock_ms = max(self._clock_ms + 1, round(time_s * 1000.0))
        with contextlib.nullcontext() if self._warm else _quiet_native_log():
            found = self._landmarker.detect_for_video(_image(rgb), self._clock_ms)
        self.mask = None
        if not found.pose_landmarks:
            return Pose.missing(time_s)
        if found.segmentation_masks:
            self.mask = np.array(found.segmentation_masks[0].numpy_view(), dtype=np.float32).squeeze()
        self._warm = True  # the network logs once more when it first finds somebody
        return Pose(
            time_s,
            _pixels(found.pose_landmarks[0], rgb),
            np.array([(mark.x, mark.y, mark.z) for mark in found.pose_world_landmarks[0]]),
            np.array([mark.visibility for mark in found.pose_landmarks[0]]),
        )


class PeopleFinder:
    """Finds every body in a single picture, to know whether the subject is alone.

    Parameters
    ----------
    model : ModelFile
        A verified model.
    with_masks : bool
        Also keep the person masks of the newest picture in `masks`, (H, W) float, 0 to 1, one a body.
    """

    MOST = 3

    def __init__(self, model: ModelFile, *, with_masks: bool = False) -> None:
        image = vision.RunningMode.IMAGE
        most = self.MOST
        self._landmarker = _open(model, image, most, with_mask=True) if with_masks else _open_light(model, image, most)
        self.masks: tuple[NDArray[np.float32], ...] = ()

    def close(self) -> None:
        """Release the network."""
        with _quiet_native_log():
            self._landmarker.close()

    def find(self, rgb: Picture) -> Floats:
        """(N, 33, 2) landmarks in pixels of up to `MOST` bodies."""
        with _quiet_native_log():
            found = self._landmarker.detect(_image(rgb))
        self.masks = tuple(np.array(mask.numpy_view(), dtype=np.float32).squeeze() for mask in found.segmentation_masks or ())
        return np.array([_pixels(body, rgb) for body in found.pose_landmarks]).reshape(-1, LANDMARK_COUNT, 2)
