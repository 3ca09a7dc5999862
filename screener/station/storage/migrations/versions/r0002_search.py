"""A folded text of each person to search in."""

import sqlalchemy as sa
from alembic import op

from screener.station.storage.search_text import searched

revision = "0002"
down_revision = "0001"

PEOPLE = sa.table(
    "people",
    *(sa.column(name) for name in ("id", "pseudonym", "name", "birth_year", "notes", "search")),
)


def upgrade() -> None:
    """Add the text and fill it for everyone who is there."""
    op.add_column("people", sa.Column("search", sa.Text(), server_default="", nullable=False))
    bind = op.get_bind()
    rows = bind.execute(sa.select(PEOPLE.c.id, PEOPLE.c.pseudonym, PEOPLE.c.name, PEOPLE.c.birth_year, PEOPLE.c.notes)).all()
    for row in rows:
        text = searched(row.pseudonym, row.name, row.birth_year, row.notes)
        bind.execute(sa.update(PEOPLE).where(PEOPLE.c.id == row.id).values(search=text))
