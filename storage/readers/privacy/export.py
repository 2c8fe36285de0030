"""The export of all stored data about a chat, as one JSON document.

Each table's declaration says whether the document has its rows, and under which key.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from storage.readers.preferences import from_spec
from storage.tables.declaration import Exported, declaration_of, holds_chat_ids
from storage.tables.reader_schema import subscribers, tastes
from storage.tables.schema import articles, metadata, sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Table

    from storage.db.database import Database

FORMAT = "on-news-export-1"
"""The document's format; docs/privacy.md describes it."""
_KEPT_APART = {"id", "chat_id", "thread_id", "kind_confirmed", "place", "taste_key"}
"""Columns of a subscriber that are not settings, or appear elsewhere in the document."""
_SETTINGS = tuple(each.name for each in subscribers.c if each.name not in _KEPT_APART)
_PART = 400
"""Articles at most in one query."""

Document = dict[str, Any]


class Export:
    """Reads the stored data about a chat."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, chat_id: int, now: datetime) -> Document:
        """Return all data about a chat and its topics; times are ISO 8601 in UTC."""
        return await self._db.read(lambda connection: _document(connection, chat_id, now))


def _document(connection: Connection, chat_id: int, now: datetime) -> Document:
    rows = connection.execute(
        select(subscribers, tastes.c.spec)
        .join(tastes, tastes.c.key == subscribers.c.taste_key)
        .where(subscribers.c.chat_id == chat_id)
        .order_by(subscribers.c.thread_id)
    ).mappings()
    return {
        "format": FORMAT,
        "made": _plain(now),
        "chat_id": chat_id,
        "subscriptions": [_subscription(connection, row) for row in rows.all()],
        **_in_groups(_declared(connection, chat_id, by_chat_id=True)),
    }


def _in_groups(found: Mapping[str, list[Document]]) -> Document:
    """Return lists under keys such as "desk.acts" within groups; None for a group without rows."""
    groups: dict[str, dict[str, list[Document]]] = {}
    for key, rows in found.items():
        group, _, name = key.partition(".")
        groups.setdefault(group, {})[name] = rows
    return {group: lists if any(lists.values()) else None for group, lists in groups.items()}


def _subscription(connection: Connection, row: RowMapping) -> Document:
    taste = from_spec(row["spec"])
    return {
        "topic": row["thread_id"] or None,
        "settings": {name: _plain(row[name]) for name in _SETTINGS},
        "languages_of_articles": sorted(taste.languages),
        "translated": sorted(taste.translate),
        "not_translated": sorted(taste.also_read),
        **_declared(connection, row["id"], by_chat_id=False),
    }


def _declared(connection: Connection, whose: int, *, by_chat_id: bool) -> dict[str, list[Document]]:
    """Return by key the rows of all tables whose declaration exports rows of their own.

    With `by_chat_id` these are the tables that name chats by Telegram's id, which `whose` then is;
    otherwise those that refer to subscribers.
    """
    found = {}
    for table in metadata.sorted_tables:
        export = declaration_of(table).export
        if (
            isinstance(export, Exported)
            and export.columns
            and holds_chat_ids(table.c[export.by[0]]) == by_chat_id
        ):
            found[export.key] = _rows(connection, table, export, whose)
    known = _stories(connection, {id_ for rows in found.values() for id_ in _article_ids(rows)})
    return {
        key: [_with_stories(row, known) for row in _with_names(connection, rows)]
        for key, rows in found.items()
    }


def _rows(connection: Connection, table: Table, export: Exported, whose: int) -> list[Document]:
    order = (table.c[export.order or export.columns[0]], *table.primary_key)
    query = (
        select(*(table.c[name] for name in export.columns))
        .where(or_(*(_names(table.c[name], whose) for name in export.by)))
        .order_by(*order)
    )
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]


def _names(column: Column[Any], whose: int) -> ColumnElement[bool]:
    """Return a condition: a column names a chat, refers to a subscriber, or to a row of one."""
    for key in column.foreign_keys:
        owner = key.column.table
        if owner is not subscribers:
            return column.in_(select(key.column).where(owner.c.subscriber_id == whose))
    return column == whose


def _article_ids(rows: list[Document]) -> Iterator[int]:
    for row in rows:
        if row.get("article_id") is not None:
            yield row["article_id"]
        yield from json.loads(row.get("articles") or "[]")


def _with_stories(row: Document, known: Mapping[int, Document]) -> Document:
    """Return a row with title and link instead of the ids of articles."""
    if "article_id" in row:
        row = {**known.get(row["article_id"], {}), **row}
        del row["article_id"]
    if "articles" in row:
        ids = json.loads(row["articles"] or "[]")
        row["articles"] = [known.get(id_, {"gone": True}) for id_ in ids]
    return row


def _with_names(connection: Connection, rows: list[Document]) -> list[Document]:
    """Return rows with names of sources, and Telegram's ids of chats, instead of our ids."""
    if rows and "subscriber_id" in rows[0]:
        ids = [row["subscriber_id"] for row in rows]
        query = select(subscribers.c.id, subscribers.c.chat_id).where(subscribers.c.id.in_(ids))
        chats = {row.id: row.chat_id for row in connection.execute(query)}
        return [{"chat_id": chats[row.pop("subscriber_id")], **row} for row in rows]
    return _levels(connection, rows) if rows and "value" in rows[0] else rows


def _levels(connection: Connection, rows: list[Document]) -> list[Document]:
    """Return the levels, with sources by name instead of id."""
    ids = [int(row["value"]) for row in rows if row["kind"] == "source"]
    query = select(sources.c.id, sources.c.name).where(sources.c.id.in_(ids))
    names = {str(row.id): row.name for row in connection.execute(query)} if ids else {}
    return [
        {**row, "value": names.get(row["value"], row["value"])} if row["kind"] == "source" else row
        for row in rows
    ]


def _stories(connection: Connection, ids: Iterable[int]) -> dict[int, Document]:
    """Return title and link of those articles that still exist, by id."""
    wanted = sorted(ids)
    found: dict[int, Document] = {}
    for start in range(0, len(wanted), _PART):
        query = select(articles.c.id, articles.c.title, articles.c.link).where(
            articles.c.id.in_(wanted[start : start + _PART])
        )
        found |= {
            row.id: {"title": row.title, "link": row.link} for row in connection.execute(query)
        }
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a column holds
    """Return a value in a form that JSON has."""
    return value.isoformat() if hasattr(value, "isoformat") else value
