"""The links that readers give to friends, and how often each was opened."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

from sqlalchemy import literal, select, update

from storage.db.dataclass_rows import columns_of
from storage.db.dialect import insert_new
from storage.model import Share
from storage.tables.reader_schema import left_links, share_openings, shares

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

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
        while (found := await self._one(*condition)) is None:  # until the random code is unused
            await self._db.execute(
                insert_new(shares, self._db.dialect).values(
                    code="".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH)),
                    subscriber_id=subscriber_id,
                    article_id=article_id,
                    created=now,
                )
            )
        return found

    async def find(self, code: str) -> Share | None:
        """Return the share with this code, or None. Any text is accepted."""
        if len(code) != CODE_LENGTH or not code.isascii() or not code.isalnum():
            return None
        if (found := await self._one(shares.c.code == code)) is not None:
            return found
        left = await self._db.scalar(
            select(left_links.c.article_id).where(left_links.c.code == code)
        )
        return None if left is None else Share(code, left, None, 0)

    async def opened(self, code: str, mark: int) -> bool:
        """Count one more person who opened a link; return False if counted before.

        `mark` is a truncated hash of the person, from 0 to 65,535. Each mark counts once.
        """
        row = select(shares.c.code, literal(mark)).where(shares.c.code == code)
        new = insert_new(share_openings, self._db.dialect).from_select(["code", "mark"], row)
        count = update(shares).where(shares.c.code == code).values(opened=shares.c.opened + 1)

        def write(connection: Connection) -> bool:
            return bool(connection.execute(new).rowcount and connection.execute(count).rowcount)

        return await self._db.write(write)

    async def of(self, subscriber_id: int, limit: int) -> list[Share]:
        """Return a subscriber's links, those to the newest articles first."""
        query = (
            _SHARE.where(shares.c.subscriber_id == subscriber_id)
            .order_by(shares.c.article_id.desc())
            .limit(limit)
        )
        return [Share(*row) for row in await self._db.rows(query)]

    async def _one(self, *condition: ColumnElement[bool]) -> Share | None:
        row = await self._db.first(_SHARE.where(*condition))
        return None if row is None else Share(*row)
