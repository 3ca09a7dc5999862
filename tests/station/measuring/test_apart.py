"""Uploads are measured in a process of their own, within limits, and are never on the disk in clear."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from helpers.bad_clips import STANCE, pictures, write_clip
from screener.errors import StationError, UnreadableInputError
from screener.model.recording import Request
from screener.station.measuring.apart import Cancellation
from screener.station.measuring.imports import measure_upload
from screener.station.measuring.incoming import IncomingVideo, incoming_folder
from screener.station.measuring.sealed import SealedVideo
from screener.station.storage.database import Database
from screener.workflow.session import screen

REQUEST = Request(test="single_leg_stance")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="memory files and limits of Linux")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a few frames with a person in it."""
    return write_clip(tmp_path_factory.mktemp("clips") / "recording.mp4", pictures(STANCE, 0, 12))


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of a thousand small pictures a second: minutes of work in a little file."""
    grey = np.full((48, 64, 3), 90, np.uint8)
    path = tmp_path_factory.mktemp("clips") / "endless.mp4"
    return write_clip(path, (grey for _ in range(20_000)), times_s=[number / 1000 for number in range(20_000)], rate_hz=1000)


@contextmanager
def sealed(database: Database, clip: Path) -> Iterator[SealedVideo]:
    with IncomingVideo(database, clip.name) as incoming:
        incoming.write(clip.read_bytes())
        yield incoming.complete()
    assert list(incoming_folder(database).iterdir()) == []
    assert not multiprocessing.active_children()


def limited(database: Database, **limits: Any) -> Database:
    return replace(database, settings=replace(database.settings, **limits))


def test_a_process_of_its_own_measures_as_this_one_does(database: Database, clip: Path) -> None:
    seen: list[float] = []
    with sealed(database, clip) as video:
        measured = measure_upload(video, REQUEST, database.settings, follow=seen.append)
    here = screen(clip, REQUEST)
    assert measured.screening.report.model_dump(exclude={"created_at"}) == here.report.model_dump(exclude={"created_at"})
    assert len(measured.screening.pictures) == len(here.pictures)
    assert len(seen) == 12
    assert measured.blurred == ()


@linux_only
def test_nothing_of_an_upload_is_on_the_disk_in_clear(database: Database, clip: Path) -> None:
    content, looks = clip.read_bytes(), []

    def look(_time_s: float) -> None:
        found = {path.name: path for path in incoming_folder(database).rglob("*") if path.is_symlink() or path.is_file()}
        looks.append(set(found))
        assert found["recording.mp4"].readlink().is_relative_to("/proc/self/fd")  # memory of the other process
        for path in found.values():
            assert path.is_symlink() or content[1000:1100] not in path.read_bytes()

    with sealed(database, clip) as video:
        measured = measure_upload(video, REQUEST, database.settings, keep_video=True, follow=look)
    assert len(looks) == 12
    assert {"sealed", "recording.mp4"} <= looks[0]
    assert b"ftyp" in measured.blurred[0][:12]


def test_an_upload_that_was_changed_on_the_disk_is_refused(database: Database, clip: Path) -> None:
    with sealed(database, clip) as video:
        data = bytearray(video.path.read_bytes())
        data[len(data) // 2] ^= 1
        video.path.write_bytes(data)
        with pytest.raises(UnreadableInputError, match="was changed on the disk"):
            measure_upload(video, REQUEST, database.settings)


def test_the_key_of_an_upload_is_in_no_text(database: Database, clip: Path) -> None:
    with sealed(database, clip) as video:
        assert repr(video.key) not in repr(video)


def test_a_measurement_that_takes_too_long_is_ended(database: Database, endless: Path) -> None:
    begun = time.monotonic()
    with sealed(database, endless) as video, pytest.raises(UnreadableInputError, match="takes longer than 0 minutes"):
        measure_upload(video, REQUEST, limited(database, longest_measuring_s=5.0).settings)
    assert time.monotonic() - begun < 10.0


def test_too_many_pictures_are_refused_before_they_are_measured(database: Database, endless: Path) -> None:
    begun = time.monotonic()
    with sealed(database, endless) as video, pytest.raises(UnreadableInputError, match="more than 10000 pictures"):
        measure_upload(video, REQUEST, limited(database, most_upload_frames=10_000).settings)
    assert time.monotonic() - begun < 10.0


def test_pictures_are_counted_where_the_file_does_not_say_how_many(database: Database, tmp_path: Path) -> None:
    unsaid = write_clip(tmp_path / "clip.mkv", pictures(STANCE, 0, 12))
    with sealed(database, unsaid) as video, pytest.raises(UnreadableInputError, match="more than 5 pictures"):
        measure_upload(video, REQUEST, limited(database, most_upload_frames=5).settings)


@linux_only
def test_the_process_gets_no_more_memory_than_the_limit_and_leaves_none_of_it_on_the_disk() -> None:
    code = (
        "import resource; from screener.station.measuring.measurer import limit_memory\n"
        "limit_memory(500_000_000); print(resource.getrlimit(resource.RLIMIT_CORE))\n"
        "kept = bytearray(100_000_000)\n"
        "try: kept = bytearray(1_000_000_000)\n"
        "except MemoryError: print('refused')"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).splitlines() == ["(0, 0)", "refused"]


@linux_only
def test_a_process_that_the_system_ends_took_too_much(database: Database, endless: Path) -> None:
    def end(_time_s: float) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGABRT)  # as the C++ of a library does that gets no memory

    with sealed(database, endless) as video, pytest.raises(UnreadableInputError, match="more memory than the station gives"):
        measure_upload(video, REQUEST, database.settings, follow=end)


@pytest.mark.parametrize("before", [True, False])
def test_a_measurement_is_cancelled(database: Database, endless: Path, before: bool) -> None:
    cancellation, running = Cancellation(), threading.Event()
    asked: list[float] = []

    def cancel() -> None:
        running.wait(60)
        asked.append(time.monotonic())
        cancellation.ask()

    thread = threading.Thread(target=cancel)
    thread.start()
    if before:
        running.set()
        thread.join()
    with sealed(database, endless) as video, pytest.raises(StationError, match="was cancelled; nothing was saved"):
        measure_upload(video, REQUEST, database.settings, follow=lambda _time_s: running.set(), cancellation=cancellation)
    thread.join()
    assert time.monotonic() - asked[0] < 3.0


MEASURING = """
import sys
from pathlib import Path
from helpers.practice_day import CHEAP, PASSPHRASE
from screener.model.recording import Request
from screener.station.measuring.imports import measure_upload
from screener.station.measuring.incoming import IncomingVideo
from screener.station.storage.database import DatabaseLocation, open_database
if __name__ == "__main__":
    with open_database(DatabaseLocation(Path(sys.argv[1])), PASSPHRASE, CHEAP) as database:
        with IncomingVideo(database, "clip.mp4") as incoming:
            incoming.write(Path(sys.argv[2]).read_bytes())
            follow = lambda _time_s: print("measuring", flush=True)
            measure_upload(incoming.complete(), Request(test="squat"), database.settings, follow=follow)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="uses signals")
def test_no_process_outlives_a_station_that_was_killed(database: Database, endless: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", MEASURING, str(database.file), str(endless)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as station:
        assert station.stdout is not None
        assert station.stdout.readline() == "measuring\n"
        others = psutil.Process(station.pid).children(recursive=True)
        station.send_signal(signal.SIGKILL)
    assert others
    _gone, left = psutil.wait_procs(others, timeout=10)
    assert left == []
