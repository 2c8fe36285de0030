"""The one row that says who serves the archive, on SQLite and on PostgreSQL.

A heartbeat must come through while all else waits. On SQLite it has a connection of its own, which
queues with this process's writers but waits only briefly for those of others; on PostgreSQL it has
a session of its own, so that it waits for no connection of the pool.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database

READ = "SELECT fence, beat, holder, seconds FROM serving_lease WHERE id = 1"
MAKE = (
    "INSERT INTO serving_lease (id, fence, beat, holder, seconds) VALUES (1, 0, 0, '', 0) "
    "ON CONFLICT DO NOTHING"
)
# Claims and settlements hold the row FOR KEY SHARE, which lets renewals pass but blocks this.
ALONE = "SELECT fence FROM serving_lease WHERE id = 1 FOR UPDATE"
TAKE = (
    "UPDATE serving_lease SET fence = fence + 1, beat = beat + 1, holder = :holder, "
    "seconds = :seconds "
    "WHERE id = 1 AND fence = :fence AND beat = :beat"
)
RENEW = (
    "UPDATE serving_lease SET beat = beat + 1 WHERE id = 1 AND fence = :fence AND holder = :holder"
)
FREE = "UPDATE serving_lease SET seconds = 0 WHERE id = 1 AND fence = :fence AND holder = :holder"


class LeaseRow(NamedTuple):
    """The values of the row."""

    fence: int
    beat: int
    holder: str
    seconds: float


class Store(Protocol):
    """Access to the row."""

    async def read(self) -> LeaseRow | None:
        """Return the row, or None if it or its table is missing."""

    async def take(self, values: Mapping[str, Any]) -> bool:
        """Take the lease if the row is unchanged since it was read. Return whether it was."""

    async def change(self, statement: str, values: Mapping[str, Any]) -> bool:
        """Renew or free the lease with a statement. Return whether this process still had it."""

    async def close(self) -> None:
        """Close what the heartbeat keeps open."""


class FileStore:
    """The row in an SQLite file.

    Args:
        database: The archive's database.
        path: Its file.
        patience: Seconds to wait for other writing processes.
    """

    def __init__(self, database: Database, path: Path, patience: float) -> None:
        self._database = database
        self._path = path
        self._patience = patience

    async def read(self) -> LeaseRow | None:
        """Return the row, or None if it or its table is missing.

        Raises:
            sqlite3.Error: The file cannot be read.
            DatabaseUnavailableError: The file was deleted or replaced.
        """

        def look() -> LeaseRow | None:
            with closing(self._connect()) as connection:
                named = "SELECT 1 FROM sqlite_master WHERE name = 'serving_lease'"
                if connection.execute(named).fetchone() is None:
                    return None
                row = connection.execute(READ).fetchone()
            return None if row is None else LeaseRow(*row)

        self._database.refuse_other_file()
        return await asyncio.to_thread(look)

    async def take(self, values: Mapping[str, Any]) -> bool:
        """Take the lease if the row is unchanged since it was read. Return whether it was.

        Raises:
            sqlite3.Error: The file cannot be written now.
            DatabaseUnavailableError: The file was deleted or replaced.
        """
        return await self._write([MAKE, TAKE], values)

    async def change(self, statement: str, values: Mapping[str, Any]) -> bool:
        """Renew or free the lease with a statement. Return whether this process still had it.

        Raises:
            sqlite3.Error: The file cannot be written now.
            DatabaseUnavailableError: The file was deleted or replaced.
        """
        return await self._write([statement], values)

    async def close(self) -> None:
        """Do nothing: each heartbeat opens a connection of its own."""

    async def _write(self, statements: list[str], values: Mapping[str, Any]) -> bool:
        def write() -> bool:
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                changed = 0
                for statement in statements:
                    changed = connection.execute(statement, values).rowcount
                connection.execute("COMMIT")
            return changed == 1

        async with self._database.turn():
            # Do not write to another file at the same path.
            self._database.refuse_other_file()
            return await asyncio.to_thread(write)

    def _connect(self) -> sqlite3.Connection:
        there = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(there, uri=True, timeout=self._patience, isolation_level=None)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


class ServerStore:
    """The row on PostgreSQL.

    Args:
        database: The archive's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: AsyncConnection | None = None

    async def read(self) -> LeaseRow | None:
        """Return the row, or None if it or its table is missing.

        Raises:
            DBAPIError, OSError: The server does not answer.
        """

        def look(connection: Connection) -> LeaseRow | None:
            if not inspect(connection).has_table("serving_lease"):
                return None
            row = connection.execute(text(READ)).first()
            return None if row is None else LeaseRow(*row)

        return await self._database.look(look)

    async def take(self, values: Mapping[str, Any]) -> bool:
        """Take the lease if the row is unchanged since it was read. Return whether it was.

        Raises:
            DBAPIError, OSError: The server does not answer.
        """
        async with self._database.write() as connection:
            await connection.execute(text(MAKE))
            await connection.execute(text(ALONE))
            return (await connection.execute(text(TAKE), values)).rowcount == 1

    async def change(self, statement: str, values: Mapping[str, Any]) -> bool:
        """Renew or free the lease with a statement. Return whether this process still had it.

        Raises:
            DBAPIError, OSError: The server does not answer.
        """
        if self._session is None:
            self._session = await self._database.session()
        try:
            return (await self._session.execute(text(statement), values)).rowcount == 1
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the session of the heartbeat; the next one opens another."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(DBAPIError, OSError):
                await session.invalidate()
            with suppress(DBAPIError, OSError):
                await session.close()
