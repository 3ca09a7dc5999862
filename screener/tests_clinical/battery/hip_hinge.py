"""Bending forward from the hips: do the hips do the work, and does the back keep its shape."""

from __future__ import annotations

import numpy as np

from screener.kinematics.attempts import attempts
from screener.kinematics.events import Repetition, repetitions
from screener.kinematics.motion import Motion
from screener.kinematics.pelvis import change_from_quiet
from screener.kinematics.ranges import FLEXION, INCLINATION, Range
from screener.kinematics.sagittal import FLEXION_RESIDUAL_SD_DEG, hinge_ratio, inclination_u95_deg
from screener.model.pose import Z95, Floats, Side, View
from screener.model.results import Method, Tier
from screener.tests_clinical.back_rounding import SPINE_ROUNDING, rounding_value
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, convention, not_compared
from screener.tests_clinical.exercises import HINGE
from screener.tests_clinical.summaries import (
    down_to_the_end,
    repetition_values,
    set_finding,
    set_value,
    usable_share,
    within_any,
    worst_moment_s,
)

MIN_HIP_FLEXION_DEG = 30.0
MIN_LEAN_DEG = 15.0
"""Lean of the trunk from its most upright that makes a bend at the hip a hinge, however shallow."""
MIN_INCLINATION_DEG = 20.0
MIN_ONE_LEG_SHARE = 0.10
"""A foot that is this much higher at the bottom than in standing, in body heights, has left the floor; landmarks of feet that
stand move by 0.04 while their owner bends."""
USUAL_ROUNDING_DEG = 45.0
"""Here what bodies differ by in a reading is their gain (SD 0.13 for outline and surface joined); less rounding, less of it."""
ROUNDING_REPEAT_SD_DEG = 4.0
"""Spread of one body's own reading from hinge to hinge."""


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the hinges and measure them on the side towards the camera.

    Parameters
    ----------
    motion : Motion
        Side view.
    side : None
        A hinge has no side.
    """
    time_s = motion.time_s
    inclination = motion.column("trunk_inclination_deg")
    hinges = _hinges(motion, inclination)
    if not hinges:
        tried = down_to_the_end(inclination, time_s, MIN_INCLINATION_DEG)
        return Finding(
            window=None,
            attempts=tried,
            missing="The hinge ended bent forward, without coming up again." if tried else "No hinge was seen.",
            advice="Stand upright for two seconds, then bend forward from the hips and come up again, five times.",
        )
    tried = attempts(motion.column(f"hip_flexion_{motion.near_side}_deg"), time_s, hinges)
    near = motion.near_side
    standing = motion.rest
    hip = change_from_quiet(motion.column(f"hip_flexion_{near}_deg"), standing)
    knee = change_from_quiet(motion.column(f"knee_flexion_{near}_deg"), standing)
    flexion_u95 = np.full(len(time_s), Z95 * FLEXION_RESIDUAL_SD_DEG)
    inclination_u95 = inclination_u95_deg(inclination)
    rounding = motion.column("spine_rounding_deg")
    one_leg = ""
    if _on_one_leg(motion, inclination, hinges):
        hip = knee = rounding = np.full(len(time_s), np.nan)
        one_leg = "it was done on one leg, and this is only measured with both feet on the floor"
    values = (
        set_value("trunk_inclination_deg", motion, inclination, inclination_u95, hinges),
        _ratio(hip, knee, time_s, hinges, one_leg or "hip and knee were not seen at the bottom"),
        _rounding(rounding, motion, hinges, one_leg or "the back, or the quiet standing before the hinge, was not seen"),
        set_value("depth_deg", motion, hip, flexion_u95, hinges, one_leg or "the hip was not seen at the bottom"),
    )
    return set_finding(hinges, values, worst_moment_s(inclination, time_s, hinges), tried=tried)


def _hinges(motion: Motion, inclination: Floats) -> tuple[Repetition, ...]:
    """Bends at the hip in which the trunk leans forward: one that is mostly a bend of the knees counts, and its ratio tells."""
    bends = repetitions(motion.column(f"hip_flexion_{motion.near_side}_deg"), motion.time_s, MIN_HIP_FLEXION_DEG)
    lean = repetition_values(inclination, motion.time_s, bends)
    known = inclination[np.isfinite(inclination)]
    upright = float(np.percentile(known, 5)) if known.size else float("nan")
    return tuple(bend for bend, leaning in zip(bends, lean - upright, strict=True) if leaning >= MIN_LEAN_DEG)


def _on_one_leg(motion: Motion, inclination: Floats, hinges: tuple[Repetition, ...]) -> bool:
    """Whether a foot left the floor at the bottom: the leg that swings back turns pelvis and back out of the side view."""
    upright = inclination < MIN_INCLINATION_DEG
    known = motion.feet_over[upright & np.isfinite(motion.feet_over)]
    rest = float(np.median(known)) if known.size else 0.0
    risen = repetition_values(np.abs(motion.feet_over - rest), motion.time_s, hinges)
    return bool(np.isfinite(risen).any() and np.nanmedian(risen) > MIN_ONE_LEG_SHARE)


def _ratio(hip: Floats, knee: Floats, time_s: Floats, hinges: tuple[Repetition, ...], reason: str) -> Value:
    """Hip over knee change, its error carried through from both flexions."""
    hip_each, knee_each = repetition_values(hip, time_s, hinges), repetition_values(knee, time_s, hinges)
    ratios = hinge_ratio(hip_each, knee_each)
    known = ratios[np.isfinite(ratios)]
    share = usable_share(hip + knee, within_any(time_s, [hinge.interval for hinge in hinges]))
    if known.size == 0:
        return Value("hip_knee_ratio", np.nan, np.nan, share, reason)
    ratio = float(np.median(known))
    knee_change = max(float(np.nanmedian(knee_each)), 5.0)
    error = Z95 * FLEXION_RESIDUAL_SD_DEG * float(np.hypot(1.0, ratio)) / knee_change
    return Value("hip_knee_ratio", ratio, error, share)


def _rounding(rounding: Floats, motion: Motion, hinges: tuple[Repetition, ...], reason: str) -> Value:
    if motion.straight_first and len(hinges) > 1:
        return _against_first(rounding, motion, hinges)
    return rounding_value(motion, rounding, hinges, reason)


def _against_first(rounding: Floats, motion: Motion, hinges: tuple[Repetition, ...]) -> Value:
    """Rounding of the later hinges against the first, straight one: what this body shows when straight drops out."""
    each = repetition_values(rounding, motion.time_s, hinges)
    later = each[1:][np.isfinite(each[1:])]
    if not np.isfinite(each[0]) or later.size == 0:
        reason = "the back was not seen in the first, straight hinge or in the others"
        return Value("spine_rounding_deg", np.nan, np.nan, 0.0, reason, method=Method.SILHOUETTE)
    value = float(np.median(later)) - float(each[0])
    between_bodies = float(np.nanmedian(repetition_values(motion.rounding_u95_deg, motion.time_s, hinges)))
    width = float(np.hypot(between_bodies * value / USUAL_ROUNDING_DEG, Z95 * ROUNDING_REPEAT_SD_DEG))
    share = usable_share(rounding, within_any(motion.time_s, [hinge.interval for hinge in hinges]))
    return Value("spine_rounding_deg", value, width, share, method=Method.SILHOUETTE)


MEASURES = (
    Measure(
        key="trunk_inclination_deg",
        label="Trunk inclination at the bottom",
        unit="degrees",
        tier=Tier.MODERATE,
        norm=not_compared,
        phrase="the trunk bent forward by {value}",
        column="trunk_inclination_deg",
        decimals=0,
        possible=INCLINATION,
    ),
    Measure(
        key="hip_knee_ratio",
        label="Hip to knee ratio",
        unit="",
        tier=Tier.MODERATE,
        norm=convention(2.0, 1.3, ""),
        phrase="the hips bent {value} times as much as the knees",
        exercises=(HINGE,),
        possible=Range(-5.0, 40.0),
    ),
    SPINE_ROUNDING,
    Measure(
        key="depth_deg",
        label="Depth (hip flexion)",
        unit="degrees",
        tier=Tier.MODERATE,
        norm=not_compared,
        phrase="the hips bent by {value}",
        decimals=0,
        possible=FLEXION,
    ),
)

TEST = ClinicalTest(
    key="hip_hinge",
    title="Hip hinge",
    idea="Bend at the hips, not in the back.",
    views=(View.SIDE,),
    sides=(None,),
    instructions=(
        "Stand with one side towards the camera, feet under the hips, and stay still for two seconds.",
        "Push the hips back and bend forward with a straight back, knees soft, as far as is comfortable.",
        "Come up again. Five times, about three seconds each.",
    ),
    command_hint="With --straight-first, do the first one with a stick that keeps touching head, upper back and tailbone.",
    easy_version="Slide the hands down the thighs, and go only as far as the back stays straight.",
    camera="Place the camera at your side at hip height, three metres away, the whole body in the picture.",
    measures=MEASURES,
    evaluate=evaluate,
    stands_on_two=True,
    looks_at_back=True,
)
