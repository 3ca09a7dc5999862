"""The port: taken, served until Ctrl-C, and left."""

from __future__ import annotations

import contextlib
import logging
import secrets
import signal
import socket
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from screener.errors import StationError
from screener.station.access import users
from screener.station.address import Address
from screener.station.storage.database import Database
from screener.station.web.app import make_app
from screener.station.web.guard import LOCAL_NAMES, Endpoint
from screener.station.web.patience import TimedProtocol

LEAVING_S = 2
CODE_BYTES = 12
HTTP_PORT = 80


def _is_news(record: logging.LogRecord) -> bool:
    """Whether the terminal should show it: a browser that keeps its connection at the end is no fault of anyone's."""
    return "timeout graceful shutdown exceeded" not in str(record.msg)


def listen(address: Address) -> socket.socket:
    """Take the port of an address.

    Raises
    ------
    StationError
        Another program has it, or the name is not of this machine.
    """
    try:
        family = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((address.host, address.port))
        except (OSError, OverflowError):
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StationError(
            f"The station cannot be served at {address.host}, port {address.port}: {reason}.",
            "Another program, or another station, may be using it; choose another port with --port.",
        ) from error
    return listening


def door_of(address: Address, port: int) -> Endpoint:
    """Tell how a browser reaches an address."""
    if address.has_tls:
        return Endpoint("https")
    names = dict.fromkeys((*LOCAL_NAMES, address.name))  # 127.0.0.2 is this machine too
    as_typed = tuple(names) if port == HTTP_PORT else ()  # which browsers leave out
    return Endpoint("http", (*as_typed, *(f"{name}:{port}" for name in names)))


def server_config(app: FastAPI, address: Address) -> uvicorn.Config:
    """Settings of the server."""
    return uvicorn.Config(
        app, http=TimedProtocol, log_level="error", timeout_graceful_shutdown=LEAVING_S, server_header=False,
        proxy_headers=False, ws="none", ssl_certfile=address.tls_cert, ssl_keyfile=address.tls_key,
    )  # fmt: skip


def _end_as_with_ctrl_c() -> None:
    """Have a service manager end the station as Ctrl-C does: with the database closed and nothing left behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def serve_pages(database: Database, address: Address, camera: str, on_ready: Callable[[str], None]) -> None:
    """Serve the pages until Ctrl-C.

    Parameters
    ----------
    database : Database
        Open; closed by the caller.
    address : Address
        Safe.
    camera : str
        As for `make_app`.
    on_ready : callable
        Called with what to open in the browser once the port is taken; before there is a user, the start code is part of it.
    """
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    listening = listen(address)
    port = listening.getsockname()[1]
    door, code = door_of(address, port), secrets.token_urlsafe(CODE_BYTES)
    app = make_app(database, door, code, camera)
    config = server_config(app, address)
    listening.listen()
    _end_as_with_ctrl_c()
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has already shut down when it passes Ctrl-C on
        first = "" if users.has_users(database) else f"first?code={code}"
        on_ready(f"{door.scheme}://{address.name}:{port}/{first}")
        uvicorn.Server(config).run(sockets=[listening])


def serve(database: Database, address: Address, camera: str = "0") -> None:
    """Serve the pages until Ctrl-C.

    Parameters
    ----------
    database : Database
        Open; closed by the caller.
    address : Address
        Checked here.
    camera : str
        For guided recordings: a number, an address, or a video file in its place.

    Raises
    ------
    StationError
        The address is not safe.
    """
    address.require_safe()
    from screener.station.web.serving import serve_pages  # the commands that serve nothing start faster without it

    serve_pages(database, address, camera, lambda opened: _announce(opened, address))


def _announce(opened: str, address: Address) -> None:
    lines = [f"Open this address: {opened}"]
    if address.is_everywhere:
        lines.append(
            "It is this machine's own name; another name or address of it works too, if the network knows it and the "
            "certificate contains it."
        )
    print(*lines, "Ctrl-C ends the station.", sep="\n", flush=True)
