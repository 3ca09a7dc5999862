"""Which track of a file is the film, how long it is, what it is called and when it was taken."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from helpers.bad_clips import STANCE, Picture, pictures, write_clip
from helpers.console import Console
from screener.batch.plan import find_clips
from screener.errors import UnreadableInputError, UsageError
from screener.live.camera.sources import source_of
from screener.video.camera import Camera, without_password
from screener.video.file import VideoFile
from screener.video.writer import VideoWriter
from screener.workflow.plan import read_plan


def two_tracks(path: Path, first: list[Picture], then: list[Picture], marked: int, flag: Disposition) -> VideoFile:
    """Two picture tracks in one file, one of them flagged."""
    with av.open(str(path), "w") as container:
        tracks = []
        for number, frames in enumerate((first, then)):
            stream = container.add_stream("libx264", rate=20)
            stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
            stream.disposition = flag if number == marked else Disposition(0)
            tracks.append((stream, frames))
        for stream, frames in tracks:
            for rgb in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")))
            container.mux(stream.encode(None))
    return VideoFile(path)


def small(frames: list[Picture]) -> list[Picture]:
    return [rgb[::4, ::4] for rgb in frames]


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv"])
def test_the_track_marked_as_default_is_the_film(tmp_path: Path, ending: str) -> None:
    frames = pictures(STANCE, 0, 20)
    preview_first = two_tracks(tmp_path / f"a.{ending}", small(frames), frames, 1, Disposition.default)
    assert (preview_first.width, len(list(preview_first))) == (640, 20)
    marked_small = two_tracks(tmp_path / f"b.{ending}", small(frames), frames, 0, Disposition.default)
    assert (marked_small.width, len(list(marked_small))) == (160, 20)


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv"])
def test_a_track_of_one_picture_is_no_film(tmp_path: Path, ending: str) -> None:
    frames = pictures(STANCE, 0, 20)
    video = two_tracks(tmp_path / f"clip.{ending}", frames[:1], small(frames), 0, Disposition.default)
    assert (video.width, len(list(video))) == (160, 20)
    assert video.damaged_after_s is None


@pytest.mark.parametrize(("ending", "codec"), [("mkv", "aac"), ("mkv", "libopus"), ("mp4", "aac"), ("ts", "aac")])
def test_sound_that_lasts_longer_is_no_damage(tmp_path: Path, ending: str, codec: str) -> None:
    clip = tmp_path / f"clip.{ending}"
    with av.open(str(clip), "w") as container:
        film, sound = container.add_stream("libx264", rate=20), container.add_stream(codec, rate=48_000)
        film.width, film.height, film.pix_fmt = 640, 480, "yuv420p"
        for rgb in pictures(STANCE, 0, 20):
            container.mux(film.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(film.encode(None))
        for number in range(4 * 50):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, 960 * number, Fraction(1, 48_000)
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    video = VideoFile(clip)
    assert len(list(video)) == 20
    assert video.damaged_after_s is None


@pytest.mark.parametrize("name", ["2026-11-28T12:30:15.mp4", "squat:1.mp4", "pipe:1.mp4", "file:x.mp4", "C:clip.mp4"])
def test_a_name_with_a_colon_is_a_file(console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 3)).rename(tmp_path / name)
    assert len(list(VideoFile(Path(name)))) == 3
    said = console("analyze", name, "--test", "single_leg_stance", "--out", "out")
    assert (said.code, "Nothing could be measured" in said.sentence) == (3, True)
    Path("plan.toml").write_text(f'[[recording]]\nvideo = "{name}"\ntest = "squat"\n', encoding="utf-8")
    (take,) = read_plan(Path("plan.toml"))
    assert len(list(VideoFile(Path(take.video)))) == 3
    Path("manifest.csv").write_text(f"file,test\n{name},squat\n", encoding="utf-8")
    (listed,) = find_clips("manifest.csv")
    assert len(list(VideoFile(listed.place.path))) == 3
    with source_of(name)() as played:
        assert next(iter(played)).rgb.shape == (480, 640, 3)


def test_what_is_written_may_have_a_colon_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    writer = VideoWriter(Path("a:b.mp4"), 640, 480, 20.0)
    for frame in VideoFile(write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 3))):
        writer.add(frame)
    writer.close()
    assert len(list(VideoFile(Path("a:b.mp4")))) == 3


@pytest.mark.parametrize("ending", ["3g2", "qt", "MXF", "vob", "dv"])
def test_a_batch_sees_every_kind_of_video(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"squat.{ending}").touch()
    (tmp_path / "notes.txt").touch()
    assert [clip.name for clip in find_clips(str(tmp_path))] == [f"squat.{ending}"]


@pytest.fixture
def in_california(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"creation_time": "2026-07-01T03:30:00Z"}, "2026-06-30T20:30:00-07:00"),
        (
            {"creation_time": "2026-07-01T03:30:00Z", "com.apple.quicktime.creationdate": "2026-07-01T12:30:00+0900"},
            "2026-07-01T12:30:00+09:00",
        ),
        ({"com.apple.quicktime.creationdate": "2026-06-30T20:30:00-0700"}, "2026-06-30T20:30:00-07:00"),
        ({"com.apple.quicktime.creationdate": "1970-01-01T00:00:00Z"}, None),
        (
            {"com.apple.quicktime.creationdate": "yesterday", "creation_time": "2026-07-01T03:30:00Z"},
            "2026-06-30T20:30:00-07:00",
        ),
    ],
)
@pytest.mark.usefixtures("in_california")
def test_the_day_of_a_recording_is_that_of_the_place(tmp_path: Path, said: dict[str, str], shown: str | None) -> None:
    clip, stamped = write_clip(tmp_path / "clip.mp4", pictures(STANCE, 0, 3)), tmp_path / "stamped.mov"
    with av.open(str(clip)) as source, av.open(str(stamped), "w", options={"movflags": "use_metadata_tags"}) as copy:
        copy.metadata.update(said)
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)
    found = VideoFile(stamped).recorded_at
    assert (found.isoformat() if found else None) == shown
    assert found is None or found.astimezone(UTC) >= datetime(2026, 7, 1, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        ("rtsp://admin:secret@127.0.0.1:9/live", "rtsp://127.0.0.1:9/live"),
        ("rtsp://admin:se@c/ret@127.0.0.1/live", "rtsp://127.0.0.1/live"),
        ("http://cam/video?user=admin&password=secret", "http://cam/video"),
        ("http://phone:8080/video", "http://phone:8080/video"),
        ("0", "0"),
    ],
)
def test_a_password_is_never_printed(address: str, printed: str) -> None:
    assert without_password(address) == printed


def test_a_camera_that_does_not_answer_keeps_its_password(console: Console) -> None:
    with pytest.raises(UnreadableInputError) as silent:
        Camera("rtsp://admin:secret@127.0.0.1:9/live")
    assert silent.value.message == "No camera answers at rtsp://127.0.0.1:9/live."
    with pytest.raises(UsageError) as wrong:
        source_of("ftp://admin:secret@127.0.0.1/live")
    assert "secret" not in wrong.value.message + wrong.value.advice
    said = console("analyze", "rtsp://admin:secret@127.0.0.1:9/live", "--test", "squat")
    assert "secret" not in said.err + said.out
