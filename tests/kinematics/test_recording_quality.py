from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import stickman as sm
from helpers.lying import Bridge
from screener.kinematics.recording_quality import (
    DARK_LEVEL,
    FRONTAL_TURN_DEG,
    SIDE_TURN_DEG,
    assess,
    body_turn_deg,
    fuse_roll,
    lying_turn_deg,
    view_of,
    whole_body,
)
from screener.kinematics.side_repair import repair_sides
from screener.model.pose import Landmark, View
from screener.model.recording import CameraTilt
from screener.model.results import Quality

LEVEL = CameraTilt(0.0, 0.0)
UNKNOWN = CameraTilt.unknown()


def quality(camera: sm.Camera, tilt: CameraTilt = LEVEL, vertical: float | None = None) -> Quality:
    poses = sm.film(sm.stance("left"), camera)
    return assess(repair_sides(poses), tilt, vertical).quality


@pytest.mark.parametrize(
    ("yaw", "view"),
    [
        (0, "front"),
        (20, "front"),
        (-20, "front"),
        (180, "back"),
        (90, "side"),
        (-75, "side"),
        (45, "oblique"),
        (135, "oblique"),
    ],
)
def test_the_view_is_seen_from_the_shoulders(yaw: float, view: str) -> None:
    assert quality(sm.Camera(yaw=yaw)).view == view


@pytest.mark.parametrize("yaw", [-170.0, -90.0, -30.0, 0.0, 45.0, 90.0, 160.0])
def test_a_built_turn_is_recovered(yaw: float) -> None:
    assert body_turn_deg(sm.film(sm.Motion(sm.times(1.0)), sm.Camera(yaw=yaw)), LEVEL) == pytest.approx(yaw, abs=1e-6)


def test_nobody_has_no_view() -> None:
    assert view_of(float("nan")) is View.UNKNOWN


def test_height_does_not_depend_on_the_pose_and_scales_with_distance() -> None:
    near, far = quality(sm.Camera(distance=2.5)).subject_height_px, quality(sm.Camera(distance=5.0)).subject_height_px
    assert near is not None
    assert far is not None
    assert near == pytest.approx(2 * far, rel=0.05)
    # Trunk 0.50 and leg 0.84 m are 0.78 of the height.
    assert near == pytest.approx(515 / 2.5 * 1.34 / 0.78, rel=0.05)


def test_roll_given_by_the_user_goes_first_then_the_room_then_standing() -> None:
    camera = sm.Camera(roll=8.0)
    given = quality(camera, CameraTilt(5.0, 0.0), vertical=8.0)
    assert (given.camera_roll_deg, given.camera_roll_source) == (8.0, "given")
    room = quality(camera, CameraTilt(5.0, 0.0))
    assert (room.camera_roll_deg, room.camera_roll_source) == (5.0, "scene")
    none = quality(camera, UNKNOWN)
    assert (none.camera_roll_deg, none.camera_roll_source) == (0.0, "none")
    assert any("tilt of the camera is not known" in text for text in none.warnings)


def test_quiet_standing_finds_the_roll_where_the_room_does_not() -> None:
    poses = sm.film(sm.stance("left"), sm.Camera(roll=8.0))
    quiet = poses.time_s < 2.0
    fused = fuse_roll(assess(repair_sides(poses), UNKNOWN, None), quiet).quality
    assert fused.camera_roll_source == "standing"
    assert fused.camera_roll_deg == pytest.approx(8.0, abs=0.1)
    assert not any("not known" in text for text in fused.warnings)


def test_room_and_standing_are_weighted_by_their_precision() -> None:
    poses = sm.film(sm.stance("left"), sm.Camera(roll=8.0))
    fused = fuse_roll(assess(repair_sides(poses), CameraTilt(5.0, 0.0), None), poses.time_s < 2.0).quality
    weight = 1.5**-2 / (1.5**-2 + 2.5**-2)
    assert fused.camera_roll_deg == pytest.approx(5.0 * weight + 8.0 * (1 - weight), abs=0.05)
    assert fused.camera_roll_u95_deg == pytest.approx((1.5**-2 + 2.5**-2) ** -0.5, abs=0.01)


