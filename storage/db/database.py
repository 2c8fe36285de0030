"""The database: opened once, then used for short reads and single transactions.

SQLite takes one writer at a time. Writers of this process queue at a lock in front of a single
connection, so that none of them polls the file. Readers have their own connections and, in WAL
mode, never wait. On PostgreSQL both come from the driver's pool.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from sqlalchemy.exc import DBAPIError

from storage.db.address import parse
from storage.db.connections import Connections, refused
from storage.db.outage import DatabaseError, DatabaseFailure, DatabaseUnavailableError
from storage.db.sqlite import engines
from storage.db.sqlite.file import could_be_made
from storage.db.sqlite.threads import ConnectionThreads, to_its_end
from storage.tables.table_version import has_our_tables, revision, table_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Executable, Row
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.selectable import TypedReturnsRows

    from storage.db.address import Address
    from storage.tables.table_version import TableVersion

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Database:
    """The archive's database, given by its address.

    The address has the form `sqlite:///var/onnews.db` or `postgresql://user:password@host/name`,
    with or without the name of a driver; DatabaseError for any other. Methods that run statements
    raise DatabaseUnavailableError in an outage, and SQLAlchemy's DBAPIError for any other error of
    a statement.
    """

    def __init__(self, url: str) -> None:
        self._address = parse(url)
        self.dialect: str = "postgresql" if self._address.path is None else "sqlite"
        self._connections = Connections(self._address)
        self.server_ahead = timedelta()
        """How far the server's clock is ahead of this machine's; by it the ledger tells lateness.

        Zero below a second, for a file, and until the first heartbeat.
        """
        self.fence: int | None = None
        """The number of this process's lease, which the ledger checks; None if it does not serve.
        """

    def __repr__(self) -> str:
        return f"Database({self.shown!r})"

    @property
    def address(self) -> Address:
        """The parsed address."""
        return self._address

    @property
    def shown(self) -> str:
        """The address without its password."""
        return self._address.shown

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return self._address.path

    @property
    def failure(self) -> DatabaseFailure | None:
        """Why the database cannot be used now; None while no failure is known."""
        return self._connections.outage.failure

    @property
    def relapse(self) -> DatabaseFailure | None:
        """Why the database could not be used again and again, until that has stayed over."""
        return self._connections.outage.relapse

    async def unusable(self) -> DatabaseError:
        """Wait for damage or loss of an SQLite file, maybe forever; return the error to raise."""
        while (damage := self._connections.damage) is None:
            await asyncio.Event().wait()
        return await damage.found()

    async def open(
        self,
        *,
        create: bool = True,
        bring_up: Callable[[Database], Awaitable[object]] | None = None,
    ) -> None:
        """Connect to the database.

        Args:
            bring_up: Migrates tables of another revision to this program's, as
                `migrations.open_migrated` does. Without it the tables are left unchanged.

        Raises:
            DatabaseError: The database cannot be written, is no database, belongs to another
                program, or is missing while `create` is false; or `bring_up` raised it.
        """
        if self._connections.are_made:
            return
        if not create and self.path is not None and could_be_made(self.path):
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
        """Close every connection. A closed database may be opened again."""
        await self._connections.close()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a function that only reads, and return its result.

        Each statement sees all commits made before it. On SQLite the function runs in another
        thread, with one round trip for all its statements.
        """
        if (reads := self._connections.reads) is not None:
            return await self._connections.in_thread(reads, work)
        async with self.reading() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run a function in one transaction, and return its result; roll back if it raises.

        On SQLite it runs in another thread, with one round trip for all its statements.
        """
        if (writes := self._connections.writes) is not None:
            self._connections.refuse(write=True)
            async with self._connections.write_lock:
                return await self._connections.in_thread(writes, work, write=True)
        async with self.writing() as connection:
            return await connection.run_sync(work)

    async def rows(
        self, query: TypedReturnsRows[*Ts], values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*Ts]]:
        """Run a single query, and return its rows."""
        return await self.read(lambda connection: connection.execute(query, values).all())

    async def first(
        self, query: TypedReturnsRows[*Ts], values: Mapping[str, Any] | None = None
    ) -> Row[*Ts] | None:
        """Run a single query, and return its first row, or None."""
        return await self.read(lambda connection: connection.execute(query, values).first())

    async def scalar(
        self, query: TypedReturnsRows[T], values: Mapping[str, Any] | None = None
    ) -> T | None:
        """Run a single query, and return the first value of its first row, or None."""
        return await self.read(lambda connection: connection.scalar(query, values))

    async def scalars(
        self, query: TypedReturnsRows[T], values: Mapping[str, Any] | None = None
    ) -> Sequence[T]:
        """Run a single query, and return the first value of each row."""
        return await self.read(lambda connection: connection.scalars(query, values).all())

    async def execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Run a single statement in its own transaction, and return the number of rows changed."""
        return await self.write(lambda connection: connection.execute(statement, values).rowcount)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Return a connection to await reads on. Each statement sees all commits made before it.

        On SQLite each statement makes several round trips to a thread, so several statements belong
        in a function for `read`.
        """
        return self._connections.reading()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction: commit at the end of the block, roll back if the block raises.

        On SQLite each statement makes several round trips to a thread, as with `reading`.
        """
        if self.dialect == "postgresql":
            async with self._connections.writing() as connection, connection.begin():
                yield connection
            return
        self._connections.refuse(write=True)
        async with self._connections.write_lock, self._connections.writing() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            try:
                async with connection.begin():
                    yield connection
            except asyncio.CancelledError:
                # The cancelled statement continues in the driver's thread: the next writer waits
                # for it to end.
                await _until_done(_abandon(connection, driver))
                raise

    async def search(self, work: Callable[[Connection], T]) -> T:
        """Run a search on the connections reserved for searches, and return its result.

        `work` reads, as for `read`, and enforces its own `Limit` of time.
        """
        if (searches := self._connections.searches) is not None:
            return await self._connections.in_thread(searches, work)
        async with self._connections.searching() as connection:
            return await connection.run_sync(work)

    async def snapshot(self, work: Callable[[Connection], T]) -> T:
        """Run a function that reads one consistent snapshot, and return its result.

        It runs in a thread with its own connection. It blocks no other reader or writer.
        """
        self._connections.refuse(write=False)
        if self.path is not None:
            threads = ConnectionThreads(engines.url_of(self.path), begin="BEGIN", size=1)
            try:
                return await self._connections.in_thread(threads, work)
            finally:
                await threads.close()
        try:
            # The driver is bound to one event loop, so the thread has its own.
            with ThreadPoolExecutor(max_workers=1) as thread:
                read = thread.submit(lambda: asyncio.run(self._read_apart(work)))
                return await to_its_end(read)
        except Exception as error:
            self._connections.failed(error, write=False)
            raise

    async def _read_apart(self, work: Callable[[Connection], T]) -> T:
        from storage.db.postgres import Server  # noqa: PLC0415  # SQLite does not need it

        server = Server(self._address, lambda _: None, size=1, more=0)
        try:
            async with server.engine.connect() as connection:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return await connection.run_sync(work)
        finally:
            await server.close()

    async def session(self, *, patience: float = engines.BUSY_SECONDS) -> AsyncConnection:
        """Return an autocommit connection that the caller keeps and closes.

        On SQLite a statement waits `patience` seconds for other processes that write. Refused
        connections and failed statements raise OSError or DBAPIError as they come.
        """
        return await self._connections.lasting(patience)

    def write_lock(self) -> AbstractAsyncContextManager[None]:
        """Return the lock that this process's writers to an SQLite file hold while writing."""
        return self._connections.write_lock

    def refuse_other_file(self) -> None:
        """Raise DatabaseUnavailableError if the path names another SQLite file, or none."""
        self._connections.refuse_other_file()

    async def revision(self) -> str | None:
        """Return the revision of the tables; None in a database without tables of ON News."""
        return await self.read(revision)

    async def version(self) -> TableVersion:
        """Return the revision of the tables, and the oldest program that works on them."""
        return await self.read(table_version)

    async def _check(
        self, *, create: bool, bring_up: Callable[[Database], Awaitable[object]] | None
    ) -> None:
        """Check that the tables exist, and migrate them with `bring_up` if it is given."""
        version = await self.version()
        if version.revision is None and not create and not await self.read(has_our_tables):
            raise DatabaseError(_NO_ARCHIVE.format(self.shown))
        if bring_up is not None and not version.fits:
            await bring_up(self)


_NO_ARCHIVE = (
    "There is no archive at {}. Name its .env (onnews --env-file FILE …) "
    "or set DATABASE_URL; `onnews run` makes a new one."
)


async def _abandon(connection: AsyncConnection, driver: Any) -> None:  # noqa: ANN401 - aiosqlite's
    """Roll back a cancelled writer's transaction, once its last statement has ended."""
    await driver.rollback()
    await connection.invalidate()


async def _until_done(work: Coroutine[Any, Any, None]) -> None:
    """Finish the work even if the waiting task is cancelled, any number of times."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    task.result()
