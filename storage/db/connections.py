"""The connection pools of one database, for reading, writing and searching.

SQLite has one connection for writing, and separate ones for reading and for searching. PostgreSQL's
come from the driver's pools. A driver error that means an outage begins the outage here.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.db.dialect import end_idle_transactions
from storage.db.failures import failure_of
from storage.db.outage import (
    DatabaseError,
    DatabaseFailure,
    DatabaseUnavailableError,
    Outage,
    OutageScope,
)
from storage.db.sqlite import engines
from storage.db.sqlite.damage import Damage, damage_of
from storage.db.sqlite.file import OpenFile
from storage.db.sqlite.threads import ConnectionThreads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from sqlalchemy import URL, Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.db.address import Address
    from storage.db.postgres import Checkout, Server

T = TypeVar("T")

SEARCHES = 2
"""Searches that run at once. Further searches wait for one of these, not for other readers."""
NOT_OPEN = "the database is not open"

CHECK = 60.0
"""Seconds spent checking an SQLite file that SQLite reported as damaged."""
LAST_WORDS = 2.0
"""Seconds that `close` waits for connections in use to be returned."""


class Connections:
    """The connections of this process to one database."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self.write_lock = asyncio.Lock()
        """The lock for which this process's writers to an SQLite file queue."""
        self.file: OpenFile | None = None
        """The file of an SQLite archive; None on PostgreSQL."""
        if (path := address.path) is not None:
            self.file = OpenFile(path)
        self.damage: Damage | None = None
        """Decides whether an SQLite file is damaged; None on PostgreSQL."""
        if path is not None:
            self.damage = Damage(path, partial(damage_of, path, CHECK))
        self._url: URL | None = None
        """The URL of the SQLite file while the pools exist; None on PostgreSQL."""
        # On SQLite an engine is made when a statement is first awaited on it. Few uses await any.
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        self.writes: ConnectionThreads | None = None
        """SQLite's writing thread; None on PostgreSQL, like the next two."""
        self.reads: ConnectionThreads | None = None
        self.searches: ConnectionThreads | None = None
        # PostgreSQL's pools, for everything but searches and for searches; None on SQLite.
        self._server: Server | None = None
        self._searched: Server | None = None
        self.outage = Outage(self._probe)
        self.is_open = False
        """Whether a failure begins an outage. While opening, the caller retries or gives up."""
        self._returning: set[asyncio.Future[None]] = set()

    @property
    def are_made(self) -> bool:
        """Whether the pools exist."""
        return self._url is not None or self._server is not None

    async def open(self) -> None:
        """Create the pools, and the SQLite file if it is missing."""
        if self._address.path is not None and self.file is not None:
            try:
                await self.file.open()
            except (sqlite3.Error, OSError) as error:
                raise self._unavailable(error) from None
            self._url = url = engines.url_of(self._address.path)
            self.writes = ConnectionThreads(url, begin="BEGIN IMMEDIATE", size=1)
            self.reads = ConnectionThreads(url, begin=None, size=engines.READERS)
            self.searches = ConnectionThreads(url, begin=None, size=SEARCHES)
            return
        # SQLite does not need the PostgreSQL driver.
        from storage.db.postgres import Server  # noqa: PLC0415

        self._server = Server(self._address, self._begin)
        self._searched = Server(self._address, self._begin, size=SEARCHES, more=0)
        self._writer = self._server.engine
        end_idle_transactions(self._writer, pooled=not self._address.prepared)
        self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        """Close every connection. They may be opened again."""
        self.is_open = False
        if self.damage is not None:
            await self.damage.close()
        await self.outage.close()
        reader, writer = self._reader, self._writer
        servers = self._server, self._searched
        self._reader = self._writer = self._server = self._searched = self._url = None
        if self._returning:
            # A connection returned later would not be closed.
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
        """Raise DatabaseUnavailableError if an outage affects this use, or the file is lost.

        So no caller waits for the database.
        """
        self.outage.refuse(write=write)
        self.refuse_other_file()

    def refuse_other_file(self) -> None:
        """Raise DatabaseUnavailableError if the path names another SQLite file, or none."""
        if self.file is not None and (failure := self.file.failure()) is not None:
            raise self._begin(failure)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Return a connection for reading. Each statement sees all commits made before it."""
        return self._connected(self._to_read(), write=False)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Return a connection for writing. SQLite has one, so its writers take turns."""
        if self._writer is None:
            if self._url is None:
                raise RuntimeError(NOT_OPEN)
            self._writer = engines.engine_for(self._url, begin="BEGIN IMMEDIATE", size=1)
        self.refuse(write=True)
        return self._connected(self._writer, write=True)

    def searching(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Return a PostgreSQL connection from the pool that is reserved for searches.

        While all are in use, the caller waits for one. Searches are short.
        """
        if self._searched is None:
            raise RuntimeError(NOT_OPEN)
        self.outage.refuse(write=False)
        return self._connected(self._searched.engine, write=False, server=self._searched)

    async def lasting(self, patience: float) -> AsyncConnection:
        """Return a connection as `Database.session` does."""
        if self._address.path is not None:
            return await self._connection(engines.lasting(self._address.path, patience), None)
        engine, server = self._to_read(), self._server
        checkout = server.begin() if server is not None else None
        try:
            return await self._connection(engine, checkout)
        finally:
            if checkout is not None and server is not None:
                server.end(checkout)

    async def in_thread(
        self,
        threads: ConnectionThreads,
        work: Callable[[Connection], T],
        *,
        write: bool = False,
    ) -> T:
        """Run a function in one of SQLite's threads, and return its result."""
        self.refuse(write=write)
        try:
            return await threads.do(work)
        except Exception as error:
            self.failed(error, write=write)
            raise

    def _to_read(self) -> AsyncEngine:
        if self._reader is None:
            if self._url is None:
                raise RuntimeError(NOT_OPEN)
            self._reader = engines.engine_for(self._url, begin=None, size=engines.READERS)
        self.refuse(write=False)
        return self._reader

    @asynccontextmanager
    async def _connected(
        self, engine: AsyncEngine, *, write: bool, server: Server | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """Yield a connection; afterwards return it to the pool, or discard it if it is broken."""
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
                        checkout.break_off()  # otherwise invalidate() would wait for the server
                    await connection.invalidate(error)
            raise self._begin(failure) from error
        finally:
            if checkout is not None and server is not None:
                server.end(checkout)
            if connection is not None:
                # Shielded, so that the connection is returned even if its user is cancelled again.
                with suppress(DBAPIError, OSError):
                    await asyncio.shield(self._to_its_end(connection.close()))

    async def _connection(self, engine: AsyncEngine, checkout: Checkout | None) -> AsyncConnection:
        if checkout is not None:
            return await checkout.connect(engine)
        # A connection cancelled half-made would keep its thread and file until the process ends.
        making = asyncio.ensure_future(engine.connect().start())
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            self._to_its_end(_give_back(making))
            raise

    def _to_its_end(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Start work that survives the caller's cancellation; `close` waits for it."""
        returning = asyncio.ensure_future(work)
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)
        return returning

    def _failure(self, error: Exception, *, write: bool) -> DatabaseFailure | None:
        if isinstance(error, DatabaseError):
            return None
        return failure_of(error, self._address, write=write)

    def failed(self, error: Exception, *, write: bool) -> None:
        """Raise DatabaseUnavailableError if a driver's error means an outage; else return."""
        failure = self._failure(error, write=write)
        if failure is not None:
            raise self._begin(failure) from error

    def _begin(self, failure: DatabaseFailure) -> DatabaseUnavailableError:
        """Begin an outage for this failure, and return the exception to raise."""
        if not self.is_open:
            return DatabaseUnavailableError(failure)
        if self.file is not None:
            # A statement that was running when the file was deleted reports another reason.
            failure = self.file.failure() or failure
        if self.damage is not None:
            if failure.ends:
                self.damage.lost(failure)
            elif failure.damaged:
                self.damage.seen(failure.reason)
        for server in (self._server, self._searched):
            if server is not None and failure.lost:
                server.renew()
        return self.outage.begin(failure)

    def _unavailable(self, error: Exception) -> DatabaseError:
        """Return the exception to raise for an error of opening the file."""
        failure = failure_of(error, self._address, write=True)
        return (
            DatabaseError(refused(self._address, error))
            if failure is None
            else DatabaseUnavailableError(failure)
        )

    async def _probe(self, failure: DatabaseFailure) -> DatabaseFailure | None:
        """Try to use the database. Return what is wrong, or None if it works."""
        if self._server is not None:
            return await self._server.probe(failure)
        if self._address.path is None or self.file is None:
            return None
        write = failure.scope is OutageScope.WRITES
        try:
            if (lost := self.file.failure()) is not None:
                if lost.ends and self.damage is not None:
                    self.damage.lost(lost)
                return lost
            await asyncio.to_thread(engines.probe, self._address.path, write=write)
        except DatabaseError as error:
            return replace(failure, reason=str(error), advice="")
        except (sqlite3.Error, OSError) as error:
            return failure_of(error, self._address, write=write) or failure
        return None

    @property
    def _thread_sets(self) -> list[ConnectionThreads]:
        return [each for each in (self.writes, self.reads, self.searches) if each is not None]


async def end_session(session: AsyncConnection) -> None:
    """Close a session's connection for good, even if it is broken."""
    for ends in (session.invalidate, session.close):
        with suppress(DBAPIError, OSError):
            await ends()


def refused(address: Address, error: Exception) -> str:
    """Return one line that explains an error of opening, with the password hidden."""
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


async def _give_back(making: asyncio.Future[AsyncConnection]) -> None:
    """Wait until a connection is made, then close it, because its caller was cancelled."""
    with suppress(SQLAlchemyError, OSError):
        await (await making).close()
