"""Makes bad and odd clips from the bundled ones: cut, turned, emptied, peopled, re-timed. PyAV only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

SAMPLES = Path(__file__).parent.parent.parent / "samples" / "videos"
STANCE = SAMPLES / "stance_left_drop9.mp4"
SQUAT = SAMPLES / "slsquat_left_valgus16.mp4"
HINGE = SAMPLES / "hinge_neutral.mp4"
RATE_HZ = 20
PERSON = slice(236, 400)
"""Columns of the bundled front-view clips in which the person stands."""
MATRICES: dict[int | str, tuple[int, int, int, int]] = {
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
}
"""a, b, c, d of the display matrix that turns the picture clockwise, or mirrors it, when it is shown."""


def pictures(source: Path = STANCE, first: int = 0, count: int | None = None) -> list[Picture]:
    """Decode frames of a bundled clip."""
    with av.open(str(source)) as container:
        everything = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return everything[first : None if count is None else first + count]


def write_clip(
    path: Path,
    frames: Iterable[Picture],
    *,
    rate_hz: int = RATE_HZ,
    times_s: Sequence[float] | None = None,
    flags: str = "",
    codec: str = "libx264",
    keyframe_every: int = 10,
    held_back: int = 0,
    pixel: Fraction | None = None,
) -> Path:
    """Encode frames; `flags` are movflags of the MP4 writer, `times_s` the times where they are not even.

    So many pictures are `held_back` by the codec (B-frames): they are stored after one that is shown later. `pixel` is the
    width of one over its height.
    """
    options = {"movflags": flags} if flags else {}
    with av.open(str(path), mode="w", options=options) as container:
        stream = None
        for number, rgb in enumerate(frames):
            if stream is None:
                stream = container.add_stream(codec, rate=rate_hz)
                stream.width, stream.height, stream.pix_fmt = rgb.shape[1], rgb.shape[0], "yuv420p"
                stream.codec_context.time_base = Fraction(1, rate_hz if path.suffix == ".avi" else 1000)  # AVI counts
                stream.codec_context.gop_size = keyframe_every
                if pixel is not None:
                    stream.codec_context.sample_aspect_ratio = pixel
                if codec == "libx264":
                    stream.options = {"preset": "ultrafast", "crf": "23", "bf": str(held_back), "b_strategy": "0"}
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * (times_s[number] if times_s is not None else number / rate_hz))
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
    return path


def retimed(path: Path, target: Path, times_s: Sequence[float]) -> Path:
    """Copy a clip whose pictures come in order with other times, also ones that do not rise."""
    with av.open(str(path)) as source, av.open(str(target), mode="w") as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(source.streams.video[0]) if packet.size]
        for number, (packet, time_s) in enumerate(zip(packets, times_s, strict=True)):
            packet.time_base, packet.stream = Fraction(1, 1000), stream
            packet.pts, packet.dts = (
                round(1000 * time_s),
                number - 10_000,
            )  # writers refuse a picture that is shown before it is read
            copy.mux(packet)
    return target


def changed(frames: Iterable[Picture], change: Callable[[Picture], Picture]) -> list[Picture]:
    """Every frame changed the same way."""
    return [np.ascontiguousarray(change(rgb)) for rgb in frames]


def without_person(rgb: Picture) -> Picture:
    """Paint the wall over the person."""
    empty = rgb.copy()
    left, right = rgb[:, PERSON.start - 1].astype(float), rgb[:, PERSON.stop].astype(float)
    share = np.linspace(0.0, 1.0, PERSON.stop - PERSON.start)[None, :, None]
    empty[:, PERSON] = (left[:, None] * (1.0 - share) + right[:, None] * share).astype(np.uint8)
    return empty


def side_by_side(first: Sequence[Picture], second: Sequence[Picture]) -> list[Picture]:
    """Two people of about one size in every frame."""
    cut = slice(PERSON.start - 36, PERSON.stop + 36)
    return [np.hstack([a[:, cut], b[:, cut]]) for a, b in zip(first, second, strict=False)]


def walked_in(rgb: Picture, other: Picture, middle: int) -> Picture:
    """Paste the person of another clip into a frame, around a column; parts beyond the edge are cut off."""
    both = rgb.copy()
    width = PERSON.stop - PERSON.start
    left = middle - width // 2
    low, high = max(left, 0), min(left + width, rgb.shape[1])
    if high > low:
        both[:, low:high] = other[:, PERSON][:, low - left : high - left]
    return both


def cut_off(path: Path, target: Path, share: float) -> Path:
    """Keep the first part of a file, as a copy that was broken off does."""
    data = path.read_bytes()
    target.write_bytes(data[: int(share * len(data))])
    return target


def turn_by_metadata(path: Path, turn: int | str) -> Path:
    """Set the display matrix of an MP4 in place, as a phone held the other way writes it."""
    data = bytearray(path.read_bytes())
    matrix_at = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (value << 16 for value in MATRICES[turn])
    matrix = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    data[matrix_at : matrix_at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    path.write_bytes(data)
    return path


def write_sound(path: Path) -> Path:
    """One second of silence, no picture track."""
    with av.open(str(path), mode="w") as container:
        stream = container.add_stream("aac", rate=44_100, layout="mono")
        for number in range(43):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, 1024 * number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_no_frames(path: Path) -> Path:
    """A YUV4MPEG file: the head of a video without one frame behind it."""
    path.write_bytes(b"YUV4MPEG2 W64 H64 F20:1 Ip A1:1 C420jpeg\n")
    return path


def write_still(path: Path, codec: str) -> Path:
    """Write one picture as PNG ("png") or JPEG ("mjpeg"), whatever the file is called."""
    rgb = pictures(STANCE, 0, 1)[0]
    context = av.CodecContext.create(codec, "w")
    context.width, context.height = rgb.shape[1], rgb.shape[0]
    context.pix_fmt = "rgb24" if codec == "png" else "yuvj420p"
    context.time_base = Fraction(1, RATE_HZ)
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    path.write_bytes(b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)]))
    return path
