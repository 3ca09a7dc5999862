"""Libraries that only some commands need: missed before the long work, with the extra that brings them."""

from __future__ import annotations

import importlib.util
import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePath
from urllib.parse import unquote, urlparse

from screener.errors import UsageError

PACKAGE = "movement-screener"


def install_command(extra: str) -> str:
    """Return the command that adds an extra to this installation, on this system.

    Parameters
    ----------
    extra : str
        The extra.

    Returns
    -------
    str
        For a checkout and for a wheel the path they were installed from, which a bare name would not find again.
    """
    return command_for(extra, _origin(), PurePath(sys.prefix), sys.executable)


def command_for(extra: str, origin: str, prefix: PurePath, python: str) -> str:
    """As `install_command`, for an installation given by where the package came from, its environment and its Python.

    Parameters
    ----------
    extra : str
        The extra.
    origin : str
        Folder or wheel the package was installed from; empty for an index.
    prefix : path
        Folder of the environment.
    python : str
        The interpreter.
    """
    wanted = f"{origin}[{extra}]" if origin and not origin.endswith(".whl") else f"{PACKAGE}[{extra}]"
    if origin.endswith(".whl"):
        wanted = f"{wanted} @ {Path(origin).absolute().as_uri()}"
    parts = prefix.parts
    if "pipx" in parts:
        return f'pipx install --force "{wanted}"'
    if "uv" in parts and "tools" in parts:
        return f'uv tool install --force "{wanted}"'
    quoted = f'"{python}"' if sys.platform == "win32" else shlex.quote(python)
    return f'{quoted} -m pip install "{wanted}"'


def _origin() -> str:
    """Where the package was installed from, by the note that installers leave (PEP 610); empty where there is none."""
    try:
        note = distribution(PACKAGE).read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    address = urlparse(json.loads(note)["url"]) if note else None
    if address is None or address.scheme != "file":
        return ""
    path = unquote(address.path)
    return path[1:] if sys.platform == "win32" else path


def require_extra(what: str, extra: str, *names: str) -> None:
    """Fail before the long work, not after it.

    Parameters
    ----------
    what : str
        What needs them; the sentence begins with it.
    extra : str
        The extra of this package that brings them.
    *names : str
        Modules of the top level.

    Raises
    ------
    UsageError
        One of them is not installed.
    """
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"{what} needs {name}, which is not installed.", f"Install it: {install_command(extra)}")
