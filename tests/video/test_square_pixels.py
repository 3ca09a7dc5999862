"""Camcorders, DVDs and recorders store pixels that are not square; every angle is measured on squares."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from helpers.bad_clips import STANCE, Picture, changed, pictures, turn_by_metadata, write_clip
from screener.errors import UnreadableInputError
from screener.video.file import VideoFile


def squeezed(width: int, height: int, count: int = 3) -> list[Picture]:
    """The bundled clip, 640 x 480, as it is stored with other pixels."""
    return changed(pictures(STANCE, 0, count), lambda rgb: cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA))


def looks_like(shown: Picture, rgb: Picture) -> bool:
    return shown.shape == rgb.shape and float(np.abs(shown.astype(int) - rgb).mean()) < 4.0


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts"])
@pytest.mark.parametrize(("width", "height", "pixel"), [(480, 480, Fraction(4, 3)), (720, 480, Fraction(8, 9))])
def test_pictures_have_square_pixels(tmp_path: Path, ending: str, width: int, height: int, pixel: Fraction) -> None:
    video = VideoFile(write_clip(tmp_path / f"clip.{ending}", squeezed(width, height), pixel=pixel))
    assert (video.width, video.height) == (640, 480)
    assert video.coded_pixels == width * height
    original = pictures(STANCE, 0, 3)
    assert [looks_like(frame.rgb, rgb) for frame, rgb in zip(video, original, strict=True)] == [True] * 3
    picture = video.picture_at(0.05)
    assert picture is not None
    assert looks_like(picture, original[1])


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pixels_turn_with_the_picture(tmp_path: Path, degrees: int) -> None:
    upright = [np.ascontiguousarray(rgb[:, 140:500]) for rgb in pictures(STANCE, 0, 2)]
    stored = changed(upright, lambda rgb: np.rot90(rgb, degrees // 90))
    height, width = stored[0].shape[:2]
    narrow = changed(stored, lambda rgb: cv2.resize(rgb, (width * 3 // 4, height), interpolation=cv2.INTER_AREA))
    clip = turn_by_metadata(write_clip(tmp_path / "clip.mp4", narrow, pixel=Fraction(4, 3)), degrees)
    video = VideoFile(clip)
    assert (video.width, video.height) == (360, 480)
    assert looks_like(next(iter(video)).rgb, upright[0])


def test_pixels_that_are_nearly_square_are_left_alone(tmp_path: Path) -> None:
    video = VideoFile(write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 2), pixel=Fraction(320, 321)))
    assert (video.width, video.height) == (640, 480)


@pytest.mark.parametrize("pixel", [Fraction(20, 1), Fraction(1, 20)])
def test_pixels_of_an_impossible_shape_are_refused(tmp_path: Path, pixel: Fraction) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 2), pixel=pixel)
    with pytest.raises(UnreadableInputError, match=r"The pixels in clip.mp4 are said to be .* no camera has such"):
        VideoFile(clip)
