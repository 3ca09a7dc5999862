"""Left and right of one person over time: sides that the model exchanged are found and put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from screener.kinematics.events import runs
from screener.model.pose import MIRRORED_LANDMARKS, Bools, Floats, Joint, PoseSequence, Reals, Side

Values = TypeVar("Values", Floats, Reals)
PAIRS = (Joint.SHOULDER, Joint.HIP, Joint.EAR, Joint.KNEE)
COLLAPSED_SHARE = 0.35
"""A body whose pairs agree less than this with the rest of the recording is between two readings."""
NEAR_EXCHANGE_S = 0.12
"""Only frames this close to an exchange are suspected of being between two readings."""


@dataclass(frozen=True)
class SideRepair:
    """A sequence whose sides are consistent.

    Attributes
    ----------
    poses : PoseSequence
        Exchanged frames put back; frames that cannot be told are NaN.
    exchanged : (T,) bool
        Frames that were put back.
    left_out : (T,) bool
        Frames that could not be told.
    """

    poses: PoseSequence
    exchanged: Bools
    left_out: Bools


def repair_sides(poses: PoseSequence) -> SideRepair:
    """Put back frames in which the model exchanged left and right.

    In every test the person faces one way, so the vectors from right to left of the paired joints keep one direction in
    space. Frames in which they point the other way are exchanged where they began or ended with a jump from one frame to
    the next; a body that turns round takes half a second over it, and frames in which it is turned away are left out.

    Parameters
    ----------
    poses : PoseSequence
        As recorded.

    Returns
    -------
    SideRepair
        Frames without a body stay NaN.
    """
    found = np.flatnonzero(poses.found)
    exchanged = np.zeros(len(poses), dtype=bool)
    left_out = np.zeros(len(poses), dtype=bool)
    if found.size < 2:
        return SideRepair(poses, exchanged, left_out)
    across = _right_to_left(poses)[found]
    pairs = _agreement(across)
    agreement = pairs.sum(axis=1)
    opposite = agreement < 0
    jumps = np.linalg.norm(across[1:] + across[:-1], axis=(1, 2)) < np.linalg.norm(across[1:] - across[:-1], axis=(1, 2))
    for first, after in runs(opposite):
        edges = [edge for edge in (first - 1, after - 1) if 0 <= edge < len(jumps)]
        target = exchanged if any(jumps[edge] for edge in edges) else left_out
        target[found[first:after]] = True
    left_out[found] |= _undecided(pairs, exchanged[found], poses.time_s[found])
    return SideRepair(_put_back(poses, exchanged, left_out), exchanged & ~left_out, left_out)


def _right_to_left(poses: PoseSequence) -> Floats:
    """(T, K, 3) vectors from the right to the left joint in metres, each pair scaled to a usual length of one."""
    across = np.stack([poses.world(joint.on(Side.LEFT)) - poses.world(joint.on(Side.RIGHT)) for joint in PAIRS], axis=1)
    usual = np.nanmedian(np.linalg.norm(across, axis=2), axis=0)
    return np.asarray(across / np.maximum(usual, 1e-6)[:, None])


def _agreement(across: Floats) -> Floats:
    """(N, K) how far each pair of a frame points the way most of the recording does.

    The sum over the pairs is 1 for the usual frame, negative for an opposite one.
    """
    flat = across.reshape(len(across), -1)
    # Leading direction of vectors known up to their sign; the sign is that of the majority.
    axis = np.linalg.eigh(flat.T @ flat)[1][:, -1].reshape(across.shape[1:])
    along = (across * axis).sum(axis=2)
    whole = along.sum(axis=1)
    along *= 1.0 if np.median(np.sign(whole)) >= 0 else -1.0
    return np.asarray(along / np.median(np.abs(whole)))


def _undecided(pairs: Floats, exchanged: Bools, time_s: Floats) -> Bools:
    """(N,) frames near an exchange that agree with neither reading, or whose pairs contradict one another."""
    edges = time_s[1:][exchanged[1:] != exchanged[:-1]]
    if edges.size == 0:
        return np.zeros(len(pairs), dtype=bool)
    after = np.searchsorted(edges, time_s)
    gaps = [np.abs(time_s - edges[np.clip(edge, 0, len(edges) - 1)]) for edge in (after - 1, after)]
    near = np.minimum(*gaps) <= NEAR_EXCHANGE_S
    put_back = pairs * np.where(exchanged, -1.0, 1.0)[:, None]
    return np.asarray(near & ((put_back.sum(axis=1) < COLLAPSED_SHARE) | (put_back < 0).any(axis=1)))


def _put_back(poses: PoseSequence, exchanged: Bools, left_out: Bools) -> PoseSequence:
    if not (exchanged | left_out).any():
        return poses
    order = np.array(MIRRORED_LANDMARKS)

    def fixed(values: Values) -> Values:
        out = values.copy()
        out[exchanged] = values[exchanged][:, order]
        return out

    visibility = fixed(poses.visibility)
    pixels, world_m = fixed(poses.pixels), fixed(poses.world_m)
    pixels[left_out], world_m[left_out], visibility[left_out] = np.nan, np.nan, 0.0
    return poses.with_landmarks(pixels, world_m, visibility)
