"""A whole batch: from its clips to reports, tables and a summary. What is done already is not done again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from screener.batch.engine import connected, outcomes, prepare_workers
from screener.batch.journal import NAME, Journal, JournalEntry, read_entries
from screener.batch.plan import Clip
from screener.batch.rows import ResultRow, csv_bytes, parquet_bytes
from screener.batch.summary import summarise
from screener.batch.summary_page import render_summary
from screener.batch.work import FAILED, BatchSettings, ClipJob, ClipOutcome, is_measured, reason_of
from screener.errors import ScreenerError, UsageError
from screener.files import staged
from screener.pose.models import ModelFile

REPORTS = "clips"
"""Folder of the reports, in the folder of the batch."""
NAME_SIGNS = 80
KEY_SIGNS = 12
"""Signs of a clip's name and of its key in the name of its folder."""


@dataclass
class BatchProgress:
    """How far a batch is.

    Attributes
    ----------
    total, done, skipped, copies : int
        Clips in all; finished in this run, well or not; finished in an earlier one; asking the same of the
        same content as another one.
    failed, unmeasured : int
        Clips processed so far, in this run or an earlier one: without a report; with a report that scores nothing.
    """

    total: int
    done: int = 0
    skipped: int = 0
    copies: int = 0
    failed: int = 0
    unmeasured: int = 0

    @property
    def reached(self) -> int:
        """Clips that were come to."""
        return self.done + self.skipped + self.copies

    def judge(self, rows: Sequence[ResultRow], *, failed: bool) -> None:
        """Count what became of a clip."""
        self.failed += failed
        self.unmeasured += not failed and not is_measured(rows)


@dataclass
class _State:
    """What is known of the clips while a batch runs; by their number, or by the key of content and settings."""

    keys: dict[int, str] = field(default_factory=dict)
    refused: dict[int, ResultRow] = field(default_factory=dict)
    lost: dict[str, ClipOutcome] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchRun:
    """A batch to run.

    Attributes
    ----------
    workers : int, optional
        Processes on this machine; one a core when not given.
    scheduler : str, optional
        Address of a Dask scheduler instead.
    fail_fast : bool
        Stop at the first clip without a report.
    """

    clips: tuple[Clip, ...]
    folder: Path
    model: ModelFile
    settings: BatchSettings
    workers: int | None = None
    scheduler: str | None = None
    fail_fast: bool = False


@dataclass(frozen=True)
class BatchOutcome:
    """What a batch gave.

    Attributes
    ----------
    first_failure : str
        Name and reason of the first clip without a report; empty for none.
    """

    count: BatchProgress
    rows: tuple[ResultRow, ...]
    first_failure: str


def run_batch(plan: BatchRun, on_clip: Callable[[BatchProgress], None]) -> BatchOutcome:
    """Screen every clip that is not done yet, then write results.parquet, results.csv and summary.html.

    Parameters
    ----------
    plan : Plan
        What to do.
    on_clip : callable
        Called after each clip.

    Raises
    ------
    UsageError, OutputError
        No scheduler, or one that goes away; another batch in the folder; a folder that cannot be written.
    KeyboardInterrupt
        After the tables of what is done were written; those of an earlier run stay where they hold more.
    """
    count, state = BatchProgress(len(plan.clips)), _State()
    with Journal(plan.folder) as journal:
        before = len(journal.entries)
        try:
            _work(plan, journal, state, count, on_clip)
        except (KeyboardInterrupt, UsageError):
            if count.done and count.skipped >= before:  # otherwise the tables of the earlier run hold more
                _write_tables(plan, journal, state, count.copies)
            raise
        clips = _write_tables(plan, journal, state, count.copies)
    count.failed = count.unmeasured = 0  # counted anew, with the copies
    for of_one in clips:
        count.judge(of_one, failed=of_one[0].status == FAILED)
    rows = tuple(chain.from_iterable(clips))
    failures = (f"{row.file}: {row.reason}" for row in rows if row.status == FAILED)
    return BatchOutcome(count, rows, next(failures, ""))


def finished_keys(folder: Path) -> dict[str, JournalEntry]:
    """Return what is done in the folder of a batch, whose reports are still there."""
    entries = {entry.key: entry for entry in read_entries(folder / NAME)}
    return {key: entry for key, entry in entries.items() if _is_there(folder, entry)}


def _is_there(folder: Path, entry: JournalEntry) -> bool:
    return entry.exit_code != 0 or (folder / entry.folder / "report.json").is_file()


