"""Camera, recording and outcome with the real pose network, without a page."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import pytest

from screener.errors import UnreadableInputError, UsageError
from screener.live.camera.capture import LOST_AFTER_S, Capture, Shot
from screener.live.camera.sources import PlayedFile, source_of
from screener.live.camera.watcher import MovementRecording, Watcher
from screener.live.guide.flow import PlannedTest
from screener.live.guide.view_state import CameraState, LiveOutcome
from screener.live.results.outcome import conclude, folder_name, served_pages, write_all, write_outcome
from screener.live.stream import MAX_PX, NumberedPose, pack
from screener.model.landmarks_file import load_recording
from screener.model.picture import Frame
from screener.model.pose import Pose, Side
from screener.model.recording import Request
from screener.model.results import Status
from screener.pose.models import load_model
from screener.video.file import VideoFile
from screener.workflow.screening import rescreen
from screener.workflow.session import screen

GREY = np.full((48, 64, 3), 127, np.uint8)


def soon(what: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


class Script:
    """A camera that follows a script: how many pictures before it breaks, at each opening; None: it never opens."""

    def __init__(self, *openings: int | None) -> None:
        self._openings = iter(openings)
        self.opened = 0

    def __call__(self) -> Script:
        count = next(self._openings, 10_000)
        if count is None:
            raise UnreadableInputError("No camera answers at 7.", "Plug it in.")
        self.opened += 1
        self._count = count
        return self

    def __enter__(self) -> Script:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._count = 0

    def __iter__(self) -> Iterator[Frame]:
        for number in itertools.count():
            if number >= self._count:
                raise UnreadableInputError("The camera 7 stopped giving pictures.", "Check its cable.")
            time.sleep(0.01)
            yield Frame(0.01 * number, GREY)


def unexpected() -> None:
    raise AssertionError("a thread broke off")


def test_a_camera_is_read_only_while_it_is_wanted() -> None:
    shots: list[Shot] = []
    capture = Capture(Script(), shots.append, unexpected)
    time.sleep(0.1)
    assert (capture.status().state, shots) == (CameraState.OFF, [])
    capture.want(True)
    assert soon(lambda: capture.status().state is CameraState.ON)
    capture.want(False)
    time.sleep(0.1)
    count = len(shots)
    time.sleep(0.1)
    assert len(shots) == count
    capture.close()


def test_a_camera_that_is_not_there_is_said_and_found_when_it_comes() -> None:
    capture = Capture(Script(None, 10_000), lambda _shot: None, unexpected)
    capture.want(True)
    assert soon(lambda: capture.status().state is CameraState.ABSENT)
    assert capture.status().message == "No camera answers at 7."
    assert soon(lambda: capture.status().state is CameraState.ON)
    capture.close()


def test_a_lost_camera_comes_back_and_its_times_go_on() -> None:
    shots: list[Shot] = []
    capture = Capture(Script(5, None, 10_000), shots.append, unexpected)
    capture.want(True)
    assert soon(lambda: capture.status().state is CameraState.LOST, LOST_AFTER_S + 3)
    assert soon(lambda: len(shots) > 10)
    assert capture.status().state is CameraState.ON
    times = [shot.frame.time_s for shot in shots]
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert times[5] - times[4] > 1.0
    assert [shot.number for shot in shots[:10]] == list(range(1, 11))
    capture.close()


def test_closing_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    capture = Capture(Script(), lambda _shot: None, unexpected)
    watcher = Watcher(capture, load_model(), lambda _shot, _pose: None, unexpected)
    capture.want(True)
    assert capture.newest(0, 5.0) is not None
    capture.close()
    watcher.close()
    assert set(threading.enumerate()) == before


class Broken:
    """A camera, or a network, that breaks in a way nobody meant."""

    def __enter__(self) -> Broken:
        return self

    def __exit__(self, *_details: object) -> None:
        pass

    def __iter__(self) -> Iterator[Frame]:
        raise OSError(5, "Input/output error")

    def add(self, _frame: Frame) -> None:
        raise RuntimeError("the network broke")

    def close(self) -> None:
        pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_breaks_off_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    faults: list[str] = []
    camera = Capture(Broken, lambda _shot: None, lambda: faults.append("camera"))
    camera.want(True)
    assert soon(lambda: faults == ["camera"])
    camera.close()
    capture = Capture(Script(), lambda _shot: None, unexpected)
    watcher = Watcher(capture, load_model(), lambda _shot, _pose: None, lambda: faults.append("watcher"))
    monkeypatch.setattr("screener.live.camera.watcher.PreviewTracker", lambda _model: Broken())
    watcher.look_for()
    capture.want(True)
    assert soon(lambda: faults == ["camera", "watcher"])
    capture.close()
    watcher.close()
    assert "the network broke" in capsys.readouterr().err


def test_a_camera_that_comes_back_in_another_mode_gives_pictures_of_the_first_size(monkeypatch: pytest.MonkeyPatch) -> None:
    class Seen(Broken):
        def add(self, frame: Frame) -> None:
            shapes.append(frame.rgb.shape)

    class Changing(Script):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                yield frame if frame.time_s < 0.05 else Frame(frame.time_s, np.zeros((30, 90, 3), np.uint8))

    shapes: list[tuple[int, ...]] = []
    monkeypatch.setattr("screener.live.camera.watcher.PreviewTracker", lambda _model: Seen())
    capture = Capture(Changing(), lambda _shot: None, unexpected)
    watcher = Watcher(capture, load_model(), lambda _shot, _pose: None, unexpected)
    watcher.look_for()
    capture.want(True)
    assert soon(lambda: len(shapes) > 12)
    capture.close()
    watcher.close()
    assert set(shapes) == {GREY.shape}


def test_a_file_is_played_at_its_own_pace_and_again(samples: Path) -> None:
    with PlayedFile(samples / "hinge_neutral.mp4") as source:
        start, times, walls = time.monotonic(), [], []
        for frame in source:
            times.append(frame.time_s)
            walls.append(time.monotonic() - start)
            if frame.time_s > 5.0:
                break
    assert np.max(np.abs(np.array(times) - np.array(walls))) < 0.25
    assert float(np.median(np.diff(times))) == pytest.approx(0.05, abs=0.002)
    assert (np.diff(times) > 0).all()  # also where the clip begins again, at 4.6 s


@pytest.mark.parametrize("camera", ["missing.mp4", "nonsense"])
def test_a_file_that_is_not_there_is_refused_at_once(camera: str) -> None:
    with pytest.raises(UsageError, match=f"There is no camera {camera}"):
        source_of(camera)


def test_a_file_that_is_no_video_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(UnreadableInputError):
        source_of(str(tmp_path / "notes.mp4"))


def take_of(clip: Path, request: Request, gap: tuple[float, float] | None = None) -> MovementRecording:
    """Record a clip; pictures between two times never come."""
    take = MovementRecording(load_model(), request)
    for frame in VideoFile(clip):
        if gap is None or not gap[0] < frame.time_s < gap[1]:
            take.add(frame)
    take.close()
    return take


@pytest.mark.slow
def test_the_report_is_the_one_of_a_file(samples: Path, tmp_path: Path) -> None:
    clip, request = samples / "stance_left_drop9.mp4", Request(test="single_leg_stance", side="left")
    live = conclude(take_of(clip, request), stopped=False)
    file = screen(clip, request, pictures=False)
    assert live.report.tests == file.report.tests
    assert live.report.score == file.report.score
    assert live.report.asymmetry == file.report.asymmetry
    item = PlannedTest("single_leg_stance", Side.LEFT)
    outcome = LiveOutcome(item, live, folder_name(0, item))
    write_outcome(outcome, tmp_path)
    again = rescreen(load_recording(tmp_path / outcome.folder / "landmarks.npz"))
    assert again.report.model_dump(exclude={"created_at"}) == live.report.model_dump(exclude={"created_at"})


@pytest.mark.slow
def test_a_stopped_test_is_no_failure_and_stays_stopped(samples: Path, tmp_path: Path) -> None:
    take = take_of(samples / "stance_left_drop9.mp4", Request(test="single_leg_stance", side="left"))
    item = PlannedTest("single_leg_stance", Side.LEFT)
    outcome = LiveOutcome(item, conclude(take, stopped=True), folder_name(0, item))
    (result,) = outcome.screening.report.tests
    assert (result.status, result.score, outcome.stopped, outcome.scored) == (Status.STOPPED, None, True, False)
    assert outcome.screening.report.score.possible == 0
    assert outcome.screening.pictures == ()
    write_outcome(outcome, tmp_path)
    html = (tmp_path / outcome.folder / "report.html").read_text(encoding="utf-8")
    assert "stopped on purpose, not scored" in html
    again = rescreen(load_recording(tmp_path / outcome.folder / "landmarks.npz"))
    assert again.report.tests == outcome.screening.report.tests


def test_a_test_stopped_before_the_first_picture_has_a_report_too(tmp_path: Path) -> None:
    take = MovementRecording(load_model(), Request(test="hip_hinge", side="both"))
    take.close()
    item = PlannedTest("hip_hinge", None)
    outcome = LiveOutcome(item, conclude(take, stopped=True), folder_name(2, item))
    write_outcome(outcome, tmp_path)
    page = write_all([outcome], tmp_path)
    assert "stopped on purpose, not scored" in page.read_text(encoding="utf-8")
    assert (tmp_path / "03-hip_hinge/report.html").is_file()
    assert set(served_pages({0: outcome}, tmp_path)) == {"report.html", "03-hip_hinge/report.html"}


@pytest.mark.slow
def test_a_hold_across_a_gap_is_not_certain(samples: Path) -> None:
    clip, request = samples / "stance_left_stable.mp4", Request(test="single_leg_stance", side="left")
    take = take_of(clip, request, gap=(3.6, 4.3))
    assert take.gaps == 1
    report = conclude(take, stopped=False).report
    (result,) = report.tests
    (hold,) = result.holds
    assert hold.start_s < 3.6 < 4.3 < hold.end_s
    held = next(found for found in result.measures if found.key == "hold_time_s")
    assert held.value is not None
    assert held.uncertainty is not None
    assert held.value - held.uncertainty < 3.0  # the longer part of it is certain
    assert any("camera was not connected" in warning for warning in report.quality.warnings)


@pytest.mark.slow
def test_the_start_signal_is_kept_with_the_recording(samples: Path) -> None:
    take = MovementRecording(load_model(), Request(test="single_leg_stance", side="left"))
    take.session.signal()
    assert take.session.request.signal_s == 0.0  # nothing was recorded yet
    for frame in VideoFile(samples / "stance_left_stable.mp4"):
        if frame.time_s > 3.0:
            break
        last_s = frame.time_s
        take.add(frame)
    take.session.signal()
    take.close()
    assert take.session.so_far().request.signal_s == last_s


@pytest.mark.slow
def test_the_watcher_looks_then_records(samples: Path) -> None:
    poses: list[Pose] = []
    capture = Capture(lambda: PlayedFile(samples / "stance_left_stable.mp4"), lambda _shot: None, unexpected)
    watcher = Watcher(capture, load_model(), lambda _shot, pose: poses.append(pose), unexpected)
    capture.want(True)
    finder = watcher.look_for()
    assert soon(lambda: len(poses) > 25)
    look = finder.look()
    assert look.poses.found.all()
    assert look.poses.duration_s <= 1.0 + 1e-6
    take = watcher.record(Request(test="single_leg_stance", side="left"))
    assert soon(lambda: len(take.session.so_far().poses) > 25)
    watcher.rest()
    recorded = take.session.so_far().poses
    assert recorded.time_s[0] == 0.0
    time.sleep(0.3)
    assert len(take.session.so_far().poses) == len(recorded)
    capture.close()
    watcher.close()


def test_a_large_picture_is_reduced_with_its_points() -> None:
    pose = Pose(0.0, np.full((33, 2), 1000.0), np.zeros((33, 3)), np.ones(33))
    message = pack(Shot(7, Frame(0.0, np.zeros((1080, 1920, 3), np.uint8))), NumberedPose(6, pose))
    length = int.from_bytes(message[:4], "little")
    head = json.loads(message[4 : 4 + length])
    assert (head["number"], head["pose"]) == (7, 6)
    assert head["points"] == [[1000 * MAX_PX // 1920] * 2] * 33
    assert message[4 + length : 6 + length] == b"\xff\xd8"


def test_points_that_were_not_seen_are_left_out() -> None:
    pose = Pose(0.0, np.full((33, 2), 10.0), np.zeros((33, 3)), np.where(np.arange(33) == 3, 0.2, 1.0))
    message = pack(Shot(1, Frame(0.0, GREY)), NumberedPose(1, pose))
    points = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])["points"]
    assert [number for number, point in enumerate(points) if point is None] == [3]
    nobody = pack(Shot(1, Frame(0.0, GREY)), NumberedPose(1, Pose.missing(0.0)))
    assert json.loads(nobody[4 : 4 + int.from_bytes(nobody[:4], "little")])["points"] == []
