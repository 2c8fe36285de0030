"""The reading lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, literal, select

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

    async def add(self, subscriber_id: int, article_id: int, now: datetime) -> bool:
        """Save an article. Return False if it is saved already or does not exist."""
        row = select(
            literal(subscriber_id), articles.c.id, literal(now, saved.c.saved_at.type)
        ).where(articles.c.id == article_id)
        added = insert_new(saved, self._db.dialect).from_select(
            ["subscriber_id", "article_id", "saved_at"], row
        )
        return bool(await self._db.execute(added))

    async def remove(self, subscriber_id: int, article_id: int) -> bool:
        """Take an article off the reading list. Return False if it is not on it."""
        removed = delete(saved).where(
            saved.c.subscriber_id == subscriber_id, saved.c.article_id == article_id
        )
        return bool(await self._db.execute(removed))

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
        return frozenset(await self._db.scalars(query))
