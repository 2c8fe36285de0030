"""The pictures of stories: Telegram's file id of each, by the address it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from storage.model import Layout, State
from storage.tables.reader_schema import subscribers
from storage.tables.schema import pictures

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from storage.db.database import Database

AT_ONCE = 500
"""Addresses at most in one query."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The result of fetching and uploading a picture."""

    file_id: str | None
    """Telegram's file id of the picture for this bot; None if it could not be fetched."""
    width: int = 0
    """Width in pixels; 0 if the picture could not be fetched. `height` is the same."""
    height: int = 0
    failures: int = 0
    """Number of consecutive failures."""
    reason: str = ""
    """Why it could not be fetched, in a few words."""
    try_at: datetime | None = None
    """When to try again; None if not needed."""


@dataclass(frozen=True, slots=True)
class DueEdition:
    """Identical editions: those of readers with the same taste who are due together."""

    taste_key: str
    language: str
    """The readers' interface language."""
    private: bool
    """Whether they go to private chats, where more may be shown than in other chats."""
    place: int
    """The newest article's id at these readers' last edition."""
    since: datetime | None
    """When these readers' last edition was due."""
    due: datetime
    readers: int


class Pictures:
    """Pictures by address. Another bot's pictures are ignored, since file ids differ by bot."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def look(self, bot_id: int, addresses: Collection[str]) -> dict[str, Picture]:
        """Return the known pictures of a bot by address; unknown addresses are left out."""
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

        return await self._db.read(read)

    async def keep(self, bot_id: int, address: str, picture: Picture, now: datetime) -> None:
        """Store the result for a picture, replacing the previous one."""
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

        await self._db.write(write)

    async def forget(self, addresses: Collection[str]) -> None:
        """Delete these pictures; they are fetched again when needed."""
        gone = delete(pictures).where(pictures.c.address.in_(list(addresses)))
        await self._db.execute(gone)

    async def count(self) -> Mapping[bool, int]:
        """Return the number of pictures with a file (True) and of failed ones (False)."""
        there = pictures.c.file_id.is_not(None)
        query = select(there, func.count()).group_by(there)
        rows = await self._db.rows(query)
        return {bool(key): number for key, number in rows}

    async def due_front_pages(self, until: datetime, *, limit: int) -> list[DueEdition]:
        """Return the front pages due by then, the first due first, then by number of readers."""
        front_page = subscribers.c.layout == Layout.FRONT_PAGE.value
        return await due_editions(self._db, until, front_page, limit=limit)


async def due_editions(
    db: Database, until: datetime, *only: ColumnElement[bool], limit: int
) -> list[DueEdition]:
    """Return the editions due by then of some subscribers, by time and number of readers."""
    s = subscribers.c
    readers = func.count().label("readers")
    private = s.chat_id > 0
    alike = (
        *(s.taste_key, s.language, private.label("private"), s.place),
        *(s.edition_at.label("since"), s.next_at.label("due")),
    )
    query = (
        select(*alike, readers)
        .where(s.next_at <= until, s.state == State.ACTIVE.value, *only)
        .group_by(*alike)
        .order_by(s.next_at, readers.desc(), s.taste_key, s.place)
        .limit(limit)
    )
    rows = await db.rows(query)
    return [DueEdition(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy documents it as public
