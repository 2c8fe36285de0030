"""Times for which Telegram asked to be left alone. All replicas heed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.db.changes import ChangeTopic, note_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from storage.db.database import Database

# The server's clock alone says how much time is left.
_NOTE = text(
    "INSERT INTO floods (chat_id, until)"
    " VALUES (:chat, clock_timestamp() + make_interval(secs => :seconds))"
    " ON CONFLICT (chat_id) DO UPDATE SET until = greatest(floods.until, excluded.until)"
)
_OVER = text("DELETE FROM floods WHERE until < clock_timestamp()")
_LASTING = text(
    "SELECT chat_id, extract(epoch FROM until - clock_timestamp())::double precision"
    " FROM floods WHERE until > clock_timestamp()"
)


class ChatPauses:
    """The chats that must be left alone, on PostgreSQL; 0 stands for all chats."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, pauses: Mapping[int, float]) -> None:
        """Store for how many seconds from now each chat must be left alone."""
        # Always in the same order, so that two replicas cannot deadlock.
        values = [{"chat": chat, "seconds": pauses[chat]} for chat in sorted(pauses)]

        def write(connection: Connection) -> None:
            connection.execute(_OVER)
            connection.execute(_NOTE, values)
            note_change(connection, ChangeTopic.FLOODS)

        await self._database.write(write)

    async def lasting(self) -> dict[int, float]:
        """Return the chats that must be left alone, each with the seconds that are left."""
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(_LASTING)}
