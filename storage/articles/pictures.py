"""The pictures of stories: what Telegram keeps for this bot, by the address that they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from storage.model import Layout, State
from storage.tables.schema import pictures, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database

AT_ONCE = 500
"""Addresses in one question."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What became of a picture."""

    file_id: str | None
    """By which this bot sends it; None where it could not be had."""
    width: int = 0
    """Pixels, as is the height; 0 where it could not be had."""
    height: int = 0
    failures: int = 0
    """How often it could not be had, one after the other."""
    reason: str = ""
    """Why not, in a few words."""
    try_at: datetime | None = None
    """When to ask for it again; None where there is no need to."""


@dataclass(frozen=True, slots=True)
class DueFrontPage:
    """Front pages that will be alike: of readers with one taste, who are due together."""

    taste_key: str
    language: str
    """The readers' own."""
    private: bool
    """Whether they are for private chats, where more may be shown than elsewhere."""
    place: int
    """The newest article's id when these readers had their last edition."""
    since: datetime | None
    """When their last edition was due."""
    due: datetime
    readers: int


class Pictures:
    """Pictures by address; another bot's count for nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def look(self, bot_id: int, addresses: Collection[str]) -> dict[str, Picture]:
        """What is known of pictures; an address of which nothing is known is left out."""
        wanted = list(addresses)
        p = pictures.c

        def read(connection: Connection) -> dict[str, Picture]:
            found: dict[str, Picture] = {}
            for start in range(0, len(wanted), AT_ONCE):
                query = select(
                    p.address, p.file_id, p.width, p.height, p.failures, p.reason, p.try_at
                ).where(p.bot_id == bot_id, p.address.in_(wanted[start : start + AT_ONCE]))
                for address, *values in connection.execute(query):
                    found[address] = Picture(*values)
            return found

        return await self._db.look(read)

    async def keep(self, bot_id: int, address: str, picture: Picture, now: datetime) -> None:
        """Note what became of a picture, in the place of what was known of it."""
        row: dict[str, Any] = {
            "address": address,
            "bot_id": bot_id,
            "file_id": picture.file_id,
            "width": picture.width,
            "height": picture.height,
            "failures": picture.failures,
            "reason": picture.reason,
            "tried": now,
            "try_at": picture.try_at,
        }

        def write(connection: Connection) -> None:
            connection.execute(delete(pictures).where(pictures.c.address == address))
            connection.execute(insert(pictures).values(row))

        await self._db.at_once(write)

    async def forget(self, addresses: Collection[str]) -> None:
        """Know nothing of these pictures any more: they are made anew when they are wanted."""
        gone = delete(pictures).where(pictures.c.address.in_(list(addresses)))
        await self._db.at_once(lambda connection: connection.execute(gone))

    async def count(self) -> Mapping[bool, int]:
        """How many pictures there are (True), and how many could not be had (False)."""
        there = pictures.c.file_id.is_not(None)
        query = select(there, func.count()).group_by(there)
        rows = await self._db.look(lambda connection: connection.execute(query).all())
        return {bool(key): number for key, number in rows}

    async def due_front_pages(self, until: datetime, *, limit: int) -> list[DueFrontPage]:
        """The front pages that are due by then, the first due and the most read first.

        Args:
            until: A moment.
            limit: At most so many.
        """
        s = subscribers.c
        readers = func.count().label("readers")
        private = s.chat_id > 0
        alike = (s.taste_key, s.language, private, s.place, s.edition_at, s.next_at)
        query = (
            select(*alike, readers)
            .where(
                s.next_at <= until,
                s.state == State.ACTIVE.value,
                s.layout == Layout.FRONT_PAGE.value,
            )
            .group_by(*alike)
            .order_by(s.next_at, readers.desc(), s.taste_key, s.place)
            .limit(limit)
        )
        rows = await self._db.look(lambda connection: connection.execute(query).all())
        return [DueFrontPage(*row) for row in rows]
