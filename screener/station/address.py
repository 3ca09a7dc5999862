"""Where the station is served: on this machine, or beyond it with TLS only."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

from screener.errors import StationError


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
                f"The station is not served at {self.host} without encryption: anyone on the network could read along.",
                "Name a certificate with --tls-cert and --tls-key, or leave --host out to use it on this machine only.",
            )
