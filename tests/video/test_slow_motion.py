"""A telephone that films fast and shows slowly says so in the head of the file; times are those of the movement."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from helpers.bad_clips import STANCE, pictures, write_clip
from screener.video.file import VideoFile
from screener.workflow.file_notes import file_notes


def android(clip: Path, target: Path, filmed_hz: str) -> VideoFile:
    """Copy a clip with the tag of an Android telephone."""
    with av.open(str(clip)) as source, av.open(str(target), "w", options={"movflags": "use_metadata_tags"}) as copy:
        copy.metadata["com.android.capture.fps"] = filmed_hz
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)
    return VideoFile(target)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Forty pictures, 20 shown a second."""
    return write_clip(tmp_path / "clip.mp4", pictures(STANCE, 30, 40))


@pytest.mark.parametrize(("filmed_hz", "slowdown"), [("160.000000", 8.0), ("40", 2.0), ("240", 12.0)])
def test_times_are_those_of_the_movement(clip: Path, tmp_path: Path, filmed_hz: str, slowdown: float) -> None:
    video = android(clip, tmp_path / "slow.mp4", filmed_hz)
    frames = list(video)
    assert video.slowdown == pytest.approx(slowdown)
    assert [frame.time_s for frame in frames] == pytest.approx([0.05 * number / slowdown for number in range(40)])
    assert file_notes(video) == (
        f"The video is slow motion, shown {slowdown:.3g} times slower than it was filmed; all times are those of the movement. "
        "Film at the usual speed.",
    )
    picture = video.picture_at(frames[30].time_s)
    assert picture is not None
    assert np.array_equal(picture, frames[30].rgb)


@pytest.mark.parametrize("filmed_hz", ["20", "21.5", "0", "-30", "nan", "inf", "fast", ""])
def test_other_words_of_the_telephone_change_nothing(clip: Path, tmp_path: Path, filmed_hz: str) -> None:
    video = android(clip, tmp_path / "usual.mp4", filmed_hz)
    assert list(video)[-1].time_s == pytest.approx(1.95)
    assert file_notes(video) == ()
