"""Where the station is served: on this machine, or beyond it with TLS only."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

from screener.errors import StationError
from screener.station.database import Database


@dataclass(frozen=True)
class Address:
    """Where to listen.

    Attributes
    ----------
    host, port
        0.0.0.0 or a name for other machines; port 0 for any free one.
    tls_cert, tls_key : Path, optional
        Certificate chain and its key, PEM.
    """

    host: str = "127.0.0.1"
    port: int = 8460
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        number = self._number
        return self.host == "localhost" if number is None else number.is_loopback

    @property
    def is_everywhere(self) -> bool:
        """Whether it is every address of this machine, which is none that can be opened."""
        number = self._number
        return number is not None and number.is_unspecified

    @property
    def name(self) -> str:
        """What people type: the machine's name where every address of it is served."""
        if self.is_everywhere:
            return socket.gethostname()
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def _number(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def has_tls(self) -> bool:
        """Whether what is sent is encrypted."""
        return self.tls_cert is not None and self.tls_key is not None

    def require_safe(self) -> None:
        """Refuse to send results of people over a network in clear.

        Raises
        ------
        StationError
            Beyond this machine without TLS, or a file of it is missing.
        """
        if (self.tls_cert is None) != (self.tls_key is None):
            raise StationError("TLS needs a certificate and its key.", "Name both: --tls-cert FILE --tls-key FILE")
        for file in (self.tls_cert, self.tls_key):
            if file is not None and not file.is_file():
                raise StationError(f"There is no file {file}.", "Check the names given with --tls-cert and --tls-key.")
        if not self.is_local and not self.has_tls:
            raise StationError(
                f"The station is not served at {self.host} without encryption: anyone in the network could read along.",
                "Name a certificate with --tls-cert and --tls-key, or leave --host out to use it on this machine only.",
            )


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
    from screener.station.pages.serving import serve_pages  # the commands that serve nothing start faster without it

    serve_pages(database, address, camera, lambda opened: _announce(opened, address))


def _announce(opened: str, address: Address) -> None:
    lines = [f"Open this address: {opened}"]
    if address.is_everywhere:
        lines.append(
            "It is this machine's own name; another name or number of it does as well, if the network knows it and the "
            "certificate holds it."
        )
    print(*lines, "Ctrl-C ends the station.", sep="\n", flush=True)
