from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.screened import measure, only, recording, screened
from screener.model.pose import Z95
from screener.model.results import Grade, MeasureResult, Method
from screener.tests_clinical.back_rounding import HOLLOW_SD_DEG, MIN_FLAT_U95_DEG, USUAL_HOLLOW_DEG, beyond_flat
from screener.tests_clinical.definition import Value
from screener.workflow.screening import rescreen


def rounding(first: float, later: float, straight_first: bool) -> MeasureResult:
    """Rounding of four hinges, the first one different, of a body whose outline curves by 12 degrees when it is straight."""
    motion = sm.hinges(4)
    round_first = motion.time_s < 6.0
    deep = np.asarray(motion.incline) / 70.0
    motion = replace(motion, rounding=(np.where(round_first, first, later) + 20.0) * deep)
    kept = recording(sm.film(motion, sm.Camera(yaw=90)), "hip_hinge")
    kept = replace(kept, request=kept.request.model_copy(update={"straight_first": straight_first}))
    return measure(only(rescreen(kept)), "spine_rounding_deg")


def test_the_first_straight_hinge_takes_off_what_this_body_shows() -> None:
    plain, calibrated = rounding(0.0, 50.0, straight_first=False), rounding(0.0, 50.0, straight_first=True)
    assert calibrated.value == pytest.approx(50.0, abs=4.0)  # the arc tangent of the figure's parabola flattens
    assert plain.value is not None
    assert plain.value > 55.0 - USUAL_HOLLOW_DEG  # what this body shows when it is straight is still in it
    assert (calibrated.method, calibrated.grade) == (Method.SILHOUETTE, Grade.OUTSIDE)
    straight = rounding(0.0, 0.0, straight_first=True)
    assert calibrated.uncertainty is not None
    assert straight.uncertainty is not None
    assert calibrated.uncertainty > 1.3 * straight.uncertainty  # bodies differ in their gain


def test_a_straight_back_is_known_better_with_calibration() -> None:
    plain, calibrated = rounding(0.0, 0.0, straight_first=False), rounding(0.0, 0.0, straight_first=True)
    assert calibrated.value == pytest.approx(0.0, abs=1.0)
    assert plain.uncertainty is not None
    assert calibrated.uncertainty is not None
    assert calibrated.uncertainty < 0.85 * plain.uncertainty
    assert plain.value == 0.0  # a change of 20 degrees does not even flatten the hollow of standing
    assert (calibrated.grade, calibrated.firm) == (Grade.WITHIN, True)


@pytest.mark.parametrize(
    ("change", "u95", "beyond", "half"),
    [
        (60.0, 12.0, 32.0, float(np.hypot(12.0, Z95 * HOLLOW_SD_DEG))),
        (USUAL_HOLLOW_DEG, 0.0, 0.0, Z95 * HOLLOW_SD_DEG),
        (USUAL_HOLLOW_DEG - 2.0, 0.0, 0.0, Z95 * HOLLOW_SD_DEG - 2.0),
        (0.0, 12.0, 0.0, MIN_FLAT_U95_DEG),
    ],
)
def test_rounding_begins_where_the_hollow_of_standing_ends(change: float, u95: float, beyond: float, half: float) -> None:
    found = beyond_flat(Value("spine_rounding_deg", change, u95))
    assert found.value == pytest.approx(beyond)
    assert found.u95 == pytest.approx(half)


def test_an_unknown_change_stays_unknown() -> None:
    nothing = Value("spine_rounding_deg", float("nan"), float("nan"), 0.0, "the back was not seen")
    assert beyond_flat(nothing) is nothing


def test_a_hinge_that_only_flattens_the_hollow_is_not_called_round() -> None:
    found = measure(only(screened(sm.film(sm.hinges(3, rounding=35.0), sm.Camera(yaw=90)), "hip_hinge")), "spine_rounding_deg")
    assert (found.grade, found.firm) == (Grade.UNDECIDED, False)
    assert found.value is not None
    assert 0.0 < found.value < 15.0


def test_a_recording_that_did_not_look_at_the_back_shows_no_rounding() -> None:
    """Its surface, if any, is that of the pelvis as the front shows it."""
    poses = sm.film(sm.hinges(2, rounding=40.0), sm.Camera(yaw=90))
    looked = screened(poses, "hip_hinge").series
    assert np.nanmax(looked.spine_rounding_deg) > 20.0
    without = replace(poses, back_outline=np.full_like(poses.back_outline, np.nan))
    assert np.isnan(screened(without, "squat").series.spine_rounding_deg).all()


def test_the_low_back_is_not_taken_for_the_pelvis_seen_from_the_front() -> None:
    stance = sm.film(sm.Motion(sm.times(8.0)), sm.Camera())
    turned = replace(stance, surface_rotation_deg=20.0 * sm.ramp(stance.time_s, 3.0, 4.0, 90.0, 91.0))
    outline = np.full_like(stance.back_outline, 0.2)
    shown = np.nanmax(np.abs(screened(turned, "squat").series.pelvic_obliquity_deg))
    assert shown > 5.0
    low_back = screened(replace(turned, back_outline=outline), "hip_hinge").series.pelvic_obliquity_deg
    assert np.nanmax(np.abs(low_back)) < 1.0
