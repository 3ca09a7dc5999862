"""`screener live` in a process of its own."""

from __future__ import annotations

import http.client
import signal
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

END_S = 20.0


@dataclass
class Running:
    """A program that serves the page."""

    process: subprocess.Popen[str]
    address: str
    folder: Path

    @property
    def origin(self) -> str:
        return self.address.split("/?")[0]

    @property
    def port(self) -> int:
        return int(self.origin.rsplit(":", 1)[1])

    @property
    def token(self) -> str:
        return self.address.split("token=")[1]

    def cookie(self) -> str:
        """Open the address; its cookie, or nothing where it has been opened before."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", f"/?token={self.token}")
            answer = connection.getresponse()
            answer.read()
        return str(answer.headers.get("set-cookie", "")).split(";")[0]

    def end(self) -> str:
        """Press Ctrl-C; the exit code must be 0, and nothing may be complained of."""
        self.process.send_signal(signal.SIGINT)
        said, complained = self.process.communicate(timeout=END_S)
        assert self.process.returncode == 0, complained
        assert not complained, complained
        return said


Start = Callable[..., Running]
