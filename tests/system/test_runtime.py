"""Work in threads gives the same as work in turn, fails as it does, and leaves no thread behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from screener.model.picture import Frame
from screener.model.pose import PoseSequence
from screener.model.recording import Request
from screener.runtime import DEPTH, ahead
from screener.video.file import VideoFile
from screener.workflow.session import Session


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "ahead"]


def test_everything_comes_in_order() -> None:
    assert list(ahead(iter(range(1000)))) == list(range(1000))
    assert threads() == []


def test_it_runs_no_further_ahead_than_it_may() -> None:
    drawn = []

    def stream() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    with closing(ahead(stream())) as items:
        assert next(items) == 0
        time.sleep(0.3)
        assert len(drawn) <= DEPTH + 2
    assert threads() == []


def test_it_works_while_the_taker_does() -> None:
    def slow() -> Iterator[int]:
        for number in range(10):
            time.sleep(0.05)
            yield number

    start = time.perf_counter()
    for _ in ahead(slow()):
        time.sleep(0.05)
    assert time.perf_counter() - start < 0.85  # in turn: 1.0


def test_an_error_comes_after_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise ZeroDivisionError("in the thread")

    items = ahead(broken())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(ZeroDivisionError, match="in the thread"):
        next(items)
    assert threads() == []


def test_a_taker_that_stops_leaves_no_thread() -> None:
    with closing(ahead(iter(int, 1))) as items, closing(ahead(items)) as more:
        assert next(more) == 0
        assert threads() == ["ahead", "ahead"]
    assert threads() == []


@pytest.mark.parametrize(("clip", "test"), [("stance_left_drop9.mp4", "single_leg_stance"), ("hinge_neutral.mp4", "hip_hinge")])
def test_a_session_watches_as_it_adds(samples: Path, clip: str, test: str) -> None:
    frames = [frame for frame in VideoFile(samples / clip) if frame.time_s < 1.2]
    with Session(Request(test=test)) as one, Session(Request(test=test)) as other:
        for frame in frames:
            one.add(frame)
        passed = list(other.watch(frames))
        in_turn, together = one.finish().recording, other.finish().recording
    assert passed == frames
    assert in_turn.tilt.moved_deg == together.tilt.moved_deg
    for field in fields(PoseSequence):
        np.testing.assert_array_equal(getattr(in_turn.poses, field.name), getattr(together.poses, field.name))
    assert threads() == []


def test_a_frame_that_breaks_the_network_breaks_the_session(samples: Path) -> None:
    good = next(iter(VideoFile(samples / "stance_left_drop9.mp4")))
    bad = Frame(0.1, np.zeros((5, 5), np.uint8))
    with Session(Request(test="single_leg_stance")) as session, pytest.raises((ValueError, IndexError, TypeError)):
        list(session.watch([good, bad]))
    assert threads() == []
