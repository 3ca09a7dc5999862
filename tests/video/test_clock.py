"""Times of a file that do not rise: no picture is lost, no time is invented that the file knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from helpers.bad_clips import STANCE, pictures, retimed, write_clip
from screener.video import decoder
from screener.video.clock import Clock, without_strays
from screener.video.file import VideoFile
from screener.workflow.file_notes import file_notes

STEP_S = 0.05


def times(said: list[float | None], start_s: float = 0.0) -> tuple[list[float], Clock]:
    clock = Clock(start_s)
    return [clock.time_s(one) for one in said], clock


def even(count: int, first: int = 0) -> list[float]:
    return [STEP_S * number for number in range(first, first + count)]


def test_uneven_times_are_kept_and_start_at_zero() -> None:
    found, clock = times([7.0, 7.03, 7.2, 7.9, 61.0], 7.0)
    assert found == pytest.approx([0.0, 0.03, 0.2, 0.9, 54.0])
    assert clock.follows_the_file


def test_a_clock_that_starts_anew_goes_on_after_the_last_picture() -> None:
    found, clock = times([*even(60), *even(40), *even(40)])
    assert found == pytest.approx(even(140))
    assert (clock.restarts, clock.placed) == (2, 0)


def test_a_hole_behind_a_clock_set_anew_is_kept() -> None:
    found, _clock = times([*even(60), *even(10), *even(10, 40)])
    assert found == pytest.approx([*even(70), *even(10, 100)])


def test_a_few_pictures_an_hour_back_leave_the_others_where_they_are() -> None:
    found, clock = times([*even(60), *(one - 3600.0 for one in even(5, 60)), *even(60, 65)])
    assert found == pytest.approx(even(125))
    assert clock.restarts == 1


def test_a_picture_without_a_time_lies_one_interval_after_the_last() -> None:
    found, clock = times([*even(30), None, None, *even(30, 32)])
    assert found == pytest.approx(even(62))
    assert clock.placed == 2


def test_times_given_twice_are_told_apart_and_caught_up() -> None:
    said = [0.1 * (number // 2) for number in range(40)]
    found, clock = times([*said, *even(40, 42)])
    assert np.diff(found).min() > 0
    assert found[40:] == pytest.approx(even(40, 42))
    assert clock.placed == 20


@pytest.mark.parametrize("order", [(0, 3, 2, 4, 1), (1, 0), (2, 1, 0)])
def test_times_in_the_order_of_storage_stay_close_to_the_true_ones(order: tuple[int, ...]) -> None:
    said = [STEP_S * (len(order) * group + place) for group in range(30) for place in order]
    found, _clock = times([0.0, *(one + STEP_S for one in said)])
    assert np.diff(found).min() > 0
    assert np.abs(np.array(found) - even(len(found))).max() <= 4 * STEP_S + 1e-9


def test_joined_pieces_of_a_recorder_are_read_whole(tmp_path: Path) -> None:
    frames = pictures(STANCE, 0, 60)
    pieces = [write_clip(tmp_path / f"{first}.ts", frames[first : first + 20]) for first in (0, 20, 40)]
    (tmp_path / "joined.ts").write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    video = VideoFile(tmp_path / "joined.ts")
    shown = list(video)
    assert len(shown) + video.frames_lost == 60
    assert video.frames_lost <= 2
    assert shown[-1].time_s == pytest.approx(2.95, abs=0.01)
    assert np.abs(shown[-1].rgb.astype(int) - frames[-1]).mean() < 4.0
    assert file_notes(video)[0].startswith("The clock of the video starts anew 2 times, as where pieces were joined")
    late = video.picture_at(2.0)
    assert late is not None
    assert np.array_equal(late, next(frame.rgb for frame in shown if frame.time_s >= 2.0 - 1e-6))


@pytest.mark.parametrize(("codec", "held_back"), [("libx264", 2), ("libx264", 3), ("mpeg4", 0), ("mpeg4", 2)])
def test_an_avi_is_read_whole_and_in_order(tmp_path: Path, codec: str, held_back: int) -> None:
    levels = [30 + 5 * number for number in range(40)]
    frames = [np.full((64, 96, 3), level, np.uint8) for level in levels]
    video = VideoFile(write_clip(tmp_path / "clip.avi", frames, codec=codec, held_back=held_back))
    shown = list(video)
    assert [frame.time_s for frame in shown] == pytest.approx(even(40))
    assert file_notes(video) == ()
    assert [float(frame.rgb.mean()) for frame in shown] == pytest.approx(levels, abs=4.9)
    picture = video.picture_at(0.85)
    assert picture is not None
    assert np.array_equal(picture, shown[17].rgb)


def test_a_picture_in_a_stream_without_an_index_is_found(tmp_path: Path) -> None:
    video = VideoFile(write_clip(tmp_path / "clip.ts", pictures(STANCE, 0, 40), keyframe_every=100))
    picture = video.picture_at(1.5)
    assert picture is not None
    assert np.array_equal(picture, list(video)[30].rgb)


def test_pictures_with_the_time_of_another_are_told(tmp_path: Path) -> None:
    even_clip = write_clip(tmp_path / "even.mkv", pictures(STANCE, 0, 40))
    video = VideoFile(retimed(even_clip, tmp_path / "clip.mkv", [0.1 * (number // 2) for number in range(40)]))
    assert len(list(video)) == 40
    (note,) = file_notes(video)
    assert note.startswith("20 of 40 pictures have no time, or that of another one")


@pytest.mark.parametrize("stray_s", [2e6, 3.0, -50.0])
def test_one_time_far_away_moves_no_other(tmp_path: Path, stray_s: float) -> None:
    said = even(60)
    said[25] = stray_s
    kept = list(without_strays(enumerate(said)))
    assert [number for number, one in kept if one is None] == [25]
    assert [number for number, _one in kept] == list(range(60))
    clip = write_clip(tmp_path / "even.mkv", pictures(STANCE, 0, 60))
    video = VideoFile(retimed(clip, tmp_path / "clip.mkv", said) if stray_s > 0 else clip)
    assert [frame.time_s for frame in video] == pytest.approx(even(60), abs=2e-3)


def test_a_pause_and_a_clock_set_anew_are_no_strays() -> None:
    for said in ([*even(9), *(5.0 + one for one in even(9))], [*even(30), *even(9)], [0.0, 9.0], [0.0], [], [None, 3.0, None]):
        assert [one for _number, one in without_strays(enumerate(said))] == said


def test_pictures_before_the_first_time_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = write_clip(tmp_path / "clip.mkv", pictures(STANCE, 0, 40))
    decoded = decoder.Decoder.__iter__

    def late(one: decoder.Decoder) -> Iterator[av.VideoFrame]:
        for number, frame in enumerate(decoded(one)):
            if number < 10:
                frame.pts = None
            yield frame

    monkeypatch.setattr(decoder.Decoder, "__iter__", late)
    video = VideoFile(clip)
    assert [frame.time_s for frame in video] == pytest.approx(even(30))
    assert file_notes(video)[0].startswith("10 of 40 pictures are damaged or have no time and were left out.")
