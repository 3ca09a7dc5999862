"""The people of the practice: add, find, change."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from screener.errors import StationError
from screener.model import Sex
from screener.pose.store import Request
from screener.station.audit import Action, Kind
from screener.station.folding import LONGEST_SEARCH, fold, pattern, searched
from screener.station.forms import PersonData
from screener.station.roles import Permission
from screener.station.tables import Person, Visit
from screener.station.work import Work

SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of a pseudonym: none that is taken for another one."""
PSEUDONYM_LENGTH = 8
AUDIT_REF_BYTES = 20


@dataclass(frozen=True)
class Filter:
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
class Listed:
    """One line of a list of people."""

    person: Person
    visits: int
    last_visit: date | None


@dataclass(frozen=True)
class Found:
    """One page of a list of people; `total` counts all that were found."""

    people: tuple[Listed, ...]
    total: int


def create(work: Work, data: PersonData) -> Person:
    """Add a person, with a new pseudonym."""
    work.require(Permission.CHANGE)
    person = Person(
        pseudonym=_new_pseudonym(work), audit_ref=secrets.token_urlsafe(AUDIT_REF_BYTES), created_at=work.now
    )  # fmt: skip
    _fill(person, data)
    work.session.add(person)
    work.session.flush()
    work.log(Action.CREATED, Kind.PERSON, person.audit_ref)
    return person


def change(work: Work, person_id: int, version: int, data: PersonData) -> Person:
    """Change what is known of a person.

    Raises
    ------
    ConflictError
        Someone else changed the person since `version` was shown.
    """
    work.require(Permission.CHANGE)
    person = work.get_version(Person, person_id, version)
    _fill(person, data)
    work.session.flush()
    work.log(Action.CHANGED, Kind.PERSON, person.audit_ref)
    return person


def see(work: Work, person_id: int) -> Person:
    """Return a person to show; StationError where there is none."""
    work.require(Permission.SEE)
    person = work.get(Person, person_id)
    work.log(Action.SAW, Kind.PERSON, person.audit_ref)
    return person


def find(work: Work, wanted: Filter | None = None, *, limit: int = 50, offset: int = 0) -> Found:
    """List people, the one seen last first.

    Parameters
    ----------
    wanted : Filter, optional
        Everyone when not given.
    limit, offset : int
        Which page.
    """
    work.require(Permission.SEE)
    conditions = _conditions(wanted or Filter())
    last = select(func.max(Visit.day)).where(Visit.person_id == Person.id).scalar_subquery()
    total = work.session.scalar(select(func.count()).select_from(Person).where(*conditions)) or 0
    newest = select(Person, last.label("last")).where(*conditions)
    newest = newest.order_by(last.desc().nulls_last(), Person.id.desc()).limit(limit).offset(offset)
    rows = work.session.execute(newest).all()
    counts = _visit_counts(work, [row.Person.id for row in rows])
    work.log(Action.SAW, Kind.PEOPLE, detail=f"{len(rows)} people")
    return Found(tuple(Listed(row.Person, counts.get(row.Person.id, 0), row.last) for row in rows), total)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    words = fold(wanted.text[:LONGEST_SEARCH]).split()
    conditions: list[ColumnElement[bool]] = [Person.search.like(pattern(word), escape="\\") for word in words]
    if wanted.seen_since is not None or wanted.seen_until is not None:
        seen = select(Visit.id).where(Visit.person_id == Person.id)
        if wanted.seen_since is not None:
            seen = seen.where(Visit.day >= wanted.seen_since)
        if wanted.seen_until is not None:
            seen = seen.where(Visit.day <= wanted.seen_until)
        conditions.append(seen.exists())
    return conditions


def _visit_counts(work: Work, people: list[int]) -> dict[int, int]:
    counted = select(Visit.person_id, func.count()).where(Visit.person_id.in_(people)).group_by(Visit.person_id)
    return {person: count for person, count in work.session.execute(counted)}


def _fill(person: Person, data: PersonData) -> None:
    person.name, person.birth_year, person.notes = data.name, data.birth_year, data.notes
    person.sex = data.sex.value if data.sex else None
    person.search = searched(person.pseudonym, data.name, data.birth_year, data.notes)


def _new_pseudonym(work: Work) -> str:
    while True:
        signs = "".join(secrets.choice(SIGNS) for _ in range(PSEUDONYM_LENGTH))
        pseudonym = f"{signs[:4]}-{signs[4:]}"
        if work.session.scalar(select(Person.id).where(Person.pseudonym == pseudonym)) is None:
            return pseudonym


def request_for(work: Work, person_id: int, request: Request) -> Request:
    """Add to a request what the norms need of a person: age, from the birth year, and sex."""
    person = work.get(Person, person_id)
    age = work.now.year - person.birth_year if person.birth_year is not None else None
    sex = Sex(person.sex) if person.sex else None
    return request.model_copy(update={"age_years": age or None, "sex": sex})


def by_pseudonym(work: Work, pseudonym: str) -> Person:
    """Return the person with a pseudonym, however it is typed; StationError where there is none."""
    work.require(Permission.SEE)
    person = work.session.scalar(select(Person).where(Person.pseudonym == pseudonym.strip().upper()))
    if person is None:
        raise StationError(f"There is no person {pseudonym}.", "Look for the person in the list; it shows the pseudonym.")
    return person
