from __future__ import annotations

import cv2
import numpy as np
import pytest

from screener.model.pose import BACK_STATIONS, Joint, Side
from screener.pose.trackers.low_back import GIVE_UP_S, SLIP_DEG, LowBackTracker
from screener.pose.trackers.pelvis_surface import SurfaceReading

HIP, TRUNK_PX = np.array([320.0, 260.0]), 90.0
OUTLINE = np.full(len(BACK_STATIONS), 0.25)
FRAME_S = 0.05


def texture(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(0, 255, (480, 640, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return np.clip(128 + 6 * (smooth - smooth.mean()), 0, 255).astype(np.uint8)


CLOTH, ARM = texture(1), texture(2)


def picture(turn_deg: float, cloth: np.ndarray = CLOTH) -> np.ndarray:
    """Cloth turned clockwise about the hip."""
    return cv2.warpAffine(
        cloth, cv2.getRotationMatrix2D(HIP.tolist(), -turn_deg, 1.0), (640, 480), borderMode=cv2.BORDER_REFLECT
    )


def landmarks(near: Side, lean_deg: float) -> np.ndarray:
    """Hip and a shoulder that leans clockwise by so much; nothing else is seen."""
    pixels = np.full((33, 2), np.nan)
    angle = np.radians(lean_deg)
    pixels[Joint.HIP.on(near)] = HIP
    pixels[Joint.SHOULDER.on(near)] = HIP + TRUNK_PX * np.array([np.sin(angle), -np.cos(angle)])
    return pixels


def bend(near: Side, trunk_deg: float, low_back_deg: float, steps: int = 16, cloth: np.ndarray = CLOTH) -> list[SurfaceReading]:
    """From upright: the trunk leans and the low back turns, both clockwise."""
    tracker = LowBackTracker()
    shares = np.linspace(0.0, 1.0, steps)
    return [
        tracker.update(
            picture(share * low_back_deg, cloth), landmarks(near, share * trunk_deg), near, OUTLINE, FRAME_S * number
        )
        for number, share in enumerate(shares)
    ]


@pytest.mark.parametrize(("near", "way"), [(Side.RIGHT, 1.0), (Side.LEFT, -1.0)])
@pytest.mark.parametrize("low_back_deg", [60.0, 30.0])
def test_the_low_back_is_followed_while_the_trunk_leans_further(near: Side, way: float, low_back_deg: float) -> None:
    errors = []
    for seed in range(6):
        readings = bend(near, way * 60.0, way * low_back_deg, cloth=texture(seed))
        assert readings[0].rotation_deg == 0.0
        assert {reading.segment for reading in readings} == {0}
        errors.append(readings[-1].rotation_deg - way * low_back_deg)
    assert np.mean(errors) == pytest.approx(0.0, abs=1.0)
    assert np.abs(errors).max() < 5.0  # the patch is small


def test_every_keyframe_adds_to_the_uncertainty() -> None:
    """Down and up again and again: what was a keyframe on the way down does not serve on the way up."""
    tracker, spreads = LowBackTracker(), []
    for number in range(160):
        share = 0.5 - 0.5 * np.cos(2 * np.pi * number / 40)
        frame = picture(70.0 * share)
        reading = tracker.update(frame, landmarks(Side.RIGHT, 5.0 * share), Side.RIGHT, OUTLINE, FRAME_S * number)
        spreads.append(reading.u_deg)
    assert max(spreads[120:]) > 1.5 * max(spreads[:40])


def test_the_same_frames_give_the_same_angle_whatever_ran_before() -> None:
    first = bend(Side.RIGHT, 40.0, 30.0)[-1]
    cv2.setRNGSeed(99)
    assert bend(Side.RIGHT, 40.0, 30.0)[-1] == first


def test_a_plain_surface_is_soon_given_up_and_is_unsure_until_then() -> None:
    tracker = LowBackTracker()
    plain = np.full((480, 640, 3), 120, np.uint8)
    readings = [tracker.update(plain, landmarks(Side.RIGHT, 3.0 * k), Side.RIGHT, OUTLINE, FRAME_S * k) for k in range(12)]
    assert readings[4].rotation_deg == pytest.approx(12.0)  # with the trunk
    assert readings[4].u_deg == pytest.approx(4 * SLIP_DEG)
    assert [readings[8].segment, readings[11].segment] == [0, 1]
    assert readings[11].u_deg < readings[8].u_deg


def test_an_arm_before_the_low_back_does_not_turn_it() -> None:
    """The arm hangs before the hip and swings; what it hides is left out."""
    near, tracker, last = Side.RIGHT, LowBackTracker(), None
    for number, share in enumerate(np.linspace(0.0, 1.0, 12)):
        pixels = landmarks(near, 30.0 * share)
        elbow, hand = HIP + [6.0, -40.0], HIP + [6.0 + 30.0 * share, 40.0]
        for joint, place in ((Joint.ELBOW, elbow), (Joint.WRIST, (elbow + hand) / 2), (Joint.INDEX, hand)):
            pixels[joint.on(near)] = place
        hidden = np.zeros((480, 640), np.uint8)
        cv2.line(hidden, elbow.astype(int).tolist(), hand.astype(int).tolist(), 255, 12)
        frame = np.where(hidden[..., None] > 0, picture(-50.0 * share, ARM), picture(20.0 * share))
        last = tracker.update(frame, pixels, near, OUTLINE, FRAME_S * number)
    assert last is not None
    assert last.rotation_deg == pytest.approx(20.0, abs=1.5)


@pytest.mark.parametrize(("near", "forward"), [(Side.RIGHT, 1.0), (Side.LEFT, -1.0)])
def test_only_what_lies_behind_the_front_of_the_trunk_is_followed(near: Side, forward: float) -> None:
    tracker, last = LowBackTracker(), None
    y, x = np.mgrid[:480, :640]
    for number, share in enumerate(np.linspace(0.0, 1.0, 12)):
        lean = forward * 12.0 * share
        ahead = forward * ((x - HIP[0]) * np.cos(np.radians(lean)) + (y - HIP[1]) * np.sin(np.radians(lean)))
        in_front = (ahead > 0.18 * TRUNK_PX)[..., None]
        frame = np.where(in_front, picture(-forward * 40.0 * share, ARM), picture(lean))
        last = tracker.update(frame, landmarks(near, lean), near, OUTLINE, FRAME_S * number)
    assert last is not None
    assert last.rotation_deg == pytest.approx(forward * 12.0, abs=1.5)


def test_a_short_gap_keeps_the_zero_and_a_long_one_starts_anew() -> None:
    tracker, nobody = LowBackTracker(), np.full((33, 2), np.nan)
    upright = landmarks(Side.RIGHT, 0.0)
    tracker.update(picture(0.0), upright, Side.RIGHT, OUTLINE, 0.0)
    assert np.isnan(tracker.update(picture(0.0), nobody, Side.RIGHT, OUTLINE, 0.1).rotation_deg)
    assert tracker.update(picture(2.0), upright, Side.RIGHT, OUTLINE, 0.2).rotation_deg == pytest.approx(2.0, abs=0.5)
    tracker.update(picture(2.0), nobody, Side.RIGHT, OUTLINE, 0.3 + GIVE_UP_S)
    anew = tracker.update(picture(5.0), upright, Side.RIGHT, OUTLINE, 0.4 + GIVE_UP_S)
    assert (anew.segment, anew.rotation_deg) == (1, 0.0)


def test_frames_without_a_person_do_not_say_which_side_is_near() -> None:
    tracker, nobody = LowBackTracker(), np.full((33, 2), np.nan)
    for number in range(100):
        tracker.update(picture(0.0), nobody, Side.RIGHT, OUTLINE, FRAME_S * number)
    there = tracker.update(picture(0.0), landmarks(Side.LEFT, 0.0), Side.LEFT, OUTLINE, FRAME_S * 100)
    assert there.rotation_deg == 0.0


def test_one_frame_that_has_the_side_wrong_changes_nothing_and_a_person_who_turns_round_does() -> None:
    tracker = LowBackTracker()
    both = np.where(np.isfinite(landmarks(Side.LEFT, 0.0)), landmarks(Side.LEFT, 0.0), landmarks(Side.RIGHT, 30.0))
    for number in range(100):
        tracker.update(picture(0.0), both, Side.LEFT, OUTLINE, FRAME_S * number)
    wrong = tracker.update(picture(0.0), both, Side.RIGHT, OUTLINE, FRAME_S * 100)
    assert wrong.rotation_deg == pytest.approx(0.0, abs=0.2)
    for number in range(101, 160):
        tracker.update(picture(0.0), landmarks(Side.RIGHT, 0.0), Side.RIGHT, OUTLINE, FRAME_S * number)
    turned = tracker.update(picture(4.0), landmarks(Side.RIGHT, 0.0), Side.RIGHT, OUTLINE, FRAME_S * 160)
    assert np.isfinite(turned.rotation_deg)


def test_a_person_too_small_in_the_picture_is_not_read() -> None:
    small = landmarks(Side.RIGHT, 0.0)
    small[Joint.SHOULDER.on(Side.RIGHT)] = HIP - [0.0, 30.0]
    assert np.isnan(LowBackTracker().update(picture(0.0), small, Side.RIGHT, OUTLINE, 0.0).rotation_deg)
