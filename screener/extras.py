"""Libraries that only some commands need: missed before the long work, with the extra that brings them."""

from __future__ import annotations

import importlib.util

from screener.errors import UsageError


def require_extra(what: str, extra: str, *names: str) -> None:
    """Fail before the long work, not after it.

    Parameters
    ----------
    what : str
        What needs them; the sentence begins with it.
    extra : str
        The extra of this package that brings them.
    *names : str
        Modules of the top level.

    Raises
    ------
    UsageError
        One of them is not installed.
    """
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                f"{what} needs {name}, which is not installed.", f'Install it: pip install "movement-screener[{extra}]"'
            )
