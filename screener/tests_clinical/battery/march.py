"""Lifting one foot after the other: does the pelvis stay level, or does it hike before the foot leaves the floor."""

from __future__ import annotations

import numpy as np

from screener.kinematics.events import Repetition, spans
from screener.kinematics.motion import Motion
from screener.kinematics.ranges import PELVIS
from screener.kinematics.signal import rolling_median
from screener.model.pose import Side, View
from screener.model.results import Tier
from screener.model.series import Interval
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, convention, not_compared
from screener.tests_clinical.exercises import MARCH
from screener.tests_clinical.measures import trunk_lean
from screener.tests_clinical.sources import MARCH_CONVENTION
from screener.tests_clinical.summaries import common_moments, lean_u95_deg, pelvis_value, set_value, worst_moment_s

MIN_LIFT_S = 0.2
BEFORE_LIFT_S = 0.4
"""The hike of a lift is looked for from this long before the foot leaves the floor."""
HELD_S = 0.2


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the lifts of one foot and measure them.

    Parameters
    ----------
    motion : Motion
        Front or back view.
    side : Side
        The leg that lifts.
    """
    if side is None:
        raise ValueError("a lift has a side")
    time_s = motion.time_s
    up = spans(motion.series.stance == side.other, time_s, MIN_LIFT_S)
    walks = float(np.ptp(motion.growth)) > 0.0
    seen = tuple(span for span in up if span.start_s > time_s[0] and span.end_s < time_s[-1] and not walks)
    if not seen:
        return Finding(
            window=None,
            missing=f"No lift of the {side} leg was seen.",
            advice="Stand on both feet for two seconds, then lift one knee to hip height and put the foot down, five times.",
        )
    hike = -side.sign * motion.column("pelvic_obliquity_deg")
    held = rolling_median(hike, time_s, HELD_S)
    early = [Interval(span.start_s - BEFORE_LIFT_S, (span.start_s + span.end_s) / 2.0) for span in seen]
    highest = common_moments(held, time_s, early)
    tops = tuple(Repetition(span.start_s, float(top), span.end_s) for span, top in zip(seen, highest, strict=True))
    leaves = tuple(Repetition(span.start_s, span.start_s, span.end_s) for span in seen)
    lean = side.other.sign * motion.column("trunk_lean_deg")
    return Finding(
        window=Interval(seen[0].start_s, seen[-1].end_s),
        values=(
            pelvis_value("pelvic_hike_deg", motion, hike, tops),
            pelvis_value("hike_before_lift_deg", motion, hike, leaves),
            set_value("trunk_lean_deg", motion, lean, lean_u95_deg(motion), tops),
        ),
        repetitions=seen,
        key_moment_s=worst_moment_s(hike, time_s, tops),
    )


TEST = ClinicalTest(
    key="march",
    title="March on the spot",
    idea="The foot leaves the floor without the pelvis moving first.",
    views=(View.FRONT, View.BACK),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand with the feet under the hips, facing the camera, and stay still for two seconds.",
        "Lift one knee slowly to hip height, put the foot down, and stand for a moment.",
        "Five times with each leg, in turn. Keep the pelvis level and the trunk upright.",
    ),
    easy_version="Rest two fingertips on the back of a chair beside you, and lift the foot only a little.",
    camera="Place the camera in front of you or behind you at hip height, three metres away, the whole body in the picture.",
    measures=(
        Measure(
            key="pelvic_hike_deg",
            label="Pelvic hike at the start of the lift",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=convention(3.0, 5.0, "degrees", MARCH_CONVENTION),
            phrase="the pelvis rose on the lifted side by {value}",
            phrase_below_zero="the pelvis lowered on the lifted side by {value}",
            column="pelvic_obliquity_deg",
            toward_other_side=True,
            smallest_detectable=3.0,
            exercises=(MARCH,),
            possible=PELVIS,
            of_pelvis=True,
        ),
        Measure(
            key="hike_before_lift_deg",
            label="Hike when the foot leaves the floor",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=not_compared,
            phrase="when the foot left the floor the pelvis had risen on that side by {value}",
            phrase_below_zero="when the foot left the floor the pelvis had lowered on that side by {value}",
            possible=PELVIS,
            of_pelvis=True,
        ),
        trunk_lean(within_deg=5.0, outside_deg=10.0, side_stands=False),
    ),
    evaluate=evaluate,
    read_at="when the pelvis is highest on the lifted side, early in the lift",
)
