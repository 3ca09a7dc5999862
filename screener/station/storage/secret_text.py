"""One spelling for passphrases and passwords, whoever types them and whatever file they come from.

The letter u with two dots is one character or two, as the system likes, and text files of Windows begin with a mark that no
editor shows. Each would be another secret to Argon2, and the one on paper would not open what the other closed.
"""

from __future__ import annotations

import unicodedata

BYTE_ORDER_MARK = "\ufeff"


def normal_form(secret: str) -> str:
    """Return the spelling that new secrets get: composed letters, without the mark."""
    return unicodedata.normalize("NFC", secret.removeprefix(BYTE_ORDER_MARK))


def keyboard_spellings(secret: str) -> tuple[str, ...]:
    """Return the usual spelling first, then the others that keyboards give; one for most secrets."""
    usual = normal_form(secret)
    return tuple(dict.fromkeys((usual, secret, unicodedata.normalize("NFD", usual))))


def spellings(secret: str) -> tuple[str, ...]:
    """Return the usual spelling first, then those that earlier releases took over from keyboards and files."""
    return tuple(dict.fromkeys((*keyboard_spellings(secret), BYTE_ORDER_MARK + normal_form(secret))))
