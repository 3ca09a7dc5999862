"""What a person agreed to. Nothing is recorded without it; a video needs a consent of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from screener.errors import NotAllowedError, UsageError
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.records import videos
from screener.station.records.forms import MAX_NAME
from screener.station.storage.tables import Consent, PersonRow, Purpose

TEXT_VERSION = "1"
"""Changes with the words; a consent remembers to which ones it was given."""
TEXTS = {
    Purpose.SCREENING: (
        "I agree that my movements are filmed and measured, and that the measured body points, angles, pictures with a "
        "blurred face and the report are kept by this practice. I can withdraw this at any time, see everything that is kept, "
        "and have it erased."
    ),
    Purpose.VIDEO: (
        "I also agree that the video, with my face blurred, is kept for the time that the practice has told me. It is then "
        "deleted. I can have it deleted earlier at any time."
    ),
}


def give(work: UnitOfWork, person_id: int, purpose: Purpose, given_by: str = "") -> Consent:
    """Record a consent; one that stands already is kept.

    Parameters
    ----------
    person_id : int
        Who is to be filmed.
    purpose : Purpose
        What for.
    given_by : str
        Who said so, where it was not the person: a parent, a guardian.
    """
    work.require(Permission.CHANGE)
    person = work.get(PersonRow, person_id)
    if len(given_by) > MAX_NAME:
        raise UsageError("The name of who agreed is too long.", f"Use at most {MAX_NAME} characters.")
    standing = _standing(work, person_id, purpose)
    if standing is not None:
        return standing
    consent = Consent(
        person_id=person_id,
        purpose=Purpose(purpose).value,
        text_version=TEXT_VERSION,
        given_by=given_by.strip(),
        given_at=work.now,
        user_id=work.actor.user_id,
    )
    work.session.add(consent)
    work.session.flush()
    work.log(Action.CONSENTED, ObjectKind.CONSENT, person.audit_ref, str(consent.id))
    return consent


def withdraw(work: UnitOfWork, person_id: int, purpose: Purpose) -> None:
    """Record that a consent was withdrawn. Videos are deleted at once; the rest stays until it is erased.

    Without a consent to screening there is none to videos either.
    """
    work.require(Permission.CHANGE)
    person = work.get(PersonRow, person_id)
    for one in (Purpose.SCREENING, Purpose.VIDEO) if purpose is Purpose.SCREENING else (purpose,):
        standing = _standing(work, person_id, one)
        if standing is not None:
            standing.withdrawn_at = work.now
            work.log(Action.WITHDREW, ObjectKind.CONSENT, person.audit_ref, str(standing.id))
    videos.delete_of_person(work, person)


def of_person(work: UnitOfWork, person_id: int) -> Sequence[Consent]:
    """Every consent of a person, withdrawn ones too, the oldest first."""
    work.require(Permission.SEE)
    return work.session.scalars(select(Consent).where(Consent.person_id == person_id).order_by(Consent.id)).all()


def has(work: UnitOfWork, person_id: int, purpose: Purpose) -> bool:
    """Whether a consent stands."""
    return _standing(work, person_id, purpose) is not None


def require(work: UnitOfWork, person_id: int, purpose: Purpose) -> None:
    """Raise NotAllowedError where no consent stands."""
    if not has(work, person_id, purpose):
        what = "be screened" if purpose is Purpose.SCREENING else "have the video kept"
        raise NotAllowedError(f"The person has not agreed to {what}.", "Record the consent first, on the person's page.")


def _standing(work: UnitOfWork, person_id: int, purpose: Purpose) -> Consent | None:
    stands = (Consent.person_id == person_id, Consent.purpose == Purpose(purpose).value, Consent.withdrawn_at.is_(None))
    return work.session.scalar(select(Consent).where(*stands).limit(1))
