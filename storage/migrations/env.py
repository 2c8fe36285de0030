"""The script that Alembic runs for each command: it migrates over the given connection."""

from __future__ import annotations

from alembic import context

from storage.tables import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    # SQLite also rolls back CREATE TABLE, which Alembic assumes it does not.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
