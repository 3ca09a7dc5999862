"""What the report says of a file whose pictures or times are not as they should be."""

from __future__ import annotations

from screener.video.file import VideoFile

MAX_ODD = 0.02
"""Up to this share of the pictures may be lost, or have a time that is not the file's, without a word."""


def file_notes(file: VideoFile) -> tuple[str, ...]:
    """Warnings about a file that was read to its end, one sentence and one piece of advice each.

    Parameters
    ----------
    file : VideoFile
        After an iteration.
    """
    return (*_end_note(file), *_speed_note(file), *_clock_notes(file))


def _speed_note(file: VideoFile) -> tuple[str, ...]:
    if file.slowdown == 1.0:
        return ()
    return (
        f"The video is slow motion, shown {file.slowdown:.3g} times slower than it was filmed; all times are those of the "
        "movement. Film at the usual speed.",
    )


def _clock_notes(file: VideoFile) -> tuple[str, ...]:
    pictures = file.frames_read + file.frames_lost
    times = "once" if file.clock.restarts == 1 else f"{file.clock.restarts} times"
    notes = (
        (
            file.clock.restarts > 0,
            f"The clock of the video starts anew {times}, as where pieces were joined; they were measured as if nothing lay "
            "between them. Film the test in one piece.",
        ),
        (
            file.clock.placed > MAX_ODD * pictures,
            f"{file.clock.placed} of {pictures} pictures have no time, or that of another one; they were placed at the usual "
            "distance, so times are less exact. Use the original file of the camera.",
        ),
        (
            file.frames_lost > MAX_ODD * pictures,
            f"{file.frames_lost} of {pictures} pictures are damaged or have no time and were left out. Use the original file "
            "of the camera.",
        ),
    )
    return tuple(note for applies, note in notes if applies)


def _end_note(file: VideoFile) -> tuple[str, ...]:
    if file.reshaped_after_s is not None:
        return (f"The picture changes its shape after {file.reshaped_after_s:.1f} s; only what comes before was measured.",)
    if file.damaged_after_s is not None:
        return (f"The file is damaged after {file.damaged_after_s:.1f} s; only what comes before was measured.",)
    return ()
