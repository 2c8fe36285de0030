"""What Alembic runs for each command: the migrations, over the connection that it was given."""

from __future__ import annotations

from alembic import context

from storage.tables import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    # SQLite too undoes a CREATE TABLE; Alembic believes that it does not.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
