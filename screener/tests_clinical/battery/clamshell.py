"""Lying on one side and opening the top knee: how far does it open, and does the pelvis stay where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from screener.kinematics.events import Repetition, repetitions
from screener.kinematics.motion import FLOOR_DEG, Motion
from screener.kinematics.planar import distance
from screener.kinematics.ranges import Range
from screener.kinematics.signal import clean
from screener.model.pose import Floats, Joint, Side, View
from screener.model.results import Tier
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, convention, not_compared
from screener.tests_clinical.exercises import CLAMSHELL, SWITCHES
from screener.tests_clinical.summaries import repetition_values, set_finding, set_value, share_of_height, worst_moment_s

MIN_OPENING_DEG = 12.0
THIGH_TO_TRUNK = 0.85
"""Length of the thigh over that of the trunk from hip to shoulder (Winter 2009, table 4.1: 0.245 over 0.818 - 0.530)."""
OPENING_GAIN = 0.84
OPENING_U95_SHARE = 0.25
"""The picture shows 0.84 of a true opening; one rendered body only, so the width is a guess on the wide side."""
ROLL_U95_DEG = 20.0
"""The model's depth of a lying body is coarse: a pelvis that stays where it is reads 14 degrees (rendered clip)."""
ANKLES_U95_PCT = 2.0
REST_PERCENTILE = 20.0


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the openings of the top knee and measure them.

    Parameters
    ----------
    motion : Motion
        Front view of a person who lies on the side.
    side : Side
        The leg on top.
    """
    if side is None:
        raise ValueError("a clamshell has a side")
    time_s = motion.time_s
    hips = {leg: motion.joint(Joint.HIP, leg)[:, 1] for leg in Side}
    above = hips[side.other] - hips[side]
    on_top = bool(np.nanmedian(above) > 0) if np.isfinite(above).any() else False
    opening = _opening_deg(motion)
    openings = repetitions(opening, time_s, MIN_OPENING_DEG) if on_top else ()
    if not openings:
        return Finding(
            window=None,
            missing=f"With the {side} leg on top, no opening of the knee was seen.",
            advice="Lie on your side facing the camera, knees bent, feet together, then open the top knee slowly, ten times.",
        )
    ankles = share_of_height(distance(motion.joint(Joint.ANKLE, side), motion.joint(Joint.ANKLE, side.other)), motion)
    roll = motion.pelvis_roll_deg
    width = OPENING_U95_SHARE * np.abs(_from_rest(opening))
    return set_finding(
        openings,
        (
            set_value("knee_opening_deg", motion, _from_rest(opening), width, openings),
            _change("ankle_gap_pct", motion, ankles, ANKLES_U95_PCT, openings),
            replace(
                _change("pelvis_roll_deg", motion, side.sign * roll, ROLL_U95_DEG, openings),
                reason="its error is as large as the movement that is looked for",
            ),
        ),
        worst_moment_s(opening, time_s, openings),
    )


def _opening_deg(motion: Motion) -> Floats:
    """(T,) angle between the thighs: the gap of the knees as the chord of a circle about the hips.

    The thighs point towards the camera and look short; the trunk lies across the picture and gives their length.
    """
    trunk = distance(motion.middle(Joint.HIP), motion.middle(Joint.SHOULDER))
    known = trunk[np.isfinite(trunk)]
    if known.size == 0:
        return np.full(len(motion.time_s), np.nan)
    thigh = THIGH_TO_TRUNK * float(np.median(known))
    gap = distance(motion.joint(Joint.KNEE, Side.LEFT), motion.joint(Joint.KNEE, Side.RIGHT))
    half = np.clip(gap / (2.0 * thigh), 0.0, 1.0)
    return clean(np.degrees(2.0 * np.arcsin(half)) / OPENING_GAIN, motion.time_s, FLOOR_DEG)


def _from_rest(values: Floats) -> Floats:
    """Change against the closed position, the low end of what was seen."""
    known = values[np.isfinite(values)]
    return values - float(np.percentile(known, REST_PERCENTILE)) if known.size else values


def _change(key: str, motion: Motion, values: Floats, u95: float, openings: tuple[Repetition, ...]) -> Value:
    """Change from the begin of each opening to its widest point."""
    starts = tuple(Repetition(each.start_s, each.start_s, each.end_s) for each in openings)
    before, at_widest = (repetition_values(values, motion.time_s, moments) for moments in (starts, openings))
    change = (at_widest - before)[np.isfinite(at_widest - before)]
    if change.size == 0:
        return Value(key, np.nan, np.nan, 0.0)
    return Value(key, float(np.median(change)), u95)


TEST = ClinicalTest(
    key="clamshell",
    title="Clamshell",
    idea="The top knee opens with the feet together, and the pelvis does not roll back.",
    views=(View.FRONT,),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Lie on your side, chest and knees towards the camera, hips and knees bent, feet together, head on your arm.",
        "Open the top knee slowly, keeping the feet together and the pelvis still. Close it slowly.",
        "Ten times. Then lie on your other side, again with the chest towards the camera.",
    ),
    easy_version="Open the knee only a little, with your back against a wall.",
    camera="Place the camera in front of you at the height of the top hip, two to three metres away, all of you in view.",
    measures=(
        Measure(
            key="knee_opening_deg",
            label="Opening of the top knee",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=convention(30.0, 20.0, "degrees"),
            phrase="the top knee opened by {value}",
            smallest_detectable=10.0,
            decimals=0,
            exercises=(CLAMSHELL, SWITCHES),
            possible=Range(-30.0, 120.0),
        ),
        Measure(
            key="ankle_gap_pct",
            label="Feet coming apart",
            unit="%",
            tier=Tier.EXPLORATORY,
            norm=convention(5.0, 8.0, "%"),
            phrase="the feet came apart by {value} of the body height",
            phrase_below_zero="the feet came together by {value} of the body height",
            exercises=(CLAMSHELL,),
        ),
        Measure(
            key="pelvis_roll_deg",
            label="Pelvis rolling back",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=not_compared,
            phrase="the pelvis rolled back by {value}",
            phrase_below_zero="the pelvis rolled forward by {value}",
            decimals=0,
            possible=Range(-120.0, 120.0),
        ),
    ),
    evaluate=evaluate,
    lying=True,
)
