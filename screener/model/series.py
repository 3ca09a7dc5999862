"""The angles of every frame, and stretches of time. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screener.model.pose import Bools, Floats


def frame_interval_s(time_s: Floats) -> float:
    """Usual time from one frame to the next in seconds, the median; 0 for fewer than two frames."""
    return float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0


def nearest_frame(time_s: Floats, moment_s: float) -> int:
    """Index of the frame nearest to a moment; (T,) times in seconds, at least one."""
    return int(np.argmin(np.abs(time_s - moment_s)))


@dataclass(frozen=True)
class Interval:
    """A stretch of time in seconds, both ends included."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Series:
    """What `timeseries.csv` holds: the angles of every frame, (T,) each, degrees, NaN where not measured.

    Signs: obliquities + = the person's left hip lower; trunk lean + = towards the person's left; knee valgus + = knee
    towards the midline; flexions + = bent; trunk inclination + = forward; body turn - = the left hip is nearer to the
    lens than the right one (front and back views). The separation of the knees is over that of the ankles (1 = knees over
    ankles), a knee over its foot is in per cent of the shank's length, + = inwards.
    """

    time_s: Floats
    hip_line_deg: Floats
    pelvic_obliquity_deg: Floats
    pelvic_obliquity_u95_deg: Floats
    trunk_lean_deg: Floats
    knee_valgus_left_deg: Floats
    knee_valgus_right_deg: Floats
    knee_flexion_left_deg: Floats
    knee_flexion_right_deg: Floats
    hip_flexion_left_deg: Floats
    hip_flexion_right_deg: Floats
    trunk_inclination_deg: Floats
    spine_rounding_deg: Floats
    body_turn_deg: Floats
    knee_separation_ratio: Floats
    knee_over_foot_left_pct: Floats
    knee_over_foot_right_pct: Floats
    stance: NDArray[np.str_]
    usable: Bools
