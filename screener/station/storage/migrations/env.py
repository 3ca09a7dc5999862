"""How Alembic reaches the database: on the connection that `migrate.upgrade` holds, in its transaction."""

from alembic import context

from screener.station.storage.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
