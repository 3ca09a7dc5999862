"""Which rows belong to a person, read off the foreign keys, so that no table is ever forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Table, or_, select

from screener.station.storage.tables import Base, PersonRow


def rows_of_person(person_id: int) -> Mapping[Table, ColumnElement[bool]]:
    """Return, for each table that holds rows of a person, which ones; in the order in which rows may be added.

    Parameters
    ----------
    person_id : int
        The person, whose own row is among them.
    """
    people = PersonRow.__table__
    found: dict[Table, ColumnElement[bool]] = {}
    for table in Base.metadata.sorted_tables:
        if table is people:
            found[table] = table.c.id == person_id
            continue
        reasons = [
            key.parent == person_id if key.column.table is people else key.parent.in_(_ids(key.column.table, found))
            for key in table.foreign_keys
            if key.column.table in found
        ]
        if reasons:
            found[table] = or_(*reasons)
    return found


def _ids(table: Table, found: Mapping[Table, ColumnElement[bool]]) -> ColumnElement[int]:
    return select(table.c.id).where(found[table]).scalar_subquery()
