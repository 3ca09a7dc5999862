"""Nothing leaves the machine: a whole analyze under a system-call trace."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.system_calls import CALLS, leaks


def traced(code: str, arguments: list[str], log: Path) -> tuple[int, str]:
    if shutil.which("strace") is None:
        pytest.fail("strace is not installed: apt-get install strace")
    command = ["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", str(log), sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, log.read_text(encoding="utf-8", errors="replace")


def test_the_watch_sees_a_look_up_and_a_connection() -> None:
    assert leaks('1 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("142.250.1.1")}, 16) = 0')
    assert leaks('1 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, "2a00::1")}, 28) = 0')
    assert leaks('1 sendto(3, "..", 2, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 2')
    assert leaks('1 openat(AT_FDCWD, "/etc/resolv.conf", O_RDONLY) = 3')
    assert not leaks('1 connect(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16) = -1')


@pytest.mark.slow
def test_the_trace_catches_a_program_that_asks_for_a_name(tmp_path: Path) -> None:
    code = "import socket\ntry: socket.getaddrinfo('example.invalid', 80)\nexcept OSError: pass"
    assert leaks(traced(code, [], tmp_path / "trace")[1])


@pytest.mark.slow
def test_a_whole_analyze_makes_no_look_up_and_no_connection(samples: Path, tmp_path: Path) -> None:
    clip, out = samples / "stance_left_drop9.mp4", tmp_path / "out"
    arguments = ["analyze", str(clip), "--test", "single_leg_stance", "--out", str(out), "--overlay"]
    code, trace = traced("from screener.cli import run; run()", arguments, tmp_path / "trace")
    assert code == 0
    assert (out / "report.json").is_file()
    assert "openat" in trace
    assert leaks(trace) == []
