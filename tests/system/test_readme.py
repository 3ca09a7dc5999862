"""Every command and every example of the README and of the pages for users runs."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from screener.cli import main
from screener.model.results import SAFETY_SENTENCE

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    README,
    *(page.read_text(encoding="utf-8") for page in (ROOT / "docs/tutorial.md", *sorted((ROOT / "docs/how-to").glob("*.md")))),
]
SHELL = list(
    dict.fromkeys(
        line for page in PAGES for block in re.findall(r"```sh\n(.*?)```", page, re.S) for line in block.strip().splitlines()
    )
)
SERVERS = [line for line in SHELL if line.startswith("screener live")]
"""Commands that run until Ctrl-C."""
STATION = [line for line in SHELL if line.startswith("screener station")]
"""Make a database, then serve it until Ctrl-C."""
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)


def test_it_says_what_it_is_and_is_not() -> None:
    plain = " ".join(README.replace(">", " ").split())
    assert SAFETY_SENTENCE in plain


def test_the_make_commands_are_targets_of_the_makefile() -> None:
    commands = {*(line for line in SHELL if line.startswith("make ")), *re.findall(r"`(make \w+)`", README)}
    assert commands == {"make demo", "make test", "make live", "make station"}
    for command in commands:
        plan = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert "pytest" in plan if command == "make test" else f"screener {command.split()[1]}" in plan


def test_files_it_names_exist() -> None:
    for name in re.findall(r"\]\(([\w/.-]+)\)", README):
        assert (ROOT / name).exists(), name


@pytest.mark.slow
def test_every_command_runs_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    commands = [line for line in SHELL if line.startswith("screener ") and line not in SERVERS + STATION]
    assert len(commands) >= 6
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    assert (tmp_path / "screening/again/report.html").is_file()
    assert (tmp_path / "screening/stance/overlay.mp4").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("command", SERVERS)
def test_every_server_starts_and_ends(command: str, tmp_path: Path) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    words = [*shlex.split(command)[1:], "--no-open"]
    run = [sys.executable, "-c", "from screener.cli import run; run()", *words]
    with subprocess.Popen(
        run, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert re.search(r"http://127\.0\.0\.1:\d+/\?token=\S{20,}", server.stdout.readline())
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


@pytest.mark.slow
def test_the_station_is_made_and_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = "four words that differ"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("screener.cli.station._typed", lambda *_asked, **_how: typed)
    init, serve = STATION
    assert main(shlex.split(init)[1:]) == 0
    words = [*shlex.split(serve)[1:], "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SCREENER_PASSPHRASE": typed}
    run = [sys.executable, "-c", "from screener.cli import run; run()", *words]
    with subprocess.Popen(run, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
        assert found
        with urllib.request.urlopen(found.group(0), timeout=20) as answer:
            assert "Sign-in name" in answer.read().decode()
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


@pytest.mark.slow
def test_the_python_example_runs() -> None:
    (example,) = PYTHON
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Single-leg stance" in done.stdout


@pytest.mark.slow
def test_demo_writes_a_report_of_every_clip(tmp_path: Path) -> None:
    assert main(["demo", "--no-open", "--out", str(tmp_path)]) == 0
    written = {path.parent.name for path in tmp_path.glob("*/report.html")}
    assert written == {path.stem for path in (ROOT / "samples/videos").glob("*.mp4")}
    overview = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}/report.html"' in overview for name in written)
