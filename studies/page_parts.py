"""Text between two marks of a page, written anew by a script."""

from __future__ import annotations

from collections.abc import Sequence


def replaced(page: str, begin: str, end: str, inside: str) -> str:
    """Return the page with new text between two marks; writing the same text again changes nothing.

    Parameters
    ----------
    page : str
        Whole page; each mark stands in it once, on a line of its own.
    begin, end : str
        The marks.
    inside : str
        What comes between them.

    Raises
    ------
    ValueError
        A mark is missing, there twice, or the two are exchanged.
    """
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"the page needs {begin} and {end} once each, in this order")
    before, rest = page.split(begin)
    return f"{before}{begin}\n\n{inside.strip()}\n\n{end}{rest.split(end)[1]}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
