"""An upload is on the disk in cipher only, and in clear only in memory.

Its key is made for it and is nowhere but in memory: what a stolen disk or a killed station leaves cannot be read by anyone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

from screener.errors import UnreadableInputError

KEY_BYTES = 32
NONCE_BYTES = 12
PIECE_BYTES = 1_000_000


@dataclass(frozen=True, repr=False)
class SealedVideo:
    """A video in cipher, and what opens it.

    Attributes
    ----------
    path : Path
        Where it lies.
    name : str
        What it is called where it is opened; never a name that came with it.
    """

    path: Path
    name: str
    key: bytes
    nonce: bytes
    tag: bytes


class SealingFile:
    """Writes a video to the disk in cipher (AES-256-GCM)."""

    def __init__(self, path: Path) -> None:
        self._path, self._key, self._nonce = path, os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
        self._cipher = Cipher(AES256(self._key), GCM(self._nonce)).encryptor()
        self._file: BinaryIO = path.open("wb")

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        self._file.write(self._cipher.update(piece))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def sealed(self, name: str) -> SealedVideo:
        """Say that all is written; returns how to open it."""
        self._file.write(self._cipher.finalize())
        self._file.close()
        return SealedVideo(self._path, name, self._key, self._nonce, self._cipher.tag)


@contextmanager
def in_memory(path: Path) -> Iterator[Path]:
    """Give a file at a path; what is written to it stays in memory where the system can do that.

    On Linux the path is a link that leads, in this process alone, to its memory. Elsewhere it is a file of this user alone.
    """
    if not hasattr(os, "memfd_create"):
        path.touch(0o600)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
        return
    memory = os.memfd_create(path.name)
    try:
        path.symlink_to(f"/proc/self/fd/{memory}")
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(memory)


@contextmanager
def opened(video: SealedVideo) -> Iterator[Path]:
    """Give a video in clear, beside where it lies in cipher.

    Raises
    ------
    UnreadableInputError
        It is not what was sealed.
    """
    cipher = Cipher(AES256(video.key), GCM(video.nonce, video.tag)).decryptor()
    with in_memory(video.path.with_name(video.name)) as path:
        with video.path.open("rb") as sealed, path.open("wb") as clear:
            while piece := sealed.read(PIECE_BYTES):
                clear.write(cipher.update(piece))
            try:
                cipher.finalize()
            except InvalidTag as error:
                raise UnreadableInputError("The upload was changed on the disk.", "Upload the video again.") from error
        yield path
