"""Forgetting a chat: deleting all stored data about it in one transaction.

Each table's declaration says what becomes of its rows; see `storage.tables.declaration`. The
counters of the chat's deliveries stay, since they identify no chat. The links that it shared stay
too, without the sender, and so do acts at the desk, without the editor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, update

from storage.readers import preferences
from storage.tables.declaration import Fate, NamedChat, declaration_of, holds_chat_ids
from storage.tables.reader_schema import left_links, shares, subscribers
from storage.tables.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Table

    from storage.db.database import Database

_ID = re.compile(r'"id": ?(-?[0-9]{1,19})(?![0-9])')
"""A Telegram id in an update's JSON."""


class Forgetting:
    """Deletes all data about chats."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def forget(self, chat_id: int) -> bool:
        """Delete all data about a chat and its topics. Return whether there was any."""
        # Delete unused earlier tastes now: they would stay until the nightly sweep.
        await preferences.sweep(self._db)
        return await self._db.write(lambda connection: forget_chat(connection, chat_id))


def forget_chat(connection: Connection, chat_id: int) -> bool:
    """Delete all data about a chat in a transaction. Return whether there was any."""
    # Lock the chat's rows, so that no link is shared between the copy and the deletion.
    rows = connection.execute(
        select(subscribers.c.id, subscribers.c.taste_key)
        .where(subscribers.c.chat_id == chat_id)
        .with_for_update()
    ).all()
    for row in rows:
        connection.execute(
            insert(left_links).from_select(
                ["code", "article_id", "created"],
                select(shares.c.code, shares.c.article_id, shares.c.created).where(
                    shares.c.subscriber_id == row.id
                ),
            )
        )
    found = [_forget(connection, *each, chat_id) for each in _named_by_id(connection)]
    if rows:
        preferences.drop_unused(connection, {row.taste_key for row in rows})
    return any(found)


def _named_by_id(connection: Connection) -> Iterator[tuple[Table, NamedChat]]:
    """Yield the columns that name a chat by Telegram's id, with what becomes of their rows.

    Rows that refer to a subscriber are deleted or cleared by their foreign key.
    """
    for table in tables_of(connection):
        for each in declaration_of(table).forget:
            if holds_chat_ids(table.c[each.column]):
                yield table, each


def tables_of(connection: Connection) -> Iterator[Table]:
    """Yield the tables that exist in the connection's kind of database."""
    for table in metadata.sorted_tables:
        if table.info.get("only") in {None, connection.dialect.name}:
            yield table


def _forget(connection: Connection, table: Table, declared: NamedChat, chat_id: int) -> bool:
    """Delete or clear the rows of a table that name a chat. Return whether there were any."""
    column = table.c[declared.column]
    only = [table.c[name] == value for name, value in declared.only.items()]
    match declared.fate:
        case Fate.DELETED:
            done = connection.execute(delete(table).where(column == chat_id, *only))
        case Fate.CLEARED:
            done = connection.execute(
                update(table).where(column == chat_id, *only).values({column: None})
            )
        case Fate.DELETED_IF_UNUSED:
            # See `preferences.drop_unused`.
            return False
        case Fate.DELETED_IF_NAMED:
            named = (f'"id":{space}{chat_id}{end}' for space in ("", " ") for end in ",}")
            connection.execute(
                delete(table).where(
                    or_(*(column.contains(text, autoescape=True) for text in named)), *only
                )
            )
            # The command that asks is such a row itself.
            return False
    return bool(done.rowcount)


def forget_those(connection: Connection, is_forgotten: Callable[[int], bool]) -> int:
    """Forget, after a restore, the chats that were forgotten since the backup. Return how many."""
    chats: set[int] = set()
    for table in tables_of(connection):
        declaration = declaration_of(table)
        for each in declaration.forget if declaration.backup else ():
            if holds_chat_ids(column := table.c[each.column]):
                values = connection.execute(select(column).distinct()).scalars()
                for value in values:
                    chats |= _ids_in(value)
    forgotten = sum(forget_chat(connection, chat) for chat in sorted(chats) if is_forgotten(chat))
    if forgotten:
        preferences.drop_unused(connection)
    return forgotten


def _ids_in(value: int | str | None) -> set[int]:
    """Return the chats that a value names: itself, or each id in a text of JSON."""
    if value is None:
        return set()
    if isinstance(value, int):
        return {value}
    return {int(found) for found in _ID.findall(value)}
