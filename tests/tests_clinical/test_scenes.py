"""What a recording shows that is not the test, or that one of its measures cannot be read from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.lying import Bridge
from helpers.screened import measure, only, recording, screened
from screener import TESTS
from screener.kinematics.body_turn import chest_up
from screener.model.pose import View
from screener.model.results import Status, TestResult
from screener.tests_clinical.gates import MAX_TURN_DEG, recording_gate
from screener.tests_clinical.summaries import MAX_BACK_SHARE, MIN_FEET_APART_SHARE, stays_down
from screener.workflow.screening import prepare


def told(result: TestResult) -> tuple[dict[str, float | None], str]:
    """Values of a result, and all its words."""
    reasons = [str(result.reason), *(str(found.reason) for found in result.measures)]
    return {found.key: found.value for found in result.measures}, " ".join(reasons)


def test_face_down_is_no_bridge() -> None:
    t = sm.times(8.0)
    line = 120.0 + 55.0 * sm.ramp(t, 1.0, 2.0, 5.0, 6.0)
    for prone, up in ((False, 1.0), (True, -1.0)):
        poses = sm.film(Bridge(t, line, prone), sm.Camera(height=0.5))
        assert chest_up(poses) == pytest.approx(up, abs=0.3)
        result = only(screened(poses, "glute_bridge"))
        assert (result.status is Status.NOT_ASSESSED) == prone
        assert ("chest faces the floor" in str(result.reason)) == prone


def test_a_bend_that_stays_down_says_come_up_again() -> None:
    t = sm.times(8.0)
    camera = sm.Camera(yaw=-90.0)
    down = 75.0 * np.clip((t - 2.0) / 1.5, 0, 1)
    for test, word in (("hip_hinge", "hinge"), ("toe_touch", "bend")):
        result = only(screened(sm.film(sm.Motion(t, incline=down), camera), test))
        assert result.reason == f"The {word} ended bent forward, without coming up again."
        (attempt,) = result.attempts
        assert (attempt.complete, attempt.lacking) == (False, "it did not come up again")
        assert attempt.start_s == pytest.approx(2.75, abs=0.3)
        stood = only(screened(sm.film(sm.Motion(t, incline=0.1 * down), camera), test))
        assert "seen" in str(stood.reason)
        assert stood.attempts == ()


def test_feet_together_give_no_weight_shift_and_say_what_to_do() -> None:
    poses = sm.film(sm.Motion(sm.times(8.0), shift=0.01), noise_px=0.2)
    apart = measure(only(screened(poses, "quiet_stance")), "weight_shift_pct")
    assert apart.value is not None
    pixels = poses.pixels.copy()
    middle = pixels[:, [27, 28], 0].mean(axis=1, keepdims=True)
    for landmark in (27, 28, 29, 30, 31, 32):
        pixels[:, landmark, 0] = middle[:, 0] + 0.4 * (pixels[:, landmark, 0] - middle[:, 0])
    together = poses.with_landmarks(pixels, poses.world_m, poses.visibility)
    values, words = told(only(screened(together, "quiet_stance")))
    assert values.get("weight_shift_pct") is None
    assert "place them apart" in words


def test_a_hinge_on_one_leg_gives_no_rounding() -> None:
    motion = sm.hinges(count=2)
    lifted = replace(motion, lift_left=0.5 * np.clip(np.asarray(motion.incline) / 70.0, 0, 1))
    camera = sm.Camera(yaw=-90.0)
    both, one = (only(screened(sm.film(figure, camera), "hip_hinge")) for figure in (motion, lifted))
    assert measure(both, "spine_rounding_deg").value is not None
    values, _ = told(one)
    for key in ("spine_rounding_deg", "hip_knee_ratio", "depth_deg"):
        assert "on one leg" in str(measure(one, key).reason)
    assert all(values.get(key) is None for key in ("spine_rounding_deg", "hip_knee_ratio", "depth_deg"))


@pytest.mark.parametrize("drawn_higher", [0.08, -0.08])
def test_a_far_foot_that_is_drawn_higher_all_the_time_is_not_lifted(drawn_higher: float) -> None:
    motion = prepare(recording(sm.film(sm.hinges(count=2), sm.Camera(yaw=-90.0)), "hip_hinge"))[1]
    found = TESTS["hip_hinge"].evaluate(replace(motion, feet_over=motion.feet_over + drawn_higher), None)
    ratio = next(value for value in found.values if value.key == "hip_knee_ratio")
    assert np.isfinite(ratio.value)


def test_the_gate_looks_at_the_far_end_of_the_turn() -> None:
    report = screened(sm.film(sm.Motion(sm.times(2.0))), "squat").report
    rest = (MAX_TURN_DEG - 15.0) * 1.96 / 1.645  # whether it exceeds the limit is asked of one side of the interval
    for turn, u95, refused in ((15.0, rest - 0.1, False), (15.0, rest + 0.1, True), (29.9, 0.0, False)):
        quality = report.quality.model_copy(update={"body_turn_deg": turn, "body_turn_u95_deg": u95})
        refusal = recording_gate(quality, (View.FRONT,), "")
        assert (refusal is not None) == refused
        assert refusal is None or "turned by about 15 degrees" in refusal.reason


@pytest.mark.parametrize(("end", "down"), [(MAX_BACK_SHARE + 0.02, True), (MAX_BACK_SHARE - 0.02, False)])
def test_a_movement_stays_down_above_half_of_its_depth(end: float, down: bool) -> None:
    t = sm.times(6.0)
    depth = 60.0 * np.interp(t, [1.0, 2.0, 4.0, 5.0], [0.0, 1.0, 1.0, end])
    assert stays_down(depth, t, 40.0) == down
    assert not stays_down(depth, t, 61.0)  # not deep enough to be one
    assert stays_down(60.0 * np.ones(t.size), t, 59.9)
    assert not stays_down(np.full(t.size, np.nan), t, 40.0)
    assert not stays_down(np.where(t > 5.0, np.nan, depth), t, 40.0)  # nobody knows how it ended


@pytest.mark.parametrize(("more", "known"), [(0.004, True), (-0.004, False)])
def test_feet_are_together_below_a_share_of_height(more: float, known: bool) -> None:
    poses = sm.film(sm.Motion(sm.times(6.0)))
    height = screened(poses, "quiet_stance").report.quality.subject_height_px
    assert height is not None
    pixels = poses.pixels.copy()
    half = (MIN_FEET_APART_SHARE + more) * height / 2.0
    pixels[:, 27, 0], pixels[:, 28, 0] = 320.0 + half, 320.0 - half
    values, _ = told(only(screened(poses.with_landmarks(pixels, poses.world_m, poses.visibility), "quiet_stance")))
    assert (values.get("weight_shift_pct") is not None) == known
