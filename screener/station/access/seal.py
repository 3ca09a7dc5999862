"""What this machine keeps of audit logs, outside of their databases: the key of its seals, and how far it has seen each log.

Who may change the database, by its passphrase or as the keeper of a server, can write a chain of hashes anew or cut off its
end. This key and these anchors are out of their reach.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from platformdirs import user_data_path
from pydantic import ValidationError

from screener.errors import StationError
from screener.files import written_whole
from screener.model.results import Record

KEY_BYTES = 32
ID_CHARACTERS = 12
NAME_CHARACTERS = 24
SHOWN_CHARACTERS = 16


@dataclass(frozen=True)
class SealKey:
    """The key with which this machine seals what it writes into a log."""

    secret: bytes

    @property
    def id(self) -> str:
        """Tells keys apart, and nothing of them."""
        return hashlib.sha256(self.secret).hexdigest()[:ID_CHARACTERS]

    def seal(self, content_hash: str) -> str:
        """Return what only who has the key can make of the hash of an entry."""
        return hmac.new(self.secret, content_hash.encode(), hashlib.sha256).hexdigest()


class LogAnchor(Record):
    """How far this machine has seen a log.

    Attributes
    ----------
    entries : int
        Number of the last entry it has seen.
    last_hash : str
        Hash of that entry.
    """

    database: str
    entries: int
    last_hash: str

    @property
    def text(self) -> str:
        """What is printed in reports and at backups: enough to find the entry in the log, too much to be met by chance."""
        return f"entry {self.entries}, {self.last_hash[:SHOWN_CHARACTERS]}"


def folder() -> Path:
    """Where this machine keeps it."""
    return user_data_path("movement-screener") / "audit"


def own_key() -> SealKey:
    """Return the key of this machine, made when it is first wanted; only its user may read it.

    Raises
    ------
    StationError
        It cannot be read or made.
    """
    file = folder() / "key"
    try:
        if not file.is_file():
            _make(file)
        return SealKey(bytes.fromhex(file.read_text(encoding="ascii")))
    except (OSError, ValueError) as error:
        raise StationError(
            f"The key of the audit log, {file}, cannot be read or made ({error}).",
            "Check that you may write this folder; the program keeps what belongs to this machine there.",
        ) from error


def _make(file: Path) -> None:
    """Several programs may come first at the same time: one makes the key, the others take it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(f"{file}.lock", mode=0o600):
        if not file.is_file():
            with written_whole(file) as opened:  # which only its user may read
                opened.write(secrets.token_hex(KEY_BYTES).encode())


def anchor_file(database: str) -> Path:
    """Where the anchor of a database is kept.

    Parameters
    ----------
    database : str
        `Database.location`.
    """
    return folder() / f"{hashlib.sha256(database.encode()).hexdigest()[:NAME_CHARACTERS]}.json"


def read_anchor(database: str) -> LogAnchor | None:
    """Return how far this machine has seen the log of a database; None where it has not.

    Raises
    ------
    StationError
        The anchor is there, and cannot be read.
    """
    file = anchor_file(database)
    try:
        return LogAnchor.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StationError(
            f"The file {file}, which says how far the audit log was seen, cannot be read.", "Delete it, and check the log."
        ) from error


def write_anchor(anchor: LogAnchor) -> None:
    """Remember how far a log was seen."""
    file = anchor_file(anchor.database)
    try:
        with written_whole(file) as opened:
            opened.write(anchor.model_dump_json().encode())
    except OSError as error:
        raise StationError(
            f"The file {file}, which says how far the audit log was seen, cannot be written ({error.strerror}).",
            "Check that you may write this folder, and that its disk is not full.",
        ) from error
