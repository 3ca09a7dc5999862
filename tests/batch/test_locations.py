from __future__ import annotations

import json
import os
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from helpers.batch_clips import settings, short_clip
from helpers.console import Console
from screener.batch import locations
from screener.batch.journal import JournalEntry
from screener.batch.locations import ClipLocation, clip_location
from screener.batch.plan import OUTSIDE, find_clips
from screener.batch.rows import csv_bytes, parquet_bytes
from screener.batch.work import ClipJob, screen_clip
from screener.errors import UnreadableInputError, UsageError
from screener.model.recording import Request


def test_clips_in_an_archive_are_found_and_fetched(shorts: Path, tmp_path: Path) -> None:
    """An address that only fsspec knows stands for an object store."""
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(shorts / "p0_single-leg-stance_left.mp4", "p0_single-leg-stance_left.mp4")
    address = f"zip://p0_single-leg-stance_left.mp4::file://{archive}"
    (clip,) = find_clips(address)
    assert clip.request == Request(test="single_leg_stance", side="left")
    assert clip.place.name == "p0_single-leg-stance_left.mp4"
    assert clip.place.content() == clip.place.content()
    fetched = clip.place.fetched(tmp_path, dict(os.environ))
    assert fetched.read_bytes() == (shorts / "p0_single-leg-stance_left.mp4").read_bytes()
    with pytest.raises(UnreadableInputError, match="could not be fetched"):
        clip_location(f"zip://other.mp4::file://{archive}").fetched(tmp_path, dict(os.environ))
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("far/manifest.csv", "file,test\n../x.mp4,squat\nb/y.mp4,squat\n")
        packed.writestr("far/b/y.mp4", "y")
    assert [one.name for one in find_clips(f"zip://::file://{archive}")] == ["far/b/y.mp4", clip.place.name]
    listed = find_clips(f"zip://far/manifest.csv::file://{archive}")
    assert listed[0].reason == OUTSIDE
    assert listed[1].place == find_clips(f"zip://far/b/y.mp4::file://{archive}")[0].place
    assert find_clips(f"zip://far::file://{archive}") == listed


