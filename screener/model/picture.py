"""Pictures and when they were taken. Data only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screener.model.pose import Pose

Picture = NDArray[np.uint8]


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
class KeyPicture:
    """The moment of a test that is worth a picture.

    Attributes
    ----------
    test, side : str
        Key of the test and side of the result the picture belongs to.
    rgb : (H, W, 3) uint8
        The frame as the camera gave it; the report draws on a copy and blurs the face.
    caption : str
        What to see in it, also read out as its text alternative.
    recording : int
        Which of the report's recordings it was taken from, from 0.
    """

    test: str
    side: str
    time_s: float
    rgb: NDArray[np.uint8]
    pose: Pose
    caption: str
    recording: int = 0
