"""The body as the view shows it, before any angle: points with the camera roll removed, size, when it stands still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.kinematics.events import quiet_standing
from screener.kinematics.planar import distance, midpoint, rotate
from screener.kinematics.signal import samples
from screener.kinematics.standing import LEG_AND_TRUNK_SHARE, body_size_px
from screener.kinematics.standing import rest as standing_still
from screener.model.pose import Bools, Floats, Joint, PoseSequence, Side, View
from screener.model.results import Quality

SIZE_WINDOW_S = 1.0
MIN_GROWTH = 1.25
"""A person who is this many times as large at the end of the recording as at its other end walked to the camera."""
MIN_TRUNK_GROWTH = 1.15
"""Less is asked of the trunk: who leans forward a little while coming nearer shortens it."""
MIN_TOGETHER = 0.7
"""Correlation of the two from which they grow together; in walks to the camera it is 0.9 and more."""
LEVEL_FEET_SHARE = 0.06
"""Feet that differ less in height than this share of body height may both be on the floor before the zero is known."""
EQUAL_LEGS_SHARE = 0.955
"""A lifted leg looks shorter than this share of the standing one, even where the foot hangs low."""


@dataclass(frozen=True)
class BodyInView:
    """What the angles of a recording are computed from.

    Attributes
    ----------
    points : (T, 33, 2) float
        Landmarks in pixels, roll removed, NaN where not seen.
    visible : (T,) bool
        Frames in which every joint that the view shows was seen, inside the picture.
    near_side : Side
        The side towards the camera.
    size : (T,) float
        Size of the body in the picture over its usual one, from the width of the shoulders.
    growth : (T,) float
        The same where the person walks to the camera, else 1.
    height_px : float
        Standing height in the picture at the usual distance.
    quiet : (T,) bool
        Quiet two-leg standing.
    rest : (T,) bool
        The part of it that is the zero of the angles: half a second and more, the arms at rest.
    """

    points: Floats
    visible: Bools
    near_side: Side
    size: Floats
    growth: Floats
    height_px: float
    quiet: Bools
    rest: Bools


def body_in_view(poses: PoseSequence, quality: Quality) -> BodyInView:
    """Find the body's size and when it stands still; cheap beside the angles, and all that the camera's roll needs.

    Parameters
    ----------
    poses : PoseSequence
        Sides consistent.
    quality : Quality
        View and camera roll of the recording.
    """
    time_s, view = poses.time_s, View(quality.view)
    seen = poses.seen_pixels()
    points = rotate(seen, -quality.camera_roll_deg)
    near = _near_side(poses)
    sides = (near,) if view is View.SIDE else tuple(Side)
    visible = _visible(seen, (poses.width, poses.height), sides)
    del seen  # of an hour: 60 MB
    size, trunk = (_relative(length, time_s) for length in _shoulders_and_trunk(points))
    if not view.mediolateral_sign:
        size = np.ones(len(time_s))
    growth = _growth(size, trunk)
    height = _usual_height_px(poses, growth, quality)
    quiet = _quiet(points, time_s, height * growth, sides)
    rest = standing_still(quiet, points[:, [Joint.WRIST.on(side) for side in Side]], time_s, height * growth)
    if view is View.SIDE and not rest.any():  # who lifts or bends again and again hardly stands; the side view needs less
        rest = quiet
    return BodyInView(points, visible, near, size, growth, height, quiet, rest)


def _shoulders_and_trunk(points: Floats) -> tuple[Floats, Floats]:
    """(T,) width of the shoulders, which keep it when the legs bend, and length of the trunk, which keeps it when arms rise."""
    left, right = (points[:, Joint.SHOULDER.on(side)] for side in Side)
    hips = midpoint(points[:, Joint.HIP.on(Side.LEFT)], points[:, Joint.HIP.on(Side.RIGHT)])
    return distance(left, right), distance(midpoint(left, right), hips)


def _relative(length: Floats, time_s: Floats) -> Floats:
    """(T,) a length in the picture over its usual one, steadied over a second; 1 where it is not seen."""
    from scipy.ndimage import median_filter  # see signal.py

    known = np.isfinite(length)
    if known.sum() < 2:
        return np.ones(len(length))
    filled = np.interp(time_s, time_s[known], length[known])
    smooth = median_filter(filled, size=samples(SIZE_WINDOW_S, time_s, odd=True), mode="nearest")
    return np.asarray(smooth / np.median(smooth))


def _usual_height_px(poses: PoseSequence, growth: Floats, quality: Quality) -> float:
    """Standing height in the picture at the body's usual distance; who walks to the camera is largest only at the end."""
    if growth.size == 0 or np.ptp(growth) == 0.0:
        return quality.subject_height_px or float("nan")
    size = body_size_px(poses.pixels) / growth
    return float(np.nanpercentile(size, 90)) / LEG_AND_TRUNK_SHARE if np.isfinite(size).any() else float("nan")


