"""The connections to the database: pools for those who read, write and search, and their failures.

SQLite has one connection for writing; readers and searches have some of their own. On PostgreSQL
all of them come from the driver's pools. What a failure of any of them means is found out here:
where it is an outage, it begins.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.db import sqlite
from storage.db.damage import Damage, damage_of
from storage.db.dialect import end_idle_transactions
from storage.db.failures import failure_of
from storage.db.kept_file import KeptFile
from storage.db.outage import (
    DatabaseError,
    DatabaseFailure,
    DatabaseUnavailableError,
    Outage,
    OutageScope,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.db.address import Address
    from storage.db.postgres import Checkout, Server

T = TypeVar("T")

SEARCHES = 2
"""Searches at a time; whoever else asks waits for one of these, and not for other readers."""
NOT_OPEN = "the database is not open"

CHECK = 60.0
"""Seconds for which an SQLite file that is called damaged is looked through."""
LAST_WORDS = 2.0
"""Seconds that connections have to come back at a close."""


class Connections:
    """The connections of this process to one database.

    Args:
        address: Where it is.
        serves: Whether this process is the one that serves.
    """

    def __init__(self, address: Address, serves: Callable[[], bool]) -> None:
        self._address = address
        self.turn = asyncio.Lock()
        """Where this process's writers to an SQLite file queue."""
        self.file: KeptFile | None = None
        """An SQLite archive's file."""
        if (path := address.path) is not None:
            self.file = KeptFile(path, self.turn, serves, self._renew)
        self.damage: Damage | None = None
        """Whether an SQLite file is damaged."""
        if path is not None:
            self.damage = Damage(path, partial(damage_of, path, CHECK))
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        self.writes: sqlite.ConnectionThreads | None = None
        """SQLite's thread that writes; None on PostgreSQL, as the next two."""
        self.reads: sqlite.ConnectionThreads | None = None
        self.searches: sqlite.ConnectionThreads | None = None
        # PostgreSQL, for all but searches and for these; None on SQLite.
        self._server: Server | None = None
        self._searched: Server | None = None
        self.outage = Outage(self._probe)
        self.is_open = False
        """Whether a failure begins an outage. Before, whoever opens it tries again, or gives up."""
        self._returning: set[asyncio.Future[None]] = set()

    @property
    def are_made(self) -> bool:
        """Whether there are any."""
        return self._writer is not None

    async def open(self) -> None:
        """Make the connections' pools, and an SQLite file that is not there yet."""
        if self._address.path is not None and self.file is not None:
            try:
                await self.file.open()
            except (sqlite3.Error, OSError) as error:
                raise self._unavailable(error) from None
            url = url_of(self._address.path)
            self._writer = sqlite.engine_for(url, begin="BEGIN IMMEDIATE", size=1)
            self._reader = sqlite.engine_for(url, begin=None, size=sqlite.READERS)
            self.writes = sqlite.ConnectionThreads(url, begin="BEGIN IMMEDIATE", size=1)
            self.reads = sqlite.ConnectionThreads(url, begin=None, size=sqlite.READERS)
            self.searches = sqlite.ConnectionThreads(url, begin=None, size=SEARCHES)
            return
        # SQLite needs none of the driver.
        from storage.db.postgres import Server  # noqa: PLC0415

        self._server = Server(self._address, self._begin)
        self._searched = Server(self._address, self._begin, size=SEARCHES, more=0)
        self._writer = self._server.engine
        end_idle_transactions(self._writer)
        self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        """Give every connection back; they may be opened again."""
        self.is_open = False
        if self.damage is not None:
            await self.damage.close()
        await self.outage.close()
        reader, writer = self._reader, self._writer
        servers = self._server, self._searched
        self._reader = self._writer = self._server = self._searched = None
        if self._returning:
            # What comes back later would belong to nobody.
            await asyncio.wait(self._returning, timeout=LAST_WORDS)
        thread_sets = self._thread_sets
        self.writes = self.reads = self.searches = None
        for threads in thread_sets:
            await threads.close()
        for server in servers:
            if server is not None:
                await server.close()
        if self.file is None:
            return
        for engine in (reader, writer):
            if engine is not None:
                await engine.dispose()
        await self.file.close()

    def refuse(self, *, write: bool) -> None:
        """Let nobody wait for what cannot be had.

        Raises:
            DatabaseUnavailableError: The database cannot be used so.
        """
        self.outage.refuse(write=write)
        self.refuse_other_file()

    def refuse_other_file(self) -> None:
        """Let nobody use another file than the archive's.

        Raises:
            DatabaseUnavailableError: It was deleted, or another one was put in its place.
        """
        if self.file is not None and (failure := self.file.failure) is not None:
            raise self._begin(failure)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to read with, whose every statement sees what is committed by then.

        Raises:
            DatabaseUnavailableError: The database cannot be read just now.
        """
        return self._connected(self._to_read(), write=False)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to write with; on SQLite there is one, to be had by one after another.

        Raises:
            DatabaseUnavailableError: The database cannot be written just now.
        """
        if self._writer is None:
            raise RuntimeError(NOT_OPEN)
        self.refuse(write=True)
        return self._connected(self._writer, write=True)

    def searching(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection of PostgreSQL's of which no other reader needs one, for a search.

        Whoever finds all of them taken waits as long as it takes: each is free again soon.

        Raises:
            DatabaseUnavailableError: The database cannot be read just now.
        """
        if self._searched is None:
            raise RuntimeError(NOT_OPEN)
        self.outage.refuse(write=False)
        return self._connected(self._searched.engine, write=False, server=self._searched)

    async def lasting(self) -> AsyncConnection:
        """A connection to be kept, whose every statement is a transaction.

        Raises:
            DatabaseUnavailableError: The database cannot be used just now.
            OSError, DBAPIError: It does not let anybody in.
        """
        engine, server = self._to_read(), self._server
        checkout = server.begin() if server is not None else None
        try:
            return await self._connection(engine, checkout)
        finally:
            if checkout is not None and server is not None:
                server.end(checkout)

    async def in_thread(
        self,
        threads: sqlite.ConnectionThreads,
        work: Callable[[Connection], T],
        *,
        write: bool = False,
    ) -> T:
        """What a function gives in a thread of SQLite's.

        Raises:
            DatabaseUnavailableError: The database cannot be used just now.
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        self.refuse(write=write)
        try:
            return await threads.do(work)
        except Exception as error:
            self.failed(error, write=write)
            raise

    def _to_read(self) -> AsyncEngine:
        if self._reader is None:
            raise RuntimeError(NOT_OPEN)
        self.refuse(write=False)
        return self._reader

    @asynccontextmanager
    async def _connected(
        self, engine: AsyncEngine, *, write: bool, server: Server | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A connection, which is given back, or away where it is of no use any more."""
        server = server or self._server
        checkout = server.begin() if server is not None else None
        connection: AsyncConnection | None = None
        try:
            connection = await self._connection(engine, checkout)
            yield connection
        except Exception as error:
            if (failure := self._failure(error, write=write)) is None:
                raise
            if connection is not None and failure.lost:
                with suppress(Exception):
                    if checkout is not None:
                        checkout.break_off()  # or giving it away would wait for the server
                    await connection.invalidate(error)
            raise self._begin(failure) from error
        finally:
            if checkout is not None and server is not None:
                server.end(checkout)
            if connection is not None:
                # Given back to its end, also where whoever used it is cancelled once more.
                with suppress(DBAPIError, OSError):
                    await asyncio.shield(self._to_its_end(connection.close()))

    async def _connection(self, engine: AsyncEngine, checkout: Checkout | None) -> AsyncConnection:
        if checkout is not None:
            return await checkout.connect(engine)
        # Cut off half made, it would keep its thread and its file for as long as the process lives.
        making = asyncio.ensure_future(engine.connect().start())
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            self._to_its_end(_give_back(making))
            raise

    def _to_its_end(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Work that is done whoever waits for it, and before the connections are closed."""
        returning = asyncio.ensure_future(work)
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)
        return returning

    def _failure(self, error: Exception, *, write: bool) -> DatabaseFailure | None:
        if isinstance(error, DatabaseError):
            return None
        return failure_of(error, self._address, write=write)

    def failed(self, error: Exception, *, write: bool) -> None:
        """Raise what an error of a driver means, where it means an outage."""
        failure = self._failure(error, write=write)
        if failure is not None:
            raise self._begin(failure) from error

    def _begin(self, failure: DatabaseFailure) -> DatabaseUnavailableError:
        """Take note of what keeps the database from being used."""
        if not self.is_open:
            return DatabaseUnavailableError(failure)
        if failure.damaged and self.damage is not None:
            self.damage.seen(failure.reason)
        for server in (self._server, self._searched):
            if server is not None and failure.lost:
                server.renew()
        return self.outage.begin(failure)

    def _unavailable(self, error: Exception) -> DatabaseError:
        """What is raised for an error of opening."""
        failure = failure_of(error, self._address, write=True)
        return (
            DatabaseError(refused(self._address, error))
            if failure is None
            else DatabaseUnavailableError(failure)
        )

    async def _probe(self, failure: DatabaseFailure) -> DatabaseFailure | None:
        """Try to use the database; what is wrong, or None."""
        if self._server is not None:
            return await self._server.probe(failure)
        if self._address.path is None or self.file is None:
            return None
        write = failure.scope is OutageScope.WRITES
        try:
            if (lost := await self.file.save()) is not None:
                return lost
            await asyncio.to_thread(sqlite.probe, self._address.path, write=write)
        except DatabaseError as error:
            return replace(failure, reason=str(error), advice="")
        except (sqlite3.Error, OSError) as error:
            return failure_of(error, self._address, write=write) or failure
        return None

    @property
    def _thread_sets(self) -> list[sqlite.ConnectionThreads]:
        return [each for each in (self.writes, self.reads, self.searches) if each is not None]

    async def _renew(self) -> None:
        """Make the connections anew: those that are there are to a file that is lost."""
        for engine in (self._reader, self._writer):
            if engine is not None:
                await engine.dispose()
        for threads in self._thread_sets:
            threads.renew()


def refused(address: Address, error: Exception) -> str:
    """An error of opening that is no outage, in a line."""
    cause: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
    why = str(cause)
    if address.password:
        why = why.replace(address.password, "***")
    return (
        f"The database {address.shown} cannot be opened ({why}). See that the address "
        "in DATABASE_URL is right, and that its user may create tables."
    )


def url_of(path: Path) -> URL:
    """The address of a file, as SQLAlchemy takes it."""
    return URL.create("sqlite+aiosqlite", database=str(path))


async def _give_back(making: asyncio.Future[AsyncConnection]) -> None:
    """Close a connection that nobody waits for any more, once it is made."""
    with suppress(SQLAlchemyError, OSError):
        await (await making).close()
