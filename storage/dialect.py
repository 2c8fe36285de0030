"""The few statements that SQLAlchemy spells differently for the two databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Insert, Table


def insert_new(table: Table, dialect: str) -> Insert:
    """An INSERT that leaves rows alone that are there already, by whichever unique key."""
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
