"""Whose report it is and who made it: a block on top of the page, where a practice writes it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Letterhead:
    """What a practice puts on top of a report; every text is escaped.

    Attributes
    ----------
    practice : str
        Name of the practice; may be empty.
    lines : tuple of str
        Address and contact.
    logo_png : bytes, optional
        A PNG picture.
    person : tuple of (str, str)
        What is known of the person, such as ("Person", "7K3Q-XB2M").
    comment : str
        The clinician's own note; empty for none.
    footnote : str
        A line at the end of the report; empty for none.
    """

    practice: str = ""
    lines: tuple[str, ...] = ()
    logo_png: bytes | None = None
    person: tuple[tuple[str, str], ...] = ()
    comment: str = ""
    footnote: str = ""

    @property
    def logo_uri(self) -> str | None:
        """The logo as part of the page."""
        if self.logo_png is None or not self.logo_png.startswith(PNG_SIGNATURE):
            return None
        return f"data:image/png;base64,{base64.b64encode(self.logo_png).decode('ascii')}"
