"""The key of a database file: computed from the passphrase each time, never stored.

A SQLCipher file begins with 16 random bytes, its salt. They are also the salt of Argon2id, so that one file is all that is
needed besides the passphrase.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from sqlcipher3 import dbapi2

from screener.errors import StationError
from screener.station.settings import ArgonCost
from screener.station.storage.secret_text import normal_form, spellings

SALT_BYTES = 16
KEY_BYTES = 32
MIN_PASSPHRASE = 12
NOT_A_DATABASE = 26
"""SQLITE_NOTADB: the key does not fit, or the file is something else."""
BUSY_MS = 15_000
"""How long a writer waits for another one."""


def require_passphrase(passphrase: str) -> None:
    """Refuse a new passphrase that is easily guessed from a stolen file."""
    if len(normal_form(passphrase)) < MIN_PASSPHRASE:
        raise StationError(
            f"The passphrase is shorter than {MIN_PASSPHRASE} characters.",
            "Take four or more words that do not belong together.",
        )


def derive_key(passphrase: str, salt: bytes, cost: ArgonCost) -> bytes:
    """Compute the 32 bytes of a key with Argon2id."""
    return hash_secret_raw(
        passphrase.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, KEY_BYTES, Type.ID
    )  # fmt: skip


def new_key(passphrase: str, cost: ArgonCost) -> tuple[bytes, bytes]:
    """Key and salt for a file that is not there yet."""
    salt = os.urandom(SALT_BYTES)
    return derive_key(normal_form(passphrase), salt, cost), salt


def find_key(path: Path, passphrase: str, costs: tuple[ArgonCost, ...]) -> tuple[bytes, bytes]:
    """Key and salt of a file.

    Raises
    ------
    StationError
        The passphrase is wrong, or it is no such file.
    """
    with path.open("rb") as file:
        salt = file.read(SALT_BYTES)
    for spelling, cost in product(spellings(passphrase), costs if len(salt) == SALT_BYTES else ()):
        key = derive_key(spelling, salt, cost)
        if _opens(path, key, salt):
            return key, salt
    raise StationError(
        f"The passphrase does not open {path.name}.",
        "Type it again; if it is lost, nobody can read the file. A file of another program does not open either.",
    )


def _opens(path: Path, key: bytes, salt: bytes) -> bool:
    try:
        connection = connect(path, key, salt)
    except dbapi2.DatabaseError as error:
        if error.sqlite_errorcode == NOT_A_DATABASE:
            return False
        raise
    connection.close()
    return True


def connect(path: Path, key: bytes, salt: bytes) -> Any:
    """Open one connection; transactions are the caller's.

    A confirmed save is on the disk (WAL, synchronous FULL), and what is deleted is overwritten (secure_delete).
    """
    connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, key, salt)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Any, key: bytes, salt: bytes) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("SELECT count(*) FROM sqlite_master")  # a wrong key is found out here


def connector(path: Path, key: bytes, salt: bytes) -> Callable[[], Any]:
    """Return what opens a connection each time it is called."""
    return lambda: connect(path, key, salt)
