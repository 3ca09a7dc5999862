from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from http.client import HTTPException
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from helpers import bad_clips
from helpers.batch_clips import ROOT, RUN, done_before, rows_in, settings, short_clip
from screener.batch.engine import connected, outcomes, prepare_workers
from screener.batch.journal import read_entries
from screener.batch.locations import clip_location
from screener.batch.plan import find_clips
from screener.batch.run import BatchProgress, BatchRun, finished_keys, run_batch
from screener.batch.work import ClipJob
from screener.errors import UsageError
from screener.model.recording import Request
from screener.pose.models import load_model
from screener.version import __version__


def slow_batch(clips: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, "batch", str(clips), "--out", str(out), *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(what: Any, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_batch_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    for number in range(8):
        short_clip(tmp_path / "in" / f"single_leg_stance {number}.mp4", first=4 * number)
    out = tmp_path / "out"
    journal = out / "journal.jsonl"
    running = slow_batch(tmp_path / "in", out, "--workers", "2")
    wait_for(lambda: journal.is_file() and len(list(read_entries(journal))) >= 2)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    done = {one.folder: (out / one.folder / "report.json").stat().st_mtime_ns for one in read_entries(journal)}
    assert 2 <= len(done) < 8
    with journal.open("ab") as file:
        file.write(b'{"key": "half a li')  # the kill came while a line was written
    finished = slow_batch(tmp_path / "in", out, "--workers", "2")
    said, _ = finished.communicate(timeout=300)
    assert f"8 clips: {8 - len(done)} done now, {len(done)} done before; 0 failed" in said
    assert {folder: (out / folder / "report.json").stat().st_mtime_ns for folder in done} == done
    assert len(rows_in(out)) == 8
    assert len(list(out.glob("clips/*/report.json"))) == 8
    assert not list(out.rglob(".partial-*"))


@pytest.mark.slow
def test_a_clip_fetched_by_a_killed_batch_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clip of a store is copied to this machine, in clear, while it is screened."""
    short_clip(tmp_path / "in" / "single_leg_stance.mp4", source=bad_clips.STANCE)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))

    def fetched() -> list[Path]:
        return list((tmp_path / "temporary").rglob("single_leg_stance.mp4"))

    address = f"file://{tmp_path / 'in'}"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "batch", address, "--out", str(tmp_path / "out"), "--workers", "1"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(fetched)
    family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for one in family:
        one.suspend()
    assert [clip.parent.stat().st_mode & 0o077 for clip in fetched()] == [0]
    for one in family:
        one.kill()
    process.wait()
    psutil.wait_procs(family, 30)
    assert fetched()
    finished = slow_batch(tmp_path / "in", tmp_path / "out", "--workers", "1")
    said, _ = finished.communicate(timeout=300)
    assert "1 clips: 1 done now" in said
    assert not fetched()
    assert not list((tmp_path / "temporary").rglob(".partial-*"))


@dataclass
class Cluster:
    """A scheduler and two workers, each a process of its own, as on a cluster."""

    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    from distributed.utils import open_port

    address = f"tcp://127.0.0.1:{open_port('127.0.0.1')}"
    port = address.rsplit(":", 1)[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(module: str, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )

    with ExitStack() as stack:
        processes = [start("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")]
        processes += [start("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)]
        for process in processes:
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield Cluster(address, processes[0], processes[1:])


@pytest.mark.slow
def test_a_worker_that_dies_in_the_middle_loses_no_clip(cluster: Cluster, tmp_path: Path) -> None:
    for number in range(8):
        short_clip(tmp_path / "in" / f"single_leg_stance {number}.mp4", first=4 * number)
    model = load_model()
    plan = BatchRun(find_clips(str(tmp_path / "in")), tmp_path / "out", model, settings(), scheduler=cluster.address)
    seen: list[int] = []

    def on_clip(count: BatchProgress) -> None:
        seen.append(count.done)
        if count.done == 2:
            cluster.workers[0].kill()

    finished = run_batch(plan, on_clip)
    assert cluster.workers[0].wait(30) == -signal.SIGKILL
    assert cluster.workers[1].poll() is None
    assert seen == list(range(1, 9))
    assert (finished.count.done, finished.count.failed, finished.first_failure) == (8, 0, "")
    assert sorted(row.file for row in finished.rows) == sorted(clip.name for clip in plan.clips)
    assert all(row.status == "not_assessed" for row in finished.rows)


def test_workers_without_the_program_are_said() -> None:
    for failure, message in (
        ({"side_effect": Exception("No module named 'screener'")}, "The workers cannot run this program."),
        ({"side_effect": OSError("Timed out")}, "The scheduler no longer answers."),
        (
            {"return_value": {"a": __version__, "b": "0.0.9"}},
            f"The workers have version 0.0.9 of the program, not {__version__}.",
        ),
    ):
        client = Mock(run=Mock(**failure))
        with pytest.raises(UsageError) as caught:
            prepare_workers(client, load_model())
        assert caught.value.message == message
        client.register_plugin.assert_not_called()


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_one_sentence_and_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    for number in range(4):
        short_clip(tmp_path / "in" / f"single_leg_stance {number}.mp4", first=4 * number)
    plan = BatchRun(find_clips(str(tmp_path / "in")), tmp_path / "out", load_model(), settings(), scheduler=cluster.address)
    with pytest.raises(UsageError) as caught:
        run_batch(plan, lambda _count: cluster.scheduler.kill())
    assert caught.value.message == "The scheduler no longer answers."
    done = {row["file"] for row in rows_in(tmp_path / "out")}
    assert 1 <= len(done) < 4
    assert len(finished_keys(tmp_path / "out")) == len(done)


def test_tables_of_an_earlier_run_are_not_cut_short_when_the_next_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a squat.mp4", "b squat.mp4"):
        (tmp_path / "in" / name).write_bytes(name.encode())
    clips, out = find_clips(str(tmp_path / "in")), tmp_path / "out"
    done_before(out, clips, {"a squat.mp4": 4, "b squat.mp4": 4})
    plan = BatchRun(clips, out, load_model(), settings())
    run_batch(plan, lambda _count: None)
    assert len(rows_in(out)) == 2

    def stop(_count: BatchProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(plan, stop)
    assert len(rows_in(out)) == 2


@pytest.mark.slow
def test_a_clip_that_kills_every_worker_is_given_up_with_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job carries an object that ends the process that opens it, as a crash inside a library does."""
    import dask

    good = clip_location(str(short_clip(tmp_path / "single_leg_stance.mp4")))
    request = Request(test="single_leg_stance")
    jobs = [ClipJob("bad", Killer(), request, settings())]  # type: ignore[arg-type]
    jobs += [ClipJob(f"good {number}", good, request, settings()) for number in range(3)]
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), connected(1, None) as client:
        prepare_workers(client, load_model())
        found = {job.key: outcome for job, outcome in outcomes(client, jobs)}
    bad = found.pop("bad")
    assert [outcome.exit_code for outcome in found.values()] == [0, 0, 0]  # those that waited with the same worker too
    assert (bad.exit_code, bad.final) == (1, False)
    assert bad.rows[0].reason == "The process that worked on it died several times."


@pytest.mark.slow
def test_a_process_that_is_long_in_coming_back_is_replaced(tmp_path: Path) -> None:
    """Dask forgets a lost process after a while; on a busy machine a new one takes longer than that."""
    import dask

    good = clip_location(str(short_clip(tmp_path / "single_leg_stance.mp4")))
    jobs = [ClipJob(f"good {number}", good, Request(test="single_leg_stance"), settings()) for number in range(3)]
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}), connected(1, None) as client:
        prepare_workers(client, load_model())
        with closing(outcomes(client, jobs)) as results:
            next(results)
            (worker,) = client.run(os.getpid).values()
            os.kill(worker, signal.SIGKILL)
            assert [outcome.exit_code for _, outcome in results] == [0, 0]
        assert list(client.run(os.getenv, "MALLOC_TRIM_THRESHOLD_").values()) == [None]  # of the new one, as of the first


