"""How far a test has come: the gauge, the counter, and whether it is over. For display; the score comes from `finish`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import scipy.signal  # noqa: F401  its first use takes seconds: not while a person waits for the countdown

from screener.kinematics.events import seconds_of
from screener.kinematics.motion import Motion
from screener.kinematics.signal import known_median
from screener.live.guide.flow import PlannedTest
from screener.model.pose import Bools, Floats, Side
from screener.model.recording import Person, Recording
from screener.model.results import Curve, Norm
from screener.tests_clinical import get_test
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure
from screener.tests_clinical.guide import Guide
from screener.workflow.screening import prepare

MIN_POSES = 15
"""Fewer poses give no filtered series."""
SMOOTH_S = 0.3
"""The gauge shows the median of so long."""
STILL_AFTER_S = 1.5
"""Standing still for so long after the whole movement ends the test."""
STILL_EARLY_S = 4.0
"""Standing still for so long after some of the movement ends it too: the person has had enough."""
STILL_LEAST = 0.8
MAX_S = 90.0
SLACK_S = 20.0
"""Time to get going and to come back, beside the hold itself."""


@dataclass(frozen=True)
class Gauge:
    """The newest value of the measure that the test is about, in its own sign.

    Attributes
    ----------
    value, u95 : float
        NaN where it is not known now.
    limit : float
        The guide line; NaN for a value that is shown, not compared.
    """

    measure: str
    label: str
    unit: str
    value: float
    u95: float
    limit: float
    higher_is_worse: bool = True

    @property
    def beyond(self) -> bool:
        """Whether the value lies beyond its guide line."""
        return self.value > self.limit if self.higher_is_worse else self.value < self.limit


@dataclass(frozen=True)
class LiveReading:
    """What a running test shows.

    Attributes
    ----------
    quiet_s : float
        Quiet standing since the recording began.
    still_s : float
        For how long the person has now been standing still.
    repetitions : int
        Complete ones; of both sides, where they are recorded together, the smaller number.
    hold_s : float
        Length of the longest hold.
    holding : bool
        A hold goes on now.
    """

    gauge: Gauge | None = None
    quiet_s: float = 0.0
    still_s: float = 0.0
    repetitions: int = 0
    hold_s: float = 0.0
    holding: bool = False

    @property
    def moved(self) -> bool:
        """Whether some of the movement was seen."""
        return self.repetitions > 0 or self.hold_s > 0


def read(recording: Recording, item: PlannedTest) -> LiveReading:
    """Analyse a recording so far, with the same functions as the report.

    Parameters
    ----------
    recording : Recording
        So far.
    item : PlannedTest
        Which test, which side.
    """
    if len(recording.poses) < MIN_POSES or not recording.poses.found.any():
        return LiveReading()
    test = get_test(item.test)
    motion = replace(prepare(recording)[1], signal_s=recording.request.signal_s)
    sides = test.sides if item.side is None else (item.side,)
    findings = [test.evaluate(motion, side) for side in sides]
    holds = [hold for finding in findings if finding.window is not None for hold in finding.holds]  # a shorter try ends nothing
    ends = [hold.end_s for hold in holds] + [tried.interval.end_s for finding in findings for tried in finding.attempts]
    end_s = float(motion.time_s[-1])
    return LiveReading(
        gauge=_gauge(test, sides[0], motion, findings[0]),
        quiet_s=seconds_of(motion.quiet, motion.time_s),
        still_s=_still_s(motion.quiet, motion.time_s),
        repetitions=min(len(finding.repetitions) for finding in findings),
        hold_s=max((hold.duration_s for hold in holds), default=0.0),
        holding=any(end_s - tried_until_s < STILL_AFTER_S / 2 for tried_until_s in ends),
    )


def later(before: LiveReading, now: LiveReading) -> LiveReading:
    """A reading that takes nothing back: what was counted and held stays, whatever a deeper repetition makes of it."""
    return replace(now, repetitions=max(before.repetitions, now.repetitions), hold_s=max(before.hold_s, now.hold_s))


def _still_s(quiet: Bools, time_s: Floats) -> float:
    """Length of the quiet standing that reaches to now, with a few restless frames in it."""
    best = 0.0
    for length_s in (STILL_AFTER_S, STILL_EARLY_S):
        here = time_s >= time_s[-1] - length_s
        if time_s[-1] - time_s[0] >= length_s and quiet[here].mean() >= STILL_LEAST:
            best = length_s
    return best


def _shown(test: ClinicalTest, side: Side | None) -> tuple[Measure, Curve] | None:
    """Return the first measure with a curve and a guide line, or the first with a curve."""
    curves = [(measure, curve) for measure in test.measures if (curve := measure.curve(side)) is not None]
    return next((pair for pair in curves if pair[0].norm(Person()) is not None), curves[0] if curves else None)


def _gauge(test: ClinicalTest, side: Side | None, motion: Motion, finding: Finding) -> Gauge | None:
    shown = _shown(test, side)
    if shown is None:
        return None
    measure, curve = shown
    norm: Norm | None = measure.norm(Person())
    found = [value.u95 for value in finding.values if value.key == measure.key]
    u95 = _newest(motion.column(curve.u95_column), motion.time_s) if curve.u95_column else (found or [float("nan")])[0]
    return Gauge(
        measure=measure.key,
        label=measure.label,
        unit=measure.unit,
        value=curve.sign * _newest(motion.column(curve.column), motion.time_s),
        u95=u95,
        limit=norm.outside if norm else float("nan"),
        higher_is_worse=norm.higher_is_worse if norm else True,
    )


def _newest(values: Floats, time_s: Floats) -> float:
    return known_median(values[time_s >= time_s[-1] - SMOOTH_S])


def is_complete(reading: LiveReading, movement: Guide) -> bool:
    """Whether the person has done what was asked for."""
    if movement.hold_s is not None:
        return reading.hold_s >= movement.hold_s
    return movement.repetitions is not None and reading.repetitions >= movement.repetitions


def is_over(reading: LiveReading, movement: Guide, elapsed_s: float) -> bool:
    """Whether the test can end by itself.

    Parameters
    ----------
    reading : Reading
        So far.
    movement : Guide
        What was asked for.
    elapsed_s : float
        Since the start signal.
    """
    longest_s = movement.hold_s + SLACK_S if movement.hold_s else MAX_S
    if elapsed_s >= longest_s:
        return True
    lying = movement.still_s is not None
    if is_complete(reading, movement):
        return lying or reading.still_s >= STILL_AFTER_S
    one_hold = movement.hold_s is not None and not reading.holding  # the hold is over, whatever its length
    return reading.moved and reading.still_s >= (STILL_AFTER_S if one_hold else STILL_EARLY_S)
