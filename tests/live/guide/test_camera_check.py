"""Help with the camera: one thing to do, and nothing more to do only where the recording would be accepted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from screener.kinematics.recording_quality import assess, subject_height_px
from screener.kinematics.side_repair import repair_sides
from screener.live.guide.camera_check import PoseWindow, advise, lens_above_hips
from screener.live.language import load_language
from screener.model.pose import PoseSequence
from screener.model.recording import CameraTilt
from screener.tests_clinical import TESTS, get_test
from screener.tests_clinical.gates import recording_gate

LEVEL = CameraTilt(0.0, 0.0)
STANDING = sm.Motion(sm.times(1.0))
LOOSE = {"hem_step": np.full(30, 0.05), "hem_contrast": np.full(30, 30.0), "people": np.ones(30, dtype=np.int64)}
"""A shirt that hangs loose over the hips."""


def seen(camera: sm.Camera | None = None, **changes: object) -> PoseSequence:
    return replace(sm.film(STANDING, camera), **changes)


def said(poses: PoseSequence, tilt: CameraTilt = LEVEL, test: str = "single_leg_stance") -> str:
    return advise(PoseWindow(poses, tilt), get_test(test)).key


def nobody() -> PoseSequence:
    poses = sm.film(STANDING)
    return poses.with_landmarks(poses.pixels * np.nan, poses.world_m * np.nan, poses.visibility * 0)


@pytest.mark.parametrize(
    ("poses", "tilt", "test", "key"),
    [
        (seen(), LEVEL, "single_leg_stance", "good"),
        (seen(sm.Camera(yaw=180)), LEVEL, "single_leg_stance", "good"),
        (seen(sm.Camera(yaw=90)), LEVEL, "hip_hinge", "good"),
        (nobody(), LEVEL, "single_leg_stance", "nobody"),
        (seen(brightness=np.full(30, 8.0)), LEVEL, "single_leg_stance", "light"),
        (seen(people=np.full(30, 2)), LEVEL, "single_leg_stance", "one_person"),
        (seen(sm.Camera(distance=1.7)), LEVEL, "single_leg_stance", "step_back"),
        (seen(sm.Camera(distance=6.5)), LEVEL, "single_leg_stance", "come_closer"),
        (
            seen(hem_step=np.full(30, 0.05), hem_contrast=np.full(30, 30.0), people=np.ones(30, dtype=int)),
            LEVEL,
            "march",
            "tuck_in",
        ),
        (
            seen(hem_step=np.full(30, 0.05), hem_contrast=np.full(30, 30.0), people=np.ones(30, dtype=int)),
            LEVEL,
            "squat",
            "good",
        ),
        (seen(surface_u_deg=np.full(30, 4.0)), LEVEL, "single_leg_stance", "plain"),
        (seen(), LEVEL, "hip_hinge", "side_on"),
        (seen(sm.Camera(yaw=90)), LEVEL, "single_leg_stance", "squarely"),
        (seen(sm.Camera(yaw=180)), LEVEL, "single_leg_squat", "face_camera"),
        (seen(sm.Camera(yaw=40)), LEVEL, "single_leg_squat", "face_camera"),
        (seen(sm.Camera(roll=14)), CameraTilt(14.0, 0.0), "single_leg_stance", "level"),
        (sm.film(sm.Motion(sm.times(1.0, 12.0))), LEVEL, "single_leg_stance", "slow"),
        (seen(), CameraTilt(0.0, -14.0), "single_leg_stance", "raise"),
        (seen(), CameraTilt(0.0, 14.0), "single_leg_stance", "lower"),
    ],
)
def test_the_one_thing_to_do(poses: PoseSequence, tilt: CameraTilt, test: str, key: str) -> None:
    assert said(poses, tilt, test) == key


@pytest.mark.parametrize("shift", [-290.0, 290.0])
def test_somebody_at_the_edge_is_called_to_the_middle(shift: float) -> None:
    poses = sm.film(STANDING)
    assert said(replace(poses, pixels=poses.pixels + [shift, 0.0])) == "middle"


def test_nothing_is_said_before_anything_was_seen() -> None:
    poses = sm.film(sm.Motion(sm.times(0.1)))
    assert said(poses) == "looking"


@pytest.mark.parametrize("test", sorted(TESTS))
@pytest.mark.parametrize("yaw", range(0, 360, 30))
@pytest.mark.parametrize("distance", [1.5, 3.0, 5.0])
def test_good_is_said_only_of_what_the_gate_accepts(test: str, yaw: int, distance: float) -> None:
    look = PoseWindow(sm.film(STANDING, sm.Camera(yaw=yaw, distance=distance)), LEVEL)
    advice = advise(look, get_test(test))
    quality = assess(repair_sides(look.poses), look.tilt, None).quality
    asked = get_test(test)
    refusal = recording_gate(quality, asked.views, asked.camera, lying=asked.lying, by_view=asked.by_view)
    assert not (advice.good and refusal)
    assert advice.good == (advice.key == "good")


@pytest.mark.parametrize("above_m", [-0.6, 0.0, 0.5])
def test_the_height_of_the_lens_is_read_from_the_horizon(above_m: float) -> None:
    hips_m = sm.ANKLE_HEIGHT + sm.THIGH + sm.SHANK
    poses = sm.film(STANDING, sm.Camera(height=hips_m + above_m, focal=640.0))
    height_px = subject_height_px(poses)
    metres = lens_above_hips(poses, LEVEL, height_px) * height_px / (640.0 / 3.0)
    assert metres == pytest.approx(above_m, abs=0.05)


def test_every_cue_has_its_words() -> None:
    keys = ("looking", "light", "nobody", "one_person", "middle", "step_back", "come_closer", "side_on", "face_camera")
    words = load_language("en")
    assert all(words.has(f"check.{key}") for key in (*keys, "squarely", "level", "raise", "lower", "slow", "gate", "good"))
