"""Squatting on one leg: does the knee stay over the foot and the pelvis level."""

from __future__ import annotations

import numpy as np

from screener.kinematics.attempts import MovementAttempt, attempts
from screener.kinematics.events import Repetition, inside, repetitions, spans
from screener.kinematics.motion import Motion
from screener.model.pose import Floats, Side, View
from screener.model.recording import Person, Sex
from screener.model.results import Norm, Tier
from screener.model.series import Interval, frame_interval_s
from screener.tests_clinical.definition import ClinicalTest, Finding, Measure, Value, not_compared
from screener.tests_clinical.knee_values import valgus_value
from screener.tests_clinical.measures import depth, knee_valgus, pelvic_drop, trunk_lean
from screener.tests_clinical.sources import HERRINGTON_MUNRO
from screener.tests_clinical.summaries import depth_u95_deg, lean_u95_deg, pelvis_value, set_finding, set_value, worst_moment_s

MIN_STANCE_S = 1.0
MIN_BEND_DEG = 25.0
"""A bend of the knee, seen as a shorter leg, that counts as a squat: a leg that looks 1.5 % shorter already reads 20."""
TEMPO_U95_SHARE = 0.35
"""Where a squat begins and ends is read from a leg that looks shorter, which starts slowly (rendered clips)."""


def valgus_norm(person: Person) -> Norm:
    """Norm of the knee valgus for a sex; women's where it is not known, since it is the wider one."""
    within = 9.0 if person.sex is Sex.MALE else 12.0
    who = {Sex.MALE: "men", Sex.FEMALE: "women"}.get(person.sex) if person.sex else None
    return Norm(
        within=within,
        outside=within + 3.0,
        unit="degrees",
        population=f"active young {who}, step landing" if who else "active young women (sex not given), step landing",
        source=HERRINGTON_MUNRO,
    )


def evaluate(motion: Motion, side: Side | None) -> Finding:
    """Find the squats on one leg and measure them.

    Parameters
    ----------
    motion : Motion
        Front view.
    side : Side
        The leg that stands.
    """
    if side is None:
        raise ValueError("a single-leg squat has a side")
    time_s = motion.time_s
    flexion = motion.column(f"knee_flexion_{side}_deg")
    stances = spans(motion.series.stance == side, time_s, MIN_STANCE_S)
    bends = tuple(squat for stance in stances for squat in _squats(flexion, time_s, stance))
    squats = tuple(squat for squat in bends if not _hops(motion, side, squat))
    if not squats:
        hopped = f"The {side} leg hopped; no squat with the foot on the floor was seen."
        return Finding(
            window=None,
            missing=hopped if bends else f"No squat on the {side} leg was seen.",
            advice="Stand on both feet for two seconds, lift one foot, and bend the standing knee slowly, five times.",
        )
    valgus = motion.column(f"knee_valgus_{side}_deg")
    drop = side.other.sign * motion.column("pelvic_obliquity_deg")
    values = (
        valgus_value(motion, side, squats),
        pelvis_value("pelvic_drop_deg", motion, drop, squats),
        set_value("trunk_lean_deg", motion, side.sign * motion.column("trunk_lean_deg"), lean_u95_deg(motion), squats),
        set_value("depth_deg", motion, flexion, depth_u95_deg(motion), squats),
        _tempo(squats, time_s),
    )
    tried = tuple(one for stance in stances for one in _tried(flexion, time_s, stance, squats))
    return set_finding(squats, values, worst_moment_s(valgus, time_s, squats), tried=tried)


def _hops(motion: Motion, side: Side, squat: Repetition) -> bool:
    """Whether the standing foot left the floor in a squat."""
    return bool(motion.hops[side][inside(motion.time_s, squat.interval)].any())


def _squats(flexion: Floats, time_s: Floats, stance: Interval) -> tuple[Repetition, ...]:
    here = inside(time_s, stance)
    return repetitions(flexion[here], time_s[here], MIN_BEND_DEG)


def _tried(flexion: Floats, time_s: Floats, stance: Interval, squats: tuple[Repetition, ...]) -> tuple[MovementAttempt, ...]:
    here = inside(time_s, stance)
    whole = [squat for squat in squats if stance.start_s <= squat.deepest_s <= stance.end_s]
    return attempts(flexion[here], time_s[here], whole)


def _tempo(squats: tuple[Repetition, ...], time_s: Floats) -> Value:
    lengths = [squat.end_s - squat.start_s for squat in squats]
    seconds, frame_s = float(np.median(lengths)), frame_interval_s(time_s)
    return Value("tempo_s", seconds, float(np.hypot(2.0 * frame_s, TEMPO_U95_SHARE * seconds)))


MEASURES = (
    knee_valgus(valgus_norm, Tier.MODERATE),
    pelvic_drop(within_deg=4.0, outside_deg=5.0),
    trunk_lean(within_deg=5.0, outside_deg=10.0),
    depth(),
    Measure(
        key="tempo_s",
        label="Time of one squat",
        unit="s",
        tier=Tier.MODERATE,
        norm=not_compared,
        phrase="one squat took {value}",
    ),
)

TEST = ClinicalTest(
    key="single_leg_squat",
    title="Single-leg squat",
    idea="The knee stays over the foot, the pelvis level and the trunk upright while the leg bends.",
    views=(View.FRONT,),
    sides=(Side.LEFT, Side.RIGHT),
    instructions=(
        "Stand on both feet, facing the camera, and stay still for two seconds.",
        "Lift one foot behind you. Bend the standing knee slowly as far as is comfortable, and come up again.",
        "Five times, about three seconds each. Then stand still for two seconds.",
        "Do the same on the other leg.",
    ),
    easy_version="Rest two fingertips on the back of a chair beside you, and bend only a little.",
    camera="Place the camera in front of you at hip height, three metres away, the whole body in the picture.",
    measures=MEASURES,
    evaluate=evaluate,
    stands_on_side=True,
)
