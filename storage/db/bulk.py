"""Bulk inserts and updates.

For every row SQLAlchemy makes a dictionary, and asks the type of every value how to convert it. For
a batch of articles this takes longer than writing them. Here SQLAlchemy only compiles the
statement, and the values go to the driver unconverted.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table, Update


def insert_all(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert rows.

    Args:
        connection: A connection in a transaction.
        table: The table to insert into.
        columns: Names of the columns, in the table's order.
        rows: A value for each column; times as `columns.to_driver` returns them.

    Raises:
        ValueError: The columns are not in the table's order.
    """
    if rows:
        statement = _statement(table, columns, connection.dialect)
        connection.exec_driver_sql(statement, [*rows])


def insert_each(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose values are given by column name.

    Args:
        connection: A connection in a transaction.
        table: The table to insert into.
        rows: Column name → value, the same columns for all; times as `columns.to_driver` returns
            them.

    Raises:
        KeyError: A row lacks a column that the first has.
    """
    if rows:
        columns = tuple(name for name in table.columns.keys() if name in rows[0])  # noqa: SIM118
        insert_all(connection, table, columns, [*map(itemgetter(*columns), rows)])


@lru_cache(maxsize=32)
def _statement(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    compiled = insert(table).compile(dialect=dialect, column_keys=columns)
    if tuple(compiled.positiontup or ()) != columns:
        raise ValueError(f"{columns} are not in the order of the table {table.name}")
    return str(compiled)


def update_each(
    connection: Connection, statement: Update, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run one UPDATE statement for each of many rows.

    Args:
        connection: A connection in a transaction.
        statement: An UPDATE of one row, with parameters for all values. It must be the same object
            at each call, because its compiled form is cached.
        rows: A value for each parameter; times as `columns.to_driver` returns them.
    """
    if rows:
        written, in_order = _parameters(statement, connection.dialect)
        connection.exec_driver_sql(written, [in_order(row) for row in rows])


@lru_cache(maxsize=32)
def _parameters(
    statement: Update, dialect: Dialect
) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    """Return a statement's SQL, and a function that puts a row's values in parameter order."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), itemgetter(*(compiled.positiontup or ()))
