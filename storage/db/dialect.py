"""The few statements that SQLAlchemy spells differently for the two databases."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, JSON, any_, bindparam, event, func, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import ColumnElement, Insert, Select, Table
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry

IDLE = 10
"""Seconds after which PostgreSQL ends a session that does nothing amid a transaction: a process
that is frozen would hold its locks for ever."""


class AdvisoryLock(IntEnum):
    """The numbers of our locks on PostgreSQL.

    Any will do, as long as no other program on the same database uses them; here they stand
    together, so that no two of ours are one.
    """

    MIGRATION = 0x0E55_0001
    ARCHIVE = 0x0E55_0002
    SERVING = 0x0E55_0003
    PLANS = 0x0E55_0004


def insert_new(table: Table, dialect: str) -> Insert:
    """An INSERT that leaves rows alone that are there already, by whichever unique key."""
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def among(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """Whether a column is one of the values of a parameter, which is a list of whatever length.

    They go to the driver as one value. Those of `in_` go one by one, in a statement of its own for
    each number of them, which SQLAlchemy has to write and the database to read.
    """
    if dialect == "sqlite":
        values = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
        return column.in_(select(values.c.value))
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def by_index(query: Select[Any], table: Table, *columns: str) -> Select[Any]:
    """A query for which SQLite goes to a table's rows by the index of these columns.

    It chooses by itself too, but after an `ANALYZE` by the average of each column's values: where
    nearly all rows have one value, as a state of deliveries, it would read the table for the rest.
    PostgreSQL counts each value.
    """
    name = next(each.name for each in table.indexes if tuple(each.columns.keys()) == columns)
    return query.with_hint(table, f"INDEXED BY {name}", "sqlite")


def end_idle_transactions(engine: AsyncEngine) -> None:
    """Let PostgreSQL end transactions of ours in which nothing happens any more."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        cursor = connection.cursor()
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE}s'")
        cursor.close()
        connection.commit()
