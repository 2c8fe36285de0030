"""Rows that are read and written by the names of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from storage.db.bulk import insert_each
from storage.db.dataclass_rows import columns_of, reader_of
from storage.tables.schema import meta

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database


@dataclass(frozen=True, slots=True)
class Note:
    """A row of the table `meta`, its fields in another order than the columns."""

    length: int
    value: str
    key: str


QUERY = select(*columns_of(Note, meta, {"length": func.length(meta.c.value)}), func.length("abc"))
note = reader_of(Note, {"value": str.upper})


async def test_rows_are_written_and_read_by_the_names_of_their_columns(db: Database) -> None:
    def both(connection: Connection) -> list[Note]:
        insert_each(connection, meta, [{"value": "first", "key": "a"}, {"key": "b", "value": "2"}])
        rows = connection.execute(QUERY.where(meta.c.key.in_(["a", "b"])).order_by(meta.c.key))
        return [note(row) for row in rows]

    assert await db.write(both) == [Note(5, "FIRST", "a"), Note(1, "2", "b")]


async def test_a_row_without_a_column_that_the_first_row_has_is_refused(db: Database) -> None:
    with pytest.raises(KeyError, match="value"):
        await db.write(
            lambda connection: insert_each(
                connection, meta, [{"key": "a", "value": "1"}, {"key": "b"}]
            )
        )


def test_a_field_without_a_column_is_refused() -> None:
    with pytest.raises(KeyError, match="length"):
        columns_of(Note, meta)