def _growth(size: Floats, trunk: Floats) -> Floats:
    """(T,) size where the person walks to the camera: shoulders and trunk grow, and they grow together.

    Arms that rise narrow the shoulders alone, a trunk that leans is shorter alone; 1 there.
    """
    if size.size == 0:
        return np.ones(0)
    for length, least in ((size, MIN_GROWTH), (trunk, MIN_TRUNK_GROWTH)):
        far, near = np.percentile(length, [5, 95])
        if near <= least * far:
            return np.ones(len(size))
    return size if np.corrcoef(np.log(size), np.log(trunk))[0, 1] >= MIN_TOGETHER else np.ones(len(size))


def _quiet(points: Floats, time_s: Floats, height: Floats, sides: tuple[Side, ...]) -> Bools:
    """(T,) quiet two-leg standing, judged by the joints of the sides that the view shows."""
    ankles = [points[:, Joint.ANKLE.on(side)] for side in sides]
    hips = [points[:, Joint.HIP.on(side)] for side in sides]
    shoulder = np.mean([points[:, Joint.SHOULDER.on(side)] for side in sides], axis=0)
    legs = np.stack([distance(hip, ankle) for hip, ankle in zip(hips, ankles, strict=True)])
    floor = np.stack([ankle[:, 1] for ankle in ankles])
    level = np.ptp(floor, axis=0) < LEVEL_FEET_SHARE * height
    equal = legs.min(axis=0) >= EQUAL_LEGS_SHARE * legs.max(axis=0)
    joints = np.stack([*ankles, *hips, shoulder], axis=1)
    ground, hip = floor.max(axis=0), np.mean(hips, axis=0)
    return quiet_standing(joints, ground - shoulder[:, 1], level & equal, time_s, height, ground - hip[:, 1])


def _near_side(poses: PoseSequence) -> Side:
    """Return the side towards the camera: nearer in space (MediaPipe's z grows away from the camera)."""
    pairs = [(joint.on(Side.LEFT), joint.on(Side.RIGHT)) for joint in (Joint.SHOULDER, Joint.HIP)]
    depth = [poses.world(left)[:, 2] - poses.world(right)[:, 2] for left, right in pairs]
    known = np.concatenate(depth)
    known = known[np.isfinite(known)]
    return Side.LEFT if known.size == 0 or np.median(known) < 0 else Side.RIGHT


def _visible(seen: Floats, size: tuple[int, int], sides: tuple[Side, ...]) -> Bools:
    """(T,) whether every joint that the view needs was seen inside the picture."""
    needed = [joint.on(side) for side in sides for joint in (Joint.SHOULDER, Joint.HIP, Joint.KNEE, Joint.ANKLE)]
    points = seen[:, needed]  # a point that was not seen is NaN, and so inside nothing
    in_picture = (points >= 0) & (points <= np.array(size))
    return np.asarray(in_picture.all(axis=(1, 2)))
