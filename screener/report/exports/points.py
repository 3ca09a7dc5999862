"""Body points in metres, in the axes of OpenSim: x right on the picture, y up, z towards the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.kinematics.planar import midpoint, rotate
from screener.model.pose import Floats, Landmark, PoseSequence

# Names of Sports2D and Pose2Sim (HALPE_26), in their order; two landmarks name the point half way between them.
MARKERS: dict[str, tuple[Landmark, ...]] = {
    "Hip": (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
    "RHip": (Landmark.RIGHT_HIP,),
    "RKnee": (Landmark.RIGHT_KNEE,),
    "RAnkle": (Landmark.RIGHT_ANKLE,),
    "RBigToe": (Landmark.RIGHT_FOOT_INDEX,),
    "RHeel": (Landmark.RIGHT_HEEL,),
    "LHip": (Landmark.LEFT_HIP,),
    "LKnee": (Landmark.LEFT_KNEE,),
    "LAnkle": (Landmark.LEFT_ANKLE,),
    "LBigToe": (Landmark.LEFT_FOOT_INDEX,),
    "LHeel": (Landmark.LEFT_HEEL,),
    "Neck": (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
    "Nose": (Landmark.NOSE,),
    "RShoulder": (Landmark.RIGHT_SHOULDER,),
    "RElbow": (Landmark.RIGHT_ELBOW,),
    "RWrist": (Landmark.RIGHT_WRIST,),
    "LShoulder": (Landmark.LEFT_SHOULDER,),
    "LElbow": (Landmark.LEFT_ELBOW,),
    "LWrist": (Landmark.LEFT_WRIST,),
}
_BONES = tuple(
    (Landmark[f"{side}_{start}"], Landmark[f"{side}_{end}"])
    for side in ("LEFT", "RIGHT")
    for start, end in (("SHOULDER", "HIP"), ("HIP", "KNEE"), ("KNEE", "ANKLE"))
)


@dataclass(frozen=True)
class MarkerTrajectories:
    """Markers of a recording.

    Attributes
    ----------
    names : tuple of str
        Of `MARKERS`.
    time_s : (T,) float
        Seconds.
    metres : (T, N, 3) float
        x right on the picture, y up, z towards the camera; NaN where not seen. The origin is the middle of the hips in x and z
        and the lowest heel or toe in y, over the recording.
    rate_hz : float
        Frames a second.
    """

    names: tuple[str, ...]
    time_s: Floats
    metres: Floats
    rate_hz: float


def markers(poses: PoseSequence, roll_deg: float) -> MarkerTrajectories:
    """Put the landmarks of a recording into metres.

    Where a point is comes from the picture, scaled by the network's own size of the body; depth, which a picture does not
    show, is the network's guess and stands about the hips of each frame.

    Parameters
    ----------
    poses : PoseSequence
        Sides consistent.
    roll_deg : float
        Camera roll to remove, + = the picture is turned clockwise.
    """
    flat = rotate(poses.seen_pixels(), -roll_deg) / pixels_per_metre(poses)
    depth = np.where(np.isfinite(flat[..., 0]), poses.world_m[..., 2], np.nan)
    body = np.stack([flat[..., 0], -flat[..., 1], -depth], axis=-1)
    points = np.stack([midpoint(body[:, of[0]], body[:, of[-1]]) for of in MARKERS.values()], axis=1)
    names = tuple(MARKERS)
    feet = [names.index(name) for name in ("RBigToe", "RHeel", "LBigToe", "LHeel")]
    origin = np.array([_middle(points[:, 0, 0]), _least(points[:, feet, 1]), 0.0])
    return MarkerTrajectories(names, poses.time_s, points - origin, poses.rate_hz)


def pixels_per_metre(poses: PoseSequence) -> float:
    """Scale of the picture at the person: lengths of trunk and legs in the picture over those of the network's body."""
    picture = world = 0.0
    seen = poses.found
    for start, end in _BONES:
        picture += float(np.hypot(*(poses.pixels[seen, start] - poses.pixels[seen, end]).T).sum())
        world += float(np.hypot(*(poses.world(start) - poses.world(end))[seen, :2].T).sum())
    return picture / world if world > 0 else float("nan")


def _middle(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else 0.0


def _least(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else 0.0
