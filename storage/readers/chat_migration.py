"""The migration of a group to a supergroup, which has a new id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select, update

from storage.model import State
from storage.tables.schema import deliveries, managers, saved, shares, subscribers

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection


async def move_chat(connection: AsyncConnection, old_chat_id: int, new_chat_id: int) -> None:
    """Give the old chat's subscribers the new id, merging those that the new chat has.

    Args:
        connection: A connection in a transaction.
        old_chat_id: The group's id.
        new_chat_id: The supergroup's id.
    """
    there = await _rows(connection, new_chat_id)
    for thread_id, old in (await _rows(connection, old_chat_id)).items():
        values: dict[str, Any] = {"chat_id": new_chat_id}
        if (new := there.get(thread_id)) is not None:
            await _take_over(connection, old.id, new.id)
            if old.state == State.GONE.value:
                # The chat is active under its new id, so it is not gone.
                values |= {"state": new.state, "next_at": new.next_at, "away_since": None}
        await connection.execute(
            update(subscribers).where(subscribers.c.id == old.id).values(values)
        )


async def _rows(connection: AsyncConnection, chat_id: int) -> dict[int, Row[*tuple[Any, ...]]]:
    """Return the subscribers of a chat by topic, and lock them."""
    found = await connection.execute(
        select(
            subscribers.c.thread_id, subscribers.c.id, subscribers.c.state, subscribers.c.next_at
        )
        .where(subscribers.c.chat_id == chat_id)
        .with_for_update()
    )
    return {row.thread_id: row for row in found}


async def _take_over(connection: AsyncConnection, to: int, from_: int) -> None:
    """Move one subscriber's data to another, except duplicates, and delete the first.

    Args:
        connection: A connection in a transaction.
        to: The id of the subscriber that gets the data.
        from_: The id of the subscriber that is deleted.
    """
    for table, key in (
        (saved, saved.c.article_id),
        (shares, shares.c.article_id),
        (managers, managers.c.manager_id),
        (deliveries, deliveries.c.key),
    ):
        own = table.alias()
        await connection.execute(
            update(table)
            .where(
                table.c.subscriber_id == from_,
                ~exists().where(own.c.subscriber_id == to, own.c[key.name] == key),
            )
            .values(subscriber_id=to)
        )
    await connection.execute(delete(subscribers).where(subscribers.c.id == from_))
