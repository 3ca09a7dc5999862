"""Standing on one leg: does the pelvis stay level, and for how long."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, takewhile

import numpy as np

from screener.kinematics.attempts import MovementAttempt
from screener.kinematics.events import inside, seconds_of, time_beyond_s
from screener.kinematics.feet import carried
from screener.kinematics.holds import Hold, holds_of, listed, longest, unseen
from screener.kinematics.motion import Motion
from screener.kinematics.planar import distance
from screener.model.pose import Bools, Floats, Joint, Side, View
from screener.model.recording import Person
from screener.model.results import Norm, Source, Tier
from screener.model.series import Interval, frame_interval_s
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, convention, not_compared
from screener.tests_clinical.exercises import BALANCE
from screener.tests_clinical.measures import DROP_LIMIT_DEG, SWAY, pelvic_drop, trunk_lean
from screener.tests_clinical.norm_tables import norm_table
from screener.tests_clinical.summaries import held_value, lean_u95_deg, sway_value

MIN_HOLD_S = 2.0
"""Shorter stances are steps, or a hold that was not carried through."""
MAX_PAUSE_S = 1.5
"""A foot that comes down for less than this touched down; for longer, the hold was over."""
ASKED_S = 30.0
ASKED_WITHIN_S = 0.5
"""The test asks for this long and is over then; the live page says so. Norms of younger people are longer."""
CAP_S = 45.0
EDGE_S = 0.3
"""A hold that reaches this close to an end of the recording was cut off by it."""
MAX_HAND_AT_FOOT_SHARE = 0.12
"""A wrist this near to the lifted ankle in the picture, in body heights, holds or moves that foot."""
TIME_TABLE = "single_leg_stance_time_s.csv"

STANCE_TIME_SOURCE = Source(
    citation="Springer BA, Marin R, Cyhan T, Roberts H, Gill NW. Normative values for the unipedal stance test with eyes open "
    "and closed. J Geriatr Phys Ther 2007;30:8-15.",
    doi_or_url="https://doi.org/10.1519/00139143-200704000-00003",
)


def stance_time_norm(person: Person) -> Norm | None:
    """Norm of the hold time for an age, None where the age is not known or below the table."""
    row = norm_table(TIME_TABLE, person)
    if row is None:
        return None
    return Norm(
        within=row.within,
        outside=max(0.7 * row.within, 5.0),
        unit="s",
        population=f"healthy {row.population}, eyes open",
        source=STANCE_TIME_SOURCE,
    )


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the stance on one leg and measure it.

    Parameters
    ----------
    motion : Motion
        Front or back view.
    side : Side
        The leg that stands.
    """
    if side is None:
        raise ValueError("a stance has a side")
    time_s = motion.time_s
    stance = motion.series.stance == side
    holds = holds_of(carried(stance, motion.hops[side], time_s), unseen(motion.series.stance), time_s, motion.signal_s)
    tries = listed(holds, MIN_HOLD_S, np.array([_cut_off(hold.interval, motion) for hold in holds], dtype=bool))
    if not holds or longest(holds).duration_s < MIN_HOLD_S:
        return _not_found(side, holds, tries, motion)
    best = longest(holds)
    window = best.interval
    free = _hands_are_free(motion, side, window)
    obliquity, u95 = motion.column("pelvic_obliquity_deg"), motion.column("pelvic_obliquity_u95_deg")
    drop, moment_s = held_value("pelvic_drop_deg", motion, side.other.sign * obliquity, u95, (window,), free)
    lean = side.sign * motion.column("trunk_lean_deg")
    values = (
        replace(drop, method=motion.pelvis_method),
        replace(_time_beyond(drop, side.other.sign * obliquity, u95, window, time_s), method=motion.pelvis_method),
        held_value("trunk_lean_deg", motion, lean, lean_u95_deg(motion), (window,), free)[0],
        _hold_time(best, len(tries), motion),
        Value("touch_downs", float(_touch_downs(holds, best, motion)), np.nan),
        sway_value(motion, motion.joint(Joint.ANKLE, side), window),
    )
    return Finding(
        window=window,
        values=values,
        holds=(window,),
        attempts=tries,
        key_moment_s=moment_s if np.isfinite(moment_s) else window.start_s,
        usable=_is_seen(motion, side),
    )


def _hands_are_free(motion: Motion, side: Side, hold: Interval) -> Bools:
    """(T,) frames of a hold in which no hand is at the lifted foot; all of them where it stays there.

    Who puts the foot in its place with a hand bends to it: that is no lean and no drop of the stance.
    """
    foot = motion.joint(Joint.ANKLE, side.other)
    apart = np.fmin(*(distance(motion.joint(Joint.WRIST, hand), foot) for hand in Side))
    here = inside(motion.time_s, hold)
    free = here & ~(apart < MAX_HAND_AT_FOOT_SHARE * motion.body_height_px)
    return free if seconds_of(free, motion.time_s) >= MIN_HOLD_S else here


def _is_seen(motion: Motion, side: Side) -> Bools:
    """(T,) frames that show trunk and standing leg; a hand, or the other leg, may hide the lifted one."""
    needed = [joint.on(leg) for leg in Side for joint in (Joint.SHOULDER, Joint.HIP)]
    needed += [Joint.KNEE.on(side), Joint.ANKLE.on(side)]
    return np.asarray(np.isfinite(motion.points[:, needed]).all(axis=(1, 2)))


