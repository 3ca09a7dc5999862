"""Clips over processes of this machine or a Dask cluster: a few in flight at a time, a lost worker's clips go to another."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from screener.batch.rows import ResultRow
from screener.batch.work import FAILED, ClipJob, ClipOutcome, deliver_model, screen_clip
from screener.errors import UsageError
from screener.pose.models import ModelFile
from screener.version import __version__

AHEAD = 2
"""Clips in flight for each worker: the next one waits at hand when one is done."""
KEEP_UP_S = 2.0
"""How often lost processes are looked for."""
ANSWER_S = 15.0
"""How long a scheduler or its first worker may take to answer."""
USUAL_MEMORY = {"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None}
"""Leaves memory to the C library. Dask has it give every picture's memory back to the system at once and ask for it again: five
times the page faults, and a tenth of the time (docs/speed.md)."""
NO_PAGES: dict[str, list[str]] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
"""Dask serves pages about its work even where no dashboard is asked for; these are left out of scheduler and workers."""


def usual_workers() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def connected(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    """Give a Dask client: of new processes on this machine with one thread each, or of a running scheduler.

    Raises
    ------
    UsageError
        No scheduler answers there, or it has no worker.
    """
    import dask
    from distributed import Client, LocalCluster
    from distributed.utils import silence_logging_cmgr

    if scheduler is None:
        count = workers or usual_workers()
        with dask.config.set(USUAL_MEMORY | NO_PAGES):  # for as long as processes are started, those in place of lost ones too
            processes = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                security=True,  # a certificate for this run alone: who reaches the port would run code as this user
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # otherwise it opens 8787, which others look for
                silence_logs="CRITICAL",
            )
            with processes as cluster, Client(cluster) as client, _kept_up(cluster, count):
                cluster.scheduler.http_server.stop()
                yield client
        return
    with silence_logging_cmgr(logging.CRITICAL), _client_of(scheduler) as client:
        try:
            client.wait_for_workers(1, timeout=ANSWER_S)
        except TimeoutError as error:
            raise UsageError(
                f"The scheduler {scheduler} has no workers.", f"Start some with: dask worker {scheduler}"
            ) from error
        yield client


def _client_of(scheduler: str) -> Any:
    from distributed import Client

    try:
        return Client(scheduler, timeout=ANSWER_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"No Dask scheduler answers at {scheduler}.", "Start one with: dask scheduler") from error


@contextmanager
def _kept_up(cluster: Any, count: int) -> Iterator[None]:
    """Start a process anew that was lost: Dask forgets one that is long in coming back, and would wait for ever without any."""
    from tornado.ioloop import PeriodicCallback

    again = PeriodicCallback(lambda: cluster.scale(count), 1000.0 * KEEP_UP_S)
    cluster.loop.add_callback(again.start)
    try:
        yield
    finally:
        cluster.loop.add_callback(again.stop)


def prepare_workers(client: Any, model: ModelFile) -> None:
    """Send the model to every worker, those that join later too, and check that they run this version of the program.

    Raises
    ------
    UsageError
        A worker has another version of the program, or none.
    """
    from distributed import WorkerPlugin

    class Delivery(WorkerPlugin):  # type: ignore[misc]
        """Brings the model by its checksum, and leaves the other cores to the other workers."""

        name = f"screener-model-{model.sha256[:16]}"

        def __init__(self, data: bytes, sha256: str) -> None:
            self.data, self.sha256 = data, sha256

        def setup(self, worker: Any) -> None:
            """Run in each worker when it starts or joins."""
            from screener.pose.finder import use_one_core

            use_one_core()
            deliver_model(self.data, self.sha256)

    try:
        versions = set(client.run(_version).values())
    except OSError as error:
        raise _gone() from error
    except Exception as error:  # what fails in a worker comes back as anything
        raise UsageError("The workers cannot run this program.", "Install the same version of it everywhere.") from error
    if versions != {__version__}:
        raise UsageError(
            f"The workers have version {', '.join(sorted(versions - {__version__}))} of the program, not {__version__}.",
            "Install the same version everywhere.",
        )
    client.register_plugin(Delivery(Path(model.path).read_bytes(), model.sha256))


def _version() -> str:
    return __version__


def outcomes(client: Any, jobs: Iterable[ClipJob]) -> Generator[tuple[ClipJob, ClipOutcome], None, None]:
    """Yield what became of each job, in the order in which they end.

    A worker that dies loses nothing but its work so far: its clips are given to another one. Clips that were with one dying
    worker after the other are tried again at the end, each alone, so that the one that takes down workers is told from those
    that only waited beside it; it is given up with a row that says so.

    Parameters
    ----------
    client : Client
        Connected and prepared.
    jobs : iterable of Job
        Drawn as they are needed.

    Raises
    ------
    UsageError
        The scheduler went away.
    """
    suspects = []
    with closing(_finished(client, jobs)) as finished:
        for job, future in finished:
            if _lost_its_workers(future):
                suspects.append(job)
            else:
                yield job, _outcome(future)
    with closing(_finished(client, suspects, alone=True)) as finished:
        for job, future in finished:
            yield job, _outcome(future)


def _finished(client: Any, jobs: Iterable[ClipJob], *, alone: bool = False) -> Generator[tuple[ClipJob, Any], None, None]:
    """Yield each job with its future as it ends.

    Only a few jobs are with the scheduler at any time, so that neither it nor this process grows with the batch; one where each
    is to be alone.
    """
    from distributed import as_completed

    source = iter(jobs)
    running: dict[Any, ClipJob] = {}
    done = as_completed(loop=client.loop)

    def fill() -> None:
        try:
            most = 1 if alone else AHEAD * max(1, len(client.nthreads()))
        except OSError as error:
            raise _gone() from error
        for job in islice(source, max(0, most - len(running))):
            future = client.submit(screen_clip, job, key=f"clip-{job.key}{'-alone' * alone}", pure=False, retries=0)
            running[future] = job
            done.add(future)

    try:
        fill()
        for future in done:
            job = running.pop(future)
            if future.cancelled():
                raise _gone()
            fill()  # before the caller writes the report of this one
            yield job, future
            future.release()
    finally:
        client.cancel(list(running))


def _gone() -> UsageError:
    return UsageError("The scheduler no longer answers.", "Give the same command again when it runs; what is done is kept.")


def _lost_its_workers(future: Any) -> bool:
    return type(future.exception()).__name__ == "KilledWorker"


def _outcome(future: Any) -> ClipOutcome:
    """Result of a finished future; an error nobody meant, or workers that died of it, as a row to be tried again next time."""
    error = future.exception()
    if error is None:
        outcome: ClipOutcome = future.result()
        return outcome
    died = _lost_its_workers(future)
    reason = "The process that worked on it died several times." if died else f"The program failed at it: {error!r}"
    return ClipOutcome((ResultRow(status=FAILED, reason=reason),), {}, 0.0, 1, final=False)
