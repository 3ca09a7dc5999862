"""Walking towards the camera: does the pelvis stay level in each stance, and are the steps alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from screener.kinematics.events import Repetition, inside, runs, without_short
from screener.kinematics.motion import Motion
from screener.kinematics.signal import clean, rolling_median
from screener.model.pose import Z95, Floats, Joint, Side, View
from screener.model.results import Tier
from screener.model.series import Interval, frame_interval_s, nearest_frame
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, not_compared
from screener.tests_clinical.measures import pelvic_drop, trunk_lean
from screener.tests_clinical.summaries import common_moments, lean_u95_deg, pelvis_value, set_value

MIN_STEPS = 4
MIN_SWING_S = 0.2
MAX_SWING_S = 1.5
LANDED_SHARE = 0.3
"""Of the last swing: below this share of its own height over where it comes to stand the foot has landed."""
MIN_SWING_HEIGHT = 0.012
"""Height over the other foot that a swinging foot reaches, in body heights."""
HELD_S = 0.15
GROWING_S = 0.5
"""The growth of the body is looked at from so long before a stance to so long after it."""
MIN_STEP_GROWTH = 1.01
"""Ratio of the sizes of the body in the picture after and before a step towards the camera."""


@dataclass(frozen=True)
class GaitStance:
    """One leg carries the body while the other swings; it ends with the other foot's contact.

    Attributes
    ----------
    begun, ended : bool
        Whether the recording shows its begin, and its end: the other foot's contact, which makes a step.
    """

    side: Side
    interval: Interval
    begun: bool
    ended: bool


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the stances of one leg in a walk and measure them.

    Parameters
    ----------
    motion : Motion
        Front view, walking to the camera.
    side : Side
        The leg that stands.
    """
    if side is None:
        raise ValueError("a stance has a side")
    stances = tuple(stance for stance in _stances(motion) if _comes_nearer(motion, stance.interval))
    steps = sum(stance.ended for stance in stances)
    walked = float(np.ptp(motion.growth)) > 0.0
    if steps < MIN_STEPS or not walked:
        seen = f"Too few steps were seen ({steps})" if walked else "Nobody was seen walking towards the camera"
        return Finding(
            window=None,
            missing=f"{seen}; at least {MIN_STEPS} steps towards the camera are needed.",
            advice="Stand still six metres away for two seconds, walk to the camera at your usual pace, stop in front of it.",
        )
    own = [stance.interval for stance in stances if stance.side is side and stance.begun and stance.ended]
    if not own:
        return Finding(
            None, missing=f"No complete stance on the {side} leg was seen.", advice="Start further away, and keep walking."
        )
    drop = side.other.sign * motion.column("pelvic_obliquity_deg")
    peaks = _peaks(drop, motion.time_s, own)
    lean = side.sign * motion.column("trunk_lean_deg")
    return Finding(
        window=Interval(stances[0].interval.start_s, stances[-1].interval.end_s),
        values=(
            pelvis_value("pelvic_drop_deg", motion, drop, peaks),
            set_value("trunk_lean_deg", motion, lean, lean_u95_deg(motion), peaks),
            _step_time(stances, side, motion),
        ),
        repetitions=tuple(own),
        key_moment_s=max(peaks, key=lambda peak: _at(drop, motion.time_s, peak)).deepest_s,
    )


def _stances(motion: Motion) -> tuple[GaitStance, ...]:
    """Stance of one leg while the other foot is the higher one in the picture, each between two crossings of the feet.

    The floor rises in the picture with the distance: a foot that has landed in front is the lower one, a foot that swings
    the higher one.
    """
    time_s = motion.time_s
    ankles = {side: motion.joint(Joint.ANKLE, side)[:, 1] for side in Side}
    apart = (ankles[Side.RIGHT] - ankles[Side.LEFT]) / (motion.body_height_px * motion.growth)
    height = clean(apart, time_s, floor=0.01)
    found = []
    for side in Side:
        swing = height * side.other.sign  # height of the other foot over this one
        for first, end in runs(without_short(swing > 0, time_s, MIN_SWING_S)):
            after = _landed(swing, time_s, int(first), int(end))
            span = Interval(float(time_s[first]), float(time_s[after - 1]))
            if span.duration_s <= MAX_SWING_S and np.nanmax(swing[first:after]) >= MIN_SWING_HEIGHT:
                found.append(GaitStance(side, span, begun=first > 0, ended=after < len(time_s)))
    return tuple(sorted(found, key=lambda stance: stance.interval.start_s))


