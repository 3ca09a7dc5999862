"""A PostgreSQL server of one's own, for as long as a context lasts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True) + [
    Path(found).parent for found in [shutil.which("initdb")] if found
]
AS_SERVER = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if os.geteuid() == 0 else ()
"""PostgreSQL does not run as root."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server with data of its own; its address, without a database. It is ended and its data deleted."""
    if not BINARIES:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    binaries, folder, port = BINARIES[0], Path(tempfile.mkdtemp(prefix="pg")), free_port()
    if AS_SERVER:
        shutil.chown(folder, "postgres", "postgres")
    data, log = folder / "data", folder / "log"

    def run(*command: str) -> None:
        done = subprocess.run(
            [*AS_SERVER, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=folder,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run(str(binaries / "initdb"), "-D", str(data), "-U", "station", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    control = str(binaries / "pg_ctl")
    start = [*AS_SERVER, control, "-D", str(data), "-l", str(log), "-o", options, "-w", "start"]
    subprocess.run(start, check=True, timeout=60, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql://station@127.0.0.1:{port}"
    finally:
        run(control, "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)
