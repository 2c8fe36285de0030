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
    """Insert rows, with values in the order of `columns`, which is the table's.

    Times are as `columns.to_driver` returns them. Another order raises ValueError.
    """
    if rows:
        statement = _statement(table, columns, connection.dialect)
        connection.exec_driver_sql(statement, [*rows])


def insert_each(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose values are given by column name, the same columns for all.

    Times are as `columns.to_driver` returns them. A row that lacks a column raises KeyError.
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
    """Run an UPDATE of one row for each of many rows, which have all its parameters.

    Pass the same statement object at each call, because its compiled form is cached. Times are as
    `columns.to_driver` returns them.
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
