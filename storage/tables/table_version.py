"""Which version of the tables a database has, seen without Alembic, which takes long to load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from storage.tables import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection


def revision(connection: Connection) -> str | None:
    """The revision of the tables; None in a database that has none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def has_our_tables(connection: Connection) -> bool:
    """Whether there are tables of the names that ours have."""
    return bool(set(inspect(connection).get_table_names()) & set(schema.metadata.tables))