def test_a_body_upside_down_is_seen() -> None:
    poses = sm.film(sm.stance("left"))
    turned = poses.with_landmarks(np.array([640.0, 480.0]) - poses.pixels, poses.world_m * [-1, -1, 1], poses.visibility)
    assert assess(repair_sides(turned), LEVEL, None).quality.upside_down
    assert not quality(sm.Camera()).upside_down


def test_other_people_dark_pictures_and_tilt_are_told() -> None:
    poses = sm.film(sm.stance("left"))
    people = poses.people.copy()
    people[::60] = 1
    people[120] = 2
    dark = replace(poses, people=people, brightness=np.full(len(poses), 20.0))
    found = assess(repair_sides(dark), CameraTilt(15.0, 0.0), None).quality
    assert found.people == 1
    text = " ".join(found.warnings)
    assert "dark" in text
    assert "tilted by 15 degrees" in text
    assert "Somebody else" in text


def test_feet_out_of_the_picture_are_not_the_whole_body() -> None:
    poses = sm.film(sm.stance("left"), sm.Camera(picture_height=300, height=1.0))
    found = assess(repair_sides(poses), LEVEL, None).quality
    assert found.whole_body_fraction < 0.1
    assert quality(sm.Camera()).whole_body_fraction == 1.0


def test_the_side_of_a_lying_body_that_is_near_is_told() -> None:

    t = sm.times(1.0)
    bridge = Bridge(t, np.full(t.size, 120.0))
    for camera, turn in ((sm.Camera(height=0.5), -90.0), (sm.Camera(height=0.5, yaw=180.0), 90.0)):
        assert lying_turn_deg(sm.film(bridge, camera)) == pytest.approx(turn, abs=3.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_last_turn_of_a_view_still_belongs_to_it(sign: float) -> None:
    for turn, view in (
        (FRONTAL_TURN_DEG, View.FRONT),
        (180.0 - FRONTAL_TURN_DEG, View.BACK),
        (90.0 - SIDE_TURN_DEG, View.SIDE),
        (90.0 + SIDE_TURN_DEG, View.SIDE),
    ):
        assert view_of(sign * turn) is view
        beyond = turn + (0.1 if turn in (FRONTAL_TURN_DEG, 90.0 + SIDE_TURN_DEG) else -0.1)
        assert view_of(sign * beyond) is View.OBLIQUE


@pytest.mark.parametrize(("level", "told"), [(DARK_LEVEL, False), (DARK_LEVEL - 0.1, True)])
def test_a_dark_picture_is_told_below_its_level(level: float, told: bool) -> None:
    poses = sm.film(sm.stance("left"))
    found = assess(repair_sides(replace(poses, brightness=np.full(len(poses), level))), LEVEL, None).quality
    assert any("dark" in text for text in found.warnings) == told


def test_frames_that_were_left_out_are_told_without_any_that_was_put_back() -> None:
    poses = sm.film(sm.stance("left"))
    left_out = poses.time_s < 0.3
    repair = replace(repair_sides(poses), left_out=left_out)
    (told,) = [text for text in assess(repair, LEVEL, None).quality.warnings if "swapped" in text]
    assert f"0 were corrected, {left_out.sum()} left out" in told


def test_nobody_is_not_told_of_a_tilt_that_is_not_known() -> None:
    poses = sm.film(sm.stance("left"))
    empty = poses.with_landmarks(np.full_like(poses.pixels, np.nan), np.full_like(poses.world_m, np.nan), 0 * poses.visibility)
    for seen, told in ((poses, True), (empty, False)):
        warnings = assess(repair_sides(seen), UNKNOWN, None).quality.warnings
        assert any("tilt of the camera is not known" in text for text in warnings) == told


@pytest.mark.parametrize(
    ("x", "y", "inside"), [(0.0, 0.0, True), (640.0, 480.0, True), (-0.1, 0.0, False), (640.0, 480.1, False)]
)
def test_the_edge_of_the_picture_is_inside(x: float, y: float, inside: bool) -> None:
    poses = sm.film(sm.stance("left"))
    pixels = poses.pixels.copy()
    pixels[:, Landmark.NOSE] = x, y
    assert whole_body(poses.with_landmarks(pixels, poses.world_m, poses.visibility)).all() == inside
