"""How loose the clothing over the hips is: whether cloth that is followed need turn with the pelvis under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.kinematics.planar import lean_deg, midpoint
from screener.model.pose import Bools, Floats, Joint, PoseSequence, Side

CLEAR_CONTRAST = 8.0
"""The cloth over the hips is the shirt's, or the trousers', where its colour is nearer to the one by this much (CIELAB;
rendered clothes 12 to 60)."""
SHIRT_STEPS = (0.010, 0.020)
ONE_COLOUR_STEPS = (0.028, 0.036)
"""Step of the outline below the hem, in torso lengths, up to which the cloth lies on the body, and from which it hangs away.
Of a shirt over the hips: rendered ones that lie on 0.003 to 0.005, that hang 2 to 3 cm off 0.025 to 0.058. Where one colour
covers all, the hips themselves step in by up to 0.028, in leggings and on shirtless people."""
MAX_LEAN_DEG = 6.0
MAX_THIGH_DEG = 12.0
"""A trunk and thighs nearer to the vertical than this: a leg held out to the side makes a step of its own."""
MIN_LOOKS = 2
MIN_SEEN_SHARE = 0.6
LOOSE_FROM = 0.3
"""Looseness from which the shirt is what makes the pelvis uncertain."""
HIDDEN_LOOSENESS = 1.0
"""Where arms hide the hem of a shirt over the hips in more of the looks than this leaves, one that hangs away looks alike."""


@dataclass(frozen=True)
class Clothing:
    """What covers the hips.

    Attributes
    ----------
    looseness : float
        0 where trousers or a shirt that lies on the body cover the hips, or where nobody looked; 1 where a shirt hangs away
        from them.
    shirt_over_hips : bool
        The shirt is not tucked in: what is followed is the shirt, not the trousers.
    """

    looseness: float = 0.0
    shirt_over_hips: bool = False


NOT_LOOKED_AT = Clothing()


def clothing_of(poses: PoseSequence, min_looks: int = MIN_LOOKS) -> Clothing:
    """Tell what covers the hips.

    Parameters
    ----------
    poses : PoseSequence
        Front or back view.
    min_looks : int
        Fewer looks at an upright person tell nothing.
    """
    looked = (poses.people > 0) & upright(poses) & np.isfinite(poses.hem_contrast)
    seen = looked & np.isfinite(poses.hem_step)
    if looked.sum() < min_looks:
        return NOT_LOOKED_AT
    contrast = float(np.median(poses.hem_contrast[looked]))
    if contrast < -CLEAR_CONTRAST:
        return Clothing()
    shirt = contrast > CLEAR_CONTRAST
    hidden = HIDDEN_LOOSENESS if shirt and seen.sum() < MIN_SEEN_SHARE * looked.sum() else 0.0
    if not seen.any():
        return Clothing(hidden, shirt)
    lies_on, hangs = SHIRT_STEPS if shirt else ONE_COLOUR_STEPS
    step = float(np.median(poses.hem_step[seen]))
    return Clothing(max(hidden, float(np.clip((step - lies_on) / (hangs - lies_on), 0.0, 1.0))), shirt)


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
