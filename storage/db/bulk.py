"""Many rows written at once.

SQLAlchemy makes a dictionary of every row and asks the type of every value what to do with it,
which for a round of articles takes longer than the writing. Here the statement is SQLAlchemy's
and the values go to the driver as they are.
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
        connection: A transaction's.
        table: Where to.
        columns: Their names, in the table's order.
        rows: A value for each column; times as `columns.to_driver` gives them.
    """
    if rows:
        statement = _statement(table, columns, connection.dialect)
        connection.exec_driver_sql(statement, [*rows])


@lru_cache(maxsize=32)
def _statement(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    compiled = insert(table).compile(dialect=dialect, column_keys=columns)
    if tuple(compiled.positiontup or ()) != columns:
        raise ValueError(f"{columns} are not in the order of the table {table.name}")
    return str(compiled)


def update_each(
    connection: Connection, statement: Update, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run an UPDATE for each of many rows.

    Args:
        connection: A transaction's.
        statement: One that is made once, of one row and of parameters alone.
        rows: A value for each parameter; times as `columns.to_driver` gives them.
    """
    if rows:
        written, in_order = _parameters(statement, connection.dialect)
        connection.exec_driver_sql(written, [in_order(row) for row in rows])


@lru_cache(maxsize=32)
def _parameters(
    statement: Update, dialect: Dialect
) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    """A statement as the database reads it, and what puts a row's values in its order."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), itemgetter(*(compiled.positiontup or ()))
