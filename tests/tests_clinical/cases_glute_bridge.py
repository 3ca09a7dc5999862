from __future__ import annotations

import numpy as np

from helpers import stickman as sm
from helpers.lying import Bridge
from screener.model.results import Grade
from tests_clinical.case import NOT_ASSESSED, Case

FLOOR_CAMERA = sm.Camera(height=0.5, distance=2.6)


def bridges(hold_s: float = 2.5, top: float = 180.0, sink: float = 0.0, count: int = 2) -> Bridge:
    """Bridges with a second up, a hold in which the hips may sink, a second down, 1.5 s apart."""
    way = hold_s + 3.5
    t = sm.times(2.0 + way * count)
    line = np.full(t.size, 120.0)
    for k in range(count):
        at = 1.0 + way * k
        line += (top - 120.0) * sm.ramp(t, at, at + 1.0, at + 1.0 + hold_s, at + 2.0 + hold_s)
        line -= sink * np.clip((t - at - 1.0) / hold_s, 0, 1) * (t < at + 1.0 + hold_s)
        after = (t >= at + 1.0 + hold_s) & (t < at + 2.0 + hold_s)
        line -= np.where(after, sink * sm.ramp(t, at - 1, at, at + 1.0 + hold_s, at + 2.0 + hold_s), 0.0)
    return Bridge(t, line)


CASES = (
    Case(
        "glute_bridge",
        "held",
        bridges(),
        FLOOR_CAMERA,
        "both",
        {"bridge_line_deg": Grade.WITHIN, "hold_time_s": Grade.WITHIN, "hip_loss_deg": Grade.WITHIN},
        timed=frozenset({"hold_time_s", "hip_loss_deg"}),
    ),
    Case(
        "glute_bridge",
        "short-hold",
        bridges(hold_s=0.8),
        FLOOR_CAMERA,
        "both",
        {"hold_time_s": Grade.OUTSIDE, "bridge_line_deg": Grade.WITHIN},
        timed=frozenset({"hold_time_s"}),
    ),
    Case("glute_bridge", "low", bridges(top=150.0), FLOOR_CAMERA, "both", {"bridge_line_deg": Grade.OUTSIDE}),
    Case(
        "glute_bridge",
        "sinking",
        bridges(hold_s=4.0, sink=20.0),
        FLOOR_CAMERA,
        "both",
        {"hip_loss_deg": Grade.OUTSIDE},
        timed=frozenset({"hip_loss_deg"}),
    ),
    Case("glute_bridge", "lying-still", Bridge(sm.times(6.0), np.full(180, 120.0)), FLOOR_CAMERA, "both", NOT_ASSESSED),
    Case("glute_bridge", "standing", sm.Motion(sm.times(6.0)), sm.Camera(yaw=90), "both", NOT_ASSESSED),
)
