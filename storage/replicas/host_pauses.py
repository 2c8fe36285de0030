"""The hosts that asked for a pause, which all replicas heed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.replicas.changes import ChangeTopic, note_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from storage.db.database import Database

_NOTE = text(
    "INSERT INTO host_pauses (host, until)"
    " VALUES (:host, clock_timestamp() + make_interval(secs => :seconds))"
    " ON CONFLICT (host) DO UPDATE SET until = greatest(host_pauses.until, excluded.until)"
)
_OVER = text("DELETE FROM host_pauses WHERE until < clock_timestamp()")
# The server's clock alone says how much time is left.
_LASTING = text(
    "SELECT host, extract(epoch FROM until - clock_timestamp())::double precision"
    " FROM host_pauses WHERE until > clock_timestamp()"
)


class HostPauses:
    """The table of those pauses, on PostgreSQL.

    Args:
        database: The archive's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, pauses: Mapping[str, float]) -> None:
        """Store for how many seconds from now hosts must not be asked.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """
        # Always in the same order, so that two replicas cannot deadlock.
        values = [{"host": host, "seconds": pauses[host]} for host in sorted(pauses)]

        def write(connection: Connection) -> None:
            connection.execute(_OVER)
            connection.execute(_NOTE, values)
            note_change(connection, ChangeTopic.PAUSES)

        await self._database.write(write)

    async def lasting(self) -> dict[str, float]:
        """Return the hosts that must not be asked, each with the seconds that are left.

        Raises:
            DatabaseUnavailableError: The database cannot be read now.
        """
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(_LASTING)}
