"""The one row that says who serves the archive, on SQLite and on PostgreSQL.

A heartbeat must come through while all else waits. On SQLite it has a connection of its own, which
queues with this process's writers but waits only briefly for those of others; on PostgreSQL it goes
over the session that holds the advisory lock.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection

    from storage.db.database import Database
    from storage.serving.lock import ServingLock

READ = "SELECT fence, beat, holder, seconds, guard FROM serving_lease WHERE id = 1"
MAKE = (
    "INSERT INTO serving_lease (id, fence, beat, holder, seconds) VALUES (1, 0, 0, '', 0) "
    "ON CONFLICT DO NOTHING"
)
# Claims and settlements hold the row FOR KEY SHARE, which lets a heartbeat pass, but not this.
ALONE = "SELECT fence FROM serving_lease WHERE id = 1 FOR UPDATE"
TAKE = (
    "UPDATE serving_lease SET fence = fence + 1, beat = beat + 1, holder = :holder, "
    "seconds = :seconds, guard = :guard "
    "WHERE id = 1 AND fence = :fence AND beat = :beat"
)
RENEW = (
    "UPDATE serving_lease SET beat = beat + 1, guard = :guard "
    "WHERE id = 1 AND fence = :fence AND holder = :holder"
)
FREE = "UPDATE serving_lease SET seconds = 0 WHERE id = 1 AND fence = :fence AND holder = :holder"


class LeaseRow(NamedTuple):
    """What the row says."""

    fence: int
    beat: int
    holder: str
    seconds: float
    guard: int | None


class Store(Protocol):
    """Where the row is."""

    async def read(self) -> LeaseRow | None:
        """The row; None where there is none yet, or no table for it."""

    async def take(self, values: Mapping[str, Any]) -> bool:
        """Take the lease if the row is as it was; whether it was."""

    async def change(self, statement: str, values: Mapping[str, Any]) -> bool:
        """Renew it, or give it back; whether it was still ours."""


class FileStore:
    """The row in an SQLite file.

    Args:
        database: The archive's.
        path: Its file.
        patience: Seconds to wait for other processes that write.
    """

    def __init__(self, database: Database, path: Path, patience: float) -> None:
        self._database = database
        self._path = path
        self._patience = patience

    async def read(self) -> LeaseRow | None:
        """The row; None where there is none yet, or no table for it.

        Raises:
            sqlite3.Error: The file cannot be read.
            DatabaseUnavailableError: It was deleted, or another one was put in its place.
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
        """Take the lease if the row is as it was; whether it was.

        Raises:
            sqlite3.Error: The file cannot be written just now.
            DatabaseUnavailableError: It was deleted, or another one was put in its place.
        """
        return await self._write([MAKE, TAKE], values)

    async def change(self, statement: str, values: Mapping[str, Any]) -> bool:
        """Renew it, or give it back; whether it was still ours.

        Raises:
            sqlite3.Error: The file cannot be written just now.
            DatabaseUnavailableError: It was deleted, or another one was put in its place.
        """
        return await self._write([statement], values)

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
            # Another file of its name is not to be touched.
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
        database: The archive's.
        lock: Whose session is used while it has one.
    """

    def __init__(self, database: Database, lock: ServingLock) -> None:
        self._database = database
        self._lock = lock

    async def read(self) -> LeaseRow | None:
        """The row; None where there is none yet, or no table for it.

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
        """Take the lease if the row is as it was; whether it was.

        Raises:
            DBAPIError, OSError: The server does not answer.
        """
        async with self._database.write() as connection:
            await connection.execute(text(MAKE))
            await connection.execute(text(ALONE))
            return (await connection.execute(text(TAKE), values)).rowcount == 1

    async def change(self, statement: str, values: Mapping[str, Any]) -> bool:
        """Renew it, or give it back; whether it was still ours.

        Raises:
            DBAPIError, OSError: The server does not answer.
        """
        session = self._lock.session
        if session is not None:
            return (await session.execute(text(statement), values)).rowcount == 1
        async with self._database.read() as connection:
            return (await connection.execute(text(statement), values)).rowcount == 1
