"""The people who manage a channel, group or topic from a private chat with the bot.

Both are subscribers. If either is forgotten, the row is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select, update

from storage.db.dialect import insert_or_update
from storage.readers.subscriber_rows import SUBSCRIBER, subscriber_of
from storage.tables.reader_schema import managers, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from storage.db.database import Database
    from storage.model import Subscriber


class Managed(NamedTuple):
    """A channel, group or topic in its manager's list."""

    subscriber: Subscriber
    title: str
    """Its public `@name`, or else its title."""


class Managers:
    """The recorded managers. Whether someone still may manage a chat, only Telegram knows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, subscriber_id: int, manager_id: int, title: str, now: datetime) -> None:
        """Record that a person manages a chat, or update the chat's title."""
        row = {"subscriber_id": subscriber_id, "manager_id": manager_id, "title": title}
        await self._db.execute(
            insert_or_update(managers, self._db.dialect, "title").values(**row, since=now)
        )

    async def remove(self, subscriber_id: int, manager_id: int) -> None:
        """Record that a person no longer manages a chat."""
        await self._db.execute(
            delete(managers).where(
                managers.c.subscriber_id == subscriber_id, managers.c.manager_id == manager_id
            )
        )

    async def rename(self, subscriber_id: int, title: str) -> None:
        """Record the new title of a chat or topic."""
        await self._db.execute(
            update(managers).where(managers.c.subscriber_id == subscriber_id).values(title=title)
        )

    async def managed(self, manager_id: int) -> list[Managed]:
        """Return the chats and topics that a person manages, ordered by title."""
        titles = await self._titles(managers.c.subscriber_id, managers.c.manager_id, manager_id)
        found = [Managed(each, titles[each.id]) for each in await self._subscribers(titles)]
        return sorted(found, key=lambda each: (each.title.casefold(), each.subscriber.id))

    async def title(self, subscriber_id: int, manager_id: int) -> str | None:
        """Return a chat's title, or None if this person does not manage it."""
        query = select(managers.c.title).where(
            managers.c.subscriber_id == subscriber_id, managers.c.manager_id == manager_id
        )
        return await self._db.scalar(query)

    async def of(self, subscriber_id: int) -> list[tuple[Subscriber, str]]:
        """Return the managers of a chat, the first one first, each with the chat's title."""
        titles = await self._titles(managers.c.manager_id, managers.c.subscriber_id, subscriber_id)
        people = {each.id: each for each in await self._subscribers(titles)}
        return [(people[id_], title) for id_, title in titles.items() if id_ in people]

    async def _titles(
        self, whom: ColumnElement[int], whose: ColumnElement[int], id_: int
    ) -> dict[int, str]:
        """Return titles by the id in `whom`, of the rows with this id in `whose`, oldest first."""
        query = select(whom, managers.c.title).where(whose == id_).order_by(managers.c.since, whom)
        rows = await self._db.rows(query)
        return {row[0]: row.title for row in rows}

    async def _subscribers(self, ids: Collection[int]) -> list[Subscriber]:
        query = SUBSCRIBER.where(subscribers.c.id.in_(ids))
        rows = await self._db.rows(query)
        return [subscriber_of(row) for row in rows]
