"""The command `screener live`: what it needs, what it refuses, how it ends."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

import pytest

from helpers.console import Console
from helpers.live_program import Start
from screener.extras import install_command


def test_without_the_extra_it_says_what_to_install(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nicegui", None)
    said = console("live", "--no-open")
    said.require(2, "The live page needs nicegui, which is not installed.")
    assert said.advice == f"Install it: {install_command('live')}"


def test_a_language_or_a_file_that_is_not_there_is_refused_before_anything_starts(console: Console, tmp_path: Path) -> None:
    console("live", "--no-open", "--language", "xx").require(2, "There is no language xx.")
    console("live", "--no-open", "--camera", str(tmp_path / "no.mp4")).require(2)


def test_a_folder_that_cannot_be_written_is_refused(console: Console, samples: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    clip = str(samples / "hinge_neutral.mp4")
    console("live", "--no-open", "--camera", clip, "--out", str(tmp_path / "file")).require(2)


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_sentence(console: Console, samples: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        clip = str(samples / "hinge_neutral.mp4")
        said = console("live", "--no-open", "--camera", clip, "--port", port, "--out", str(tmp_path))
    said.require(2, f"Port {port} cannot be used: another program has it.")


@pytest.mark.slow
def test_it_ends_with_ctrl_c_and_leaves_nothing_behind(start: Start, samples: Path) -> None:
    running = start(samples / "stance_left_stable.mp4")
    assert running.address.startswith("http://127.0.0.1:")
    assert "Ended; nothing is left running." in running.end()
    assert not running.folder.exists()
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.1", running.port))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a browser is a script here")
def test_the_token_is_not_among_the_words_that_a_browser_is_started_with(
    start: Start, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every user of the machine can read those."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nstat -c %a "$(dirname "${{1#file://}}")" >"{tmp_path}/mode"\n'
                       f'cat "${{1#file://}}" >"{tmp_path}/page"\necho "$@" >"{tmp_path}/words"\n')  # fmt: skip
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("DISPLAY", ":99")
    running = start(samples / "stance_left_stable.mp4", "--open")
    end = time.monotonic() + 20
    while not (tmp_path / "words").exists() and time.monotonic() < end:
        time.sleep(0.1)
    words = (tmp_path / "words").read_text()
    assert words.startswith("file://")
    assert running.token not in words
    assert running.address in (tmp_path / "page").read_text()
    assert (tmp_path / "mode").read_text() == "700\n"
    assert running.cookie()
    assert not running.cookie()
    running.end()
    assert not running.folder.exists()
