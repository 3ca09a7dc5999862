from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import pytest

from screener.extras import command_for, install_command


@pytest.mark.parametrize(
    ("origin", "prefix", "command"),
    [
        ("", "/home/a/.venv", '/py -m pip install "movement-screener[live]"'),
        ("/home/a/screener", "/home/a/.venv", '/py -m pip install "/home/a/screener[live]"'),
        ("/tmp/s-1.whl", "/home/a/.venv", '/py -m pip install "movement-screener[live] @ file:///tmp/s-1.whl"'),
        ("", "/home/a/.local/share/pipx/venvs/x", 'pipx install --force "movement-screener[live]"'),
        ("", "/home/a/.local/share/uv/tools/x", 'uv tool install --force "movement-screener[live]"'),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="paths of this system")
def test_the_command_fits_the_installation(origin: str, prefix: str, command: str) -> None:
    assert command_for("live", origin, PurePosixPath(prefix), "/py") == command


def test_of_a_checkout_it_names_the_checkout_and_this_python() -> None:
    command = install_command("live")
    assert sys.executable in command
    folder = command.partition('"')[2].partition("[live]")[0]
    assert (Path(folder) / "pyproject.toml").is_file()
