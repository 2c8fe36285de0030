"""Times for which Telegram or a host of sources asked to be left alone. All replicas heed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from sqlalchemy import text

from storage.replicas.changes import ChangeTopic, note_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from storage.db.database import Database

Named = TypeVar("Named", int, str)


class Pauses(Generic[Named]):
    """A table with one row for each chat or host that must be left alone, on PostgreSQL.

    Args:
        database: The archive's database.
        table: The name of the table.
        key: The column with the chat or host.
        topic: What the other replicas read again after a change.
    """

    def __init__(self, database: Database, table: str, key: str, topic: ChangeTopic) -> None:
        self._database = database
        self._topic = topic
        # The names are this module's own. The server's clock alone says how much time is left.
        self._note = text(
            f"INSERT INTO {table} ({key}, until)"  # noqa: S608 - as above
            " VALUES (:named, clock_timestamp() + make_interval(secs => :seconds))"
            f" ON CONFLICT ({key}) DO UPDATE SET until = greatest({table}.until, excluded.until)"
        )
        self._over = text(f"DELETE FROM {table} WHERE until < clock_timestamp()")  # noqa: S608 - as above
        self._lasting = text(
            f"SELECT {key}, extract(epoch FROM until - clock_timestamp())::double precision"  # noqa: S608 - as above
            f" FROM {table} WHERE until > clock_timestamp()"
        )

    async def note(self, pauses: Mapping[Named, float]) -> None:
        """Store for how many seconds from now each must be left alone.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """
        # Always in the same order, so that two replicas cannot deadlock.
        values = [{"named": named, "seconds": pauses[named]} for named in sorted(pauses)]

        def write(connection: Connection) -> None:
            connection.execute(self._over)
            connection.execute(self._note, values)
            note_change(connection, self._topic)

        await self._database.write(write)

    async def lasting(self) -> dict[Named, float]:
        """Return those that must be left alone, each with the seconds that are left.

        Raises:
            DatabaseUnavailableError: The database cannot be read now.
        """
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(self._lasting)}


def chat_pauses(database: Database) -> Pauses[int]:
    """Return the pauses that Telegram asked for, by chat; 0 stands for all chats."""
    return Pauses(database, "floods", "chat_id", ChangeTopic.FLOODS)


def host_pauses(database: Database) -> Pauses[str]:
    """Return the pauses that hosts of sources asked for."""
    return Pauses(database, "host_pauses", "host", ChangeTopic.PAUSES)
