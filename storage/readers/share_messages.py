"""Messages with cards that readers sent to friends, so that corrections reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from storage.db.dialect import insert_new
from storage.tables.correction_schema import share_messages
from storage.tables.reader_schema import shares

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db.database import Database


class SharedMessage(NamedTuple):
    """A message with a card that a reader sent to a friend."""

    inline_message_id: str
    code: str
    """The code of the reader's link."""
    language: str
    """The language of the card."""


class ShareMessages:
    """The messages with shared cards; each is deleted with its share."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, message: SharedMessage, now: datetime) -> None:
        """Store a message; IntegrityError if no share has its code."""
        values = message._asdict() | {"sent": now}
        statement = insert_new(share_messages, self._db.dialect).values(values)
        await self._db.execute(statement)

    async def of_article(self, article_id: int) -> list[SharedMessage]:
        """Return all messages with cards of an article, in a fixed order."""
        m = share_messages.c
        query = (
            select(m.inline_message_id, m.code, m.language)
            .join(shares, shares.c.code == m.code)
            .where(shares.c.article_id == article_id)
            .order_by(m.inline_message_id)
        )
        return [SharedMessage(*row) for row in await self._db.rows(query)]
