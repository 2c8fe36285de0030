"""Lead stories: articles that come first in editions until a given time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from storage.model.desk_model import Pin
from storage.tables.schema import pins

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.db.database import Database


class Pins:
    """The lead stories."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def active(self, now: datetime) -> tuple[Pin, ...]:
        """Return the lead stories of a time, the one pinned last first."""
        query = (
            select(pins)
            .where(pins.c.until > now, pins.c.created <= now)
            .order_by(pins.c.created.desc(), pins.c.id.desc())
        )
        rows = await self._db.read(lambda connection: connection.execute(query).all())
        return tuple(
            Pin(row.article_id, row.until, frozenset(row.categories.split()), row.created)
            for row in rows
        )

    async def set(
        self,
        article_id: int,
        until: datetime,
        categories: Collection[str],
        *,
        by: int,
        now: datetime,
    ) -> None:
        """Make an article a lead story, instead of how it was one before.

        Args:
            article_id: The article.
            until: When its time is up.
            categories: Slugs; readers of one of them get it first. Empty for every reader.
            by: The Telegram id of the editor.
            now: The present time.
        """
        await self._db.write(lambda to: pin(to, article_id, until, categories, by=by, now=now))


def pin(
    connection: Connection,
    article_id: int,
    until: datetime,
    categories: Collection[str],
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Make an article a lead story in the connection's transaction; see `Pins.set`."""
    unpin(connection, article_id)
    connection.execute(
        insert(pins).values(
            article_id=article_id,
            until=until,
            person_id=by,
            categories=" ".join(sorted(categories)),
            created=now,
        )
    )


def unpin(connection: Connection, article_id: int) -> None:
    """Make an article no lead story any more, in the connection's transaction."""
    connection.execute(delete(pins).where(pins.c.article_id == article_id))
