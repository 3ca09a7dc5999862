from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from helpers.sample_report import key_picture, standing_pose
from screener.model.landmarks_file import load_recording
from screener.model.pose import Joint, Landmark, Pose, Side
from screener.report.drawing.face import find_head
from screener.report.drawing.photo import crop_around, picture_card
from screener.report.drawing.picture import (
    FLAGGED_TEXT,
    HIP_LINE_COLOUR,
    SIDE_COLOURS,
    TRUNK_LINE_COLOUR,
    OverlayLine,
    blur_face,
    draw_overlay_frame,
    draw_skeleton,
    pelvis_on_screen_deg,
)
from screener.workflow.screening import rescreen

GOLDEN = Path(__file__).parent.parent.parent / "golden"
Rgb = NDArray[np.uint8]
HEAD = slice(Landmark.NOSE, Landmark.MOUTH_RIGHT + 1)
LINES = (
    OverlayLine("Pelvic drop  6.1 ± 2.0 deg  OUTSIDE", flagged=True),
    OverlayLine("Trunk lean  2.2 ± 1.4 deg  within", flagged=False),
)


@pytest.fixture
def noise() -> Rgb:
    return np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def grey(height: int = 480, width: int = 640) -> Rgb:
    return np.full((height, width, 3), 128, dtype=np.uint8)


def changed(before: Rgb, after: Rgb) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (before != after).any(axis=2)
    return found


def colour_at(rgb: Rgb, x: float, y: float) -> tuple[int, ...]:
    return tuple(int(value) for value in rgb[round(y), round(x)])


def without(pose: Pose, *landmarks: int) -> Pose:
    pixels = pose.pixels.copy()
    pixels[list(landmarks)] = np.nan
    return replace(pose, pixels=pixels)


def assert_head_is_hidden(noise: Rgb, pose: Pose) -> None:
    """The head of `standing_pose` spans about x 285 to 355, y 40 to 105; the noise in it must be gone."""
    blurred = blur_face(noise, pose)
    mask = changed(noise, blurred)
    head = mask[55:100, 300:340]
    assert head.mean() > 0.98
    assert blurred[55:100, 300:340].std() < 0.35 * noise[55:100, 300:340].std()
    assert not mask[160:].any()
    assert not mask[:, :230].any()
    assert not mask[:, 410:].any()


def test_face_blur_changes_the_face_only(noise: Rgb) -> None:
    before = noise.copy()
    assert_head_is_hidden(noise, standing_pose())
    assert (noise == before).all()


@pytest.mark.parametrize(
    "missing",
    [
        [k for k in range(11) if k != Landmark.NOSE],
        [k for k in range(11) if k not in (Landmark.LEFT_EAR, Landmark.RIGHT_EAR)],
        list(range(11)),
    ],
    ids=["nose only", "ears only, as from behind", "no head landmark"],
)
def test_face_blur_with_part_of_the_head(noise: Rgb, missing: list[int]) -> None:
    assert_head_is_hidden(noise, without(standing_pose(), *missing))


def test_face_is_hidden_even_where_the_model_does_not_trust_its_landmarks(noise: Rgb) -> None:
    assert_head_is_hidden(noise, replace(standing_pose(), visibility=np.zeros(33)))


def test_without_a_body_the_whole_picture_is_made_coarse(noise: Rgb) -> None:
    blurred = blur_face(noise, Pose.missing(0.0))
    assert changed(noise, blurred).mean() > 0.99
    assert blurred.shape == noise.shape


def test_head_off_the_picture_changes_nothing(noise: Rgb) -> None:
    pose = replace(standing_pose(), pixels=standing_pose().pixels - (0, 2000))
    assert not changed(noise, blur_face(noise, pose)).any()


def test_head_ellipse_follows_the_neck() -> None:
    """A person lying with the head to the left: the ellipse is longer along the body than across it."""
    pose = standing_pose()
    lying = replace(pose, pixels=np.stack([pose.pixels[:, 1], 480 - pose.pixels[:, 0] / 2], axis=1))
    head = find_head(lying)
    assert head is not None
    assert head.direction[0] < -0.9
    assert head.along > head.across
    assert head.mask(slice(0, 480), slice(0, 640))[round(head.centre[1]), round(head.centre[0])]


