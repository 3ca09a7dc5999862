"""Short clips and settings for tests of the batch."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from helpers import bad_clips
from screener.batch.journal import Journal, JournalEntry
from screener.batch.plan import Clip
from screener.batch.rows import ResultRow
from screener.batch.work import BatchSettings
from screener.pose.models import load_model

SHORT_S = 0.6


RUN = "import sys; from screener.cli import run; run()"


ROOT = Path(__file__).parent.parent.parent


def short_clip(path: Path, source: Path = bad_clips.STANCE, first: int = 0) -> Path:
    """Twelve frames: enough to be watched, too few to be scored."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return bad_clips.write_clip(path, bad_clips.pictures(source, first, round(SHORT_S * bad_clips.RATE_HZ)))


def settings(**others: Any) -> BatchSettings:
    model = load_model()
    return BatchSettings(model.name, model.sha256, **others)


def rows_in(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def done_before(folder: Path, clips: tuple[Clip, ...], exit_codes: dict[str, int]) -> None:
    """Write a journal, and the reports of clips that gave one."""
    with Journal(folder) as journal:
        for clip in clips:
            if clip.name in exit_codes and clip.request is not None:
                key, code = settings().key(clip.place.content(), clip.request), exit_codes[clip.name]
                rows = (ResultRow(status="failed", reason="why") if code else ResultRow(test="x", status="scored", score=3),)
                journal.add(
                    JournalEntry(key=key, folder="" if code else f"clips/{key}", rows=rows, seconds=1.0, exit_code=code)
                )
                if not code:
                    (folder / "clips" / key).mkdir(parents=True)
                    (folder / "clips" / key / "report.json").write_text("{}")
