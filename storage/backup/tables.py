"""The database's tables in a backup: which ones, in which order, and their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Float, Integer, String, Table, func, select

from storage.backup.form import FLAG, ROWS, TIME, Part
from storage.tables import schema
from storage.tables.columns import Utc
from storage.tables.declaration import declaration_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine


def kept_tables() -> tuple[Table, ...]:
    """Return the tables whose declaration says that a backup has them, referenced ones first."""
    return tuple(table for table in schema.metadata.sorted_tables if declaration_of(table).backup)


def part_of(table: Table, rows: int) -> Part:
    """Return a table's description for the header."""
    return Part(
        table.name,
        tuple((column.name, _kind(column.type)) for column in table.columns),
        tuple(column.name for column in table.primary_key),
        rows,
    )


def _kind(type_: TypeEngine[Any]) -> str:
    """Return a backup's name of a column type; TypeError if the type cannot be stored."""
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
    """Return the descriptions of all tables, with their current numbers of rows."""
    return tuple(
        part_of(table, connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in kept_tables()
    )


def batches(connection: Connection, part: Part) -> Generator[Sequence[Any], None, None]:
    """Yield a table's rows in batches, ordered by its key, as the driver returns them."""
    quoted = connection.dialect.identifier_preparer.quote
    kinds = dict(part.columns)
    # Order text by code points, as SQLite does anyway.
    collate = "" if connection.dialect.name == "sqlite" else ' COLLATE "C"'
    order = (f"{quoted(name)}{collate if kinds[name] == 'text' else ''}" for name in part.key)
    columns = ", ".join(quoted(name) for name, _ in part.columns)
    query = f"SELECT {columns} FROM {quoted(part.name)} ORDER BY {', '.join(order)}"  # noqa: S608 - names of the schema
    options = {"stream_results": True, "max_row_buffer": ROWS}
    with connection.exec_driver_sql(query, execution_options=options) as result:
        yield from result.partitions(ROWS)