def test_skeleton_marks_hip_line_trunk_line_and_sides_where_they_are() -> None:
    pose = standing_pose()
    drawn = draw_skeleton(grey(), pose)
    left_hip, right_hip = (pose.pixels[Joint.HIP.on(side)] for side in Side)
    assert left_hip[0] > right_hip[0], "facing the camera, the person's left is at the right of the picture"
    quarter = 0.25 * left_hip + 0.75 * right_hip
    assert colour_at(drawn, *quarter) == HIP_LINE_COLOUR
    middle_y = (pose.pixels[Landmark.LEFT_SHOULDER][1] + left_hip[1]) / 2
    assert colour_at(drawn, (left_hip[0] + right_hip[0]) / 2, middle_y) == TRUNK_LINE_COLOUR
    for side in Side:
        knee, ankle = pose.pixels[Joint.KNEE.on(side)], pose.pixels[Joint.ANKLE.on(side)]
        assert colour_at(drawn, *knee) == SIDE_COLOURS[side]
        assert colour_at(drawn, *(knee + ankle) / 2) == SIDE_COLOURS[side]


def test_sides_have_the_colours_the_caption_names() -> None:
    red, _, blue = SIDE_COLOURS[Side.LEFT]
    assert blue > red, "left is blue"
    red, green, blue = SIDE_COLOURS[Side.RIGHT]
    assert red > green > blue, "right is orange"


def test_letters_stand_outside_the_hips_of_their_side() -> None:
    """An R has more ink than an L."""
    pose = standing_pose()
    drawn = draw_skeleton(grey(), pose)

    def ink(side: Side) -> int:
        x, y = pose.pixels[Joint.HIP.on(side)]
        outwards = round(x) + side.sign * 39
        box = drawn[round(y) - 12 : round(y) + 12, outwards - 9 : outwards + 9]
        return int((np.abs(box.astype(int) - SIDE_COLOURS[side]).sum(axis=2) < 60).sum())

    assert 20 < ink(Side.LEFT) < ink(Side.RIGHT)


def test_hip_line_is_the_widest() -> None:
    drawn = draw_skeleton(grey(), standing_pose())
    hip_rows = (drawn[:, 310] == HIP_LINE_COLOUR).all(axis=1).sum()
    trunk_columns = (drawn[200] == TRUNK_LINE_COLOUR).all(axis=1).sum()
    assert hip_rows > trunk_columns > 2


@pytest.mark.parametrize(("left_lower_deg", "view", "right_end_lower"), [(8.0, "front", True), (8.0, "back", False)])
def test_the_measured_pelvis_is_drawn_on_the_side_where_it_is_lower(
    left_lower_deg: float, view: str, right_end_lower: bool
) -> None:
    """Facing the camera the person's left is right in the picture; from behind it is left."""
    screening = rescreen(load_recording(GOLDEN / "stance_left_drop9.npz"))
    series = replace(screening.series, pelvic_obliquity_deg=np.full(len(screening.series.time_s), left_lower_deg))
    quality = screening.report.quality.model_copy(update={"view": view, "camera_roll_deg": 1.0})
    pelvis_deg = pelvis_on_screen_deg(series, quality, 3.0)
    assert pelvis_deg == pytest.approx(9.0 if right_end_lower else -7.0)  # the camera's own roll is seen too
    pose = standing_pose()
    drawn = draw_skeleton(grey(), pose, pelvis_deg)
    left, right = (pose.pixels[Joint.HIP.on(side)] for side in Side)
    middle, out = (left + right) / 2, 0.7 * float(np.linalg.norm(left - right))
    turned = np.array([np.cos(np.radians(pelvis_deg)), np.sin(np.radians(pelvis_deg))])
    for way in (-1, 1):
        assert colour_at(drawn, *(middle + way * out * turned)) == HIP_LINE_COLOUR


def test_a_pelvis_that_was_not_measured_is_not_drawn() -> None:
    screening = rescreen(load_recording(GOLDEN / "hinge_neutral.npz"))
    assert np.isnan(pelvis_on_screen_deg(screening.series, screening.report.quality, 2.0))


@pytest.mark.parametrize(("visibility", "is_drawn"), [(0.49, False), (0.5, True)])
def test_unseen_landmarks_are_not_drawn(visibility: float, is_drawn: bool) -> None:
    pose = standing_pose()
    seen = pose.visibility.copy()
    seen[Landmark.LEFT_ANKLE] = visibility
    drawn = draw_skeleton(grey(), replace(pose, visibility=seen))
    x, y = pose.pixels[Landmark.LEFT_ANKLE]
    box = changed(grey(), drawn)[round(y) - 6 : round(y) + 6, round(x) - 4 : round(x) + 4]
    assert box.any() == is_drawn