def _work(
    plan: BatchRun, journal: Journal, state: _State, count: BatchProgress, on_clip: Callable[[BatchProgress], None]
) -> None:
    jobs = _jobs(plan, journal, state, count, on_clip)
    first = next(jobs, None)
    if first is None:
        return
    names = {clip.place: clip.name for clip in plan.clips}
    with connected(plan.workers, plan.scheduler) as client:
        prepare_workers(client, plan.model)
        with closing(outcomes(client, chain([first], jobs))) as results:
            for job, outcome in results:
                _keep(plan.folder, names[job.place], job, outcome, journal, state)
                count.done += 1
                count.judge(outcome.rows, failed=outcome.exit_code != 0)
                on_clip(count)
                if plan.fail_fast and count.failed:
                    return


def _jobs(
    plan: BatchRun, journal: Journal, state: _State, count: BatchProgress, on_clip: Callable[[BatchProgress], None]
) -> Iterator[ClipJob]:
    """Clips still to do; a clip that cannot be asked about is refused, one that is done is passed over."""
    seen: set[str] = set()
    for number, clip in enumerate(plan.clips):
        if plan.fail_fast and count.failed:
            return
        key, reason = _key(plan.settings, clip)
        if clip.request is None or not key:
            state.refused[number] = ResultRow(status=FAILED, reason=reason)
            count.done, count.failed = count.done + 1, count.failed + 1
            on_clip(count)
            continue
        state.keys[number] = key
        entry = journal.entries.get(key)
        is_copy = key in seen
        seen.add(key)
        if is_copy:
            count.copies += 1
        elif entry is not None and _is_there(plan.folder, entry):
            count.skipped += 1
            count.judge(entry.rows, failed=entry.exit_code != 0)
        else:
            yield ClipJob(key, clip.place, clip.request, plan.settings)
            continue
        on_clip(count)


def _key(settings: BatchSettings, clip: Clip) -> tuple[str, str]:
    """Key of a clip, or why it has none."""
    if clip.request is None:
        return "", clip.reason
    try:
        return settings.key(clip.place.content(), clip.request), ""
    except ScreenerError as error:
        return "", reason_of(error, clip.place.name)


def _keep(folder: Path, name: str, job: ClipJob, outcome: ClipOutcome, journal: Journal, state: _State) -> None:
    """Put the report in its folder, then the clip into the journal: a kill in between costs this clip's work, no more."""
    if not outcome.final:
        state.lost[job.key] = outcome
        return
    place = f"{REPORTS}/{_folder_name(name, job.key)}"
    if outcome.files:
        with staged(folder / place) as stage:
            for file, content in outcome.files.items():
                (stage / file).write_bytes(content)
    report = place if outcome.files else ""
    journal.add(
        JournalEntry(
            key=job.key, folder=report, rows=outcome.rows, seconds=round(outcome.seconds, 3), exit_code=outcome.exit_code
        )
    )


def _folder_name(name: str, key: str) -> str:
    """Return a name that any file system takes, that tells folder and name of the clip, and that no two clips share."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = re.sub(r"[^\w.-]+", "_", f"{path.parent}/{path.stem}")[-NAME_SIGNS:].strip("._-")
    return f"{stem or 'clip'}-{key[:KEY_SIGNS]}"


def _rows(plan: BatchRun, journal: Journal, state: _State) -> Iterator[tuple[ResultRow, ...]]:
    """Rows of each clip that was come to, in the order of the plan."""
    for number, clip in enumerate(plan.clips):
        key = state.keys.get(number, "")
        asked = {"test": clip.request.test, "side": clip.request.side} if clip.request else {}
        about: dict[str, Any] = {"file": clip.name, "person": clip.person}
        rows: tuple[ResultRow, ...] = ()
        if number in state.refused:
            rows = (state.refused[number],)
        elif key in journal.entries:
            entry = journal.entries[key]
            about |= {"folder": entry.folder, "clip_seconds": entry.seconds}
            rows = entry.rows
        elif key in state.lost:
            rows = state.lost[key].rows
        if rows:
            yield tuple(row.model_copy(update=about if row.test else asked | about) for row in rows)


def _write_tables(plan: BatchRun, journal: Journal, state: _State, copies: int) -> tuple[tuple[ResultRow, ...], ...]:
    clips = tuple(_rows(plan, journal, state))
    rows = tuple(chain.from_iterable(clips))
    with staged(plan.folder) as stage:
        (stage / "results.csv").write_bytes(csv_bytes(rows))
        (stage / "results.parquet").write_bytes(parquet_bytes(rows))
        (stage / "summary.html").write_text(render_summary(summarise(clips, len(plan.clips), copies)), encoding="utf-8")
    return clips
