"""How files are written whole: beside their place, then renamed. Another process sees all of it or none."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

from screener.errors import OutputError

STAGE_PREFIX = ".partial-"
"""Files are written in a folder of this name before they are put in place."""
LOCK_SUFFIX = ".lock"
"""Beside such a folder lies a file that its program holds locked; the system lets go of it, however the program ends.

The number of a process would not do: a container starts with the same ones each time."""
_STAGE_NAME = re.compile(rf"{re.escape(STAGE_PREFIX)}([0-9a-f]{{16}}|\d+-\w+)")
"""Such a folder, also as earlier releases named it, with the number of a process."""


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give an open file that becomes `path` when all went well, and vanishes when not.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing.

    Raises
    ------
    OSError
        The folder cannot be made or written, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def staged(folder: Path, removes: Callable[[str], bool] = lambda _name: False) -> Iterator[Path]:
    """Give a folder to write in; its files move into `folder` when all went well, and vanish when not.

    Files of `folder` with a name that `removes` tells are removed then.

    Raises
    ------
    OutputError
        The folder cannot be made or written, or the disk is full.
    """
    try:
        with made(folder), stage_in(folder) as stage:
            yield stage
            _put_in_place(stage, folder, removes)
    except OSError as error:
        raise _output_error(error, folder) from error


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; what is still empty at the end goes again."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for part in missing:
            with suppress(OSError):  # not empty: the files are there
                part.rmdir()


def _put_in_place(stage: Path, folder: Path, removes: Callable[[str], bool]) -> None:
    """Move what is in the stage into the folder, report.json last; if one file cannot, the earlier files come back."""
    names = sorted((file.name for file in stage.iterdir()), key=lambda name: (name == "report.json", name))
    old = [file.name for file in folder.iterdir() if file.is_file() and file.name not in names and removes(file.name)]
    in_the_way = next((name for name in names if (folder / name).is_dir()), None)
    if in_the_way is not None:
        raise IsADirectoryError(errno.EISDIR, f"{in_the_way} in it is a folder")
    earlier = stage / "earlier"
    earlier.mkdir()
    moved = []
    try:
        for name in (*old, *names):
            if (folder / name).exists():
                (folder / name).replace(earlier / name)
            if name in names:
                (stage / name).replace(folder / name)
                moved.append(name)
    except BaseException:
        for name in moved:
            (folder / name).unlink()
        for file in earlier.iterdir():
            file.replace(folder / file.name)
        raise


@contextmanager
def stage_in(folder: Path) -> Iterator[Path]:
    """Give a new folder in a folder, which only this user may enter; it vanishes at the end, with what is still in it.

    What runs that were killed left in `folder` is removed first.

    Raises
    ------
    OSError
        It cannot be made.
    """
    remove_abandoned(folder)
    stage = folder / f"{STAGE_PREFIX}{secrets.token_hex(8)}"
    lock = _lock_of(stage)
    lock.acquire()
    try:
        stage.mkdir(mode=0o700)
        yield stage
    finally:
        _discard(stage, lock)


def remove_abandoned(folder: Path) -> None:
    """Remove what runs that were killed left behind; stages of runs that still go on stay."""
    names = {path.name.removesuffix(LOCK_SUFFIX) for path in folder.glob(f"{STAGE_PREFIX}*")}
    for stage in (folder / name for name in names if _STAGE_NAME.fullmatch(name)):
        lock = _lock_of(stage)
        try:
            lock.acquire(blocking=False)
        except OSError:  # its program runs, or it belongs to another user
            continue
        _discard(stage, lock)


def _lock_of(stage: Path) -> FileLock:
    return FileLock(f"{stage}{LOCK_SUFFIX}", mode=0o600, thread_local=False)


def _discard(stage: Path, lock: FileLock) -> None:
    shutil.rmtree(stage, ignore_errors=True)
    with suppress(OSError):  # Windows does not let go of the name of an open file
        Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()
    if sys.platform == "win32":
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)


def user_temporary_folder() -> Path:
    """Return this user's own folder for temporary files; it stays, so that what a killed run left in it is found again.

    Raises
    ------
    OutputError
        Someone else has made it, who could read or replace what is put in it.
    """
    if sys.platform == "win32":  # there the temporary folder is the user's own
        folder = Path(tempfile.gettempdir()) / "screener"
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.gettempdir()) / f"screener-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise OutputError(f"The folder {folder} is not this user's alone.", "Remove it, or set TMPDIR to a folder of your own.")
    return folder


def check_writable(folder: Path) -> None:
    """Fail before the long work, not after it: OutputError when a file cannot be written into the folder.

    Nothing is left behind, the folder itself is only made when there is a report to put in it.
    """
    with staged(folder) as stage:
        (stage / "report.json").touch()
        (stage / "report.json").unlink()


def _output_error(error: OSError, folder: Path) -> OutputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"The disk of {folder} is full; nothing was written.",
            "Free some space, or choose another folder with --out.",
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        in_the_way = next((part for part in (folder, *folder.parents) if part.is_file()), folder)
        return OutputError(f"{in_the_way} is a file, not a folder.", "Choose another folder with --out.")
    return OutputError(
        f"The folder {folder} cannot be written ({error.strerror or error}).",
        "Choose a folder you may write to with --out.",
    )
