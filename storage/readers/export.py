"""The export of all stored data about a chat, as one JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from storage.readers.preferences import from_spec
from storage.tables.schema import (
    articles,
    deliveries,
    desk_acts,
    editors,
    follows,
    levels,
    managers,
    saved,
    shares,
    sources,
    subscribers,
    tastes,
    word_follows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from storage.db.database import Database

FORMAT = "on-news-export-1"
"""The document's format; docs/privacy.md describes it."""
_KEPT_APART = {"id", "chat_id", "thread_id", "kind_confirmed", "place", "taste_key"}
"""Columns of a subscriber that are not settings, or appear elsewhere in the document."""
_SETTINGS = tuple(each.name for each in subscribers.c if each.name not in _KEPT_APART)
_DELIVERY = ("kind", "due", "state", "settled", "layout", "language", "attempts", "error")
_PART = 400
"""Articles at most in one query."""

Document = dict[str, Any]


class Export:
    """Reads the stored data about a chat."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, chat_id: int, now: datetime) -> Document:
        """Return all data about a chat and its topics; times are ISO 8601 in UTC.

        Raises:
            DatabaseUnavailableError: The database cannot be read now.
        """
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
        "desk": _desk(connection, chat_id),
    }


def _desk(connection: Connection, person_id: int) -> Document | None:
    """Return an editor's rights and acts; None for somebody who never had any."""
    rights = connection.execute(
        select(editors.c.may_write, editors.c.may_publish, editors.c.added).where(
            editors.c.person_id == person_id
        )
    ).mappings()
    a = desk_acts.c
    acts = connection.execute(
        select(a.id, a.kind, a.at, a.article_id, a.draft_id, a.undone)
        .where(or_(a.person_id == person_id, a.about_id == person_id))
        .order_by(a.id)
    ).mappings()
    document = {
        "rights": [{name: _plain(value) for name, value in row.items()} for row in rights],
        "acts": [{name: _plain(value) for name, value in row.items()} for row in acts],
    }
    return document if any(document.values()) else None


def _subscription(connection: Connection, row: RowMapping) -> Document:
    whose = row["id"]
    read = _RowsOf(connection, whose)
    sent = read.all(deliveries, *_DELIVERY, "articles", order="due")
    shown = {id_ for one in sent for id_ in json.loads(one["articles"] or "[]")}
    kept = read.all(saved, "article_id", "saved_at", order="saved_at")
    links = read.all(shares, "code", "article_id", "created", "opened", order="created")
    known = _stories(connection, {*shown, *(one["article_id"] for one in [*kept, *links])})
    return {
        "topic": row["thread_id"] or None,
        "settings": {name: _plain(row[name]) for name in _SETTINGS},
        "languages_of_articles": sorted(from_spec(row["spec"]).languages),
        "follows": read.all(follows, "category", "alerts", order="category"),
        "words": read.all(word_follows, "spelling", "alerts", order="spelling"),
        "more_or_less": _levels(connection, read.all(levels, "kind", "value", "level")),
        "saved": [{**known.get(one.pop("article_id"), {}), **one} for one in kept],
        "manages": _managed(connection, whose),
        "links_sent": [{**known.get(one.pop("article_id"), {}), **one} for one in links],
        "deliveries": [
            {
                **one,
                "articles": [
                    known.get(id_, {"gone": True}) for id_ in json.loads(one["articles"] or "[]")
                ],
            }
            for one in sent
        ],
    }


def _managed(connection: Connection, whose: int) -> list[Document]:
    """Return the channels, groups and topics that this chat's reader manages."""
    query = (
        select(subscribers.c.chat_id, managers.c.title, managers.c.since)
        .join(subscribers, subscribers.c.id == managers.c.subscriber_id)
        .where(managers.c.manager_id == whose)
        .order_by(managers.c.since, managers.c.subscriber_id)
    )
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]


class _RowsOf:
    """Reads the rows of tables that belong to one subscriber."""

    def __init__(self, connection: Connection, whose: int) -> None:
        self._connection = connection
        self._whose = whose

    def all(self, table: Any, *names: str, order: str = "") -> list[Document]:  # noqa: ANN401  # a table
        """Return these columns of the subscriber's rows in a table, in a fixed order.

        Args:
            table: The table.
            names: The columns.
            order: The column to order by; by default the first one.
        """
        query = (
            select(*(table.c[name] for name in names))
            .where(table.c.subscriber_id == self._whose)
            .order_by(table.c[order or names[0]], *table.primary_key)
        )
        found = self._connection.execute(query).mappings()
        return [{name: _plain(row[name]) for name in names} for row in found]


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
