"""A session whose pose network is replaced by poses that are known: what a recording becomes, without looking at pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from screener.model.picture import Frame
from screener.model.pose import Floats, Pose, PoseSequence
from screener.pose.finder import LocatedPose
from screener.workflow import session as program
from screener.workflow.screening import Screening


class ToldPoses:
    """Stands where `PoseFinder` does and gives the poses of a figure in their order."""

    def __init__(self, poses: PoseSequence, times_s: Floats) -> None:
        self._poses = iter([poses.pose(number) for number in range(len(times_s))])

    def locate(self, frame: Frame) -> LocatedPose:
        return LocatedPose(frame, replace(next(self._poses), time_s=frame.time_s), None)

    def look(self, located: LocatedPose) -> Pose:
        return located.pose

    def close(self) -> None:
        pass


def grey(times_s: Floats, poses: PoseSequence) -> Iterator[Frame]:
    """Frames of an empty room, of the size that the poses were made for."""
    rgb = np.full((poses.height, poses.width, 3), 127, np.uint8)
    return (Frame(float(time_s), rgb) for time_s in times_s)


def watched(
    monkeypatch: pytest.MonkeyPatch, test: str, poses: PoseSequence, times_s: Floats, left_out: Floats | None = None
) -> Screening:
    """Film of a figure, its pictures at the times given, as a session takes it in from a file; some are left out at the end."""
    monkeypatch.setattr(program, "PoseFinder", lambda *_args, **_more: ToldPoses(poses, times_s))
    with program.Session(program.Request(test=test)) as session:
        for _frame in session.watch(grey(times_s, poses), overlap=False):
            pass
    if left_out is not None:
        session.leave_out(left_out)
    return session.finish(notes=session.holes.note)