def test_missing_pose_leaves_the_still_unchanged(noise: Rgb) -> None:
    assert (draw_skeleton(noise, Pose.missing(0.0)) == noise).all()


def test_overlay_has_skeleton_and_panel_and_leaves_its_input_alone(noise: Rgb) -> None:
    before, pose = noise.copy(), standing_pose()
    drawn = draw_overlay_frame(noise, pose, LINES)
    assert (noise == before).all()
    assert drawn.shape == noise.shape
    assert drawn.dtype == np.uint8
    mask = changed(noise, drawn)
    assert mask[8:50, 10:250].mean() > 0.9
    assert mask[round(pose.pixels[Landmark.LEFT_HIP][1]), round(pose.pixels[Landmark.LEFT_HIP][0])]
    assert not mask[60:, :200].any()


def test_overlay_of_a_missing_pose_is_the_picture_with_text(noise: Rgb) -> None:
    mask = changed(noise, draw_overlay_frame(noise, Pose.missing(0.0), LINES))
    assert mask[8:50, 10:250].mean() > 0.9
    assert not mask[60:].any()
    assert not changed(noise, draw_overlay_frame(noise, Pose.missing(0.0), ())).any()


def test_only_a_flagged_line_has_the_flag_colour() -> None:
    def flag_pixels(flagged: bool) -> int:
        drawn = draw_overlay_frame(grey(), Pose.missing(0.0), [OverlayLine("Pelvic drop 6.1", flagged)])
        return int((drawn == FLAGGED_TEXT).all(axis=2).sum())

    assert flag_pixels(True) > 100
    assert flag_pixels(False) == 0


@pytest.mark.parametrize(("height", "width"), [(480, 640), (1920, 1080), (240, 320)])
def test_panel_grows_with_the_picture_and_stays_in_it(height: int, width: int) -> None:
    line = OverlayLine("Knee valgus, right  12.4 ± 3.0 deg  OUTSIDE the guide range of 12 deg", flagged=True)
    mask = changed(grey(height, width), draw_overlay_frame(grey(height, width), Pose.missing(0.0), [line]))
    rows, columns = np.nonzero(mask)
    assert columns.max() < width - 1
    short = OverlayLine("Pelvic drop  6.1", flagged=False)
    rows, _ = np.nonzero(changed(grey(height, width), draw_overlay_frame(grey(height, width), Pose.missing(0), [short])))
    assert 0.04 < (rows.max() - rows.min()) / min(height, width) < 0.12


def test_crop_holds_the_whole_body_and_stays_in_the_picture() -> None:
    picture = key_picture()
    crop = crop_around(picture)
    assert (picture.pose.pixels >= (crop.left, crop.top)).all()
    assert (picture.pose.pixels < (crop.right, crop.bottom)).all()
    assert 100 < crop.left < crop.right < 540, "the sides of the room are cut off"
    missing = replace(picture, pose=Pose.missing(0.0))
    whole = crop_around(missing)
    assert (whole.left, whole.top, whole.right, whole.bottom) == (0, 0, 640, 480)


def test_picture_card_is_a_jpeg_with_the_face_hidden() -> None:
    picture = key_picture()
    card = picture_card(picture, float("nan"))
    kind, data = card.data_uri.split(",")
    assert kind == "data:image/jpeg;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.format == "JPEG"
    assert image.size == (card.width, card.height)
    assert max(image.size) == 760
    crop = crop_around(picture)
    scale = card.width / (crop.right - crop.left)
    x, y = scale * (picture.pose.pixels[Landmark.NOSE] - (crop.left, crop.top))
    shown = np.asarray(image.convert("L"), dtype=float)
    face = shown[round(y) - 20 : round(y) + 20, round(x) - 20 : round(x) + 20]
    background = shown[round(y) - 20 : round(y) + 20, 5:45]
    assert face.std() < 0.5 * background.std()
    hips = (picture.pose.pixels[Landmark.LEFT_HIP] + 3 * picture.pose.pixels[Landmark.RIGHT_HIP]) / 4
    x, y = scale * (hips - (crop.left, crop.top))
    colour = np.asarray(image.convert("RGB"), dtype=int)[round(y), round(x)]
    assert np.abs(colour - HIP_LINE_COLOUR).max() < 60, "the skeleton is drawn where the body is"
