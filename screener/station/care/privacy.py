"""What a person may ask for: everything that is kept, or that nothing is kept any more."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from sqlalchemy import Connection, LargeBinary, String, Table, and_, delete, func, inspect, select
from sqlalchemy.orm import Session

from screener.errors import StationError
from screener.station.access.audit import Action, ObjectKind
from screener.station.access.roles import Actor, Permission
from screener.station.access.unit_of_work import UnitOfWork, begin
from screener.station.records import visits
from screener.station.records.ownership import rows_of_person
from screener.station.results import reports
from screener.station.storage.database import Database
from screener.station.storage.search_text import like_pattern, normalise
from screener.station.storage.tables import AuditEntry, Base, Consent, PersonRow, StoredRecording, VisitRow

MIN_WORD = 3
"""Signs of a text below which it is not looked for: it stands everywhere."""
NOT_OVERWRITTEN = (
    "Someone still reads what was there before, such as a backup that runs, so the database holds the person's pages for now. "
    "A running station overwrites them within the hour; at once, or on a server, do it with: screener station purge"
)
NOT_EXPORTED = frozenset({"audit_ref", "search"})
README = """This is everything that the practice keeps about you.

person.json   what was typed, your consents, visits and results, and who opened them when (users are numbers)
visit-*/      one folder a visit: the report as page and PDF, tables, body points, and the video where it is kept
"""


@dataclass(frozen=True)
class ErasureTrace:
    """A row in which a text of an erased person still stands."""

    table: str
    row: str
    column: str


@dataclass(frozen=True)
class Erasure:
    """What was erased, and what was found when it was looked for afterwards.

    Attributes
    ----------
    rows : dict
        Erased rows by table.
    traces : tuple of Trace
        Rows of others that hold the same words, such as a note that names the person, for a human to look at.
    is_overwritten : bool
        False where someone still read what was there, such as a backup that runs: then it is in the file until maintenance.
    """

    rows: dict[str, int]
    traces: tuple[ErasureTrace, ...]
    is_overwritten: bool = True

    @property
    def remark(self) -> str:
        """What is still to be done; empty for nothing."""
        return "" if self.is_overwritten else NOT_OVERWRITTEN


def export_person(work: UnitOfWork, person_id: int, file: BinaryIO) -> None:
    """Write everything of a person into a zip file: rows, landmarks, reports, videos.

    Parameters
    ----------
    file : binary file
        Open for writing; may be in memory.
    """
    work.require(Permission.EXPORT)
    person = work.get(PersonRow, person_id)
    work.log(Action.EXPORTED, ObjectKind.PERSON, person.audit_ref)
    facts: dict[str, list[dict[str, Any]]] = {
        table.name: _rows(work.session, table, condition) for table, condition in rows_of_person(person_id).items()
    }
    facts["audit"] = _rows(work.session, _table(AuditEntry), _table(AuditEntry).c.subject == person.audit_ref)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("person.json", json.dumps(facts, indent=2, ensure_ascii=False, default=_as_text) + "\n")
        for visit in visits.of_person(work, person_id):
            seen = visits.load(work, visit.id)
            if seen.recordings:
                reports.write_visit_files(work, seen, archive, f"visit-{visit.day}-{visit.id}/", with_video=True)


def erase_person(database: Database, actor: Actor, person_id: int) -> Erasure:
    """Erase a person: every row, and what the rows held in the file; then look for what is left. Owners only.

    The audit log keeps that someone was erased, when and by whom. Its entries about the person stay, but nothing says any more
    whose they were.

    Raises
    ------
    StationError
        Something of the person is left where it must not be; it says in which tables.
    """
    with begin(database, actor) as work:
        work.require(Permission.ERASE)
        person = work.get(PersonRow, person_id)
        unique, words = _texts(work.session, person)
        rows = _erase_rows(work.session, person_id)
        work.log(Action.ERASED, ObjectKind.PERSON, person.audit_ref)
    try:
        is_overwritten = database.tidy()
    except StationError as error:
        raise StationError(
            "The person is erased, but the file still holds pages that are not overwritten.",
            "Free some space on its disk, then run: screener station purge",
        ) from error
    with database.snapshot() as connection:
        left = [*find_traces(connection, unique), *_orphans(connection)]
        if left:
            where = ", ".join(sorted({trace.table for trace in left}))
            raise StationError(f"Something of the person is still in the tables {where}.", "Keep the file and report this.")
        return Erasure(rows, find_traces(connection, words), is_overwritten)


def find_traces(connection: Connection, words: Sequence[str]) -> tuple[ErasureTrace, ...]:
    """Look for texts in every text column of every table.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    words : sequence of str
        Capitals do not matter.
    """
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, String):
                continue
            for word in words:
                hit = func.lower(column).like(like_pattern(word.lower()), escape="\\")
                found += [
                    ErasureTrace(table.name, str(number), column.name)
                    for number in connection.scalars(select(table.c.id).where(hit))
                ]
    return tuple(dict.fromkeys(found))


def _texts(session: Session, person: PersonRow) -> tuple[list[str], list[str]]:
    """Return texts that are this person's alone, and texts that others may hold too."""
    own = rows_of_person(person.id)[_table(StoredRecording)]
    sums = _table(StoredRecording).c.landmarks_sha256
    of_others = select(sums).where(~own)  # the same video may have been imported for someone else by mistake
    unique = [person.pseudonym, *session.scalars(select(sums).where(own, sums.not_in(of_others)))]
    comments = session.scalars(select(VisitRow.comment).where(VisitRow.person_id == person.id)).all()
    helpers = session.scalars(select(Consent.given_by).where(Consent.person_id == person.id)).all()
    texts = {text.strip() for text in (person.name or "", person.notes, *comments, *helpers)}
    texts |= {normalise(person.name or "")}
    return unique, sorted(text for text in texts if len(text) >= MIN_WORD)


def _erase_rows(session: Session, person_id: int) -> dict[str, int]:
    conditions = rows_of_person(person_id)
    counted = {
        table.name: session.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for table, condition in conditions.items()
    }
    for table in reversed(list(conditions)):
        session.execute(delete(table).where(conditions[table]))
    session.expunge_all()
    return counted


def _orphans(connection: Connection) -> list[ErasureTrace]:
    """Find rows that point to a row that is gone."""
    found = []
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            there = select(key.column).where(key.column == key.parent).correlate(table).exists()
            lost = select(table.c.id).where(and_(key.parent.is_not(None), ~there))
            found += [ErasureTrace(table.name, str(number), key.parent.name) for number in connection.scalars(lost)]
    return found


def _rows(session: Session, table: Table, condition: Any) -> list[dict[str, Any]]:
    """Rows without their bytes, which are in files of their own."""
    columns = [
        column for column in table.columns if not isinstance(column.type, LargeBinary) and column.name not in NOT_EXPORTED
    ]
    return [dict(row) for row in session.execute(select(*columns).where(condition).order_by(table.c.id)).mappings()]


def _table(mapped: type[Base]) -> Table:
    table = inspect(mapped).local_table
    assert isinstance(table, Table)
    return table


def _as_text(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a column holds {type(value).__name__}")
