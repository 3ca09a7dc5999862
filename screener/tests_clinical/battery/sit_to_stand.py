"""Getting up from a chair and sitting down: how often, how fast, and how controlled on the way down."""

from __future__ import annotations

import numpy as np

from screener.kinematics.attempts import attempts
from screener.kinematics.events import Repetition, inside, repetitions
from screener.kinematics.motion import Motion
from screener.kinematics.signal import clean
from screener.model.pose import Floats, Joint, Side, View
from screener.model.recording import Person
from screener.model.results import Norm, Source, Tier
from screener.model.series import Interval, frame_interval_s
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, convention
from screener.tests_clinical.exercises import CHAIR_STANDS, UP_OFTEN
from screener.tests_clinical.norm_tables import norm_table
from screener.tests_clinical.summaries import set_finding, usable_share, within_any

MIN_RISE = 0.10
"""Rise of the hips from the seat, in body heights."""
FIVE = 5
CHAIR_STAND_S = 30.0
MAX_REST_S = 5.0
"""A longer rest after the fifth stand means the five-repetition version was done, not the one of 30 seconds."""
HALF_WAY = 0.5
MIDDLE = (0.2, 0.8)
MIDDLE_SHARE = float(np.arccos(1 - 2 * MIDDLE[1]) - np.arccos(1 - 2 * MIDDLE[0])) / np.pi
"""Share of the time that a smooth (cosine) movement takes for its middle part."""
WAY_DOWN_U95_SHARE = 0.2
SETTLE_S = 0.5
"""The hips settle into the seat after a repetition counts as ended."""
AGE_REASON = "the norm needs an age of 60 years or more"

STEADI = Source(
    citation="CDC STEADI: Assessment, 30-Second Chair Stand (below-average scores by age and sex), after Rikli RE, Jones CJ. "
    "Functional fitness normative scores for community-residing older adults. J Aging Phys Act 1999;7:162-181.",
    doi_or_url="https://www.cdc.gov/steadi/media/pdfs/STEADI-Assessment-30Sec-508.pdf",
)
BOHANNON = Source(
    citation="Bohannon RW. Reference values for the five-repetition sit-to-stand test: a descriptive meta-analysis of data "
    "from elders. Percept Mot Skills 2006;103:215-222. Limit of 15 s: Buatois S, et al. J Am Geriatr Soc 2008;56:1575-1577.",
    doi_or_url="https://doi.org/10.2466/pms.103.1.215-222",
)


def chair_stand_norm(person: Person) -> Norm | None:
    """Norm of the 30-second chair stand; None under 60 or where age or sex is not known."""
    row = norm_table("chair_stand_30s_count.csv", person)
    if row is None:
        return None
    return Norm(within=row.within, outside=row.within - 1.0, unit="", population=row.population, source=STEADI)


