"""What holds for every station, in one place; a test passes a cheaper one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


def elapsed() -> timedelta:
    """Return how much time has passed since some moment: never back when the clock is set, and on while the machine sleeps.

    `time.monotonic` stands still with a sleeping machine on Linux and macOS, so that a laptop would wake up unlocked.
    """
    if sys.platform == "win32":
        return timedelta(seconds=time.monotonic())
    return timedelta(seconds=time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)))


@dataclass(frozen=True)
class ArgonCost:
    """Cost of one Argon2id computation.

    Attributes
    ----------
    memory_kib : int
        Memory it must hold.
    passes : int
        How often it goes through it.
    lanes : int
        Threads.
    """

    memory_kib: int
    passes: int
    lanes: int


@dataclass(frozen=True)
class StationSettings:
    """Limits and costs of a station; what a practice chooses for itself is in its `Practice` row.

    Attributes
    ----------
    password_cost : ArgonCost
        RFC 9106's second recommendation (64 MiB); about 50 ms.
    key_costs : tuple of ArgonCost
        For the key of a database file: the first for new files, all are tried on opening, so that it can rise later.
    tries, locked_for
        This many wrong passwords in a row lock an account for this long.
    pin_tries : int
        So many wrong PINs end the session.
    session_lasts : timedelta
        A sign-in never lasts longer.
    requests, sign_ins
        What one address may do in a minute.
    biggest_upload_bytes, longest_upload_s
        Above, a video is refused.
    most_upload_frames : int
        So many pictures a video may have; 1000 a second would take hours.
    longest_measuring_s, measuring_bytes
        What measuring one video may take; the next one waits for it.
    purged_every : timedelta
        How often a running station deletes expired videos.
    readers_wait_s : float
        How long an erasure waits for those who still read what is erased.
    clock : callable
        Gives the time of day, for what is written down.
    timer : callable
        Gives the time that has passed, for what lasts so long.
    """

    password_cost: ArgonCost = ArgonCost(65_536, 3, 4)
    key_costs: tuple[ArgonCost, ...] = (ArgonCost(262_144, 4, 4),)
    tries: int = 5
    locked_for: timedelta = field(default=timedelta(minutes=15))
    pin_tries: int = 5
    session_lasts: timedelta = field(default=timedelta(hours=12))
    requests: int = 600
    sign_ins: int = 20
    biggest_upload_bytes: int = 2_000_000_000
    longest_upload_s: float = 1200.0
    most_upload_frames: int = 72_000
    longest_measuring_s: float = 3600.0
    measuring_bytes: int = 4_000_000_000
    purged_every: timedelta = field(default=timedelta(hours=1))
    readers_wait_s: float = 15.0
    clock: Callable[[], datetime] = utc_now
    timer: Callable[[], timedelta] = elapsed


STANDARD = StationSettings()
