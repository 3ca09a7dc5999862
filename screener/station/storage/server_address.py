"""How a PostgreSQL server may be reached: on this machine, or beyond it with encryption and a certificate that is checked."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import URL

from screener.errors import StationError
from screener.station.address import Address

CHECKED = "verify-full"


def require_safe(url: URL, environment: Mapping[str, str]) -> None:
    """Refuse to send what is known of people over a network where others could read along.

    Parameters
    ----------
    url : URL
        Of the server.
    environment : mapping
        The client library takes from it what the address does not say.

    Raises
    ------
    StationError
        The server may be on another machine, and nothing says that its certificate is to be checked.
    """
    beyond = [host for host in _hosts(url, environment) if not _is_here(host)]
    modes = _said(url, "sslmode") or [environment.get("PGSSLMODE", "")]
    if beyond and modes != [CHECKED]:
        raise StationError(
            f"The database server {', '.join(beyond)} would be reached without a checked encryption.",
            "Add ?sslmode=verify-full to its address, and sslrootcert=FILE if its certificate is your own.",
        )


def _hosts(url: URL, environment: Mapping[str, str]) -> list[str]:
    """Every machine that the address may mean; none for the socket of this one."""
    named = [url.host] if url.host else _said(url, "host") or [environment.get("PGHOST", "")]
    numbers = _said(url, "hostaddr") or [environment.get("PGHOSTADDR", "")]
    services = _said(url, "service") or [environment.get("PGSERVICE", "")]
    return [host for text in (*named, *numbers, *services) for host in text.split(",") if host]


def _said(url: URL, name: str) -> list[str]:
    found = url.query.get(name, ())
    return [found] if isinstance(found, str) else list(found)


def _is_here(host: str) -> bool:
    return host.startswith(("/", "@")) or Address(host).is_local
