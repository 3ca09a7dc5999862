"""Measures that several frontal tests share; each test gives its own limits."""

from __future__ import annotations

from screener.kinematics.ranges import FLEXION, LEAN, PELVIS, VALGUS, Range
from screener.model.results import Tier
from screener.tests_clinical.definition import Measure, NormFor, convention, not_compared
from screener.tests_clinical.exercises import BALANCE, BRIDGE, CLAMSHELL, EVEN_STANDING, SIDE_STEPS
from screener.tests_clinical.sources import (
    CLINIC_CONVENTION,
    KNEE_SEPARATION,
    OVER_FOOT_CONVENTION,
    TRUNK_CONVENTION,
    WEIGHT_CONVENTION,
)

PELVIC_DROP = "pelvic_drop_deg"
DROP_LIMIT_DEG = 5.0
"""A pelvis that lowers by more on the lifted side is outside the guide range in every test that stands on one leg."""
TWO_LEG_VALGUS = convention(5.0, 10.0, "degrees")
"""With both feet on the floor the knees carry half the load each; the norms of single-leg landings do not apply."""


def pelvic_drop(within_deg: float, outside_deg: float, side_that_sinks: str = "lifted") -> Measure:
    """Obliquity of the pelvis against two-leg standing, + = the hip on the side of the other leg is lower."""
    return Measure(
        key=PELVIC_DROP,
        label="Pelvic drop",
        unit="degrees",
        tier=Tier.LOW,
        norm=convention(within_deg, outside_deg, "degrees", CLINIC_CONVENTION),
        phrase=f"the pelvis lowered on the {side_that_sinks} side by {{value}}",
        phrase_below_zero=f"the pelvis rose on the {side_that_sinks} side by {{value}}",
        column="pelvic_obliquity_deg",
        toward_other_side=True,
        smallest_detectable=3.0,
        exercises=(BRIDGE, SIDE_STEPS),
        possible=PELVIS,
        names={"de": "Absinken des Beckens"},
        of_pelvis=True,
    )


def trunk_lean(within_deg: float, outside_deg: float, leg: str = "stance", *, side_stands: bool = True) -> Measure:
    """Lateral lean of the trunk, + = towards the stance leg; `side_stands` where that is the side of the result."""
    return Measure(
        key="trunk_lean_deg",
        label=f"Trunk lean towards the {leg} leg",
        unit="degrees",
        tier=Tier.MODERATE,
        norm=convention(within_deg, outside_deg, "degrees", TRUNK_CONVENTION),
        phrase=f"the trunk leaned towards the {leg} leg by {{value}}",
        phrase_below_zero=f"the trunk leaned away from the {leg} leg by {{value}}",
        column="trunk_lean_deg",
        toward_side=side_stands,
        toward_other_side=not side_stands,
        smallest_detectable=2.3,
        exercises=(BALANCE,),
        possible=LEAN,
        names={"de": "Neigung des Rumpfes"},
    )


def knee_valgus(norm: NormFor, tier: Tier) -> Measure:
    """Frontal-plane projection angle of the knee, + = towards the midline."""
    return Measure(
        key="knee_valgus_deg",
        label="Knee inwards (valgus)",
        unit="degrees",
        tier=tier,
        norm=norm,
        phrase="the knee moved inwards by {value}",
        phrase_below_zero="the knee moved outwards by {value}",
        column="knee_valgus_{side}_deg",
        smallest_detectable=8.0,
        exercises=(CLAMSHELL, SIDE_STEPS),
        possible=VALGUS,
        names={"de": "Knie nach innen (Valgus)"},
    )


def knee_over_foot() -> Measure:
    """How far the knee stands inside the line of its foot, + = inwards; it survives depth, which the angle does not."""
    return Measure(
        key="knee_over_foot_pct",
        label="Knee inside the line of its foot",
        unit="% of the shank",
        tier=Tier.EXPLORATORY,
        norm=convention(10.0, 15.0, "% of the shank", OVER_FOOT_CONVENTION),
        phrase="the knee stood inside the line of its foot by {value}",
        phrase_below_zero="the knee stood outside the line of its foot by {value}",
        column="knee_over_foot_{side}_pct",
        smallest_detectable=15.0,
        decimals=0,
        exercises=(CLAMSHELL, SIDE_STEPS),
        possible=Range(-100.0, 100.0, 40.0),
        names={"de": "Knie einwärts der Fußlinie"},
    )


def knee_separation() -> Measure:
    """Distance between the knees over that between the ankles, the same for both sides."""
    return Measure(
        key="knee_separation_ratio",
        label="Knee distance relative to ankle distance",
        unit="",
        tier=Tier.EXPLORATORY,
        norm=convention(1.0, 0.9, "", KNEE_SEPARATION),
        phrase="the knees were {value} times as far apart as the ankles; the {where} knee was further in",
        column="knee_separation_ratio",
        decimals=2,
        exercises=(CLAMSHELL, SIDE_STEPS),
        possible=Range(-0.5, 4.0, 1.0),
        names={"de": "Knieabstand zu Knöchelabstand"},
    )


def depth() -> Measure:
    """Knee flexion at the deepest point, read from a leg that looks shorter."""
    return Measure(
        key="depth_deg",
        label="Depth (knee flexion)",
        unit="degrees",
        tier=Tier.LOW,
        norm=not_compared,
        phrase="the knee bent to {value}",
        column="knee_flexion_{side}_deg",
        decimals=0,
        possible=FLEXION,
    )


def weight_shift(phrase: str, phrase_below_zero: str = "") -> Measure:
    """Offset of the hip midpoint from the middle of the feet, in per cent of the distance between the ankles."""
    return Measure(
        key="weight_shift_pct",
        label="Weight shift",
        unit="%",
        tier=Tier.EXPLORATORY,
        norm=convention(10.0, 15.0, "%", WEIGHT_CONVENTION),
        phrase=phrase,
        phrase_below_zero=phrase_below_zero,
        decimals=0,
        exercises=(EVEN_STANDING,),
        possible=Range(-100.0, 100.0, 60.0),
    )


SWAY = Measure(
    key="sway_pct_height_per_s",
    label="Sway of the hips",
    unit="% of height per s",
    tier=Tier.EXPLORATORY,
    norm=not_compared,
    phrase="the hips swayed by {value}",
)
