"""Work that runs ahead: one step of a stream in a thread of its own, never more than a few items before its taker."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Generator, Iterable
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

DEPTH = 2
"""Items that wait; each may hold a picture of 6 MB."""
LOOK_UP_S = 0.1
"""How soon a waiting thread notices that nobody wants its items any more."""

MALLOC_OPTIONS = {-8: 2, -3: 4 << 20, -1: 16 << 20}
"""Heaps for all threads; from what size on a piece gets pages of its own; how much may lie free at the end of a heap. Bytes."""


class _End:
    """The last thing in a queue: the stream ended, or broke with an error."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterable[Item], depth: int = DEPTH) -> Generator[Item, None, None]:
    """Yield the items of a stream that another thread draws, in order.

    An error of the stream is raised here, after the items before it. Closing the generator ends the thread before it returns;
    the stream itself is left to its owner.

    Parameters
    ----------
    items : iterable
        Drawn by one other thread only.
    depth : int
        Most items that wait.
    """
    queue: Queue[Item | _End] = Queue(depth)
    unwanted = Event()
    thread = Thread(target=_draw, args=(items, queue, unwanted), name="ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := queue.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        unwanted.set()
        thread.join()


def _draw(items: Iterable[Item], queue: Queue[Item | _End], unwanted: Event) -> None:
    end = _End(None)
    try:
        for item in items:
            if not _put(queue, item, unwanted):
                return
    except BaseException as error:  # carried to the taker, who raises it
        end = _End(error)
    _put(queue, end, unwanted)


def _put(queue: Queue[Item | _End], item: Item | _End, unwanted: Event) -> bool:
    """Put an item when there is room; False when nobody wants it."""
    while not unwanted.is_set():
        try:
            queue.put(item, timeout=LOOK_UP_S)
        except Full:
            continue
        return True
    return False


def give_memory_back() -> None:
    """Return freed memory to the system where the C library keeps it (glibc); elsewhere nothing is to be done."""
    if trim := _of_c_library("malloc_trim"):
        trim(0)


def keep_memory_flat() -> None:
    """Have the C library (glibc) keep little freed memory, for programs that run for hours; call it before threads are started.

    By itself it gives every thread a heap of its own, keeps ever larger pieces in them, and lets ever more lie at their ends.
    """
    if set_option := _of_c_library("mallopt"):
        for option, value in MALLOC_OPTIONS.items():
            set_option(option, value)


def _of_c_library(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
