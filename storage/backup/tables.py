"""A database's tables as a backup has them: which, in which order, and their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Float, Integer, String, Table, func, select

from storage.backup.form import FLAG, ROWS, TIME, Part
from storage.tables import schema
from storage.tables.columns import Utc

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

TRANSIENT = "transient"
"""In a table's `info`: its rows are about a running process, and mean nothing anywhere else."""


def kept_tables() -> tuple[Table, ...]:
    """The tables that a backup has, those that others refer to first.

    Not those that only one database has, which are made of the others; nor what is transient.
    """
    return tuple(
        table
        for table in schema.metadata.sorted_tables
        if not table.info.get("only") and not table.info.get(TRANSIENT)
    )


def part_of(table: Table, rows: int) -> Part:
    """A table as a backup describes it."""
    return Part(
        table.name,
        tuple((column.name, _kind(column.type)) for column in table.columns),
        tuple(column.name for column in table.primary_key),
        rows,
    )


def _kind(type_: TypeEngine[Any]) -> str:
    """How a column's values are written.

    Raises:
        TypeError: No way is known for this type.
    """
    if isinstance(type_, Utc):
        return TIME
    if isinstance(type_, Boolean):
        return FLAG
    if isinstance(type_, Integer | Float):
        return "number"
    if isinstance(type_, String):
        return "text"
    raise TypeError(f"a backup cannot have columns of the type {type_!r}")


def parts(connection: Connection) -> tuple[Part, ...]:
    """All tables, with how many rows they have now."""
    return tuple(
        part_of(table, connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in kept_tables()
    )


def batches(connection: Connection, part: Part) -> Generator[Sequence[Any], None, None]:
    """A table's rows in the order of its key, as the driver gives them."""
    quoted = connection.dialect.identifier_preparer.quote
    kinds = dict(part.columns)
    # The order of the letters' numbers, which SQLite takes anyway.
    collate = "" if connection.dialect.name == "sqlite" else ' COLLATE "C"'
    order = (f"{quoted(name)}{collate if kinds[name] == 'text' else ''}" for name in part.key)
    columns = ", ".join(quoted(name) for name, _ in part.columns)
    query = f"SELECT {columns} FROM {quoted(part.name)} ORDER BY {', '.join(order)}"  # noqa: S608 - names of the schema
    options = {"stream_results": True, "max_row_buffer": ROWS}
    with connection.exec_driver_sql(query, execution_options=options) as result:
        yield from result.partitions(ROWS)
