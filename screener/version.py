"""Version of the installed program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("movement-screener")
except PackageNotFoundError:  # a checkout that was not installed
    __version__ = "0.0.0"
