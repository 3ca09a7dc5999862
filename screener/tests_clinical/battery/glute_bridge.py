"""Lifting the hips from lying on the back: do they reach the line of the body, and stay there for two seconds."""

from __future__ import annotations

import numpy as np

from screener.kinematics.attempts import attempts
from screener.kinematics.events import Repetition, inside, repetitions, spans
from screener.kinematics.motion import FLOOR_DEG, Motion
from screener.kinematics.planar import turn_deg
from screener.kinematics.ranges import Range
from screener.kinematics.signal import clean, rolling_median
from screener.model.pose import Bools, Floats, Joint, Side, View
from screener.model.results import Tier
from screener.model.series import Interval, frame_interval_s, nearest_frame
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, convention
from screener.tests_clinical.exercises import BRIDGE, LUNGE_STRETCH
from screener.tests_clinical.summaries import set_value, usable_share, within_any

MIN_LIFT_DEG = 20.0
MIN_CHEST_UP = -0.3
"""Upward part of the direction of the chest: 1 on the back, 0 on a side, -1 face down (two backs read 0.9, one face down
-0.95)."""
TOP_SHARE = 0.93
"""The hips are at the top above this share of their own way up; the ways up and down add a little to a hold."""
HOLD_U95_S = 0.2
HELD_SHARE = 0.5
SLOW_DEG_PER_S = 20.0
"""Above half of the way, and slower than this, the hips are held; a hip that sinks slowly is held and lost."""
LOSS_U95_DEG = 3.0
LINE_U95_DEG = 8.0
"""A straight line reads about 4 degrees high in a rendered clip; other bodies may differ."""


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the bridges and measure them on the side towards the camera.

    Parameters
    ----------
    motion : Motion
        Side view of a person who lies on the back.
    side : None
        Both legs together, or the one towards the camera alone.
    """
    if motion.chest_up < MIN_CHEST_UP:
        return Finding(
            window=None,
            missing="The chest faces the floor; a bridge is done lying on the back.",
            advice="Lie on your back, knees bent, then lift the hips, hold them for two seconds and lower them, five times.",
        )
    time_s = motion.time_s
    line = _line_deg(motion)
    bridges = repetitions(line, time_s, MIN_LIFT_DEG)
    if not bridges:
        return Finding(
            window=None,
            missing="No bridge was seen.",
            advice="Lie on your back, knees bent, then lift the hips, hold them for two seconds and lower them, five times.",
        )
    mask = within_any(time_s, [bridge.interval for bridge in bridges])
    holds = tuple(_hold(line, time_s, bridge) for bridge in bridges)
    share = usable_share(line, mask)
    return Finding(
        window=Interval(bridges[0].start_s, bridges[-1].end_s),
        values=(
            set_value("bridge_line_deg", motion, line, np.full(len(time_s), LINE_U95_DEG), bridges),
            _shortest_hold(line, time_s, holds, share),
            _loss(line, time_s, bridges, share),
        ),
        repetitions=tuple(bridge.interval for bridge in bridges),
        attempts=attempts(line, time_s, bridges),
        holds=holds,
        key_moment_s=min(zip(bridges, holds, strict=True), key=lambda pair: pair[1].duration_s)[0].deepest_s,
    )


def _line_deg(motion: Motion) -> Floats:
    """(T,) angle shoulder, hip, knee on the near side: below 180 the hips hang, above they are arched upwards."""
    near = motion.near_side
    shoulder, hip, knee = (motion.joint(joint, near) for joint in (Joint.SHOULDER, Joint.HIP, Joint.KNEE))
    # Walking from the shoulder to the knee of a person on the back, bent hips turn upwards: clockwise with the head right.
    away = shoulder[:, 0] - hip[:, 0]
    head_right = 1.0 if float(np.nansum(away)) >= 0 else -1.0
    return 180.0 - head_right * clean(turn_deg(shoulder, hip, knee), motion.time_s, FLOOR_DEG)


def _way(line: Floats, time_s: Floats, bridge: Repetition) -> tuple[float, float]:
    """Lowest and highest angle of one bridge."""
    here = line[inside(time_s, bridge.interval)]
    top = line[nearest_frame(time_s, bridge.deepest_s)]
    return float(np.nanmin(here)), float(top)


def _hold(line: Floats, time_s: Floats, bridge: Repetition) -> Interval:
    """Longest stretch of one bridge at the top."""
    low, top = _way(line, time_s, bridge)
    return _stretch(line >= low + TOP_SHARE * (top - low), time_s, bridge)


def _shortest_hold(line: Floats, time_s: Floats, holds: tuple[Interval, ...], share: float) -> Value:
    """Shortest hold; unknown where one was not seen to its ends, and what was seen of it is not longer than another."""
    frame_s = frame_interval_s(time_s)
    shortest = min(holds, key=lambda hold: hold.duration_s)
    around = (time_s > shortest.start_s - 1.5 * frame_s) & (time_s < shortest.end_s + 1.5 * frame_s)
    if not np.isfinite(line[around]).all():
        return Value("hold_time_s", np.nan, np.nan, share, "the hips were not seen throughout a hold")
    return Value("hold_time_s", shortest.duration_s, float(np.hypot(2.0 * frame_s, HOLD_U95_S)), share)


def _loss(line: Floats, time_s: Floats, bridges: tuple[Repetition, ...], share: float) -> Value:
    """Median over the bridges in which the hold was seen."""
    losses = np.array([_loss_deg(line, time_s, bridge) for bridge in bridges])
    known = losses[np.isfinite(losses)]
    if known.size == 0:
        return Value("hip_loss_deg", np.nan, np.nan, share, "the hips were not seen during the holds")
    return Value("hip_loss_deg", float(np.median(known)), LOSS_U95_DEG, share)


def _loss_deg(line: Floats, time_s: Floats, bridge: Repetition) -> float:
    """How far the hips sank while they were held: from the highest to the last of the slow part."""
    low, top = _way(line, time_s, bridge)
    speed = np.abs(np.gradient(line, time_s))
    slow = rolling_median(speed, time_s, 0.3) < SLOW_DEG_PER_S
    held = inside(time_s, _stretch(slow & (line >= low + HELD_SHARE * (top - low)), time_s, bridge))
    values = line[held & np.isfinite(line)]
    return float(np.max(values) - values[-1]) if values.size else float("nan")


def _stretch(mask: Bools, time_s: Floats, bridge: Repetition) -> Interval:
    """Stretch of a mask around the top of a bridge; the top alone where the mask leaves it out."""
    around = spans(mask & inside(time_s, bridge.interval), time_s)
    return next(
        (span for span in around if span.start_s <= bridge.deepest_s <= span.end_s),
        Interval(bridge.deepest_s, bridge.deepest_s),
    )


TEST = ClinicalTest(
    key="glute_bridge",
    title="Glute bridge",
    idea="The hips rise to a straight line from shoulder to knee and stay there for two seconds, without arching the back.",
    views=(View.SIDE,),
    sides=(None,),
    instructions=(
        "Lie on your back, one side towards the camera, knees bent, feet under the knees, arms beside you.",
        "Lift the hips until shoulders, hips and knees form a line. Hold for two seconds. Lower them slowly.",
        "Five times. Lift with the hips, not by arching the back.",
        "Harder: with one leg stretched out; the leg towards the camera does the work.",
    ),
    easy_version="Lift the hips only as far as is comfortable, and hold for one second.",
    camera="Place the camera at your side, two to three metres away, at knee height, the whole body in the picture.",
    measures=(
        Measure(
            key="bridge_line_deg",
            label="Line from shoulder to knee at the top",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=convention(170.0, 160.0, "degrees"),
            phrase="at the top shoulder, hip and knee formed an angle of {value}",
            decimals=0,
            exercises=(BRIDGE, LUNGE_STRETCH),
            possible=Range(60.0, 230.0),
        ),
        Measure(
            key="hold_time_s",
            label="Shortest hold at the top",
            unit="s",
            tier=Tier.EXPLORATORY,
            norm=convention(2.0, 1.9, "s"),
            phrase="the shortest hold at the top lasted {value}",
            exercises=(BRIDGE,),
        ),
        Measure(
            key="hip_loss_deg",
            label="Sinking of the hips during the hold",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=convention(10.0, 15.0, "degrees"),
            phrase="during the hold the hips sank by {value}",
            exercises=(BRIDGE,),
            possible=Range(-5.0, 120.0),
        ),
    ),
    evaluate=evaluate,
    lying=True,
)
