"""Standing quietly on both feet: is the weight in the middle, and how much does the body sway."""

from __future__ import annotations

import numpy as np

from screener.kinematics.events import inside, spans
from screener.kinematics.motion import Motion
from screener.kinematics.ranges import Range
from screener.model.pose import Z95, Joint, Side, View
from screener.model.results import Tier
from screener.model.series import Interval, frame_interval_s
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, not_compared
from screener.tests_clinical.exercises import BALANCE
from screener.tests_clinical.measures import SWAY, weight_shift
from screener.tests_clinical.summaries import (
    FEET_TOGETHER,
    longest_of,
    sway_value,
    usable_share,
    weight_shift_pct,
    weight_shift_u95_pct,
)

MIN_S = 3.0
MAX_BREAK_S = 0.5
"""Frames that do not count as still for less than this, in the middle of standing, do not break it."""
HIP_LINE_GAIN = 0.37
HIP_LINE_SD_DEG = 0.6
"""Slope and spread of the model's hip line against the true one with both feet down (39 rendered stills)."""


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the longest quiet standing and measure it.

    Parameters
    ----------
    motion : Motion
        Front or back view.
    side : None
        Both feet stand.
    """
    time_s = motion.time_s
    moving = spans(~motion.quiet, time_s, MAX_BREAK_S)
    broken = np.any([inside(time_s, span) for span in moving], axis=0) if moving else np.zeros(len(time_s), dtype=bool)
    standing = spans(~broken, time_s, MIN_S)
    if not standing:
        return Finding(
            window=None,
            missing=f"No quiet standing on both feet of at least {MIN_S:.0f} seconds was seen.",
            advice="Stand on both feet, arms at your sides, and stay still for 30 seconds.",
        )
    window = longest_of(standing)
    here = inside(time_s, window)
    shift, width = weight_shift_pct(motion)[here], weight_shift_u95_pct(motion)[here]
    known = shift[np.isfinite(shift)]
    middle = float(np.median(known)) if known.size else float("nan")
    ankles = motion.middle(Joint.ANKLE)
    return Finding(
        window=window,
        values=(
            Value(
                "weight_shift_pct",
                abs(middle),
                float(np.nanmedian(width)) if known.size else float("nan"),
                usable_share(shift, np.ones(len(shift), dtype=bool)),
                where=f"to the {Side.LEFT if middle > 0 else Side.RIGHT}",
                reason=FEET_TOGETHER,
            ),
            _level(motion, window),
            sway_value(motion, ankles, window),
            Value("hold_time_s", window.duration_s, 2.0 * frame_interval_s(time_s), reason="there is no norm for it"),
        ),
        holds=(window,),
        key_moment_s=(window.start_s + window.end_s) / 2.0,
    )


def _level(motion: Motion, window: Interval) -> Value:
    """Size of the tilt of the hips, from the model's hip line over its gain; the camera's roll is its largest error.

    The other tests give the pelvis against this very standing, so that its own level must come from elsewhere.
    """
    line = motion.column("hip_line_deg")[inside(motion.time_s, window)]
    known = line[np.isfinite(line)]
    if known.size == 0:
        return Value("pelvic_tilt_deg", np.nan, np.nan, reason="the hips were not seen")
    tilt = float(np.median(known)) / HIP_LINE_GAIN
    width = float(np.hypot(Z95 * HIP_LINE_SD_DEG, motion.roll_u95_deg)) / HIP_LINE_GAIN
    side = Side.LEFT if tilt > 0 else Side.RIGHT
    return Value("pelvic_tilt_deg", abs(tilt), width, where=f"the {side} side", reason="its error is as large as the limit")


TEST = ClinicalTest(
    key="quiet_stance",
    title="Quiet standing",
    idea="Equal weight on both feet, and little sway.",
    views=(View.FRONT, View.BACK),
    sides=(None,),
    instructions=(
        "Stand with the feet under the hips, arms at your sides, eyes open.",
        "Stay as still as you can for 30 seconds.",
    ),
    easy_version="Rest two fingertips on the back of a chair beside you.",
    camera="Place the camera in front of you or behind you at hip height, three metres away, the whole body in the picture.",
    measures=(
        weight_shift(phrase="the hips stood {value} of the distance between the feet {where} of the middle"),
        Measure(
            key="pelvic_tilt_deg",
            label="Level of the pelvis",
            unit="degrees",
            tier=Tier.EXPLORATORY,
            norm=not_compared,
            phrase="the hips were lower on {where} by {value}",
            possible=Range(0.0, 25.0, 10.0),
        ),
        SWAY,
        Measure(
            key="hold_time_s",
            label="Time of quiet standing",
            unit="s",
            tier=Tier.HIGH,
            norm=not_compared,
            phrase="quiet standing lasted {value}",
            exercises=(BALANCE,),
        ),
    ),
    evaluate=evaluate,
    stands_on_two=True,
    judges_standing=True,
)
