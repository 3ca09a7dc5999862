"""Who keeps the station waiting: strangers that send slowly or nothing, and a database that another program holds."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from threading import Thread

import pytest

from helpers.station_served import PIN, Served
from screener.station.web import patience

TRICKLE_S = 0.1


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same server, with seconds instead of half minutes."""
    for name, seconds in (("HEAD_S", 1.0), ("FORM_S", 2.0), ("SILENCE_S", 1.0)):
        monkeypatch.setattr(patience, name, seconds)


def head(path: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: {{host}}\r\nOrigin: http://{{host}}\r\nContent-Length: {length}\r\n\r\n".encode()


SLOW = {
    "nothing": b"",
    "half a line": b"GET /sign-in HT",
    "a head without an end": b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-A: ",
    "an empty line": b"\r\n",
    "a form without a body": head("/sign-in", 500),
    "half a form": head("/sign-in", 500) + b"login=",
    "an upload without a body": head("/intake/1?name=a.mp4&test=squat", 5000),
}


def until_dropped(connection: socket.socket, trickle: bytes) -> float:
    """Send a byte now and then; how long the station puts up with it."""
    start = time.monotonic()
    connection.settimeout(TRICKLE_S)
    while time.monotonic() - start < 20:
        try:
            if trickle:
                connection.sendall(trickle)
            if connection.recv(10_000) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - start


@pytest.mark.parametrize(
    ("said", "trickle"),
    [(said, trickle) for said in SLOW for trickle in (b"", b"a") if not (trickle and "upload" in said)],  # that may last
)
def test_a_slow_client_is_dropped(
    impatient: None, station: Served, said: str, trickle: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    host = station.address.removeprefix("http://")
    name, port = host.split(":")
    with closing(socket.create_connection((name, int(port)))) as connection:
        connection.sendall(SLOW[said].replace(b"{host}", host.encode()))
        assert until_dropped(connection, trickle) < 6
    time.sleep(0.2)
    assert "Traceback" not in capfd.readouterr().err


def test_a_connection_is_dropped_that_says_nothing_more_after_an_answer(impatient: None, station: Served) -> None:
    host = station.address.removeprefix("http://")
    name, port = host.split(":")
    with closing(socket.create_connection((name, int(port)))) as connection:
        connection.sendall(f"GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert until_dropped(connection, b"\r\n") < 6


def test_many_silent_ones_do_not_shut_the_others_out(impatient: None, station: Served) -> None:
    name, port = station.address.removeprefix("http://").split(":")
    with ExitStack() as held:
        for _ in range(300):
            held.enter_context(closing(socket.create_connection((name, int(port)))))
        visitor = station.signed_in("owner")
        assert visitor.get("/people").status_code == 200
        time.sleep(1.5)
        assert visitor.get("/people").status_code == 200


HOLDER = """
import sys
from pathlib import Path
from helpers.station_served import PASSPHRASE
from screener.station.storage import cipher
from screener.station.settings import ArgonCost
file = Path(sys.argv[1])
connection = cipher.connect(file, *cipher.find_key(file, PASSPHRASE, (ArgonCost(64, 1, 1),)))
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_pin_that_waits_for_the_database_keeps_nobody_else_waiting(station: Served) -> None:
    visitor, other = station.signed_in("owner"), station.signed_in("clinician")
    visitor.post("/lock")
    command = [sys.executable, "-c", HOLDER, str(station.database.file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONPATH": ":".join(sys.path)}
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        answers: list[int] = []
        trying = Thread(target=lambda: answers.append(visitor.client.post("/locked", data={"pin": PIN}).status_code))
        trying.start()
        time.sleep(0.3)
        longest = 0.0
        for _ in range(10):
            start = time.monotonic()
            assert other.get("/presence").json() == "here"
            assert visitor.get("/presence").json() == "locked"
            longest = max(longest, time.monotonic() - start)
        assert trying.is_alive()
        holder.communicate()
        trying.join(30)
    assert answers == [303]
    assert longest < 1.0
    assert visitor.get("/presence").json() == "here"
