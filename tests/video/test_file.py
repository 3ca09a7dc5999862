from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from helpers.bad_clips import STANCE, pictures, write_clip
from screener.errors import UsageError
from screener.model.picture import Frame
from screener.video import decoder
from screener.video.camera import camera_source
from screener.video.file import VideoFile
from screener.video.snapshots import SnapshotBuffer
from screener.video.writer import VideoWriter


def test_times_are_the_containers_and_start_at_zero(samples: Path) -> None:
    frames = list(VideoFile(samples / "stance_left_drop9.mp4"))
    assert len(frames) == 148
    assert [frame.time_s for frame in frames[:3]] == pytest.approx([0.0, 0.05, 0.10])
    assert frames[0].rgb.shape == (480, 640, 3)
    assert all(frame.rgb.flags["C_CONTIGUOUS"] for frame in frames[:5])


@pytest.mark.parametrize("time_s", [0.0, 0.05, 1.6, 3.25, 7.35])
def test_a_picture_asked_for_is_the_frame_of_that_time(samples: Path, time_s: float) -> None:
    file = VideoFile(samples / "stance_left_drop9.mp4")
    frame = next(frame for frame in file if frame.time_s >= time_s - 1e-6)
    picture = file.picture_at(time_s)
    assert picture is not None
    assert np.array_equal(picture, frame.rgb)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-01T09:30:00.000000Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("1980-01-01T00:00:00.000000Z", None),
        ("", None),
    ],
)
def test_when_a_telephone_recorded_it(samples: Path, tmp_path: Path, written: str, read: datetime | None) -> None:
    stamped = tmp_path / "stamped.mp4"
    with av.open(str(samples / "stance_left_drop9.mp4")) as source, av.open(str(stamped), "w") as target:
        target.metadata.update({"creation_time": written} if written else {})
        track = source.streams.video[0]
        copy = target.add_stream_from_template(track)
        for packet in source.demux(track):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    assert VideoFile(stamped).recorded_at == read


def test_a_picture_after_the_end_is_none(samples: Path) -> None:
    assert VideoFile(samples / "stance_left_drop9.mp4").picture_at(60.0) is None


def test_what_is_written_is_read_back_with_its_uneven_times(tmp_path: Path) -> None:
    times = [0.0, 0.03, 0.10, 0.11, 0.4, 0.5]
    writer = VideoWriter(tmp_path / "v.mp4", 65, 49, 30.0)
    for number, time_s in enumerate(times):
        writer.add(Frame(time_s, np.full((49, 65, 3), 30 * number + 40, dtype=np.uint8)))
    writer.close()
    frames = list(VideoFile(tmp_path / "v.mp4"))
    assert [frame.time_s for frame in frames] == pytest.approx(times, abs=1e-4)
    assert frames[0].rgb.shape == (48, 64, 3)
    levels = [float(frame.rgb.mean()) for frame in frames]
    assert levels == pytest.approx([30 * n + 40 for n in range(6)], abs=4)


def test_the_memory_of_a_live_recording_is_bounded_and_gives_the_nearest_picture() -> None:
    memory = SnapshotBuffer()
    for number in range(6000):
        memory.add(Frame(number / 10, np.full((8, 8, 3), number % 250, dtype=np.uint8)))
    assert len(memory) <= 1024
    nearest = memory.nearest_time_s(300.0)
    assert nearest is not None
    assert abs(nearest - 300.0) <= 1.0
    picture = memory.picture_at(300.0)
    assert picture is not None
    assert abs(float(picture.mean()) - round(10 * nearest) % 250) <= 3
    assert SnapshotBuffer().picture_at(1.0) is None


def test_how_a_camera_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "2").touch()
    assert camera_source("0") == 0
    assert camera_source("2") is None
    assert camera_source("clip.mp4") is None
    for address in ("http://phone:8080/video", "RTSP://camera/1"):
        assert camera_source(address) == address
    with pytest.raises(UsageError, match="ftp://phone/video is not the address of a camera"):
        camera_source("ftp://phone/video")


def test_a_stream_whose_pictures_grow_is_read_up_to_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = pictures(STANCE, 0, 30)
    wide = [np.repeat(np.repeat(rgb, 3, 0), 3, 1) for rgb in frames[:10]]
    first, then = write_clip(tmp_path / "first.ts", frames), write_clip(tmp_path / "then.ts", wide)
    (tmp_path / "clip.ts").write_bytes(first.read_bytes() + then.read_bytes())
    assert len(list(VideoFile(tmp_path / "clip.ts"))) >= 38
    monkeypatch.setattr(decoder, "MAX_PIXELS", 700 * 500)
    grows = VideoFile(tmp_path / "clip.ts")
    times_s = [frame.time_s for frame in grows]
    assert 20 <= len(times_s) <= 30
    assert grows.damaged_after_s == pytest.approx(times_s[-1])
