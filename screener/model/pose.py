"""The data that flows from the camera to the scorer: landmarks of one body over time. numpy only.

Image axes: x right, y down, in pixels. Left and right are the person's own. Missing is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Reals = NDArray[np.float32] | Floats
"""Numbers of the network, kept as narrow as it gives them: a long recording is large."""

Z95 = 1.96
"""Half width of a 95 % interval in standard deviations."""
MAX_STEP_S = 0.5
"""A longer time between two frames is a pause of the camera, not its rate."""
LANDMARK_COUNT = 33
BACK_STATIONS = np.linspace(-0.05, 1.05, 23)
"""Where the outline of the back is read, from the hip (0) to the shoulder (1)."""
SEEN_VISIBILITY = 0.5
"""A landmark counts as seen from this visibility on (MediaPipe's own drawing threshold)."""
MIN_BACK_SHARE = 0.2
"""Of the frames with a person: with its outline in more, the recording looked at the back; in fewer, somebody turned round."""


class Side(StrEnum):
    """A side of the person's body, never of the picture."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT

    @property
    def sign(self) -> int:
        """+1 for left, -1 for right: the direction "towards the person's left"."""
        return 1 if self is Side.LEFT else -1


class View(StrEnum):
    """From where the camera sees the person."""

    FRONT = "front"
    BACK = "back"
    SIDE = "side"
    OBLIQUE = "oblique"
    UNKNOWN = "unknown"

    @property
    def mediolateral_sign(self) -> int:
        """+1 where the person's left is right in the picture, -1 from behind; 0 in other views."""
        return {View.FRONT: 1, View.BACK: -1}.get(self, 0)


class Landmark(IntEnum):
    """The 33 body points of the MediaPipe pose model, in its order."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


class Joint(StrEnum):
    """A paired body point; with a Side it names a landmark."""

    EAR = "EAR"
    SHOULDER = "SHOULDER"
    ELBOW = "ELBOW"
    WRIST = "WRIST"
    HIP = "HIP"
    KNEE = "KNEE"
    ANKLE = "ANKLE"
    HEEL = "HEEL"
    FOOT_INDEX = "FOOT_INDEX"
    INDEX = "INDEX"

    def on(self, side: Side) -> Landmark:
        """Landmark of this joint on one side of the body."""
        return Landmark[f"{side.name}_{self.value}"]


def _mirror_order() -> tuple[int, ...]:
    swapped = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
    names = ["_".join(swapped.get(word, word) for word in landmark.name.split("_")) for landmark in Landmark]
    return tuple(Landmark[name] for name in names)


MIRRORED_LANDMARKS = _mirror_order()
"""MIRRORED_LANDMARKS[k] is the landmark of the other side that belongs to landmark k."""


@dataclass(frozen=True)
class Pose:
    """One body in one frame.

    Attributes
    ----------
    time_s : float
        Time of the frame from the container or the camera clock.
    pixels : (33, 2) float
        Landmarks in pixels of the picture; NaN when nobody was found.
    world_m : (33, 3) float
        Landmarks in metres about the mid-hip, axes as the picture (x right, y down, z away from the camera).
    visibility : (33,) float
        0 to 1; 0 when nobody was found.
    surface_rotation_deg, surface_u_deg : float
        Turn of the cloth and skin over the pelvis (in a side view that looks at the back: over the low back) since
        `surface_segment` began, + = clockwise on the picture, and its standard uncertainty. NaN when it was not tracked.
    surface_segment : int
        Turns of different segments have different zeros.
    marker_tilt_deg, marker_u_deg : float
        Tilt on the picture of the line between two stickers on the front hip bones, + = the right one on the picture is
        lower, and its standard uncertainty. NaN where stickers were not looked for or not seen.
    brightness : float
        Mean grey level of the picture, 0 to 255.
    people : int
        People of about this person's size seen in this frame; 0 where nobody counted.
    back_outline : (K,) float
        Distance of the back's outline behind the hip-shoulder line at `BACK_STATIONS`, in trunk lengths. NaN where it was
        not looked for (front views) or not found.
    hem_step : float
        How far the person's outline falls inwards below the hem of a shirt, in torso lengths. NaN where it was not looked for
        or not seen.
    hem_contrast : float
        How much more the cloth over the hips differs from the thighs than from the waist, CIELAB units; positive: the shirt
        covers the hips. NaN where it was not looked for.
    """

    time_s: float
    pixels: Floats
    world_m: Reals
    visibility: Reals
    surface_rotation_deg: float = float("nan")
    surface_u_deg: float = float("nan")
    surface_segment: int = 0
    marker_tilt_deg: float = float("nan")
    marker_u_deg: float = float("nan")
    brightness: float = float("nan")
    people: int = 0
    back_outline: Floats = field(default_factory=lambda: np.full(len(BACK_STATIONS), np.nan))
    hem_step: float = float("nan")
    hem_contrast: float = float("nan")

    @property
    def found(self) -> bool:
        """Whether a body was found in the frame."""
        return bool(np.isfinite(self.pixels[:, 0]).any())

    @classmethod
    def missing(cls, time_s: float, brightness: float = float("nan")) -> Pose:
        """Return the pose of a frame in which nobody was found."""
        return cls(
            time_s,
            np.full((LANDMARK_COUNT, 2), np.nan),
            np.full((LANDMARK_COUNT, 3), np.nan),
            np.zeros(LANDMARK_COUNT),
            brightness=brightness,
        )


@dataclass(frozen=True)
class PoseSequence:
    """One body over time; the fields of `Pose` with a leading time axis of length T.

    Attributes
    ----------
    width, height : int
        Size of the picture in pixels, after the rotation the container asks for.
    """

    time_s: Floats
    pixels: Floats
    world_m: Reals
    visibility: Reals
    surface_rotation_deg: Floats
    surface_u_deg: Floats
    surface_segment: Ints
    marker_tilt_deg: Floats
    marker_u_deg: Floats
    brightness: Floats
    people: Ints
    back_outline: Floats
    hem_step: Floats
    hem_contrast: Floats
    width: int
    height: int

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        frames = len(self.time_s)
        for name, shape in (
            ("pixels", (frames, LANDMARK_COUNT, 2)),
            ("world_m", (frames, LANDMARK_COUNT, 3)),
            ("visibility", (frames, LANDMARK_COUNT)),
            ("surface_rotation_deg", (frames,)),
            ("surface_u_deg", (frames,)),
            ("surface_segment", (frames,)),
            ("marker_tilt_deg", (frames,)),
            ("marker_u_deg", (frames,)),
            ("brightness", (frames,)),
            ("people", (frames,)),
            ("back_outline", (frames, len(BACK_STATIONS))),
            ("hem_step", (frames,)),
            ("hem_contrast", (frames,)),
        ):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")

    def __len__(self) -> int:
        """Count the frames."""
        return len(self.time_s)

    @property
    def duration_s(self) -> float:
        """Time from the first to the last frame."""
        return float(self.time_s[-1] - self.time_s[0]) if len(self) > 1 else 0.0

    @property
    def rate_hz(self) -> float:
        """Frames a second that arrived, pauses of the camera left out; 0 for fewer than two frames.

        The median interval would tell the rate that was meant: a camera that drops every third picture keeps it.
        """
        if len(self) < 2:
            return 0.0
        steps = np.diff(self.time_s)
        running = steps[steps <= MAX_STEP_S]
        running = running if running.size else steps
        return float(1.0 / running.mean())

    @property
    def looked_at_back(self) -> bool:
        """Whether the recording looked at the back: the surface is then that of the low back, else that of the pelvis."""
        seen = np.isfinite(self.back_outline).any(axis=1)
        return bool(seen.sum() > MIN_BACK_SHARE * self.found.sum())

    @property
    def found(self) -> Bools:
        """(T,) whether a body was found."""
        return np.asarray(np.isfinite(self.pixels[:, :, 0]).any(axis=1))

    def seen_pixels(self) -> Floats:
        """(T, 33, 2) landmarks in pixels, NaN where the model did not see the point."""
        pixels = self.pixels.copy()
        pixels[~(self.visibility >= SEEN_VISIBILITY)] = np.nan
        return pixels

    def world(self, landmark: Landmark) -> Floats:
        """(T, 3) metres about the mid-hip of one landmark."""
        return self.world_m[:, landmark].astype(np.float64)

    def pose(self, frame: int) -> Pose:
        """Return the pose of one frame."""
        return Pose(
            float(self.time_s[frame]),
            self.pixels[frame],
            self.world_m[frame],
            self.visibility[frame],
            float(self.surface_rotation_deg[frame]),
            float(self.surface_u_deg[frame]),
            int(self.surface_segment[frame]),
            float(self.marker_tilt_deg[frame]),
            float(self.marker_u_deg[frame]),
            float(self.brightness[frame]),
            int(self.people[frame]),
            self.back_outline[frame],
            float(self.hem_step[frame]),
            float(self.hem_contrast[frame]),
        )

    def with_landmarks(self, pixels: Floats, world_m: Reals, visibility: Reals) -> PoseSequence:
        """Copy with other landmarks, everything else kept."""
        return replace(self, pixels=pixels, world_m=world_m, visibility=visibility)