def _landed(swing: Floats, time_s: Floats, first: int, after: int) -> int:
    """Index after the last frame of a swing; who stops sets the foot beside the other one, and nothing crosses any more."""
    if time_s[after - 1] - time_s[first] <= MAX_SWING_S and after < len(time_s):
        return after
    top = first + int(np.argmax(np.nan_to_num(swing[first:after])))
    end = swing[first:after][time_s[first:after] >= time_s[after - 1] - MIN_SWING_S]
    beside = float(np.nanmedian(end)) if np.isfinite(end).any() else 0.0
    low = np.flatnonzero(swing[top:after] < beside + LANDED_SHARE * (swing[top] - beside))
    landed = top + int(low[0]) if low.size else after
    return landed if time_s[after - 1] - time_s[min(landed, after - 1)] >= MIN_SWING_S else after


def _comes_nearer(motion: Motion, span: Interval) -> bool:
    """Whether the body grew in the picture around a stance: a step backwards, or on the spot, is none to the camera."""
    around = inside(motion.time_s, Interval(span.start_s - GROWING_S, span.end_s + GROWING_S))
    size = motion.growth[around]
    return bool(size[-1] > MIN_STEP_GROWTH * size[0])


def _peaks(drop: Floats, time_s: Floats, stances: Sequence[Interval]) -> tuple[Repetition, ...]:
    """When the pelvis is lowest on the swinging side in each stance, as held for a moment."""
    lowest = common_moments(rolling_median(drop, time_s, HELD_S), time_s, stances)
    return tuple(Repetition(one.start_s, float(at), one.end_s) for one, at in zip(stances, lowest, strict=True))


def _at(values: Floats, time_s: Floats, peak: Repetition) -> float:
    value = float(values[nearest_frame(time_s, peak.deepest_s)])
    return value if np.isfinite(value) else -np.inf


def _step_time(stances: Sequence[GaitStance], side: Side, motion: Motion) -> Value:
    """Time from the other foot's contact to this foot's: the steps that end with this foot on the floor."""
    frame_s = frame_interval_s(motion.time_s)
    contacts = [(stance.side.other, stance.interval.end_s) for stance in stances if stance.ended]
    steps = [
        after - before
        for (foot, before), (next_foot, after) in pairwise(contacts)
        if next_foot is side and foot is side.other and after - before <= MAX_SWING_S
    ]
    if not steps:
        return Value("step_time_s", np.nan, np.nan, reason="no two footfalls in a row were seen")
    spread = float(np.std(steps, ddof=1)) / np.sqrt(len(steps)) if len(steps) > 1 else 0.0
    return Value("step_time_s", float(np.median(steps)), float(np.hypot(2.0 * frame_s / np.sqrt(len(steps)), Z95 * spread)))


TEST = ClinicalTest(
    key="gait",
    title="Walking to the camera",
    idea="The pelvis stays level in each stance, the trunk upright, and both steps take the same time.",
    views=(View.FRONT,),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand on both feet six metres from the camera, facing it, and stay still for two seconds.",
        "Walk straight towards the camera at your usual pace, at least four steps, and stop two metres in front of it.",
    ),
    easy_version="Walk beside a wall or a rail, with a stick if you use one.",
    camera="Place the camera at hip height at the end of a clear path of six metres, the whole body always in the picture.",
    measures=(
        pelvic_drop(within_deg=4.0, outside_deg=5.0, side_that_sinks="swinging leg's"),
        trunk_lean(within_deg=5.0, outside_deg=10.0),
        Measure(
            key="step_time_s",
            label="Step time",
            unit="s",
            tier=Tier.EXPLORATORY,
            norm=not_compared,
            phrase="a step onto this leg took {value}",
            smallest_detectable=0.1,
            decimals=2,
        ),
    ),
    evaluate=evaluate,
    read_at="when the pelvis is lowest on the swinging side",
)
