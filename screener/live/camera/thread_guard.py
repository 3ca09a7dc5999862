"""Last-resort handler: what happens when a thread of the live page breaks off by a mistake of the program."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def end_program() -> None:
    """End as Ctrl-C does: a page that stands still without a word would be worse than a program that ends."""
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def crash_guard(on_fault: Callable[[], None]) -> Iterator[None]:
    """Print the trace of whatever breaks off the work inside, say so, and let the thread end."""
    try:
        yield
    except BaseException:
        traceback.print_exc()
        on_fault()
        raise