def five_times_norm(person: Person) -> Norm | None:
    """Norm of the time for five; None under 60, or where the age is not known."""
    row = norm_table("five_times_sit_to_stand_s.csv", person)
    if row is None:
        return None
    return Norm(within=row.within, outside=15.0, unit="s", population=row.population, source=BOHANNON)


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the stands and measure them.

    Parameters
    ----------
    motion : Motion
        Side or front view, sitting at the start.
    side : None
        Both legs together.
    """
    time_s = motion.time_s
    height = _hip_height(motion)
    stands = repetitions(height, time_s, MIN_RISE)
    if not stands:
        return Finding(
            window=None,
            missing="Nobody was seen getting up from a chair and sitting down again.",
            advice="Sit still for two seconds, then stand up fully and sit down again, five times or for 30 seconds.",
        )
    share = usable_share(height, within_any(time_s, [stand.interval for stand in stands]))
    values = (
        _five_times(stands, time_s, share),
        _chair_stands(height, stands, time_s, share),
        _way_down(motion, stands, share),
    )
    return set_finding(stands, values, key_moment_s=stands[0].end_s, tried=attempts(height, time_s, stands))


def _hip_height(motion: Motion) -> Floats:
    """(T,) height of the hips over the foot that stands lower, in body heights: a foot that lifts is no rise."""
    sides = (motion.near_side,) if motion.view is View.SIDE else tuple(Side)
    hips = np.mean([motion.joint(Joint.HIP, leg)[:, 1] for leg in sides], axis=0)
    floor = np.fmax(*(motion.joint(Joint.ANKLE, leg)[:, 1] for leg in Side))
    return clean((floor - hips) / motion.body_height_px, motion.time_s, floor=0.02)


def _five_times(stands: tuple[Repetition, ...], time_s: Floats, share: float) -> Value:
    """From the first movement upwards to sitting after the fifth stand."""
    if len(stands) < FIVE:
        reason = f"only {len(stands)} of {FIVE} stands were seen"
        return Value("five_times_s", np.nan, np.nan, share, reason)
    seconds = stands[FIVE - 1].end_s - stands[0].start_s
    return Value("five_times_s", seconds, 3.0 * frame_interval_s(time_s), share, reason=AGE_REASON)


def _chair_stands(height: Floats, stands: tuple[Repetition, ...], time_s: Floats, share: float) -> Value:
    """Stands in 30 s; one that is more than half way up when the time is over counts."""
    end_s = stands[0].start_s + CHAIR_STAND_S
    if time_s[-1] < end_s:
        reason = f"the recording ends before {CHAIR_STAND_S:.0f} seconds are over"
        return Value("chair_stands_30s", np.nan, np.nan, share, reason)
    if len(stands) == FIVE and end_s - stands[-1].end_s > MAX_REST_S:
        reason = "only five stands were done: that is the test of five stands"
        return Value("chair_stands_30s", np.nan, np.nan, share, reason)
    done = sum(_passes(height, time_s, Interval(stand.start_s, stand.deepest_s)) <= end_s for stand in stands)
    last = max((stand.end_s for stand in stands if stand.start_s <= end_s), default=end_s)
    at_end = height[int(np.searchsorted(time_s, end_s))]
    rising = last < end_s and at_end > _half_way(height, time_s)
    return Value("chair_stands_30s", float(done + rising), np.nan, share, reason=f"{AGE_REASON}, and the sex")


def _half_way(height: Floats, time_s: Floats) -> float:
    """Height half way between sitting and standing."""
    seat, top = np.nanpercentile(height, [5, 98])
    return float(seat + HALF_WAY * (top - seat))


def _passes(height: Floats, time_s: Floats, rise: Interval) -> float:
    """When the hips pass half of the way up."""
    here = np.flatnonzero(inside(time_s, rise) & (height > _half_way(height, time_s)))
    return float(time_s[here[0]]) if here.size else rise.end_s


def _way_down(motion: Motion, stands: tuple[Repetition, ...], share: float) -> Value:
    """Median time from standing to the seat, from the middle of the bending of the knees.

    Where a movement starts and ends the landmarks creep. The time of the middle part is clear, and a smooth movement takes
    `MIDDLE_SHARE` of its whole time for it.
    """
    time_s = motion.time_s
    sides = (motion.near_side,) if motion.view is View.SIDE else tuple(Side)
    bend = np.mean([motion.column(f"knee_flexion_{leg}_deg") for leg in sides], axis=0)
    lengths = [_middle_s(bend, time_s, stand) for stand in stands]
    known = [length for length in lengths if np.isfinite(length)]
    if not known:
        return Value("way_down_s", np.nan, np.nan, share, "the knees were not seen on the way down")
    seconds = float(np.median(known)) / MIDDLE_SHARE
    frame_s = frame_interval_s(time_s)
    return Value("way_down_s", seconds, float(np.hypot(frame_s / MIDDLE_SHARE, WAY_DOWN_U95_SHARE * seconds)), share)


def _middle_s(bend: Floats, time_s: Floats, stand: Repetition) -> float:
    """Time in which the knees pass the middle part of their bending on the way down, between samples by interpolation."""
    here = inside(time_s, Interval(stand.deepest_s, stand.end_s + SETTLE_S)) & np.isfinite(bend)
    values, moments = np.maximum.accumulate(bend[here]), time_s[here]
    if values.size < 3 or values[-1] <= values[0]:
        return float("nan")
    first, last = MIDDLE
    way = (values - values[0]) / (values[-1] - values[0])
    return float(np.interp(last, way, moments) - np.interp(first, way, moments))


TEST = ClinicalTest(
    key="sit_to_stand",
    title="Sit to stand",
    idea="Stand up fully and sit down with control; do not drop into the chair.",
    views=(View.SIDE, View.FRONT),
    sides=(None,),
    instructions=(
        "Put a chair without arms against a wall. Sit in the middle of it, feet on the floor, and stay still for two seconds.",
        "Cross the arms over the chest. Stand up fully and sit down again, five times as fast as is safe, or for 30 seconds.",
        "Do not drop into the chair. Stay seated and still at the end.",
    ),
    easy_version="Use a higher chair, or push off with the hands; then the times cannot be compared.",
    camera="Place the camera at your side or in front of you at hip height, three metres away, you and the chair in view.",
    measures=(
        Measure(
            key="five_times_s",
            label="Time for five stands",
            unit="s",
            tier=Tier.HIGH,
            norm=five_times_norm,
            phrase="five stands took {value}; whether the arms helped cannot be seen",
            exercises=(CHAIR_STANDS, UP_OFTEN),
        ),
        Measure(
            key="chair_stands_30s",
            label="Stands in 30 seconds",
            unit="",
            tier=Tier.HIGH,
            norm=chair_stand_norm,
            phrase="in 30 seconds there were {value} stands; whether the arms helped cannot be seen",
            decimals=0,
            exercises=(CHAIR_STANDS, UP_OFTEN),
        ),
        Measure(
            key="way_down_s",
            label="Time to sit down",
            unit="s",
            tier=Tier.EXPLORATORY,
            norm=convention(0.8, 0.5, "s"),
            phrase="sitting down took {value}",
            exercises=(CHAIR_STANDS,),
        ),
    ),
    evaluate=evaluate,
    stands_on_two=True,
)
