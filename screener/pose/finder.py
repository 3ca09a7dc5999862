"""From frames to poses of one person: landmarks, the surface over the pelvis, light, and who else is there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.kinematics.planar import distance, midpoint
from screener.kinematics.standing import body_size_px
from screener.model.picture import Frame, Picture
from screener.model.pose import Floats, Landmark, Pose
from screener.pose.landmarker import Landmarker, PeopleFinder
from screener.pose.models import ModelFile
from screener.pose.trackers.hem import hem_contrast, hem_step
from screener.pose.trackers.low_back import LowBackTracker
from screener.pose.trackers.pelvis_surface import SurfaceReading, SurfaceTracker
from screener.pose.trackers.silhouette import back_outline, is_sideways, nearer_side
from screener.pose.trackers.stickers import StickerTracker

PEOPLE_EVERY_S = 2.0
"""How often the picture is searched for further people."""
HEM_EVERY_S = 1.0
"""The same where the hem of the shirt is looked at with it: some looks must fall into quiet standing."""
SIMILAR_SIZE = 0.6
"""Someone at least this share of the subject's size could be mistaken for the subject; smaller people are background."""
FASTEST_SIZES_PER_S = 4.0
"""Speed of the mid-hip, in body sizes a second, that no person reaches in front of a camera."""
MIN_JUMP_SIZES = 0.25
MAX_GROWTH = 1.6
"""Change of size from one frame to the next that is no longer the same person."""
GIVE_UP_S = 1.5
"""After so long without the person, accept any body of similar size as the same person."""
MAX_VIEW_VOTES = 15
"""Frames after which another view is believed, where a test is done in either."""
FORGET_S = 5.0
"""After so long, anyone may: a person who set up the camera close by stands back at another distance."""


def mid_hip(pixels: Floats) -> Floats:
    """(2,) pixels."""
    return midpoint(pixels[Landmark.LEFT_HIP], pixels[Landmark.RIGHT_HIP])


class PersonKeeper:
    """Stays with the person first seen and refuses a jump to somebody else."""

    def __init__(self) -> None:
        self._last: Pose | None = None

    def is_same(self, pose: Pose) -> bool:
        """Whether a pose can be the person kept so far; nobody is never the same."""
        if not pose.found:
            return False
        if self._last is None:
            return True
        size, before = float(body_size_px(pose.pixels)), float(body_size_px(self._last.pixels))
        elapsed = pose.time_s - self._last.time_s
        if elapsed > FORGET_S:
            return True
        grown = max(size / before, before / size)
        if elapsed > GIVE_UP_S:
            return grown <= 1.0 / SIMILAR_SIZE
        jump = float(distance(mid_hip(pose.pixels), mid_hip(self._last.pixels))) / before
        return grown <= MAX_GROWTH and jump <= MIN_JUMP_SIZES + FASTEST_SIZES_PER_S * elapsed

    def keep(self, pose: Pose) -> None:
        """Remember the person's newest pose."""
        self._last = pose

    def lost_for(self, time_s: float) -> float:
        """Seconds since the person was last seen; infinite when nobody was seen yet."""
        return float("inf") if self._last is None else time_s - self._last.time_s

    def spotlight(self, rgb: Picture) -> Picture:
        """Copy of a picture with everything grey but the surroundings of the person's last place."""
        if self._last is None:
            return rgb
        low, high = self._last.pixels.min(axis=0), self._last.pixels.max(axis=0)
        margin = 0.25 * (high - low) + 0.1 * body_size_px(self._last.pixels)
        height, width = rgb.shape[:2]
        left, top = np.clip(np.floor(low - margin), 0, (width, height)).astype(int)
        right, bottom = np.clip(np.ceil(high + margin), 0, (width, height)).astype(int)
        lit = np.full_like(rgb, 127)
        lit[top:bottom, left:right] = rgb[top:bottom, left:right]
        return lit


@dataclass(frozen=True)
class LocatedPose:
    """A frame and the person in it, before the picture is looked at more closely.

    Attributes
    ----------
    pose : Pose
        Landmarks; NaN when the person is not there.
    mask : (H, W) float, optional
        Share of person in each pixel, where it was asked for.
    """

    frame: Frame
    pose: Pose
    mask: NDArray[np.float32] | None


