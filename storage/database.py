"""The database: opened once, then short reads, and writes that are one transaction each.

SQLite takes one writer at a time. Writers of this process queue at a lock in front of a single
connection, so that none of them polls the file; readers have connections of their own and, in
WAL mode, wait for nobody. On PostgreSQL both come from the driver's pool.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import DBAPIError

from storage import private, schema, sqlite
from storage.address import parse
from storage.dialect import end_idle_transactions
from storage.failures import trouble_of
from storage.limit import SEARCHES
from storage.outage import DatabaseError, DatabaseUnavailableError, Outage, Scope, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.postgres import Server, Visit

__all__ = ["Database", "DatabaseError", "DatabaseUnavailableError"]

T = TypeVar("T")

LAST_WORDS = 2.0
"""Seconds that connections have to come back at a close."""


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
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        self._turn = asyncio.Lock()
        self._writes: sqlite.Visits | None = None
        self._reads: sqlite.Visits | None = None
        self._searches: sqlite.Visits | None = None
        self._server: Server | None = None
        self._searched: Server | None = None
        self._outage = Outage(self._probe)
        self._is_open = False
        self._returning: set[asyncio.Future[None]] = set()
        self.fence: int | None = None
        """The number of the right to serve under which this process writes the ledger; None where
        it does not serve."""

    def __repr__(self) -> str:
        """The address, with its password hidden."""
        return f"Database({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address as it may be shown: without its password."""
        return self._address.shown

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return self._address.path

    @property
    def trouble(self) -> Trouble | None:
        """Why the database cannot be used just now; None while nothing is known to be wrong."""
        return self._outage.trouble

    async def open(self, *, create: bool = True, migrate: bool = True) -> None:
        """Connect, and bring the tables to this program's revision.

        Args:
            create: Whether a new archive is made where there is none.
            migrate: Whether tables of an older version are brought up to date; who is to serve does
                it later, once the lock is taken.

        Raises:
            DatabaseUnavailableError: It cannot be used just now.
            DatabaseError: It cannot be written, is no database, belongs to another program, was
                written by a newer version of this one, or is of an older version while another
                process works with it; or there is none, and none is to be made.
        """
        if self._writer is not None:
            return
        if not create and self.path is not None and _could_be_made(self.path):
            raise DatabaseError(_NO_ARCHIVE.format(self.path))
        try:
            await self._connect()
            await self._check(create=create, migrate=migrate)
            self._is_open = True
        except DatabaseUnavailableError as error:
            await self.close()
            if error.passes:
                raise error from None
            raise DatabaseError(str(error)) from None
        except DBAPIError as error:
            await self.close()
            raise DatabaseError(self._refused(error)) from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Give every connection back. A closed database may be opened again."""
        self._is_open = False
        await self._outage.close()
        reader, writer = self._reader, self._writer
        servers = self._server, self._searched
        self._reader = self._writer = self._server = self._searched = None
        if self._returning:
            # What comes back later would belong to nobody.
            await asyncio.wait(self._returning, timeout=LAST_WORDS)
        visits = self._writes, self._reads, self._searches
        self._writes = self._reads = self._searches = None
        for threads in visits:
            if threads is not None:
                await threads.close()
        for server in servers:
            if server is not None:
                await server.close()
        if self.path is None:
            return
        for engine in (reader, writer):
            if engine is not None:
                await engine.dispose()

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to read with, which sees at each statement what is committed by then.

        Raises:
            DatabaseUnavailableError: The database cannot be read just now.
        """
        if self._reader is None:
            raise RuntimeError("the database is not open")
        self._outage.refuse(write=False)
        return self._connected(self._reader, write=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, undone if the block raises.

        Raises:
            DatabaseUnavailableError: The database cannot be written just now. Where its COMMIT got
                no answer the transaction may yet have been made.
        """
        if self._writer is None:
            raise RuntimeError("the database is not open")
        self._outage.refuse(write=True)
        if self.dialect == "postgresql":
            async with (
                self._connected(self._writer, write=True) as connection,
                connection.begin(),
            ):
                yield connection
            return
        async with self._turn:
            self._outage.refuse(write=True)
            async with self._connected(self._writer, write=True) as connection:
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

        On SQLite it is a single visit to a thread; otherwise each statement is some visits, and
        after each the transaction waits for the event loop.

        Args:
            work: What to do; it is undone if it raises. On SQLite it runs in that thread.

        Raises:
            DatabaseUnavailableError: As `write` does.
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if self._writes is not None:
            self._outage.refuse(write=True)
            async with self._turn:
                self._outage.refuse(write=True)
                try:
                    return await self._writes.do(work)
                except Exception as error:
                    self._failed(error, write=True)
                    raise
        async with self.write() as connection:
            return await connection.run_sync(work)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """What a function reads, in as few visits as `at_once`.

        Args:
            work: What to read; each statement sees what is committed by then. On SQLite it runs
                in a thread.

        Raises:
            DatabaseUnavailableError: As `read` does.
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if self._reads is not None:
            return await self._visited(self._reads, work)
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
        if self._searches is not None:
            return await self._visited(self._searches, work)
        if self._searched is None:
            raise RuntimeError("the database is not open")
        self._outage.refuse(write=False)
        # Whoever finds all of them taken waits as long as it takes: each is free again soon.
        async with self._connected(
            self._searched.engine, write=False, server=self._searched
        ) as connection:
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
        if self.path is not None:
            visits = sqlite.Visits(_url_of(self.path), begin="BEGIN", size=1)
            try:
                return await self._visited(visits, work)
            finally:
                await visits.close()
        self._outage.refuse(write=False)
        try:
            # The driver belongs to one event loop: the thread has its own.
            task = asyncio.ensure_future(asyncio.to_thread(asyncio.run, self._read_apart(work)))
            return await sqlite.to_its_end(task)
        except Exception as error:
            self._failed(error, write=False)
            raise

    async def _read_apart(self, work: Callable[[Connection], T]) -> T:
        from storage.postgres import Server  # noqa: PLC0415  # as in `_connect`

        server = Server(self._address, lambda _: None, size=1, more=0)
        try:
            async with server.engine.connect() as connection:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return await connection.run_sync(work)
        finally:
            await server.close()

    async def _visited(self, visits: sqlite.Visits, work: Callable[[Connection], T]) -> T:
        self._outage.refuse(write=False)
        try:
            return await visits.do(work)
        except Exception as error:
            self._failed(error, write=False)
            raise

    async def _connect(self) -> None:
        """Make the connections' pools, and an SQLite file that is not there yet."""
        if self.path is not None:
            try:
                await asyncio.to_thread(_prepare_file, self.path)
            except (sqlite3.Error, OSError) as error:
                raise self._unavailable(error) from None
            url = _url_of(self.path)
            self._writer = sqlite.engine_for(url, begin="BEGIN IMMEDIATE", size=1)
            self._reader = sqlite.engine_for(url, begin=None, size=sqlite.READERS)
            self._writes = sqlite.Visits(url, begin="BEGIN IMMEDIATE", size=1)
            self._reads = sqlite.Visits(url, begin=None, size=sqlite.READERS)
            self._searches = sqlite.Visits(url, begin=None, size=SEARCHES)
            return
        # SQLite needs none of the driver.
        from storage.postgres import Server  # noqa: PLC0415

        self._server = Server(self._address, self._begin)
        self._searched = Server(self._address, self._begin, size=SEARCHES, more=0)
        self._writer = self._server.engine
        end_idle_transactions(self._writer)
        self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def _connected(
        self, engine: AsyncEngine, *, write: bool, server: Server | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A connection, which is given back, or away where it is of no use any more."""
        server = server or self._server
        visit = server.begin() if server is not None else None
        connection: AsyncConnection | None = None
        try:
            connection = await _connection(engine, visit)
            yield connection
        except Exception as error:
            if (trouble := self._trouble(error, write=write)) is None:
                raise
            if connection is not None and trouble.lost:
                with suppress(Exception):
                    if visit is not None:
                        visit.break_off()  # or giving it away would wait for the server
                    await connection.invalidate(error)
            raise self._begin(trouble) from error
        finally:
            if visit is not None and server is not None:
                server.end(visit)
            if connection is not None:
                # Given back to its end, also where whoever used it is cancelled once more.
                returning = asyncio.ensure_future(connection.close())
                self._returning.add(returning)
                returning.add_done_callback(self._returning.discard)
                with suppress(DBAPIError, OSError):
                    await asyncio.shield(returning)

    def _trouble(self, error: Exception, *, write: bool) -> Trouble | None:
        if isinstance(error, DatabaseError):
            return None
        return trouble_of(error, self._address, write=write)

    def _failed(self, error: Exception, *, write: bool) -> None:
        """Raise what an error of a driver means, where it means an outage."""
        trouble = self._trouble(error, write=write)
        if trouble is not None:
            raise self._begin(trouble) from error

    def _begin(self, trouble: Trouble) -> DatabaseUnavailableError:
        """Take note of what keeps the database from being used."""
        if not self._is_open:
            # Whoever opens it tries again, or gives up.
            return DatabaseUnavailableError(trouble)
        for server in (self._server, self._searched):
            if server is not None and trouble.lost:
                server.renew()
        return self._outage.begin(trouble)

    def _unavailable(self, error: Exception) -> DatabaseError:
        """What is raised for an error of opening."""
        trouble = trouble_of(error, self._address, write=True)
        return (
            DatabaseError(self._refused(error))
            if trouble is None
            else DatabaseUnavailableError(trouble)
        )

    async def _probe(self, trouble: Trouble) -> Trouble | None:
        """Try to use the database; what is wrong, or None."""
        if self._server is not None:
            return await self._server.probe(trouble)
        if self.path is None:
            return None
        write = trouble.scope is Scope.WRITES
        try:
            await asyncio.to_thread(sqlite.probe, self.path, write=write)
        except (sqlite3.Error, OSError) as error:
            return trouble_of(error, self._address, write=write) or trouble
        return None

    def _refused(self, error: Exception) -> str:
        """An error of opening that is no outage, in a line."""
        cause: BaseException = error
        if isinstance(error, DBAPIError) and error.orig is not None:
            cause = error.orig.__cause__ or error.orig
        said = str(cause)
        if self._address.password:
            said = said.replace(self._address.password, "***")
        return (
            f"The database {self._address.shown} cannot be opened ({said}). See that the address "
            "in DATABASE_URL is right, and that its user may create tables."
        )

    async def session(self) -> AsyncConnection:
        """A connection for as long as it is wanted, whose every statement is a transaction.

        Raises:
            DatabaseUnavailableError: The database cannot be used just now.
            OSError, DBAPIError: It does not let anybody in.
        """
        if self._reader is None:
            raise RuntimeError("the database is not open")
        self._outage.refuse(write=False)
        visit = self._server.begin() if self._server is not None else None
        try:
            return await _connection(self._reader, visit)
        finally:
            if visit is not None and self._server is not None:
                self._server.end(visit)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Where this process's writers to an SQLite file queue: a lock to be held while writing."""
        return self._turn

    async def revision(self) -> str | None:
        """The revision of the tables; None in a database that has none of ours."""
        async with self.read() as connection:
            return await connection.run_sync(revision)

    async def _check(self, *, create: bool, migrate: bool) -> None:
        """See that the tables are there, and of this program's revision if they are to be."""
        found = await self.revision()
        if found is None and not create:
            async with self.read() as connection:
                foreign = await connection.run_sync(has_our_tables)
            if not foreign:
                raise DatabaseError(_NO_ARCHIVE.format(self.shown))
        if found != schema.HEAD and migrate:
            # Loading Alembic takes longer than a whole start of the bot should.
            from storage.migrate import bring_up_alone  # noqa: PLC0415 - see the line above

            await bring_up_alone(self)


_NO_ARCHIVE = (
    "There is no archive at {}. Name the .env of the one that you mean (onnews --env-file FILE …) "
    "or set DATABASE_URL; `onnews run` makes a new one."
)


def _could_be_made(path: Path) -> bool:
    """Whether a file is not there, and nothing that is no folder is in its way."""
    folders = (folder for folder in path.parents if folder.exists())
    return not path.exists() and all(folder.is_dir() for folder in folders)


def _url_of(path: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(path))


async def _connection(engine: AsyncEngine, visit: Visit | None) -> AsyncConnection:
    return await (engine.connect().start() if visit is None else visit.connect(engine))


def _prepare_file(path: Path) -> None:
    """Make the folder and the file, see that it can be written, and turn on WAL.

    The driver that serves the event loop would leave a thread behind where opening fails.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The folder {path.parent} of the database cannot be made ({error.strerror}). "
            "Make it and let the user who runs ON News write to it, or name another place in "
            "DATABASE_URL."
        ) from None
    # What belongs to it, SQLite makes with the rights of the file itself.
    if not path.exists():
        # Of a file that is there, closing it would end the locks of this process's connections.
        with suppress(FileExistsError):
            private.make(path).close()
    private.tighten_database(path)
    with closing(
        sqlite3.connect(path, timeout=sqlite.BUSY_SECONDS, isolation_level=None)
    ) as connection:
        sqlite.turn_on_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


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


def revision(connection: Connection) -> str | None:
    """The revision of the tables; None in a database that has none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def has_our_tables(connection: Connection) -> bool:
    """Whether there are tables of the names that ours have."""
    return bool(set(inspect(connection).get_table_names()) & set(schema.metadata.tables))