class Quiet(SimpleHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def log_message(self, *_said: object) -> None:
        """Say nothing; remember what was asked for."""
        self.asked.append(self.path)


@pytest.fixture
def web(shorts: Path) -> Iterator[str]:
    """A web server that lists the folder of short clips."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(shorts))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_clips_of_a_web_server_are_found_and_fetched(web: str, shorts: Path, tmp_path: Path) -> None:
    clips, here = find_clips(web), find_clips(str(shorts))
    assert [(one.name, one.request, one.person) for one in clips] == [(one.name, one.request, one.person) for one in here]
    assert "%20" in clips[-1].place.address  # p9 hip hinge.mp4
    fetched = clips[-1].place.fetched(tmp_path, dict(os.environ))
    assert (fetched.name, fetched.read_bytes()) == ("p9 hip hinge.mp4", b"this is no video")
    signed = clip_location(f"{web}/p9 hip hinge.mp4?signature={'x' * 400}")
    assert signed.fetched(tmp_path, dict(os.environ)).name == "p9 hip hinge.mp4"
    assert len({one.place.content() for one in clips}) == 6
    with pytest.raises(UnreadableInputError, match="There is nothing at"):
        clip_location(f"{web}/no.mp4").content()
    (tmp_path / "m.csv").write_text(f"file\n{web}/p0_single-leg-stance_left.mp4\n")
    assert find_clips(str(tmp_path / "m.csv"), trust_manifest=True)[0].place.content() == clips[1].place.content()


def test_a_store_that_does_not_answer_is_one_sentence(console: Console, tmp_path: Path) -> None:
    said = console("batch", "http://127.0.0.1:9/clips", "--out", str(tmp_path / "out"))
    said.require(4)
    assert "http://127.0.0.1:9/clips cannot be reached" in said.sentence
    console("batch", "nosuch://bucket/clips", "--out", str(tmp_path / "out")).require(2)


def test_a_store_in_memory_gives_its_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    monkeypatch.setattr(locations, "STORES", locations.STORES | {"memory"})  # stands for an object store
    store = fsspec.filesystem("memory")
    store.pipe({"/study/manifest.csv": b"file,test\na.mp4,squat\n", "/study/a.mp4": b"a", "/study/b/hip_hinge.mp4": b"b"})
    store.pipe({"/study/b/._hip_hinge.mp4": b"a Macintosh leaves these", "/study/.old/squat.mp4": b"hidden"})
    try:
        listed, found = find_clips("memory://study")
        assert (listed.name, listed.request) == ("a.mp4", Request(test="squat"))
        assert (found.name, found.request) == ("b/hip_hinge.mp4", Request(test="hip_hinge"))
        before = found.place.content()
        assert before == found.place.content() != listed.place.content()
        store.pipe({"/study/b/hip_hinge.mp4": b"changed"})
        assert found.place.content() != before
    finally:
        store.rm("/study", recursive=True)


def test_a_name_that_is_not_utf_8_can_be_written_down(tmp_path: Path) -> None:
    """From an old archive or a share of Windows."""
    short_clip(tmp_path / "clip.mp4").rename(os.fsdecode(os.fsencode(tmp_path) + b"/J\xfcrgen_squat.mp4"))
    (clip,) = find_clips(str(tmp_path))
    assert (clip.name, clip.person, clip.request) == ("J?rgen_squat.mp4", "j_rgen_squat", Request(test="squat"))
    outcome = screen_clip(ClipJob("key", clip.place, clip.request, settings()))
    assert "holds characters that cannot be read" in outcome.rows[0].reason
    rows = [row.model_copy(update={"file": clip.name, "person": clip.person}) for row in outcome.rows]
    assert b"J?rgen" in csv_bytes(rows)
    assert parquet_bytes(rows)
    assert JournalEntry(key="key", folder="", rows=tuple(rows), seconds=0.0, exit_code=0).model_dump_json()


def test_a_folder_by_address_gives_the_same_clips(shorts: Path) -> None:
    by_path, by_address = find_clips(str(shorts)), find_clips(f"file://{shorts}")
    assert [clip.name for clip in by_address] == [clip.name for clip in by_path]
    assert [clip.request for clip in by_address] == [clip.request for clip in by_path]


RUNS_CODE = "{{ cycler.__init__.__globals__.os.popen('touch %s').read() }}"


def test_a_manifest_alone_reaches_nothing_outside_its_folder(web: str, shorts: Path, tmp_path: Path, console: Console) -> None:
    """It may come with the clips, from anyone: no other file, no address of this network, no code."""
    study, ran = tmp_path / "study", tmp_path / "ran"
    short_clip(study / "squat.mp4")
    (study / "linked.mp4").symlink_to(shorts / "p0_single-leg-stance_left.mp4")
    templates = {"version": 1, "templates": {"u": RUNS_CODE % ran}, "refs": {"squat.mp4": ["{{u}}"]}, "gen": []}
    (study / "refs.json").write_text(json.dumps(templates))
    outside = [
        f"{web}/p0_single-leg-stance_left.mp4",
        f"file://{shorts}/p0_single-leg-stance_left.mp4",
        str(shorts / "p0_single-leg-stance_left.mp4"),
        f"../../{shorts.name}/p0_single-leg-stance_left.mp4",
        "linked.mp4",
        f"reference://squat.mp4::file://{study}/refs.json",
        f"zip://squat.mp4::{web}/study.zip",
        "s3://bucket/squat.mp4",
    ]
    rows = ["squat.mp4", str(study / "squat.mp4"), "./a/../squat.mp4", *outside]
    (study / "manifest.csv").write_text("\n".join(["file,test", *(f"{row},squat" for row in rows)]))
    Quiet.asked.clear()
    clips = find_clips(str(study))
    assert [clip.reason for clip in clips] == [""] * 3 + [OUTSIDE] * len(outside)
    assert console("batch", str(study), "--out", str(tmp_path / "out"), "--dry-run").code == 0
    assert (Quiet.asked, ran.exists()) == ([], False)
    trusted = find_clips(str(study), trust_manifest=True)
    assert {clip.reason for clip in trusted} == {""}
    assert trusted[3].place.content() != trusted[4].place.content()
    assert trusted[5].place.content() == trusted[6].place.content() == trusted[7].place.content()
    assert Quiet.asked
    with pytest.raises(UsageError, match="is of a kind that is not opened"):
        trusted[8].place.content()
    assert not ran.exists()


@pytest.mark.parametrize(
    "address",
    [
        "reference://x.mp4::file:///refs.json",
        "zip://a.mp4::zip://b.zip::file:///c.zip",
        "simplecache::https://host/x.mp4",
        "dir://x.mp4::file:///tmp",
        "ssh://host/x.mp4",
        "github://owner:repo@main/x.mp4",
        "local:///etc/passwd",
        "zip://a.mp4::reference://x",
        "S3://bucket/x.mp4",
    ],
)
def test_other_protocols_are_not_opened_whoever_names_them(address: str, tmp_path: Path, console: Console) -> None:
    for ask in (ClipLocation.is_folder, ClipLocation.content, lambda place: place.fetched(tmp_path, dict(os.environ))):
        with pytest.raises(UsageError, match="is of a kind that is not opened"):
            ask(clip_location(address))
    console("batch", address, "--out", str(tmp_path / "out"), "--dry-run").require(2)


@pytest.mark.parametrize(
    ("name", "is_inside"),
    [
        ("https://host/study/a b/x.mp4", True),
        ("y/x.mp4", True),
        ("https://host/study/%2e%2e/x.mp4", False),
        ("..%2fx.mp4", False),
        ("../x.mp4", False),
        ("..\\x.mp4", False),
        ("x.mp4::file:///etc/x.mp4", False),
        ("https://host/studyx/x.mp4", False),
        ("https://host.evil/study/x.mp4", False),
        ("zip://x.mp4::https://host/study/x.zip", False),
    ],
)
def test_what_lies_inside_a_folder_of_a_store(name: str, is_inside: bool) -> None:
    folder = clip_location("https://host/study/m.csv").parent
    assert folder.join(name).is_inside(folder) is is_inside