class PoseFinder:
    """One person's poses from a stream of frames.

    Parameters
    ----------
    model : ModelFile
        A verified model.
    pelvis : bool
        Track cloth and skin over the pelvis, as the front or the back of a standing person shows it.
    back : bool
        Read the outline of the back and track the surface of the low back, as the side shows them. With both, what the person
        shows is tracked.
    markers : MarkerTracker, optional
        Look for stickers on the front hip bones, where the pelvis is tracked.
    """

    def __init__(self, model: ModelFile, *, pelvis: bool, back: bool, markers: StickerTracker | None = None) -> None:
        self._landmarker = Landmarker(model, with_mask=back)
        self._people = PeopleFinder(model, with_masks=pelvis)
        self._people_every_s = HEM_EVERY_S if pelvis else PEOPLE_EVERY_S
        self._surface = SurfaceTracker() if pelvis else None
        self._low_back = LowBackTracker() if back else None
        self._markers = markers if pelvis else None
        self._keeper = PersonKeeper()
        self._lost = False
        self._next_count_s = 0.0
        self._view_votes = 0

    def close(self) -> None:
        """Release the networks."""
        self._landmarker.close()
        self._people.close()

    def locate(self, frame: Frame) -> LocatedPose:
        """Run the network on a frame: where the person is; frames must come in order, from one thread."""
        pose = self._same_person(frame)
        if pose.found:
            self._keeper.keep(pose)
        return LocatedPose(frame, pose, self._landmarker.mask)

    def look(self, located: LocatedPose) -> Pose:
        """Read what the picture shows of a located person; in order, and while another thread locates the next one."""
        frame, pose = located.frame, located.pose
        pose = replace(self._look_around(frame, pose), brightness=_brightness(frame.rgb))
        if self._low_back is not None and (self._surface is None or self._shows_side(pose)):
            return self._with_back(pose, located, self._low_back)
        if self._surface is None:
            return pose
        if self._markers is not None:
            seen = self._markers.update(frame.rgb, pose.pixels, frame.time_s)
            pose = replace(pose, marker_tilt_deg=seen.tilt_deg, marker_u_deg=seen.u_deg)
        return _with_surface(pose, self._surface.update(frame.rgb, pose.pixels, frame.time_s))

    def _with_back(self, pose: Pose, located: LocatedPose, tracker: LowBackTracker) -> Pose:
        near = nearer_side(pose.world_m)
        if located.mask is not None and pose.found:
            pose = replace(pose, back_outline=back_outline(located.mask, pose.pixels, near))
        reading = tracker.update(located.frame.rgb, pose.pixels, near, pose.back_outline, pose.time_s)
        return _with_surface(pose, reading)

    def _shows_side(self, pose: Pose) -> bool:
        """Whether the side is towards the camera in most of the last frames: a single one may have it wrong."""
        if pose.found:
            vote = 1 if is_sideways(pose.world_m) else -1
            self._view_votes = int(np.clip(self._view_votes + vote, -MAX_VIEW_VOTES, MAX_VIEW_VOTES))
        return self._view_votes > 0

    def _same_person(self, frame: Frame) -> Pose:
        # While the person is lost only their last surroundings are shown to the network, so that it does not settle on
        # somebody else; the second look is needed because the first one after a jump still follows the wrong body.
        rgb = self._keeper.spotlight(frame.rgb) if self._lost else frame.rgb
        pose = self._landmarker.detect(rgb, frame.time_s)
        if pose.found and not self._keeper.is_same(pose):
            lit = self._keeper.spotlight(frame.rgb)
            self._landmarker.detect(lit, frame.time_s)
            pose = self._landmarker.detect(lit, frame.time_s)
        if not self._keeper.is_same(pose):
            pose = Pose.missing(frame.time_s)
        self._lost = self._waits_for_person(pose)
        return replace(pose, time_s=frame.time_s)

    def _waits_for_person(self, pose: Pose) -> bool:
        return not pose.found and self._keeper.lost_for(pose.time_s) <= GIVE_UP_S

    def _look_around(self, frame: Frame, pose: Pose) -> Pose:
        """Count the people of about the subject's size now and then, and look at the subject's clothing."""
        if not pose.found or frame.time_s < self._next_count_s:
            return pose
        self._next_count_s = frame.time_s + self._people_every_s
        size = float(body_size_px(pose.pixels))
        bodies = self._people.find(frame.rgb)
        others = [_is_other(body, pose.pixels, size) for body in bodies]
        counted = replace(pose, people=1 + sum(others))
        if self._surface is None:
            return counted
        step = self._hem(bodies, pose.pixels)
        return replace(counted, hem_step=step, hem_contrast=hem_contrast(frame.rgb, pose.pixels))

    def _hem(self, bodies: Floats, subject: Floats) -> float:
        if len(bodies) == 0 or not self._people.masks:
            return float("nan")
        own = int(np.argmin([distance(mid_hip(body), mid_hip(subject)) for body in bodies]))
        return hem_step(self._people.masks[own], subject)


def _with_surface(pose: Pose, reading: SurfaceReading) -> Pose:
    return replace(
        pose,
        surface_rotation_deg=reading.rotation_deg,
        surface_u_deg=reading.u_deg,
        surface_segment=reading.segment,
    )


def _is_other(body: Floats, subject: Floats, size: float) -> bool:
    elsewhere = float(distance(mid_hip(body), mid_hip(subject))) > 0.15 * size
    return elsewhere and float(body_size_px(body)) >= SIMILAR_SIZE * size


def _brightness(rgb: Picture) -> float:
    """Mean grey level of every eighth pixel, 0 to 255."""
    return float(rgb[::8, ::8].mean())


def use_one_core() -> None:
    """Keep this process to one core: others of its kind work beside it."""
    cv2.setNumThreads(1)