class Killer:
    """Stands where the place of a clip would."""

    def fetched(self, _folder: Path, _environment: dict[str, str]) -> Path:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def listening(pid: int) -> set[int]:
    """Ports of a process and of those it started."""
    family = (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    found = chain.from_iterable(process.net_connections("tcp") for process in family)
    return {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN}


OUTSIDER = """
import pathlib, sys
from distributed import Client
Client(sys.argv[1], timeout=3).run_on_scheduler(pathlib.Path(sys.argv[2]).touch)
"""


def outsider_runs_code(address: str, ran: Path) -> bool:
    """Try to give Dask work as any user of the machine can; what never answers has refused too."""
    with suppress(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", OUTSIDER, address, str(ran)], cwd=ran.parent, capture_output=True, timeout=10)
    return ran.exists()


@pytest.mark.slow
def test_other_users_of_the_machine_cannot_give_work_to_its_processes(cluster: Cluster, tmp_path: Path) -> None:
    """Who reaches an open port of Dask runs code as the user of the batch; no page about the work is served either."""
    assert outsider_runs_code(cluster.address, tmp_path / "ran at an open scheduler")
    for process in (cluster.scheduler, *cluster.workers):
        process.kill()
        process.wait()
    with connected(1, None) as client:
        address, ports = client.scheduler.address, listening(os.getpid())
        assert address.startswith("tls://127.0.0.1:")
        assert 8787 not in ports
        assert int(address.rsplit(":", 1)[1]) in ports
        for port in sorted(ports):
            assert not outsider_runs_code(f"tcp://127.0.0.1:{port}", tmp_path / "ran")
            assert not outsider_runs_code(f"tls://127.0.0.1:{port}", tmp_path / "ran")
            for page in ("status", "health", "info/main/workers.html", "json/identity.json"):
                with pytest.raises((HTTPError, HTTPException, OSError)):
                    urlopen(f"http://127.0.0.1:{port}/{page}", timeout=3)
