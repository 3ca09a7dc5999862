"""How files are written whole: beside their place, then renamed. Another process sees all of it or none."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from screener.errors import OutputError

STAGE_PREFIX = ".partial-"
"""Files are written in a folder of this name, with the number of the process, before they are put in place."""


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
    stage: Path | None = None
    made: list[Path] = []
    try:
        made = [part for part in (folder, *folder.parents) if not part.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder)
        stage = Path(tempfile.mkdtemp(prefix=f"{STAGE_PREFIX}{os.getpid()}-", dir=folder))
        yield stage
        _put_in_place(stage, folder, removes)
    except OSError as error:
        raise _output_error(error, folder) from error
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
        for part in made:
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


def remove_abandoned(folder: Path) -> None:
    """Remove what runs that were killed left behind; stages of runs that still go on stay."""
    for stage in folder.glob(f"{STAGE_PREFIX}*-*"):
        pid = stage.name.removeprefix(STAGE_PREFIX).split("-")[0]
        if pid.isdecimal() and not _runs(int(pid)):
            shutil.rmtree(stage, ignore_errors=True)


def _runs(pid: int) -> bool:
    """Whether a process of this number runs; Windows is not asked, there it counts as running."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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
