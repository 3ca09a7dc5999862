"""What a worker does with one clip: fetch, screen, lay out the report, and give everything back to the one that asked."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from screener.batch.locations import ClipLocation
from screener.batch.rows import ResultRow, rows_of
from screener.errors import ModelError, OutputError, ScreenerError
from screener.files import stage_in, user_temporary_folder, written_whole
from screener.model.recording import Request
from screener.model.results import Status
from screener.pose.models import ModelFile, sha256_of
from screener.tests_clinical import TESTS
from screener.tests_clinical.norms import norms_sha256
from screener.version import __version__
from screener.video.file import EVERY_FRAME, Pace

FAILED = "failed"
"""Status of a clip that gave no report."""


@dataclass(frozen=True)
class BatchSettings:
    """What is the same for every clip of a batch.

    Attributes
    ----------
    model_name, model_sha256 : str
        The pose model; its file is found by its checksum where the work is done.
    exports : tuple of str
        Names of `EXPORTS`.
    pictures : bool
        Pictures of the key moments in the reports.
    """

    model_name: str
    model_sha256: str
    pace: Pace = EVERY_FRAME
    exports: tuple[str, ...] = ()
    pictures: bool = True

    def key(self, content: str, request: Request) -> str:
        """Return a text that is the same for the same content, request, settings, norms and program."""
        facts = {
            "content": content,
            "request": request.model_dump(mode="json"),
            "model": self.model_sha256,
            "pace": [self.pace.every, self.pace.max_fps],
            "exports": sorted(self.exports),
            "pictures": self.pictures,
            "norms": norms_sha256(TESTS.values()),
            "version": __version__,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class ClipJob:
    """One clip to screen."""

    key: str
    place: ClipLocation
    request: Request
    settings: BatchSettings


@dataclass(frozen=True)
class ClipOutcome:
    """What became of a clip.

    Attributes
    ----------
    rows : tuple of Row
        A row a measure; one row without a measure where nothing was measured.
    files : dict
        Name and content of the files of the report; empty where there is none.
    exit_code : int
        0, or that of the error.
    final : bool
        False where another try may end otherwise.
    """

    rows: tuple[ResultRow, ...]
    files: dict[str, bytes]
    seconds: float
    exit_code: int = 0
    final: bool = True


def model_caches() -> Iterator[Path]:
    """Yield the folders where workers keep the models they were sent, by checksum; the first that can be written is used."""
    yield Path(platformdirs.user_cache_dir("screener")) / "models"
    yield user_temporary_folder() / "models"  # in a container or a service there may be no home


def deliver_model(data: bytes, sha256: str) -> Path:
    """Put a model where the worker finds it, unless it is there; several workers may do so at once."""
    reason = ""
    for folder in model_caches():
        path = folder / f"{sha256}.task"
        if path.is_file() and sha256_of(path) == sha256:
            return path
        try:
            with written_whole(path) as file:
                file.write(data)
        except OSError as error:
            reason = error.strerror or str(error)
        else:
            return path
    raise OutputError(f"The model cannot be kept for the workers ({reason}).", "Set TMPDIR to a folder with 30 MB of room.")


def _model(settings: BatchSettings) -> ModelFile:
    for folder in model_caches():
        if (path := folder / f"{settings.model_sha256}.task").is_file():
            return ModelFile(settings.model_name, path, settings.model_sha256)
    raise ModelError("The model did not reach this worker.", "Start the batch again.")


def screen_clip(job: ClipJob) -> ClipOutcome:
    """Screen one clip in this thread alone; every error on purpose becomes a row, any other is left to the caller.

    Only what the clip itself causes is final: a store that did not answer and a disk that was full may do better next time.
    """
    from screener.pose.landmarker import outside_environment

    start, fetched = time.perf_counter(), False
    try:
        with stage_in(user_temporary_folder()) as folder:
            video = job.place.fetched(folder, outside_environment())
            fetched = True
            rows, files = _screened(job, video, folder)
    except ScreenerError as error:
        row = ResultRow(status=FAILED, reason=reason_of(error, job.place.name))
        final = fetched and not isinstance(error, OutputError | ModelError)
        return ClipOutcome((row,), {}, time.perf_counter() - start, error.exit_code, final)
    return ClipOutcome(rows, files, time.perf_counter() - start)


def reason_of(error: ScreenerError, name: str) -> str:
    """Return what is wrong without the name of the clip, so that the same fault of many clips reads the same."""
    return f"The clip{error.message.removeprefix(name)}" if error.message.startswith(f"{name} ") else error.message


def _screened(job: ClipJob, video: Path, folder: Path) -> tuple[tuple[ResultRow, ...], dict[str, bytes]]:
    from screener.workflow.output import OutputOptions, write_report
    from screener.workflow.session import screen

    settings = job.settings
    model = _model(settings)
    screening = screen(video, job.request, model, pictures=settings.pictures, pace=settings.pace, threads=1)
    written = folder / "report"
    write_report(screening, written, OutputOptions(exports=settings.exports))
    return rows_of(screening.report), {path.name: path.read_bytes() for path in sorted(written.iterdir())}


def is_measured(rows: Sequence[ResultRow]) -> bool:
    """Whether a test of the clip was scored."""
    return any(row.status == Status.SCORED.value for row in rows)
