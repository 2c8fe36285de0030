"""The migration of a group to a supergroup, which has a new id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint, delete, exists, select, update

from storage.model import State
from storage.tables.declaration import declaration_of
from storage.tables.reader_schema import subscribers
from storage.tables.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, Connection, Row


def move_chat(connection: Connection, old_chat_id: int, new_chat_id: int) -> None:
    """Give the old chat's subscribers the new id, merging those that the new chat has."""
    there = _rows(connection, new_chat_id)
    for thread_id, old in _rows(connection, old_chat_id).items():
        values: dict[str, Any] = {"chat_id": new_chat_id}
        if (new := there.get(thread_id)) is not None:
            _take_over(connection, old.id, new.id)
            if old.state == State.GONE.value:
                # The chat is active under its new id, so it is not gone.
                values |= {"state": new.state, "next_at": new.next_at, "away_since": None}
        connection.execute(update(subscribers).where(subscribers.c.id == old.id).values(values))


def _rows(connection: Connection, chat_id: int) -> dict[int, Row[*tuple[Any, ...]]]:
    """Return the subscribers of a chat by topic, and lock them."""
    found = connection.execute(
        select(
            subscribers.c.thread_id, subscribers.c.id, subscribers.c.state, subscribers.c.next_at
        )
        .where(subscribers.c.chat_id == chat_id)
        .with_for_update()
    )
    return {row.thread_id: row for row in found}


def _take_over(connection: Connection, to: int, from_: int) -> None:
    """Move one subscriber's data to another, as the tables declare, and delete the first.

    Rows that the other has already, by a unique key, are deleted with the first.
    """
    for column in _merged_columns():
        own = column.table.alias()
        same = [
            exists().where(own.c[column.name] == to, *(own.c[each.name] == each for each in others))
            for others in _unique_with(column)
        ]
        connection.execute(
            update(column.table)
            .where(column == from_, *(~each for each in same))
            .values({column: to})
        )
    connection.execute(delete(subscribers).where(subscribers.c.id == from_))


def _merged_columns() -> Iterator[Column[Any]]:
    """Yield the columns that refer to a subscriber and whose rows are merged."""
    for table in metadata.sorted_tables:
        for each in declaration_of(table).forget:
            column = table.c[each.column]
            if each.merged and any(key.column is subscribers.c.id for key in column.foreign_keys):
                yield column


def _unique_with(column: Column[Any]) -> Iterator[list[Column[Any]]]:
    """Yield the other columns of each unique key that has a column."""
    for key in column.table.constraints:
        if isinstance(key, PrimaryKeyConstraint | UniqueConstraint) and column in set(key.columns):
            yield [each for each in key.columns if each is not column]
