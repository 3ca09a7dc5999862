"""The settings of the practice: its letterhead, and how long things are kept."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from screener.errors import UsageError
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.records.forms import PracticeData
from screener.station.storage.tables import Practice

ONLY = 1
LOGO_PX = (800, 300)
MAX_LOGO_BYTES = 5_000_000
MAX_LOGO_PIXELS = 40_000_000


def get(work: UnitOfWork) -> Practice:
    """Return the settings; everyone who is signed in may read them."""
    practice = work.session.get(Practice, ONLY)
    if practice is None:
        practice = Practice(id=ONLY)
        work.session.add(practice)
        work.session.flush()
    return practice


def change(work: UnitOfWork, version: int, data: PracticeData) -> Practice:
    """Change the settings. Owners only.

    Raises
    ------
    ConflictError
        Someone else changed them since `version` was shown.
    """
    work.require(Permission.PRACTICE)
    get(work)
    practice = work.get_version(Practice, ONLY, version)
    for field, value in data:
        setattr(practice, field, value)
    work.session.flush()
    work.log(Action.CHANGED, ObjectKind.PRACTICE)
    return practice


def set_logo(work: UnitOfWork, picture: bytes | None) -> None:
    """Set the logo of the letterhead, or take it off. Owners only.

    It is drawn anew as PNG, so that nothing but its pixels is kept.

    Raises
    ------
    UsageError
        It is not a PNG or JPEG picture, or too large.
    """
    work.require(Permission.PRACTICE)
    practice = get(work)
    practice.logo_png = None if picture is None else _drawn_anew(picture)
    work.log(Action.CHANGED, ObjectKind.PRACTICE, detail="logo")


def _drawn_anew(picture: bytes) -> bytes:
    advice = "Choose a PNG or JPEG picture of at most 5 MB."
    if len(picture) > MAX_LOGO_BYTES:
        raise UsageError("The logo is too large.", advice)
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MAX_LOGO_PIXELS:
                raise UsageError("The logo is too large.", advice)
            logo = opened.convert("RGBA")
    except Image.DecompressionBombError as error:  # so large that it is not even opened
        raise UsageError("The logo is too large.", advice) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UsageError("The logo is not a picture that can be read.", advice) from error
    logo.thumbnail(LOGO_PX)
    file = io.BytesIO()
    logo.save(file, format="PNG")
    return file.getvalue()
