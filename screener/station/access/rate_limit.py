"""How often one may ask, by address and by user; forgotten when the program ends."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from screener.station.settings import elapsed

MINUTE = timedelta(minutes=1)
MAX_KEYS = 10_000
"""Above, keys that were quiet are forgotten, so that a stranger cannot fill the memory."""


class RateLimiter:
    """So many times in a window that slides along.

    Parameters
    ----------
    most : int
        How often in a window.
    window : timedelta
        Its length.
    timer : callable
        Gives the time that has passed.
    """

    def __init__(self, most: int, window: timedelta = MINUTE, timer: Callable[[], timedelta] = elapsed) -> None:
        self._most, self._window, self._timer = most, window, timer
        self._seen: dict[bytes, deque[timedelta]] = {}
        self._lock = Lock()

    def allows(self, key: str) -> bool:
        """Count one request of a key; False where it asks too often."""
        now = self._timer()
        short = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()  # a cookie may be of any length
        with self._lock:
            if len(self._seen) > MAX_KEYS:
                self._forget(now)
            times = self._seen.setdefault(short, deque())
            while times and now - times[0] >= self._window:
                times.popleft()
            if len(times) >= self._most:
                return False
            times.append(now)
            return True

    def _forget(self, now: timedelta) -> None:
        quiet = [key for key, times in self._seen.items() if not times or now - times[-1] >= self._window]
        for key in quiet:
            del self._seen[key]
