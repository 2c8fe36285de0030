"""The one row that says who serves the archive.

A heartbeat must come through while all else waits. So it has a connection of its own, which waits
for none of the pool. On SQLite its writes queue with this process's writers, but wait only briefly
for those of other processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, inspect, select, update

from storage.db.connections import end_session
from storage.db.dialect import insert_new
from storage.db.silent_sessions import END_SILENT
from storage.tables.schema import serving_lease as lease

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Insert, Update
    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database

_ROW = select(lease.c.fence, lease.c.beat, lease.c.holder, lease.c.seconds).where(lease.c.id == 1)
_EMPTY = {"id": 1, "fence": 0, "beat": 0, "holder": "", "seconds": 0.0}
# On PostgreSQL, claims and settlements hold the row FOR KEY SHARE, which lets renewals pass but
# blocks this FOR UPDATE. SQLite locks the whole file instead.
_ALONE = select(lease.c.id).where(lease.c.id == 1).with_for_update().scalar_subquery()
_TAKE = (
    update(lease)
    .where(
        lease.c.id == _ALONE,
        lease.c.fence == bindparam("of_fence"),
        lease.c.beat == bindparam("of_beat"),
    )
    .values(
        fence=lease.c.fence + 1,
        beat=lease.c.beat + 1,
        holder=bindparam("of_holder"),
        seconds=bindparam("of_seconds"),
    )
)
_HELD = update(lease).where(
    lease.c.id == 1,
    lease.c.fence == bindparam("of_fence"),
    lease.c.holder == bindparam("of_holder"),
)
_RENEW = _HELD.values(beat=lease.c.beat + 1)
_FREE = _HELD.values(seconds=0.0)


class LeaseRow(NamedTuple):
    """The values of the row."""

    fence: int
    beat: int
    holder: str
    seconds: float


class LeaseStore:
    """Access to the row; writes on SQLite wait `patience` seconds for other processes."""

    def __init__(self, database: Database, patience: float) -> None:
        self._database = database
        self._patience = patience
        self._session: AsyncConnection | None = None

    async def read(self) -> LeaseRow | None:
        """Return the row, or None if it or its table is missing."""

        def look(connection: Connection) -> LeaseRow | None:
            if not inspect(connection).has_table(lease.name):
                return None
            row = connection.execute(_ROW).first()
            return None if row is None else LeaseRow(*row)

        return await self._database.read(look)

    async def take(self, found: LeaseRow | None, holder: str, seconds: float) -> bool:
        """Take the lease for `seconds` if the row is still as `found`. Return whether it was."""
        fence, beat = (0, 0) if found is None else (found.fence, found.beat)
        await self._change(insert_new(lease, self._database.dialect), _EMPTY)
        values = {"of_fence": fence, "of_beat": beat, "of_holder": holder, "of_seconds": seconds}
        return await self._change(_TAKE, values)

    async def end_silent(self, seconds: float) -> None:
        """End PostgreSQL's sessions silent in a request for `seconds`, and so their locks."""
        if self._database.dialect == "postgresql":
            await self._database.write(
                lambda connection: connection.execute(END_SILENT, {"seconds": seconds})
            )

    async def renew(self, fence: int | None, holder: str) -> bool:
        """Renew the lease. Return whether this holder still had it."""
        return await self._change(_RENEW, {"of_fence": fence, "of_holder": holder})

    async def free(self, fence: int, holder: str) -> bool:
        """Give the lease back. Return whether this holder still had it."""
        return await self._change(_FREE, {"of_fence": fence, "of_holder": holder})

    async def close(self) -> None:
        """Close the heartbeat's connection; the next heartbeat opens another."""
        session, self._session = self._session, None
        if session is not None:
            await end_session(session)

    async def _change(self, statement: Insert | Update, values: Mapping[str, Any]) -> bool:
        """Run a statement, and return whether it changed the row."""
        async with self._database.write_lock():
            try:
                # Do not write to another file at the same path.
                self._database.refuse_other_file()
                if self._session is None:
                    self._session = await self._database.session(patience=self._patience)
                return (await self._session.execute(statement, values)).rowcount == 1
            except BaseException:
                await self.close()
                raise
