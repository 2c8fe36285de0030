"""Requests of a replica to hosts whose shard another replica holds.

The holder of the shard grants each visit once it does not ask the host itself, and does not ask it
again before the row is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from storage.replicas.host_shards import shard_of_host

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database


class HostVisit(NamedTuple):
    """A row of the table."""

    host: str
    replica_id: int
    """The replica that wants to ask the host."""
    number: int
    """The number of the visit, which that replica gives to no other."""
    granted: bool
    """Whether it may."""


_ASK = text(
    "INSERT INTO host_visits (host, replica_id, number) VALUES (:host, :visitor, :number)"
    " ON CONFLICT DO NOTHING RETURNING host"
)
# The lock makes a replica that takes the shard wait, and so see that the visit was granted.
_HOLDER = text(
    "SELECT shard FROM host_shards WHERE shard = :shard"
    " AND replica_id IS NOT DISTINCT FROM CAST(:holder AS bigint) FOR SHARE"
)
_THIS = "host = :host AND replica_id = :visitor AND number = :number"
_GRANT = text(f"UPDATE host_visits SET granted = true WHERE {_THIS}")  # noqa: S608 - fixed texts
_END = text(f"DELETE FROM host_visits WHERE {_THIS}")  # noqa: S608 - fixed texts


class HostVisits:
    """The table of visits, on PostgreSQL. A host has one at a time.

    Args:
        database: The archive's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, visit: HostVisit) -> bool:
        """Ask to visit a host. Return False if there is another visit to it.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
            IntegrityError: Others have removed this replica.
        """

        def write(connection: Connection) -> bool:
            return connection.execute(_ASK, _this(visit)).first() is not None

        return await self._database.write(write)

    async def grant(self, visit: HostVisit, *, holder: int | None) -> bool:
        """Grant a visit. Return False if the shard of its host has another holder by now.

        Args:
            visit: The visit.
            holder: The replica that holds the shard, or None if none does.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """

        def write(connection: Connection) -> bool:
            values = {"shard": shard_of_host(visit.host), "holder": holder}
            if connection.execute(_HOLDER, values).first() is None:
                return False
            connection.execute(_GRANT, _this(visit))
            return True

        return await self._database.write(write)

    async def end(self, visit: HostVisit) -> None:
        """Note that a visit is over, or not wanted any more.

        Raises:
            DatabaseUnavailableError: The database cannot be written now.
        """

        def write(connection: Connection) -> None:
            connection.execute(_END, _this(visit))

        await self._database.write(write)


def _this(visit: HostVisit) -> dict[str, object]:
    return {"host": visit.host, "visitor": visit.replica_id, "number": visit.number}
