"""Comments that were typed but not saved yet, in the memory of the server: a locked screen or a new sign-in loses none.

They are kept for who typed them, and nowhere else: not in the browser, not on the disk. A restart of the station forgets them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

MAX_KEPT = 500


@dataclass(frozen=True)
class CommentDraft:
    """What was typed, and over which version of the visit."""

    text: str
    version: int
    typed_at: datetime


class CommentDrafts:
    """Unsaved comments, by user and visit; safe to use from several threads.

    Parameters
    ----------
    clock : callable
        Gives the time.
    lasts : timedelta
        As long as a sign-in; an older one is forgotten.
    """

    def __init__(self, clock: Callable[[], datetime], lasts: timedelta) -> None:
        self._clock, self._lasts = clock, lasts
        self._kept: dict[tuple[int | None, int], CommentDraft] = {}
        self._lock = Lock()

    def keep(self, user_id: int | None, visit_id: int, text: str, version: int) -> None:
        """Keep what was typed, in place of what was kept before; the oldest of too many goes."""
        with self._lock:
            self._kept.pop((user_id, visit_id), None)
            self._kept[user_id, visit_id] = CommentDraft(text, version, self._clock())
            while len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]

    def find(self, user_id: int | None, visit_id: int) -> CommentDraft | None:
        """Return what this user typed."""
        with self._lock:
            draft = self._kept.get((user_id, visit_id))
            if draft is not None and self._clock() - draft.typed_at >= self._lasts:
                del self._kept[user_id, visit_id]
                return None
            return draft

    def drop(self, user_id: int | None, visit_id: int) -> None:
        """Forget what this user typed: it is saved, or not wanted."""
        with self._lock:
            self._kept.pop((user_id, visit_id), None)

    def forget(self, visits: Collection[int]) -> None:
        """Forget what anyone typed about visits that are deleted."""
        with self._lock:
            for key in [key for key in self._kept if key[1] in visits]:
                del self._kept[key]
