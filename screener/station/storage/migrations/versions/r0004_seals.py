"""Entries of the audit log are sealed with a key outside of the database, and are put at its end only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SQLITE = (
    "CREATE TRIGGER audit_only_appends BEFORE INSERT ON audit "
    "WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",  # INSERT OR REPLACE gets past the other two
)
POSTGRESQL = (
    "CREATE FUNCTION audit_only_appends() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN IF NEW.id IS DISTINCT FROM (SELECT coalesce(max(id), 0) + 1 FROM audit) THEN "
    "RAISE EXCEPTION 'the audit log only grows'; END IF; RETURN NEW; END$$",
    "CREATE TRIGGER audit_only_appends BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_only_appends()",
)


def upgrade() -> None:
    """Add the seals; entries that are there stay without."""
    op.add_column("audit", sa.Column("key_id", sa.String(length=12), server_default="", nullable=False))
    op.add_column("audit", sa.Column("seal", sa.String(length=64), server_default="", nullable=False))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
