"""A chat is forgotten: all that was kept about it goes, in one transaction.

What its deliveries came to stays in the counts of the days, which name nobody; the links that it
sent stay as well, without who sent them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select

from storage.readers import preferences
from storage.readers.access import Admission
from storage.tables.schema import access, left_links, shares, subscribers, waiting_updates

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.db.database import Database


class Forgetting:
    """Forgets chats."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def forget(self, chat_id: int) -> bool:
        """Delete all that is kept about a chat, its topics included; whether there was anything.

        Raises:
            DatabaseUnavailableError: The database takes nothing just now; all is as it was.
        """
        # What its reader had chosen before is nobody's any more, and would wait for the night.
        await preferences.sweep(self._db)
        return await self._db.at_once(lambda connection: forget_chat(connection, chat_id))


def forget_chat(connection: Connection, chat_id: int) -> bool:
    """See `Forgetting.forget`; within the connection's transaction."""
    rows = connection.execute(
        select(subscribers.c.id, subscribers.c.taste_key)
        .where(subscribers.c.chat_id == chat_id)
        .with_for_update()
    ).all()
    for row in rows:
        connection.execute(
            insert(left_links).from_select(
                ["code", "article_id", "created"],
                select(shares.c.code, shares.c.article_id, shares.c.created).where(
                    shares.c.subscriber_id == row.id
                ),
            )
        )
        # Follows, levels, words, saved stories, links and the ledger's rows go with it.
        connection.execute(delete(subscribers).where(subscribers.c.id == row.id))
    if rows:
        preferences.drop_unused(connection, {row.taste_key for row in rows})
    connection.execute(
        delete(access).where(access.c.chat_id == chat_id, access.c.state == Admission.TOLD.value)
    )
    named = (f'"id":{space}{chat_id}{end}' for space in ("", " ") for end in ",}")
    body = waiting_updates.c.body
    connection.execute(
        delete(waiting_updates).where(
            or_(*(body.contains(text, autoescape=True) for text in named))
        )
    )
    return bool(rows)


def forget_those(connection: Connection, is_forgotten: Callable[[int], bool]) -> int:
    """Forget, after a restore, whoever was forgotten since the backup was made; how many."""
    chats = connection.execute(select(subscribers.c.chat_id).distinct()).scalars().all()
    forgotten = sum(forget_chat(connection, chat) for chat in chats if is_forgotten(chat))
    if forgotten:
        preferences.drop_unused(connection)
    return forgotten
