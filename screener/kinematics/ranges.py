"""What a human body can do, in one place: a value beyond it is not a measurement, whatever the picture shows.

The ends lie beyond the range of motion of healthy adults (Norkin and White, Measurement of Joint Motion, 5th edition), with
room for the error of one camera; they are no norms. An angle outside is left out of the curves, and a measure outside, or one
whose error is as large as everything the body can do, is "not measured" with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screener.model.pose import Floats


@dataclass(frozen=True)
class Range:
    """Lowest and highest value that a body can have, and the largest half width with which a value still says something."""

    low: float
    high: float
    largest_u95: float = float("inf")

    def holds(self, value: float) -> bool:
        """Whether a body can have this value; both ends can be."""
        return self.low <= value <= self.high


PELVIS = Range(-25.0, 25.0, 10.0)
"""A pelvis tilts by 10 degrees at most while one stands or walks upright on a leg (drop or hike), and by some 20 in a dance."""
LEAN = Range(-45.0, 45.0, 15.0)
VALGUS = Range(-40.0, 40.0, 20.0)
FLEXION = Range(0.0, 155.0, 40.0)
"""Heel against seat."""
HIP_FLEXION = Range(0.0, 180.0, 40.0)
"""Knees that touch the chest in a deep squat or a fold: the angle shoulder, hip, knee closes."""
INCLINATION = Range(-45.0, 160.0, 40.0)
ROUNDING = Range(-90.0, 120.0, 45.0)

SERIES = {
    "hip_line_deg": Range(-60.0, 60.0),
    "pelvic_obliquity_deg": Range(-40.0, 40.0),
    "trunk_lean_deg": Range(-90.0, 90.0),
    "knee_valgus_left_deg": VALGUS,
    "knee_valgus_right_deg": VALGUS,
    "knee_flexion_left_deg": Range(0.0, 180.0),
    "knee_flexion_right_deg": Range(0.0, 180.0),
    "hip_flexion_left_deg": HIP_FLEXION,
    "hip_flexion_right_deg": HIP_FLEXION,
    "trunk_inclination_deg": Range(-180.0, 180.0),
    "spine_rounding_deg": Range(-120.0, 120.0),
    "body_turn_deg": Range(-180.0, 180.0),
}
"""Of the columns of timeseries.csv, wider than those of a result: one frame may be noise, and a fall is a movement too."""


def possible(column: str, values: Floats) -> Floats:
    """Copy of a column of the series without the values that no body has; NaN there."""
    limits = SERIES.get(column)
    if limits is None:
        return values
    return np.where((values >= limits.low) & (values <= limits.high), values, np.nan)


def why_impossible(limits: Range | None, value: float, u95: float, unit: str) -> str | None:
    """Why a result is no measurement; None where it is one.

    Parameters
    ----------
    limits : Range, optional
        What a body can do; None where no body sets an end.
    unit : str
        Of the measure.
    value, u95 : float
        Its value and half width; a NaN half width is taken as unknown, not as large.
    """
    if limits is None or not np.isfinite(value):
        return None
    if not limits.holds(value):
        return f"the picture gives {value:.0f} {unit}, beyond what a body can do".replace("  ", " ")
    if u95 > limits.largest_u95:
        return f"its error of {u95:.0f} {unit} is as large as everything a body can do".replace("  ", " ")
    return None
