"""Rows of two chats in every table, made of the tables' declarations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Float, Integer, Table, insert, select

from storage.tables.columns import Utc
from storage.tables.declaration import Fate, NamedChat, declaration_of, holds_chat_ids
from storage.tables.schema import metadata
from tests.plugins.archive import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from storage.db.database import Database

ANNA, BERTO = 987_654_321, 987_654_322
"""The chats whose rows are made."""
NAMES = {ANNA: "anna", BERTO: "berto"}
"""The word in every text of a chat's rows."""
BYSTANDERS = {ANNA: 555_000_001, BERTO: 555_000_002}
"""Another chat in those rows of theirs that name two."""

VALUES: dict[str, Any] = {
    "subscribers.kind": "private",
    "subscribers.state": "active",
    "subscribers.language": "en",
    "subscribers.zone": "Europe/Rome",
    "subscribers.thread_id": 0,
    "deliveries.state": "sent",
    "levels.kind": "word",
    "articles.imported": False,
}
"""Values that code reads while rows are exported, forgotten or deleted: `table.column` → value."""

Key = tuple[str, tuple[Any, ...]]
"""A table, and a row's primary key."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was made.

    Attributes:
        table: Its table.
        key: The value of its primary key.
        values: Its columns.
        chat_id: The chat for which it was made.
        forget: The declaration by which it names that chat; None if it names none, or if the
            declaration's `only` excludes it.
    """

    table: Table
    key: tuple[Any, ...]
    values: Mapping[str, Any]
    chat_id: int
    forget: NamedChat | None


async def fill(db: Database) -> list[Row]:
    """Create a row of Anna and one of Berto in each table, for each column that names a chat."""
    made: list[Row] = []

    def write(connection: Connection) -> None:
        maker = _Maker(connection)
        for chat_id in (ANNA, BERTO):
            made.extend(maker.rows_of(chat_id))

    await db.write(write)
    return made


async def stored(db: Database) -> dict[Key, dict[str, Any]]:
    """Return all rows of all tables."""

    def read(connection: Connection) -> dict[Key, dict[str, Any]]:
        return {
            (table.name, tuple(row[column.name] for column in table.primary_key)): dict(row)
            for table in tables_of(db.dialect)
            for row in connection.execute(select(table)).mappings()
        }

    return await db.read(read)


def tables_of(dialect: str) -> list[Table]:
    """Return the tables of one kind of database, except derived ones that only it has."""
    return [
        table
        for table in metadata.sorted_tables
        if table.info.get("only", dialect) == dialect and table.name != "article_search"
    ]


class _Maker:
    """Inserts rows whose values are made of their columns' names and types."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._number = 1_000

    def rows_of(self, chat_id: int) -> Iterator[Row]:
        """Insert and yield the rows of one chat."""
        other: dict[str, Mapping[str, Any]] = {}
        for name in ("tastes", "subscribers"):
            values = self._values(metadata.tables[name], BYSTANDERS[chat_id], "bystander", other)
            other[name] = self._insert(metadata.tables[name], values)
        own: dict[str, Mapping[str, Any]] = {}
        for table in tables_of(self._connection.dialect.name):
            for forget in declaration_of(table).forget or (None,):
                values = self._values(table, chat_id, NAMES[chat_id], own)
                if forget is not None:
                    self._name_another(table, values, forget, other, BYSTANDERS[chat_id])
                row = self._insert(table, values)
                own.setdefault(table.name, row)
                yield Row(table, _key(table, row), row, chat_id, forget)
                if forget is not None and forget.only:
                    values = self._values(table, chat_id, NAMES[chat_id], own)
                    values |= dict.fromkeys(forget.only, "another")
                    row = self._insert(table, values)
                    yield Row(table, _key(table, row), row, chat_id, None)

    def _insert(self, table: Table, values: dict[str, Any]) -> Mapping[str, Any]:
        self._connection.execute(insert(table).values(values))
        return values

    def _name_another(
        self,
        table: Table,
        values: dict[str, Any],
        forget: NamedChat,
        other: Mapping[str, Mapping[str, Any]],
        other_id: int,
    ) -> None:
        """Let the columns that name a chat, but for one, name another chat."""
        values |= forget.only
        for each in declaration_of(table).forget:
            column = table.c[each.column]
            if each.column == forget.column or each.fate is Fate.DELETED_IF_NAMED:
                continue
            values[each.column] = other_id if holds_chat_ids(column) else _referenced(column, other)

    def _values(
        self,
        table: Table,
        chat_id: int,
        name: str,
        own: Mapping[str, Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Return a row's values, which are unique but for references and the chat's id."""
        self._number += 1
        fates = {each.column: each.fate for each in declaration_of(table).forget}
        return {
            column.name: self._value(column, chat_id, name, own, fates.get(column.name))
            for column in table.columns
        }

    def _value(
        self,
        column: Column[Any],
        chat_id: int,
        name: str,
        own: Mapping[str, Mapping[str, Any]],
        fate: Fate | None,
    ) -> object:
        known = VALUES.get(f"{column.table.name}.{column.name}")
        if known is not None:
            return known
        if column.foreign_keys:
            return _referenced(column, own)
        if fate is Fate.DELETED_IF_NAMED:
            return json.dumps({"message": {"chat": {"id": chat_id}, "text": name}})
        return chat_id if fate in {Fate.DELETED, Fate.CLEARED} else self._plain(column, name)

    def _plain(self, column: Column[Any], name: str) -> object:
        """Return a value of a column's type."""
        match column.type:
            case Utc():
                # Several rows of one table may have the same time, but not the same key.
                later = self._number if column.primary_key else 0
                return FIRST + timedelta(seconds=later)
            case Boolean():
                return True
            case Integer() | Float():
                return self._number
            case _:
                return _text(column, name, self._number)


def _text(column: Column[Any], name: str, number: int) -> str:
    """Return a text that says of which column and chat it is; JSON where the column has JSON."""
    if (column.table.name, column.name) == ("tastes", "spec"):
        return json.dumps({"languages": [f"tastes.spec {name}"]})
    if (column.table.name, column.name) == ("deliveries", "articles"):
        return json.dumps([number])
    length = getattr(column.type, "length", None)
    return f"{number}"[:length] if length else f"{column.table.name}.{column.name} {name}"


def _referenced(column: Column[Any], rows: Mapping[str, Mapping[str, Any]]) -> object:
    """Return the value of the column to which a column refers."""
    (key,) = column.foreign_keys
    return rows[key.column.table.name][key.column.name]


def _key(table: Table, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values[column.name] for column in table.primary_key)
