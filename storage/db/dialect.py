"""The few statements that SQLAlchemy writes differently for the two databases."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    ARRAY,
    JSON,
    Integer,
    Text,
    any_,
    bindparam,
    cast,
    column,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from sqlalchemy import BindParameter, ColumnElement, Connection, Dialect, Insert, Select, Table
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry
    from sqlalchemy.types import TypeEngine

IDLE = 4
"""Seconds after which PostgreSQL ends a session that is idle inside a transaction.

Otherwise a frozen process would hold its locks for ever. They last no longer than its lease.
"""


class AdvisoryLock(IntEnum):
    """The keys of ON News's advisory locks on PostgreSQL.

    Any numbers work, as long as no other program on the same database uses them. They are listed
    together so that no two are equal.
    """

    MIGRATION = 0x0E55_0001
    ARCHIVE = 0x0E55_0002
    PLANS = 0x0E55_0004
    CORRECTIONS = 0x0E55_0005


class NumberArray(TypeDecorator["Iterable[float]"]):
    """The type of a parameter that is an array of numbers, sent to PostgreSQL as a text.

    For arrays other than those of texts, asyncpg asks the server about the type, once in every new
    connection. That takes longer than connecting.
    """

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def process_bind_param(self, value: Iterable[float] | None, dialect: Dialect) -> str | None:
        """Return PostgreSQL's text of an array."""
        del dialect
        return None if value is None else "{" + ",".join(map(str, value)) + "}"

    def bind_expression(self, bindparam: BindParameter[Any]) -> ColumnElement[Any]:
        """Return the parameter as an array."""
        return cast(bindparam, ARRAY(self.item))


def take_turns(connection: Connection, lock: AdvisoryLock) -> None:
    """Wait for other transactions with this lock, and keep it until this transaction ends.

    SQLite has only one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"lock": lock})


def share_turn(connection: Connection, lock: AdvisoryLock) -> None:
    """Wait for transactions that take turns with this lock, and let them wait for this one.

    Transactions that share a turn do not wait for each other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_SHARED_TURN, {"lock": lock})


_TURN = text("SELECT pg_advisory_xact_lock(:lock)")
_SHARED_TURN = text("SELECT pg_advisory_xact_lock_shared(:lock)")


def insert_new(table: Table, dialect: str) -> Insert:
    """Return an INSERT that skips rows that exist already, by any unique key."""
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_or_update(table: Table, dialect: str, *names: str) -> Insert:
    """Return an INSERT that updates these columns of a row whose primary key exists already."""
    new = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return new.on_conflict_do_update(
        index_elements=[*table.primary_key], set_={name: new.excluded[name] for name in names}
    )


def among(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """Return a condition: the column is one of the values in a list parameter of any length.

    The list goes to the driver as one value. With `in_` each value is its own parameter, so that
    SQLAlchemy compiles and the database parses another statement for each length.
    """
    if dialect == "sqlite":
        values = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
        return column.in_(select(values.c.value))
    held = column.type
    items = NumberArray(held) if isinstance(held, Integer) else ARRAY(held)
    return column == any_(bindparam(name, type_=items))


def json_rows(
    name: str, types: Mapping[str, TypeEngine[Any]], dialect: str
) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a table that one parameter holds, a JSON text: a list of objects.

    Times are texts in the JSON.
    """
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value", name=name)
        return {key: func.json_extract(each.c.value, f"$.{key}") for key in types}
    rows = func.jsonb_to_recordset(cast(bindparam(name, type_=Text), postgresql.JSONB))
    # Typed columns, since PostgreSQL's JSON has no columns of its own.
    columns = [column(key, type_) for key, type_ in types.items()]
    table = rows.table_valued(*columns).render_derived(name=name, with_types=True)
    return {key: table.c[key] for key in types}


def by_index(query: Select[Any], table: Table, *columns: str) -> Select[Any]:
    """Make SQLite use the index of these columns for a query.

    SQLite also chooses an index on its own, but after an `ANALYZE` by the average frequency of each
    column's values. Where nearly all rows have one value, such as a delivery's state, it would scan
    the table for the rare ones. PostgreSQL counts each value.
    """
    name = next(each.name for each in table.indexes if tuple(each.columns.keys()) == columns)
    return query.with_hint(table, f"INDEXED BY {name}", "sqlite")


def end_idle_transactions(engine: AsyncEngine, *, pooled: bool) -> None:
    """Let PostgreSQL end this process's transactions after `IDLE` idle seconds.

    Args:
        pooled: Whether a pooler hands each transaction to another session, so that a setting of
            the session would reach others and get lost. Then each transaction sets it for itself.
    """
    if pooled:

        @event.listens_for(engine.sync_engine, "begin")
        def begun(connection: Connection) -> None:
            if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
                connection.exec_driver_sql(
                    f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE}s'"
                )

        return

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        cursor = connection.cursor()
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE}s'")
        cursor.close()
        connection.commit()
