"""The overlay video: skeleton, pelvis and the numbers of the moment drawn on every frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from screener.errors import UsageError
from screener.model.picture import Frame
from screener.model.results import Grade, Span, TestResult
from screener.model.series import nearest_frame
from screener.report.drawing.picture import OverlayLine, blur_face, draw_overlay_frame, pelvis_on_screen_deg
from screener.runtime import ahead
from screener.video.file import VideoFile
from screener.video.writer import VideoWriter
from screener.workflow.screening import Screening

LINES_ON_OVERLAY = 3


def write_overlay(screening: Screening, video: Path, path: Path, on_frame: Callable[[Frame], None] | None) -> None:
    """Draw skeleton, angles and flags on every frame, the face blurred; no pose is found anew."""
    times = screening.poses.time_s
    if len(times) == 0:
        raise UsageError("There are no frames to draw on.", "Leave --overlay out.")

    def drawn(frame: Frame) -> Frame:
        index = nearest_frame(times, frame.time_s)
        pose = screening.poses.pose(index)
        pelvis_deg = pelvis_on_screen_deg(screening.series, screening.report.quality, frame.time_s)
        lines = overlay_lines(screening, index)
        return Frame(frame.time_s, draw_overlay_frame(blur_face(frame.rgb, pose), pose, lines, pelvis_deg))

    writer: VideoWriter | None = None
    try:
        with closing(ahead(VideoFile(video))) as frames, closing(ahead(map(drawn, frames))) as pictures:
            for frame in pictures:
                height, width = frame.rgb.shape[:2]
                writer = writer or VideoWriter(path, width, height, max(screening.poses.rate_hz, 1.0))
                writer.add(frame)
                if on_frame is not None:
                    on_frame(frame)
    finally:
        if writer is not None:
            writer.close()


def overlay_lines(screening: Screening, index: int) -> tuple[OverlayLine, ...]:
    """Texts for one frame: the measures of the movement that goes on, or is nearest, flagged beyond their guide line.

    Of a movement that both sides make at once, such as a squat, both are shown.

    Parameters
    ----------
    screening : Screening
        The result.
    index : int
        Frame.
    """
    time_s = float(screening.series.time_s[index])
    found = [test for test in screening.report.tests if test.window is not None]
    windows = [test.window for test in found if test.window is not None]
    if not windows or not min(one.start_s for one in windows) <= time_s <= max(one.end_s for one in windows):
        return ()
    away_s = [_away_s(time_s, test.repetitions or test.holds or (test.window,)) for test in found]
    nearest = [test for test, away in zip(found, away_s, strict=True) if away == min(away_s)]
    return tuple(line for test in nearest for line in _test_lines(screening, test, index, name_side=len(found) > 1))


def _away_s(time_s: float, stretches: Sequence[Span | None]) -> float:
    """Seconds to the nearest of some stretches of time, 0 inside one."""
    return min(max(span.start_s - time_s, time_s - span.end_s, 0.0) for span in stretches if span is not None)


def _test_lines(screening: Screening, test: TestResult, index: int, *, name_side: bool) -> tuple[OverlayLine, ...]:
    norms = {measure.key: measure.norm for measure in test.measures}
    lines = []
    for curve in test.curves[:LINES_ON_OVERLAY]:
        value = curve.sign * float(getattr(screening.series, curve.column)[index])
        norm = norms.get(curve.measure)
        label = f"{curve.label}, {test.side}" if name_side else curve.label
        if not np.isfinite(value):
            lines.append(OverlayLine(f"{label}  not seen", False))
            continue
        u95 = float(getattr(screening.series, curve.u95_column)[index]) if curve.u95_column else float("nan")
        spread = f" ± {u95:.0f}" if np.isfinite(u95) else ""
        beyond = norm is not None and (value > norm.outside if norm.higher_is_worse else value < norm.outside)
        sure = norm is not None and not abs(value - norm.outside) <= u95
        word = f"  {Grade.OUTSIDE.value.upper()}{'' if sure else '?'}" if beyond else ""
        if norm is not None and norm.spanned_by(value, u95):
            word, beyond = "  UNDECIDED", False
        lines.append(OverlayLine(f"{label}  {round(value)}{spread}°{word}", beyond))
    return tuple(lines)
