"""Where clips are: files of this machine, or addresses of an object store or web server that fsspec knows."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from screener.errors import UnreadableInputError, UsageError, printable
from screener.workflow.user_file import decoded

_FACTS = (str, int, float, tuple, datetime)
"""What a store says of a file: its size, when it was written, its checksum; not the objects of its library."""
STORES = frozenset({"file", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "http", "https"})
"""Protocols that are opened. fsspec knows more: some run commands, log in elsewhere, render templates of a file."""
ARCHIVE = "zip"
"""The one protocol that may be chained to one of these: `zip://clip.mp4::s3://bucket/study.zip`."""
FETCH_TIMEOUT_S = 3600.0
_FETCH = """
import shutil, sys, fsspec
with fsspec.open(sys.stdin.read(), "rb") as source, open(sys.argv[1], "wb") as target:
    shutil.copyfileobj(source, target)
"""
"""The address, which may be signed, is no word of the process: every user of the machine can read those."""


@dataclass(frozen=True)
class ClipLocation:
    """A file or folder by its address.

    Attributes
    ----------
    address : str
        A path of this machine, made absolute, or an address with `://`.
    """

    address: str

    @property
    def is_remote(self) -> bool:
        """Whether fsspec must be asked."""
        return "://" in self.address

    @property
    def path(self) -> Path:
        """The file of this machine."""
        return Path(self.address)

    @property
    def _head(self) -> str:
        """The address without what it is chained to: `zip://a.mp4` of `zip://a.mp4::s3://bucket/study.zip`."""
        return self.address.partition("::")[0] if self.is_remote else self.address

    @property
    def _tail(self) -> str:
        """What it is chained to, with its colons."""
        return self.address[len(self._head) :]

    def _plain(self, text: str) -> str:
        """A part of an address as it is read; those of web servers spell spaces and other signs in numbers."""
        return unquote(text.partition("?")[0]) if self.address.startswith(("http://", "https://")) else text

    @property
    def name(self) -> str:
        """The last part."""
        return printable(PurePosixPath(self._plain(self._head)).name if self.is_remote else self.path.name)

    @property
    def ending(self) -> str:
        """The ending without its dot, in small letters."""
        return PurePosixPath(self.name).suffix[1:].lower()

    @property
    def parent(self) -> ClipLocation:
        """The folder it lies in."""
        return (
            ClipLocation(f"{self._head.rsplit('/', 1)[0]}/{self._tail}")
            if self.is_remote
            else ClipLocation(str(self.path.parent))
        )

    def __truediv__(self, name: str) -> ClipLocation:
        """Return a file in this folder."""
        if not self.is_remote:
            return ClipLocation(str(self.path / name))
        return ClipLocation(f"{self._head}{'' if self._head.endswith('/') else '/'}{name}{self._tail}")

    def join(self, name: str) -> ClipLocation:
        """Return a place by its address, or by a path from this folder on."""
        return ClipLocation(name) if "://" in name else self / name

    def within(self, folder: ClipLocation) -> str:
        """Return the path from a folder on."""
        return self._plain(self._head.removeprefix(folder._head)).lstrip("/\\")

    def is_inside(self, folder: ClipLocation) -> bool:
        """Whether it lies below a folder, wherever its links lead, and in the same archive and store."""
        if not self.is_remote:
            return not folder.is_remote and _linked_to(self.path).is_relative_to(_linked_to(folder.path))
        parts = unquote(self._head).replace("\\", "/").split("/")
        return self._tail == folder._tail and self._head.startswith(f"{folder._head.rstrip('/')}/") and ".." not in parts

    def require_known_store(self) -> None:
        """Refuse an address before anything of it is opened.

        Raises
        ------
        UsageError
            Its protocol is none of `STORES`, or it is a chain of anything but an archive and a store.
        """
        *archives, store = (link.partition("://")[0] if "://" in link else "file" for link in self.address.split("::"))
        if store not in STORES or archives not in ([], [ARCHIVE]):
            raise UsageError(
                f"The address {self.address} is of a kind that is not opened.",
                "Copy the clips to a folder, or to a store of s3://, gs://, abfs:// or https://.",
            )

    def is_folder(self) -> bool:
        """Whether it is a folder; a name that is too long, at which `Path.is_dir` raises, is none."""
        return bool(self._remote(lambda fs, path: fs.isdir(path))) if self.is_remote else os.path.isdir(self.path)  # noqa: PTH112

    def exists(self) -> bool:
        """Whether it is a file; as `is_folder`."""
        return bool(self._remote(lambda fs, path: fs.isfile(path))) if self.is_remote else os.path.isfile(self.path)  # noqa: PTH113

    def text(self) -> str:
        """Return what is written in it; UnreadableInputError where it cannot be read."""
        try:
            data = self._remote(lambda fs, path: fs.cat_file(path)) if self.is_remote else self.path.read_bytes()
        except OSError as error:
            raise UnreadableInputError(f"{self.name} cannot be read.", "Check its name, and that you may read it.") from error
        return decoded(bytes(data), self.name)

    def files(self) -> Iterator[ClipLocation]:
        """Yield every file below this folder in order of their names; hidden ones are left out."""
        if self.is_remote:
            found = self._remote(lambda fs, path: [name.removeprefix(path).lstrip("/") for name in fs.find(path)])
            yield from (self / name for name in sorted(found) if not _is_hidden(name))
            return
        for path in sorted(self.path.rglob("*")):
            if path.is_file() and not _is_hidden(path.relative_to(self.path).as_posix()):
                yield ClipLocation(str(path))

    def content(self) -> str:
        """Return a text that changes with the content: the checksum of a file, what a store says of its own.

        Raises
        ------
        UnreadableInputError
            It is not there, or cannot be read.
        """
        if self.is_remote:
            known = self._remote(lambda fs, path: fs.info(path))
            return json.dumps([self.address, {name: str(fact) for name, fact in known.items() if isinstance(fact, _FACTS)}])
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise UnreadableInputError(f"{self.name} is not there.", "Check its name in the manifest.") from error
        except OSError as error:
            raise UnreadableInputError(
                f"{self.name} cannot be read ({error.strerror}).", "Check that you may read it."
            ) from error

    def fetched(self, folder: Path, environment: dict[str, str]) -> Path:
        """Return the file on this machine, copied into a folder where it is not here already.

        Parameters
        ----------
        folder : Path
            For a copy.
        environment : dict
            What the copying process sees: its way to the network must be open, and this process has closed its own.

        Raises
        ------
        UsageError
            It is an address of a kind that is not opened.
        UnreadableInputError
            It cannot be fetched.
        """
        if not self.is_remote:
            return self.path
        self.require_known_store()
        target = folder / self.name
        command = [sys.executable, "-c", _FETCH, str(target)]
        try:
            subprocess.run(
                command,
                input=self.address,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
                timeout=FETCH_TIMEOUT_S,
            )
        except subprocess.CalledProcessError as error:
            said = (error.stderr.strip().splitlines() or [""])[-1]
            raise UnreadableInputError(
                f"{self.name} could not be fetched: {said}", "Check its address and your access."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise UnreadableInputError(f"{self.name} took too long to fetch.", "Check the connection to its store.") from error
        return target

    def _remote(self, ask: Any) -> Any:
        """Ask the file system behind the address; its library raises whatever it likes."""
        from fsspec.core import url_to_fs

        self.require_known_store()
        try:
            return ask(*url_to_fs(self.address))
        except FileNotFoundError as error:
            raise UnreadableInputError(f"There is nothing at {self.address}.", "Check the address.") from error
        except (ImportError, ValueError) as error:
            raise UsageError(
                f"The address {self.address} cannot be used ({error}).", "Install what its store needs."
            ) from error
        except Exception as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UnreadableInputError(
                f"{self.address} cannot be reached ({said}).", "Check the address and your access."
            ) from error


def _linked_to(path: Path) -> Path:
    """Where a path leads; unlike `Path.resolve` it does not fail at links in a circle."""
    return Path(os.path.realpath(path))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def clip_location(source: str) -> ClipLocation:
    """Return the place that a user's word names."""
    return ClipLocation(source) if "://" in source else ClipLocation(str(Path(source).absolute()))