def _not_found(side: Side, holds: tuple[Hold, ...], tries: tuple[MovementAttempt, ...], motion: Motion) -> Finding:
    cut_off = any(_cut_off(hold.interval, motion) for hold in holds)
    hopped = bool((motion.hops[side] & (motion.series.stance == side)).any())
    if tries and not cut_off and not hopped:
        return Finding(
            window=Interval(holds[0].interval.start_s, holds[-1].interval.end_s),
            values=tuple(Value(m.key, np.nan, np.nan, reason="the hold was shorter than 2 seconds") for m in MEASURES),
            attempts=tries,
            completed=False,
        )
    return Finding(
        window=None,
        attempts=tries,
        missing=f"The {side} leg hopped; no steady stance on it of at least {MIN_HOLD_S:.0f} seconds was seen."
        if hopped
        else f"No stance on the {side} leg of at least {MIN_HOLD_S:.0f} seconds was seen.",
        advice="Stand quietly on both feet for two seconds, then lift one foot clear of the floor and hold it.",
    )


def _cut_off(span: Interval, motion: Motion) -> bool:
    """Whether a stance ran into an end of the recording, or into frames in which the feet were not seen."""
    time_s = motion.time_s
    around = (time_s > span.start_s - EDGE_S) & (time_s < span.end_s + EDGE_S)
    lost = bool((motion.series.stance[around & ~inside(time_s, span)] == "none").any())
    return lost or bool(span.end_s >= time_s[-1] - EDGE_S or span.start_s <= time_s[0] + EDGE_S)


def _time_beyond(drop: Value, drop_deg: Floats, u95: Floats, hold: Interval, time_s: Floats) -> Value:
    """Time above the limit; its interval is what it would be at either end of the angle's interval."""
    if not np.isfinite(drop.value):
        return Value("pelvic_drop_time_s", np.nan, np.nan, drop.usable, drop.reason)
    here = inside(time_s, hold)
    drop_deg, u95, time_s = drop_deg[here], u95[here], time_s[here]
    seconds, most, least = (time_beyond_s(drop_deg + shift, time_s, DROP_LIMIT_DEG) for shift in (0.0, u95, -u95))
    return Value("pelvic_drop_time_s", seconds, max(most - seconds, seconds - least), drop.usable)


def _hold_time(best: Hold, tries: int, motion: Motion) -> Value:
    frame_s = frame_interval_s(motion.time_s)
    seconds, sure_s = min(best.duration_s, CAP_S), min(best.sure_s, CAP_S)
    reason = f"the norm depends on age, which was not given or is below 18; the test asks for {ASKED_S:.0f} s"
    ended_early = _cut_off(best.interval, motion) or seconds >= ASKED_S - ASKED_WITHIN_S
    return Value(
        "hold_time_s",
        seconds,
        float(np.hypot(Z_TIMING * frame_s, seconds - sure_s)),
        at_least=ended_early and seconds < CAP_S,
        where=f" in the best of {tries} attempts" if tries > 1 else "",
        reason=reason,
    )


Z_TIMING = 2.0
"""Both ends of a hold are known to about a frame."""


def _touch_downs(holds: tuple[Hold, ...], best: Hold, motion: Motion) -> int:
    """Count the short contacts of the lifted foot that follow one another around the scored hold.

    A pause that was not seen through is none, and neither is a foot that stayed down: there the attempt was over.
    """
    at = holds.index(best)
    pauses = [Interval(before.interval.end_s, after.interval.start_s) for before, after in pairwise(holds)]
    touched = [_is_touch(pause, motion) for pause in pauses]
    return len(list(takewhile(bool, touched[:at][::-1]))) + len(list(takewhile(bool, touched[at:])))


def _is_touch(pause: Interval, motion: Motion) -> bool:
    lost = unseen(motion.series.stance)[inside(motion.time_s, pause)].any()
    return pause.duration_s <= MAX_PAUSE_S and not lost


MEASURES = (
    pelvic_drop(within_deg=3.0, outside_deg=DROP_LIMIT_DEG),
    Measure(
        key="pelvic_drop_time_s",
        label="Time with more than 5 degrees of drop",
        unit="s",
        tier=Tier.LOW,
        norm=not_compared,
        phrase="the drop was above 5 degrees for {value}",
        of_pelvis=True,
    ),
    trunk_lean(within_deg=5.0, outside_deg=10.0),
    Measure(
        key="hold_time_s",
        label="Hold time",
        unit="s",
        tier=Tier.HIGH,
        norm=stance_time_norm,
        phrase="the stance lasted {value}{where}",
        exercises=(BALANCE,),
    ),
    Measure(
        key="touch_downs",
        label="Touch-downs of the lifted foot",
        unit="",
        tier=Tier.MODERATE,
        norm=convention(0.0, 2.0, ""),
        phrase="touch-downs of the lifted foot: {value}",
        decimals=0,
        exercises=(BALANCE,),
    ),
    SWAY,
)

TEST = ClinicalTest(
    key="single_leg_stance",
    title="Single-leg stance",
    idea="A steady, level pelvis for 30 seconds on one leg; the pelvis should not sink on the lifted side.",
    views=(View.FRONT, View.BACK),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand on both feet, arms at your sides, and stay still for two seconds.",
        "Lift one foot clear of the floor, the knee bent behind or in front of you.",
        "Hold for 30 seconds. Keep the trunk upright. Then put the foot down and stay still for two seconds.",
        "Do the same on the other leg.",
    ),
    easy_version="Rest two fingertips on the back of a chair beside you.",
    camera="Place the camera in front of you or behind you at hip height, three metres away, the whole body in the picture.",
    measures=MEASURES,
    evaluate=evaluate,
    stands_on_side=True,
)
