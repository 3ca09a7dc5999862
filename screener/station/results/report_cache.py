"""Report pages that were drawn, the newest few, in the memory of the server and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock

MAX_KEPT = 16
"""A page has one to three megabytes."""


class ReportCache:
    """Pages by all that they are made of: where something of it changed, the key is another one. Safe for several threads."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, str] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """Count the pages."""
        return len(self._pages)

    def page(self, key: Hashable, draw: Callable[[], str]) -> str:
        """Return a page, drawn now where it is not there; the one that was not looked at for longest makes room.

        Parameters
        ----------
        key : hashable
            All that the page depends on.
        draw : callable
            Takes its time, outside the lock.
        """
        with self._lock:
            found = self._pages.pop(key, None)
        page = draw() if found is None else found
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > MAX_KEPT:
                del self._pages[next(iter(self._pages))]
        return page

    def clear(self) -> None:
        """Forget all pages: someone was erased or a visit deleted."""
        with self._lock:
            self._pages.clear()
