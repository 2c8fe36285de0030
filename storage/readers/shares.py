"""The links that readers give to friends, and how often each was opened."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, update

from storage.db.dataclass_rows import columns_of
from storage.db.dialect import insert_new
from storage.model import Share
from storage.tables.reader_schema import left_links, share_openings, shares

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database

CODE_LENGTH = 10
_ALPHABET = string.ascii_letters + string.digits

_SHARE = select(*columns_of(Share, shares))


class Shares:
    """Deep links to articles. The number of people who opened one is stored, not who they are."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def link(self, subscriber_id: int, article_id: int, now: datetime) -> Share:
        """Return the subscriber's own link to an article, creating it at the first call.

        It raises IntegrityError if the subscriber or the article does not exist.
        """
        condition = (shares.c.subscriber_id == subscriber_id, shares.c.article_id == article_id)
        async with self._db.reading() as connection:
            found = await _one(connection, *condition)
        while found is None:  # until the random code is unused
            async with self._db.writing() as connection:
                await connection.execute(
                    insert_new(shares, self._db.dialect).values(
                        code="".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH)),
                        subscriber_id=subscriber_id,
                        article_id=article_id,
                        created=now,
                    )
                )
                found = await _one(connection, *condition)
        return found

    async def find(self, code: str) -> Share | None:
        """Return the share with this code, or None. Any text is accepted."""
        if len(code) != CODE_LENGTH or not code.isascii() or not code.isalnum():
            return None
        async with self._db.reading() as connection:
            found = await _one(connection, shares.c.code == code)
            if found is not None:
                return found
            left: int | None = await connection.scalar(
                select(left_links.c.article_id).where(left_links.c.code == code)
            )
        return None if left is None else Share(code, left, None, 0)

    async def opened(self, code: str, mark: int) -> bool:
        """Count one more person who opened a link; return False if counted before.

        `mark` is a truncated hash of the person, from 0 to 65,535. Each mark counts once.
        """
        row = select(shares.c.code, literal(mark)).where(shares.c.code == code)
        new = insert_new(share_openings, self._db.dialect).from_select(["code", "mark"], row)
        async with self._db.writing() as connection:
            if not (await connection.execute(new)).rowcount:
                return False
            await connection.execute(
                update(shares).where(shares.c.code == code).values(opened=shares.c.opened + 1)
            )
            return True

    async def of(self, subscriber_id: int, limit: int) -> list[Share]:
        """Return a subscriber's links, those to the newest articles first."""
        query = (
            _SHARE.where(shares.c.subscriber_id == subscriber_id)
            .order_by(shares.c.article_id.desc())
            .limit(limit)
        )
        async with self._db.reading() as connection:
            return [Share(*row) for row in await connection.execute(query)]


async def _one(connection: AsyncConnection, *condition: Any) -> Share | None:  # noqa: ANN401 - SQLAlchemy's expressions
    row = (await connection.execute(_SHARE.where(*condition))).one_or_none()
    return None if row is None else Share(*row)
