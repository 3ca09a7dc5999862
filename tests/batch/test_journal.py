from __future__ import annotations

from pathlib import Path

import pytest

from helpers.batch_clips import settings
from screener.batch.journal import Journal, JournalEntry, read_entries
from screener.batch.rows import ResultRow
from screener.batch.work import BatchSettings
from screener.errors import UsageError
from screener.model.recording import Request
from screener.video.file import Pace


def test_the_key_changes_with_everything_that_changes_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request(test="hip_hinge")
    usual = settings()
    keys = {
        usual.key("a", request),
        usual.key("b", request),
        usual.key("a", Request(test="hip_hinge", age_years=40)),
        settings(pace=Pace(every=2)).key("a", request),
        settings(pace=Pace(max_fps=10)).key("a", request),
        settings(exports=("trc",)).key("a", request),
        settings(pictures=False).key("a", request),
        BatchSettings("lite", "0" * 64).key("a", request),
    }
    assert len(keys) == 8
    assert usual.key("a", request) == settings().key("a", request)
    assert settings(exports=("trc", "mot")).key("a", request) == settings(exports=("mot", "trc")).key("a", request)
    monkeypatch.setattr("screener.batch.work.norms_sha256", lambda _tests: "other norms")
    keys.add(usual.key("a", request))
    monkeypatch.setattr("screener.batch.work.__version__", "9.9")
    assert len(keys | {usual.key("a", request)}) == 10


# Journal


def entry(key: str) -> JournalEntry:
    return JournalEntry(key=key, folder="", rows=(ResultRow(status="failed", reason="why"),), seconds=1.0, exit_code=4)


def test_a_journal_survives_a_line_that_was_cut_off(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add(entry("a"))
        journal.add(entry("b"))
    whole = journal.path.read_bytes()
    for cut in (2, 10, len(whole) // 2 - 1):
        journal.path.write_bytes(whole[:-cut])
        with Journal(tmp_path) as again:
            assert list(again.entries) == ["a"]
            again.add(entry("c"))
        assert [one.key for one in read_entries(journal.path)] == ["a", "c"]


def test_two_batches_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(UsageError, match="Another batch is writing"):
        Journal(tmp_path)
    with Journal(tmp_path):
        pass
