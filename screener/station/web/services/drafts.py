"""Comments that were typed but not saved yet, in the memory of the server: a locked screen or a new sign-in loses none.

They are kept for who typed them, and nowhere else: not in the browser, not on the disk. A restart of the station forgets them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from screener.station.settings import StationSettings

MAX_KEPT = 500


@dataclass(frozen=True)
class CommentDraft:
    """What was typed, and over which version of the visit; `since` is a time that has passed, `typed_at` one of the day."""

    text: str
    version: int
    typed_at: datetime
    since: timedelta


class CommentDrafts:
    """Unsaved comments, by user and visit; safe to use from several threads.

    Parameters
    ----------
    settings : StationSettings
        An unsaved comment is forgotten when it is older than a sign-in can be.
    """

    def __init__(self, settings: StationSettings) -> None:
        self._settings = settings
        self._kept: dict[tuple[int | None, int], CommentDraft] = {}
        self._lock = Lock()

    def keep(self, user_id: int | None, visit_id: int, text: str, version: int) -> None:
        """Keep what was typed, in place of what was kept before; the oldest of too many goes."""
        with self._lock:
            self._kept.pop((user_id, visit_id), None)
            self._kept[user_id, visit_id] = CommentDraft(text, version, self._settings.clock(), self._settings.timer())
            while len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]

    def find(self, user_id: int | None, visit_id: int) -> CommentDraft | None:
        """Return what this user typed."""
        with self._lock:
            draft = self._kept.get((user_id, visit_id))
            if draft is not None and self._settings.timer() - draft.since >= self._settings.session_lasts:
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
