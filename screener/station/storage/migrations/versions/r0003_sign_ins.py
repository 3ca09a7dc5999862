"""A number of each user that changes with the password, so that sign-ins with the old one end at every station."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the number."""
    op.add_column("users", sa.Column("sign_in_epoch", sa.Integer(), server_default="0", nullable=False))
