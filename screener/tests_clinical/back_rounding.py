"""Rounding of the back in a bend: flexion of the low back beyond flat, from its change against the person's own standing.

People stand with a hollow low back, and a good hinge flattens it: that is no rounding yet. What outline and surface show is the
change against standing, so the hollow of standing is taken off. It is not known of a single person, which is most of the doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from screener.kinematics.events import Repetition
from screener.kinematics.motion import Motion
from screener.kinematics.ranges import ROUNDING
from screener.model.pose import Z95, Floats
from screener.model.results import Method, Tier
from screener.tests_clinical.definition import Measure, Value, convention
from screener.tests_clinical.exercises import STICK
from screener.tests_clinical.summaries import set_value

ROUND_DEG = 20.0
"""More than this is called round. There is no zone of watching above it: how sure the reading is, its own interval says."""
USUAL_HOLLOW_DEG = 28.0
"""Flexion that brings the low back of standing to flat: 26, 28 and 32 in three rendered bodies; hinges of two of these bodies
that only flatten their hollow read a change of 19 and 39, of a third 32."""
HOLLOW_SD_DEG = 8.0
"""Spread of that between people, one standard deviation: more than between three bodies, since people differ more."""
MIN_FLAT_U95_DEG = 12.0
"""A back that kept its hollow is known to be flat to no less than the error of the reading itself."""

SPINE_ROUNDING = Measure(
    key="spine_rounding_deg",
    label="Rounding of the back beyond flat",
    unit="degrees",
    tier=Tier.EXPLORATORY,
    norm=convention(ROUND_DEG, ROUND_DEG, "degrees"),
    phrase="the back rounded beyond flat by {value}",
    decimals=0,
    exercises=(STICK,),
    names={"de": "Rundung des Rückens über die Gerade hinaus"},
    possible=ROUNDING,
    own_rule=True,
)


def rounding_value(motion: Motion, rounding: Floats, repetitions: Sequence[Repetition], reason: str) -> Value:
    """Rounding of the back beyond flat over some repetitions.

    Parameters
    ----------
    motion : Motion
        Side view.
    rounding : (T,) float
        Flexion along the spine against standing, degrees, + = rounder; NaN where it is not to be read.
    repetitions : sequence of Repetition
        At least one.
    reason : str
        Why it was not measured, where it was not.
    """
    change = set_value(SPINE_ROUNDING.key, motion, rounding, motion.rounding_u95_deg, repetitions, reason)
    return replace(beyond_flat(change), method=Method.SILHOUETTE)


def beyond_flat(change: Value) -> Value:
    """Take the hollow of standing off a change against standing.

    Parameters
    ----------
    change : Value
        Flexion along the spine against standing, degrees, + = rounder.

    Returns
    -------
    Value
        Never negative: a back that kept some of its hollow is not rounded. Its interval then reaches from none to what the
        reading allows at most. NaN where the change is.
    """
    if not np.isfinite(change.value):
        return change
    beyond = change.value - USUAL_HOLLOW_DEG
    u95 = float(np.hypot(change.u95, Z95 * HOLLOW_SD_DEG))
    if beyond >= 0.0:
        return replace(change, value=beyond, u95=u95)
    return replace(change, value=0.0, u95=float(np.fmax(beyond + u95, MIN_FLAT_U95_DEG)))
