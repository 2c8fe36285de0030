"""The revision of a database's tables, read without Alembic, which is slow to load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from storage.tables import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None in a database without tables of ON News."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def has_our_tables(connection: Connection) -> bool:
    """Return whether any table has the name of one of ON News's tables."""
    return bool(set(inspect(connection).get_table_names()) & set(schema.metadata.tables))
