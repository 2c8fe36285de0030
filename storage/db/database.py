"""The database: opened once, then short reads, and writes that are one transaction each.

SQLite takes one writer at a time. Writers of this process queue at a lock in front of a single
connection, so that none of them polls the file; readers have connections of their own and, in
WAL mode, wait for nobody. On PostgreSQL both come from the driver's pool.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError

from storage.db import sqlite, sqlite_file
from storage.db.address import parse
from storage.db.connections import Connections, refused, url_of
from storage.db.outage import DatabaseError, DatabaseFailure, DatabaseUnavailableError
from storage.tables import schema
from storage.tables.table_version import has_our_tables, revision

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.address import Address
    from storage.db.lost_file import LostFile

__all__ = ["Database", "DatabaseError", "DatabaseUnavailableError"]

T = TypeVar("T")


class Database:
    """The archive's database, by address.

    `sqlite:///var/onnews.db` and `postgresql://user:password@host/name` are both taken, with or
    without the name of a driver.

    Raises:
        DatabaseError: The address is of no kind that is known here.
    """

    def __init__(self, url: str) -> None:
        self._address = parse(url)
        self.dialect: str = "postgresql" if self._address.path is None else "sqlite"
        self._connections = Connections(self._address, lambda: self.fence is not None)
        self.fence: int | None = None
        """The number of the right to serve under which this process writes the ledger; None where
        it does not serve."""

    def __repr__(self) -> str:
        """The address, with its password hidden."""
        return f"Database({self.shown!r})"

    @property
    def address(self) -> Address:
        """Where it is."""
        return self._address

    @property
    def shown(self) -> str:
        """The address as it may be shown: without its password."""
        return self._address.shown

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return self._address.path

    @property
    def failure(self) -> DatabaseFailure | None:
        """Why the database cannot be used just now; None while nothing is known to be wrong."""
        return self._connections.outage.failure

    async def damaged(self) -> DatabaseError:
        """Wait until an SQLite file is found to be damaged, for ever if it never is.

        Returns:
            What is wrong and what to do, to be raised.
        """
        while (damage := self._connections.damage) is None:
            await asyncio.Event().wait()
        return await damage.found()

    async def open(
        self,
        *,
        create: bool = True,
        bring_up: Callable[[Database], Awaitable[object]] | None = None,
    ) -> None:
        """Connect.

        Args:
            create: Whether a new archive is made where there is none.
            bring_up: Brings tables of another revision to this program's, as
                `migrations.open_migrated` does; without it they are left as they are.

        Raises:
            DatabaseUnavailableError: It cannot be used just now.
            DatabaseError: It cannot be written, is no database or belongs to another program; there
                is none, and none is to be made; or as `bring_up` says.
        """
        if self._connections.are_made:
            return
        if not create and self.path is not None and sqlite_file.could_be_made(self.path):
            raise DatabaseError(_NO_ARCHIVE.format(self.path))
        try:
            await self._connections.open()
            await self._check(create=create, bring_up=bring_up)
            self._connections.is_open = True
        except DatabaseUnavailableError as error:
            await self.close()
            if error.passes:
                raise error from None
            raise DatabaseError(str(error)) from None
        except DBAPIError as error:
            await self.close()
            raise DatabaseError(refused(self._address, error)) from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Give every connection back. A closed database may be opened again."""
        await self._connections.close()

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to read with, which sees at each statement what is committed by then.

        Raises:
            DatabaseUnavailableError: The database cannot be read just now.
        """
        return self._connections.reading()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, undone if the block raises.

        Raises:
            DatabaseUnavailableError: The database cannot be written just now. Where its COMMIT got
                no answer the transaction may yet have been made.
        """
        if self.dialect == "postgresql":
            async with self._connections.writing() as connection, connection.begin():
                yield connection
            return
        self._connections.refuse(write=True)
        async with self._connections.turn, self._connections.writing() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            try:
                async with connection.begin():
                    yield connection
            except asyncio.CancelledError:
                # Its statement goes on in the driver's thread: the next writer waits for its
                # end.
                await _until_done(_abandon(connection, driver))
                raise

    async def at_once(self, work: Callable[[Connection], T]) -> T:
        """One transaction of a function: where many statements follow each other.

        On SQLite it is a single round trip to a thread; otherwise each statement takes several, and
        after each the transaction waits for the event loop.

        Args:
            work: What to do; it is undone if it raises. On SQLite it runs in that thread.

        Raises:
            DatabaseUnavailableError: As `write` does.
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if (writes := self._connections.writes) is not None:
            self._connections.refuse(write=True)
            async with self._connections.turn:
                return await self._connections.in_thread(writes, work, write=True)
        async with self.write() as connection:
            return await connection.run_sync(work)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """What a function reads, in as few round trips as `at_once`.

        Args:
            work: What to read; each statement sees what is committed by then. On SQLite it runs
                in a thread.

        Raises:
            DatabaseUnavailableError: As `read` does.
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if (reads := self._connections.reads) is not None:
            return await self._connections.in_thread(reads, work)
        async with self.read() as connection:
            return await connection.run_sync(work)

    async def search(self, work: Callable[[Connection], T]) -> T:
        """What a search reads, on connections of which no other reader needs one.

        Args:
            work: What to read, as for `look`; it keeps to its own `Limit`.

        Raises:
            DatabaseUnavailableError: As `read` does.
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if (searches := self._connections.searches) is not None:
            return await self._connections.in_thread(searches, work)
        async with self._connections.searching() as connection:
            return await connection.run_sync(work)

    async def snapshot(self, work: Callable[[Connection], T]) -> T:
        """What a function reads, all of it as it is at one moment.

        It runs in a thread, with a connection of its own: nobody waits for it, and it for nobody.

        Args:
            work: What to read, in as many statements as it likes.

        Raises:
            DatabaseUnavailableError: As `read` does.
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        self._connections.refuse(write=False)
        if self.path is not None:
            threads = sqlite.ConnectionThreads(url_of(self.path), begin="BEGIN", size=1)
            try:
                return await self._connections.in_thread(threads, work)
            finally:
                await threads.close()
        try:
            # The driver belongs to one event loop: the thread has its own.
            with ThreadPoolExecutor(max_workers=1) as thread:
                read = thread.submit(lambda: asyncio.run(self._read_apart(work)))
                return await sqlite.to_its_end(read)
        except Exception as error:
            self._connections.failed(error, write=False)
            raise

    async def _read_apart(self, work: Callable[[Connection], T]) -> T:
        from storage.db.postgres import Server  # noqa: PLC0415  # SQLite needs none of the driver

        server = Server(self._address, lambda _: None, size=1, more=0)
        try:
            async with server.engine.connect() as connection:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return await connection.run_sync(work)
        finally:
            await server.close()

    async def session(self) -> AsyncConnection:
        """A connection for as long as it is wanted, whose every statement is a transaction.

        Raises:
            DatabaseUnavailableError: The database cannot be used just now.
            OSError, DBAPIError: It does not let anybody in.
        """
        return await self._connections.lasting()

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Where this process's writers to an SQLite file queue: a lock to be held while writing."""
        return self._connections.turn

    def refuse_other_file(self) -> None:
        """Let nobody open an SQLite file by its name that is not this archive's any more.

        Raises:
            DatabaseUnavailableError: It was deleted, or another one was put in its place.
        """
        self._connections.refuse_other_file()

    def on_lost_file(self, hear: Callable[[LostFile], Awaitable[None]]) -> None:
        """Have somebody hear what became of an SQLite file that is lost, and of what was in it.

        It is heard by whoever serves: once it is put back, or saved, or cannot be.
        """
        if (file := self._connections.file) is not None:
            file.hear = hear

    async def revision(self) -> str | None:
        """The revision of the tables; None in a database that has none of ours."""
        async with self.read() as connection:
            return await connection.run_sync(revision)

    async def _check(
        self, *, create: bool, bring_up: Callable[[Database], Awaitable[object]] | None
    ) -> None:
        """See that the tables are there, and of this program's revision if they are to be."""
        found = await self.revision()
        if found is None and not create:
            async with self.read() as connection:
                foreign = await connection.run_sync(has_our_tables)
            if not foreign:
                raise DatabaseError(_NO_ARCHIVE.format(self.shown))
        if found != schema.HEAD and bring_up is not None:
            await bring_up(self)


_NO_ARCHIVE = (
    "There is no archive at {}. Name the .env of the one that you mean (onnews --env-file FILE …) "
    "or set DATABASE_URL; `onnews run` makes a new one."
)


async def _abandon(connection: AsyncConnection, driver: Any) -> None:  # noqa: ANN401 - aiosqlite's
    """Undo what a cancelled writer did, once its last statement has ended."""
    await driver.rollback()
    await connection.invalidate()


async def _until_done(work: Coroutine[Any, Any, None]) -> None:
    """Do something to its end, however often the task that waits for it is cancelled."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    task.result()
