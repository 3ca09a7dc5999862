"""A part of a recording: what the user names, or what lies between two cuts of an edited film."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from screener.errors import UsageError
from screener.kinematics.planar import distance
from screener.kinematics.standing import body_size_px
from screener.model.pose import Bools, Floats, Joint, PoseSequence, Side
from screener.model.recording import Recording
from screener.model.series import Interval

BODY = tuple(joint.on(side) for joint in (Joint.SHOULDER, Joint.HIP, Joint.KNEE, Joint.ANKLE) for side in Side)
MIN_CUT_SIZES = 0.10
"""Usual jump of the joints from frame to frame, in sizes of trunk and leg, that may be a cut; people who run reach 0.05."""
MAX_CALM_SHARE = 0.25
"""Around a cut the joints move by less than this share of the jump: a body that is followed badly jumps again and again."""
MIN_STAYING_SHARE = 0.8
"""Share of the jump that is still there a third of a second later: a landmark that flew away comes back."""
AROUND_S = 0.35
NEAR_FRAMES = 8
MIN_AWAY_S = 1.0
MIN_AWAY_SIZES = 0.35
"""Who was not seen for so long, and is seen so far from there, is in another picture, or has walked to another place."""
MIN_PART_S = 1.0
"""A shorter part of an edited film is not looked at."""
MAX_PARTS = 5
NAME_SECONDS = "Give two times within the video, --from earlier than --to."


def trimmed(recording: Recording, from_s: float | None, to_s: float | None) -> Recording:
    """Leave out what lies before and after two moments; times stay those of the video.

    Parameters
    ----------
    recording : Recording
        As recorded.
    from_s, to_s : float, optional
        Seconds of the video, both included; None for its begin and its end.

    Raises
    ------
    UsageError
        Nothing lies between them.
    """
    time_s = recording.poses.time_s
    kept = (time_s >= (-np.inf if from_s is None else from_s)) & (time_s <= (np.inf if to_s is None else to_s))
    if not kept.any():
        raise UsageError("The recording has no pictures between --from and --to.", NAME_SECONDS)
    return recording if kept.all() else replace(recording, poses=frames_of(recording.poses, kept))


def frames_of(poses: PoseSequence, kept: Bools) -> PoseSequence:
    """Copy some frames of a sequence; (T,) bool says which."""
    names = [field.name for field in fields(PoseSequence) if field.name not in ("width", "height")]
    return replace(poses, **{name: getattr(poses, name)[kept] for name in names})


def parts_of(poses: PoseSequence) -> tuple[Interval, ...]:
    """Find the longest parts between the cuts of a film, in order of time; one part where there is no cut.

    Parameters
    ----------
    poses : PoseSequence
        As recorded.
    """
    if len(poses) < 2:
        return (Interval(0.0, poses.duration_s),)
    cuts = cuts_of(poses)
    bounds = np.searchsorted(poses.time_s, cuts)
    pieces = [piece for piece in np.split(poses.time_s, bounds) if piece.size]
    parts = [Interval(float(piece[0]), float(piece[-1])) for piece in pieces]
    long = sorted((part for part in parts if part.duration_s >= MIN_PART_S), key=lambda part: -part.duration_s)[:MAX_PARTS]
    return tuple(sorted(long, key=lambda part: part.start_s)) or (Interval(float(poses.time_s[0]), float(poses.time_s[-1])),)


def cuts_of(poses: PoseSequence) -> Floats:
    """(C,) times of the first frames after a cut to another picture, seconds.

    Parameters
    ----------
    poses : PoseSequence
        As recorded.
    """
    found = np.flatnonzero(np.isfinite(poses.pixels[:, list(BODY)]).all(axis=(1, 2)))
    if found.size < 2:
        return np.zeros(0)
    joints, time_s = poses.pixels[found][:, list(BODY)], poses.time_s[found]
    size = float(np.median(body_size_px(poses.pixels)[found]))
    steps = np.median(distance(joints[1:], joints[:-1]), axis=1) / size
    away = np.diff(time_s)
    suspect = np.flatnonzero((steps >= MIN_CUT_SIZES) | (away >= MIN_AWAY_S))
    cuts = [number + 1 for number in suspect if _is_cut(joints / size, time_s, steps, int(number))]
    return np.asarray(time_s[np.array(cuts, dtype=np.int64)])


def _is_cut(joints: Floats, time_s: Floats, steps: Floats, number: int) -> bool:
    """Whether the step after frame `number` leads into another picture: it stays, and nothing else moves like it."""
    at = time_s[number + 1]
    before = joints[(time_s < at) & (time_s >= time_s[number] - AROUND_S)]
    after = joints[(time_s >= at) & (time_s <= at + AROUND_S)]
    stays = float(np.median(distance(np.median(before, axis=0), np.median(after, axis=0))))
    if at - time_s[number] >= MIN_AWAY_S:
        return stays >= MIN_AWAY_SIZES
    near = np.arange(max(0, number - NEAR_FRAMES), min(len(steps), number + NEAR_FRAMES + 1))
    near = near[np.abs(near - number) > 1]
    calm = near.size == 0 or float(steps[near].max()) <= MAX_CALM_SHARE * steps[number]
    return bool(calm and stays >= max(MIN_CUT_SIZES, MIN_STAYING_SHARE * steps[number]))
