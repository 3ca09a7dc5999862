"""Measures that several frontal tests share; each test gives its own limits."""

from __future__ import annotations

from screener.results import Norm, Tier
from screener.tests_clinical.definition import Measure, for_everyone
from screener.tests_clinical.sources import CLINIC_CONVENTION, TRUNK_CONVENTION


def pelvic_drop(within_deg: float, outside_deg: float) -> Measure:
    """Obliquity of the pelvis against two-leg standing, + = the hip on the lifted side is lower."""
    return Measure(
        key="pelvic_drop_deg",
        label="Pelvic drop",
        unit="degrees",
        tier=Tier.LOW,
        norm=for_everyone(
            Norm(
                within=within_deg,
                outside=outside_deg,
                unit="degrees",
                population="adults",
                source=CLINIC_CONVENTION,
                convention=True,
            )
        ),
        phrase="the pelvis lowered on the lifted side by {value}",
        phrase_below_zero="the pelvis rose on the lifted side by {value}",
        column="pelvic_obliquity_deg",
        toward_lifted_side=True,
        smallest_detectable=3.0,
    )


def trunk_lean(within_deg: float, outside_deg: float) -> Measure:
    """Lateral lean of the trunk, + = towards the stance leg."""
    return Measure(
        key="trunk_lean_deg",
        label="Trunk lean towards the stance leg",
        unit="degrees",
        tier=Tier.MODERATE,
        norm=for_everyone(
            Norm(
                within=within_deg,
                outside=outside_deg,
                unit="degrees",
                population="adults",
                source=TRUNK_CONVENTION,
                convention=True,
            )
        ),
        phrase="the trunk leaned towards the standing leg by {value}",
        phrase_below_zero="the trunk leaned away from the standing leg by {value}",
        column="trunk_lean_deg",
        toward_stance_side=True,
        smallest_detectable=2.3,
    )
