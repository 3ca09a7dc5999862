"""Uploaded videos that are being measured, one after another, while the browser waits or does something else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from screener.errors import ScreenerError
from screener.station.measuring.apart import CANCELLED, Cancellation
from screener.station.storage.database import Database

MAX_KEPT = 200


@dataclass
class MeasureJob:
    """One video that is being measured.

    Attributes
    ----------
    seconds : float
        How far into the video it has come.
    problem : str
        Why it failed; empty otherwise.
    cancellation : Cancellation
        Ends it.
    """

    key: str
    user_id: int | None
    visit_id: int
    seconds: float = 0.0
    done: bool = False
    problem: str = ""
    cancellation: Cancellation = field(default_factory=Cancellation)

    def follow(self, time_s: float) -> None:
        """Remember how far it has come."""
        self.seconds = time_s


class MeasureQueue:
    """Measures one video at a time, so that the pages stay quick.

    Parameters
    ----------
    database : Database
        Of the station.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: dict[str, MeasureJob] = {}
        self._begun: dict[str, tuple[Future[None], ExitStack]] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="measure")

    def start(self, user_id: int | None, visit_id: int, run: Callable[[MeasureJob], object], files: ExitStack) -> MeasureJob:
        """Measure in the background; `files` is closed at the end, whatever happens."""
        job = MeasureJob(secrets.token_urlsafe(16), user_id, visit_id)
        for old in [one.key for one in self._jobs.values() if one.done][:-MAX_KEPT]:
            del self._jobs[old], self._begun[old]
        self._jobs[job.key] = job
        self._begun[job.key] = (self._worker.submit(_carry_out, job, run, files), files)
        return job

    def find(self, key: str, user_id: int | None) -> MeasureJob | None:
        """Return a job of this user."""
        job = self._jobs.get(key)
        return job if job is not None and job.user_id == user_id else None

    def waiting(self, visit_id: int, user_id: int | None) -> list[MeasureJob]:
        """Return what this user has under way for a visit."""
        return [job for job in list(self._jobs.values()) if not job.done and (job.visit_id, job.user_id) == (visit_id, user_id)]

    def ahead(self, job: MeasureJob) -> int:
        """Count the videos, of whomever, that are measured before a job."""
        keys = [one.key for one in list(self._jobs.values()) if not one.done]
        return keys.index(job.key) if job.key in keys else 0

    def cancel(self, job: MeasureJob) -> None:
        """End a job: what has begun is killed, what waits does not begin."""
        begun, files = self._begun[job.key]
        if begun.cancel():
            files.close()
            job.problem, job.done = " ".join(CANCELLED), True
        else:
            job.cancellation.ask()

    def close(self) -> None:
        """End everything that was begun; nothing of it is saved, and nothing of it is left."""
        for job in list(self._jobs.values()):
            self.cancel(job)
        self._worker.shutdown()


def _carry_out(job: MeasureJob, run: Callable[[MeasureJob], object], files: ExitStack) -> None:
    try:
        with files:
            run(job)
    except ScreenerError as error:
        job.problem = f"{error.message} {error.advice}"
    except BaseException:
        job.problem = "An internal error stopped the measurement; nothing was saved."
        raise
    finally:
        job.done = True
