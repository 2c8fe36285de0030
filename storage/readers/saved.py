"""The reading lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.articles.article_rows import ARTICLE, read_articles
from storage.db.dialect import insert_new
from storage.tables.reader_schema import saved
from storage.tables.schema import articles

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.db.database import Database
    from storage.model import Article


class Saved:
    """The articles that subscribers saved to read later."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._insert = insert_new(saved, db.dialect)

    async def add(self, subscriber_id: int, article_id: int, now: datetime) -> bool:
        """Save an article. Return False if it is saved already or does not exist."""
        async with self._db.writing() as connection:
            known = await connection.execute(
                select(articles.c.id).where(articles.c.id == article_id)
            )
            if known.scalar() is None:
                return False
            added = await connection.execute(
                self._insert.values(
                    subscriber_id=subscriber_id, article_id=article_id, saved_at=now
                )
            )
        return bool(added.rowcount)

    async def remove(self, subscriber_id: int, article_id: int) -> bool:
        """Take an article off the reading list. Return False if it is not on it."""
        async with self._db.writing() as connection:
            removed = await connection.execute(
                delete(saved).where(
                    saved.c.subscriber_id == subscriber_id, saved.c.article_id == article_id
                )
            )
        return bool(removed.rowcount)

    async def list(self, subscriber_id: int, *, limit: int, offset: int = 0) -> list[Article]:
        """Return a page of the reading list, the last saved first."""
        query = (
            ARTICLE.join(saved, saved.c.article_id == articles.c.id)
            .where(saved.c.subscriber_id == subscriber_id)
            .order_by(saved.c.saved_at.desc(), saved.c.article_id.desc())
            .limit(limit)
            .offset(offset)
        )
        return await self._db.read(lambda connection: read_articles(connection, query))

    async def has(self, subscriber_id: int, article_ids: Collection[int]) -> frozenset[int]:
        """Return which of these articles are on the reading list."""
        query = select(saved.c.article_id).where(
            saved.c.subscriber_id == subscriber_id, saved.c.article_id.in_(article_ids)
        )
        return await self._db.read(
            lambda connection: frozenset(connection.execute(query).scalars())
        )
