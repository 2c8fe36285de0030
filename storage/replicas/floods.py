"""The times for which Telegram asked to be left alone, which all replicas heed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.replicas.changes import ChangeTopic, note_change

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database

_NOTE = text(
    "INSERT INTO floods (chat_id, until)"
    " VALUES (:chat_id, clock_timestamp() + make_interval(secs => :seconds))"
    " ON CONFLICT (chat_id) DO UPDATE SET until = greatest(floods.until, excluded.until)"
)
_OVER = text("DELETE FROM floods WHERE until < clock_timestamp()")
# The server's clock alone says how much time is left.
_LASTING = text(
    "SELECT chat_id, extract(epoch FROM until - clock_timestamp())::double precision"
    " FROM floods WHERE until > clock_timestamp()"
)


class Floods:
    """The table of those times, on PostgreSQL.

    Args:
        database: The archive's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, chat_id: int, seconds: float) -> None:
        """Store that a chat must be left alone for some seconds; 0 stands for all chats.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """

        def write(connection: Connection) -> None:
            connection.execute(_OVER)
            connection.execute(_NOTE, {"chat_id": chat_id, "seconds": seconds})
            note_change(connection, ChangeTopic.FLOODS)

        await self._database.write(write)

    async def lasting(self) -> list[tuple[int, float]]:
        """Return the chats to leave alone, each with the seconds that are left.

        Raises:
            DatabaseUnavailableError: The database cannot be read now.
        """
        async with self._database.reading() as connection:
            return [(chat_id, seconds) for chat_id, seconds in await connection.execute(_LASTING)]
