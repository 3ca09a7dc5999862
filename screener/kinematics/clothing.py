"""How loose the clothing over the hips is: whether cloth that is followed need turn with the pelvis under it."""

from __future__ import annotations

import numpy as np

from screener.kinematics.planar import lean_deg, midpoint
from screener.model.pose import Bools, Floats, Joint, PoseSequence, Side

LIES_ON, HANGS = 0.028, 0.036
"""Step of the outline below the hem, in torso lengths. Rendered people in fitted clothes 0.00 to 0.023 (median of a recording),
in shirts that hang 2 to 3 cm off the body 0.033 to 0.058; shirtless and in leggings, real people 0.02 to 0.03."""
MAX_LEAN_DEG = 6.0
MAX_THIGH_DEG = 12.0
"""A trunk and thighs nearer to the vertical than this: a leg held out to the side makes a step of its own."""
MIN_LOOKS = 2
MIN_SEEN_SHARE = 0.6
HIDDEN_LOOSENESS = 0.7
"""Where arms hide the outline in more of the looks than this leaves, cloth that stands off the body would look the same."""


def looseness(poses: PoseSequence) -> float:
    """How loose the clothing over the hips is.

    Parameters
    ----------
    poses : PoseSequence
        Front or back view.

    Returns
    -------
    float
        0 where the cloth lies on the body, or where nobody looked; 1 where it hangs away from the hips.
    """
    looked = (poses.people > 0) & upright(poses)
    seen = looked & np.isfinite(poses.hem_step)
    if seen.sum() < MIN_LOOKS:
        return 0.0
    step = float(np.median(poses.hem_step[seen]))
    loose = float(np.clip((step - LIES_ON) / (HANGS - LIES_ON), 0.0, 1.0))
    return loose if seen.sum() >= MIN_SEEN_SHARE * looked.sum() else max(loose, HIDDEN_LOOSENESS)


def upright(poses: PoseSequence) -> Bools:
    """(T,) frames in which trunk and both thighs are near the vertical of the picture."""
    hips, shoulders, knees = (
        [poses.pixels[:, joint.on(side)] for side in Side] for joint in (Joint.HIP, Joint.SHOULDER, Joint.KNEE)
    )
    trunk: Floats = lean_deg(midpoint(*hips), midpoint(*shoulders))
    thighs = [lean_deg(knee, hip) for knee, hip in zip(knees, hips, strict=True)]
    return np.asarray(
        (np.abs(trunk) < MAX_LEAN_DEG) & (np.abs(thighs[0]) < MAX_THIGH_DEG) & (np.abs(thighs[1]) < MAX_THIGH_DEG)
    )
