"""The people of the practice: add, find, change."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from screener.errors import StationError
from screener.model.recording import Request, Sex
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Permission
from screener.station.access.unit_of_work import UnitOfWork
from screener.station.records.forms import PersonData
from screener.station.storage.search_text import MAX_SEARCH, like_pattern, normalise, searched
from screener.station.storage.tables import PersonRow, VisitRow

SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of a pseudonym: none that is taken for another one."""
PSEUDONYM_LENGTH = 8
AUDIT_REF_BYTES = 20


@dataclass(frozen=True)
class PeopleFilter:
    """What narrows a list of people.

    Attributes
    ----------
    text : str
        Words that must all occur in name, pseudonym, birth year or notes; capitals and accents do not matter.
    seen_since, seen_until : date, optional
        With a visit on or after, on or before this day.
    """

    text: str = ""
    seen_since: date | None = None
    seen_until: date | None = None


@dataclass(frozen=True)
class PersonListing:
    """One line of a list of people."""

    person: PersonRow
    visits: int
    last_visit: date | None


@dataclass(frozen=True)
class PeoplePage:
    """One page of a list of people; `total` counts all that were found."""

    people: tuple[PersonListing, ...]
    total: int


def create(work: UnitOfWork, data: PersonData) -> PersonRow:
    """Add a person, with a new pseudonym."""
    work.require(Permission.CHANGE)
    person = PersonRow(
        pseudonym=_new_pseudonym(work), audit_ref=secrets.token_urlsafe(AUDIT_REF_BYTES), created_at=work.now
    )  # fmt: skip
    _fill(person, data)
    work.session.add(person)
    work.session.flush()
    work.log(Action.CREATED, ObjectKind.PERSON, person.audit_ref)
    return person


def change(work: UnitOfWork, person_id: int, version: int, data: PersonData) -> PersonRow:
    """Change what is known of a person.

    Raises
    ------
    ConflictError
        Someone else changed the person since `version` was shown.
    """
    work.require(Permission.CHANGE)
    person = work.get_version(PersonRow, person_id, version)
    _fill(person, data)
    work.session.flush()
    work.log(Action.CHANGED, ObjectKind.PERSON, person.audit_ref)
    return person


def see(work: UnitOfWork, person_id: int) -> PersonRow:
    """Return a person to show; StationError where there is none."""
    work.require(Permission.SEE)
    person = work.get(PersonRow, person_id)
    work.log(Action.SAW, ObjectKind.PERSON, person.audit_ref)
    return person


def find(work: UnitOfWork, wanted: PeopleFilter | None = None, *, limit: int = 50, offset: int = 0) -> PeoplePage:
    """List people, the one seen last first.

    Parameters
    ----------
    wanted : Filter, optional
        Everyone when not given.
    limit, offset : int
        Which page.
    """
    work.require(Permission.SEE)
    conditions = _conditions(wanted or PeopleFilter())
    last = select(func.max(VisitRow.day)).where(VisitRow.person_id == PersonRow.id).scalar_subquery()
    total = work.session.scalar(select(func.count()).select_from(PersonRow).where(*conditions)) or 0
    newest = select(PersonRow, last.label("last")).where(*conditions)
    newest = newest.order_by(last.desc().nulls_last(), PersonRow.id.desc()).limit(limit).offset(offset)
    rows = work.session.execute(newest).all()
    counts = _visit_counts(work, [row.PersonRow.id for row in rows])
    work.log(Action.SAW, ObjectKind.PEOPLE, detail=f"{len(rows)} people")
    return PeoplePage(tuple(PersonListing(row.PersonRow, counts.get(row.PersonRow.id, 0), row.last) for row in rows), total)


def _conditions(wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    words = normalise(wanted.text[:MAX_SEARCH]).split()
    conditions: list[ColumnElement[bool]] = [PersonRow.search.like(like_pattern(word), escape="\\") for word in words]
    if wanted.seen_since is not None or wanted.seen_until is not None:
        seen = select(VisitRow.id).where(VisitRow.person_id == PersonRow.id)
        if wanted.seen_since is not None:
            seen = seen.where(VisitRow.day >= wanted.seen_since)
        if wanted.seen_until is not None:
            seen = seen.where(VisitRow.day <= wanted.seen_until)
        conditions.append(seen.exists())
    return conditions


def _visit_counts(work: UnitOfWork, people: list[int]) -> dict[int, int]:
    counted = select(VisitRow.person_id, func.count()).where(VisitRow.person_id.in_(people)).group_by(VisitRow.person_id)
    return {person: count for person, count in work.session.execute(counted)}


def _fill(person: PersonRow, data: PersonData) -> None:
    person.name, person.birth_year, person.notes = data.name, data.birth_year, data.notes
    person.sex = data.sex.value if data.sex else None
    person.search = searched(person.pseudonym, data.name, data.birth_year, data.notes)


def _new_pseudonym(work: UnitOfWork) -> str:
    while True:
        signs = "".join(secrets.choice(SIGNS) for _ in range(PSEUDONYM_LENGTH))
        pseudonym = f"{signs[:4]}-{signs[4:]}"
        if work.session.scalar(select(PersonRow.id).where(PersonRow.pseudonym == pseudonym)) is None:
            return pseudonym


def request_for(work: UnitOfWork, person_id: int, request: Request) -> Request:
    """Add to a request what the norms need of a person: age, from the birth year, and sex."""
    person = work.get(PersonRow, person_id)
    age = work.now.year - person.birth_year if person.birth_year is not None else None
    sex = Sex(person.sex) if person.sex else None
    return request.model_copy(update={"age_years": age or None, "sex": sex})


def by_pseudonym(work: UnitOfWork, pseudonym: str) -> PersonRow:
    """Return the person with a pseudonym, however it is typed; StationError where there is none."""
    work.require(Permission.SEE)
    person = work.session.scalar(select(PersonRow).where(PersonRow.pseudonym == pseudonym.strip().upper()))
    if person is None:
        raise StationError(f"There is no person {pseudonym}.", "Look for the person in the list; it shows the pseudonym.")
    return person
