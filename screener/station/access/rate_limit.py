"""How often one may ask, by address and by user; forgotten when the program ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from screener.station.settings import utc_now

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
    clock : callable
        Gives the time.
    """

    def __init__(self, most: int, window: timedelta = MINUTE, clock: Callable[[], datetime] = utc_now) -> None:
        self._most, self._window, self._clock = most, window, clock
        self._seen: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def allows(self, key: str) -> bool:
        """Count one request of a key; False where it asks too often."""
        now = self._clock()
        with self._lock:
            if len(self._seen) > MAX_KEYS:
                self._forget(now)
            times = self._seen.setdefault(key, deque())
            while times and now - times[0] >= self._window:
                times.popleft()
            if len(times) >= self._most:
                return False
            times.append(now)
            return True

    def _forget(self, now: datetime) -> None:
        quiet = [key for key, times in self._seen.items() if not times or now - times[-1] >= self._window]
        for key in quiet:
            del self._seen[key]
