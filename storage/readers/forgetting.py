"""Forgetting a chat: deleting all stored data about it in one transaction.

The counters of its deliveries stay, since they identify no chat. The links that it shared stay too,
without the sender, and so do acts at the desk, without the editor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, union, update

from storage.readers import preferences
from storage.readers.access import Admission
from storage.tables.schema import (
    access,
    desk_acts,
    editors,
    left_links,
    shares,
    subscribers,
    waiting_updates,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.db.database import Database


class Forgetting:
    """Deletes all data about chats."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def forget(self, chat_id: int) -> bool:
        """Delete all data about a chat and its topics. Return whether there was any.

        Raises:
            DatabaseUnavailableError: The database cannot be written now; nothing was changed.
        """
        # Delete unused earlier tastes now: they would stay until the nightly sweep.
        await preferences.sweep(self._db)
        return await self._db.write(lambda connection: forget_chat(connection, chat_id))


def forget_chat(connection: Connection, chat_id: int) -> bool:
    """Delete all data about a chat within the connection's transaction.

    Returns:
        Whether there was any.
    """
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
        # This also deletes follows, levels, words, saved stories, links and ledger rows.
        connection.execute(delete(subscribers).where(subscribers.c.id == row.id))
    if rows:
        preferences.drop_unused(connection, {row.taste_key for row in rows})
    connection.execute(
        delete(access).where(access.c.chat_id == chat_id, access.c.state == Admission.REFUSED.value)
    )
    worked = _forget_editor(connection, chat_id)
    named = (f'"id":{space}{chat_id}{end}' for space in ("", " ") for end in ",}")
    body = waiting_updates.c.body
    connection.execute(
        delete(waiting_updates).where(
            or_(*(body.contains(text, autoescape=True) for text in named))
        )
    )
    return bool(rows) or worked


def _forget_editor(connection: Connection, person_id: int) -> bool:
    """Delete a person's rights at the desk, and the number in what the person did there.

    Returns:
        Whether there was any.
    """
    e, a = editors.c, desk_acts.c
    gone = (
        connection.execute(delete(editors).where(e.person_id == person_id)),
        connection.execute(update(editors).where(e.added_by == person_id).values(added_by=None)),
        connection.execute(
            update(desk_acts).where(a.person_id == person_id).values(person_id=None)
        ),
        connection.execute(update(desk_acts).where(a.about_id == person_id).values(about_id=None)),
    )
    return any(each.rowcount for each in gone)


def forget_those(connection: Connection, is_forgotten: Callable[[int], bool]) -> int:
    """Forget, after a restore, the chats that were forgotten since the backup. Return how many."""
    chats = connection.execute(
        union(
            select(subscribers.c.chat_id),
            select(editors.c.person_id),
            select(editors.c.added_by).where(editors.c.added_by.is_not(None)),
            select(desk_acts.c.person_id).where(desk_acts.c.person_id.is_not(None)),
            select(desk_acts.c.about_id).where(desk_acts.c.about_id.is_not(None)),
        )
    ).scalars()
    forgotten = sum(forget_chat(connection, chat) for chat in chats.all() if is_forgotten(chat))
    if forgotten:
        preferences.drop_unused(connection)
    return forgotten
