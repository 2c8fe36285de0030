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

from storage import lite, schema
from storage.address import parse
from storage.dialect import AdvisoryLock
from storage.failures import trouble_of
from storage.outage import DatabaseError, DatabaseUnavailableError, Outage, Scope, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.postgres import Server, Visit

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
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        self._turn = asyncio.Lock()
        self._writes: lite.Visits | None = None
        self._reads: lite.Visits | None = None
        self._server: Server | None = None
        self._outage = Outage(self._probe)
        self._is_open = False

    def __repr__(self) -> str:
        """The address, with its password hidden."""
        return f"Database({self._address.shown!r})"

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return self._address.path

    @property
    def trouble(self) -> Trouble | None:
        """Why the database cannot be used just now; None while nothing is known to be wrong."""
        return self._outage.trouble

    async def open(self) -> None:
        """Connect, and bring the tables to this program's revision.

        Raises:
            DatabaseUnavailableError: It cannot be used just now.
            DatabaseError: It cannot be written, is no database, belongs to another program, or was
                written by a newer version of this one.
        """
        if self._writer is not None:
            return
        try:
            await self._connect()
            await self._migrate()
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
        reader, writer, server = self._reader, self._writer, self._server
        self._reader = self._writer = self._server = None
        visits = self._writes, self._reads
        self._writes = self._reads = None
        for threads in visits:
            if threads is not None:
                await threads.close()
        if server is not None:
            await server.close()
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
            self._outage.refuse(write=False)
            try:
                return await self._reads.do(work)
            except Exception as error:
                self._failed(error, write=False)
                raise
        async with self.read() as connection:
            return await connection.run_sync(work)

    async def _connect(self) -> None:
        """Make the connections' pools, and an SQLite file that is not there yet."""
        if self.path is not None:
            try:
                await asyncio.to_thread(_prepare_file, self.path)
            except (sqlite3.Error, OSError) as error:
                raise self._unavailable(error) from None
            url = URL.create("sqlite+aiosqlite", database=str(self.path))
            self._writer = lite.engine_for(url, begin="BEGIN IMMEDIATE", size=1)
            self._reader = lite.engine_for(url, begin=None, size=lite.READERS)
            self._writes = lite.Visits(url, begin="BEGIN IMMEDIATE", size=1)
            self._reads = lite.Visits(url, begin=None, size=lite.READERS)
            return
        # SQLite needs none of the driver.
        from storage.postgres import Server  # noqa: PLC0415

        self._server = Server(self._address, self._begin)
        self._writer = self._server.engine
        self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def _connected(
        self, engine: AsyncEngine, *, write: bool
    ) -> AsyncIterator[AsyncConnection]:
        """A connection, which is given back, or away where it is of no use any more."""
        visit = self._server.begin() if self._server is not None else None
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
            if visit is not None and self._server is not None:
                self._server.end(visit)
            if connection is not None:
                with suppress(DBAPIError, OSError):
                    # Given back to its end, also where whoever used it is cancelled once more.
                    await asyncio.shield(asyncio.ensure_future(connection.close()))

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
        if self._server is not None and trouble.lost:
            self._server.renew()
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
            await asyncio.to_thread(lite.probe, self.path, write=write)
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

    async def _migrate(self) -> None:
        """Bring the tables to `schema.HEAD`, unless they are there already."""
        async with self.read() as connection:
            if await connection.run_sync(_revision) == schema.HEAD:
                return
        async with self.write() as connection:
            if self.dialect == "postgresql":
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AdvisoryLock.MIGRATION}
                )
            # Another process may have done it while this one waited for its turn.
            revision = await connection.run_sync(_revision)
            if revision == schema.HEAD:
                return
            if revision is None and (await connection.run_sync(_has_our_tables)):
                raise DatabaseError(
                    f"The database {self._address.shown} holds tables of another program. "
                    "Give DATABASE_URL a database of its own."
                )
            # Loading Alembic takes longer than a whole start of the bot should.
            from storage import migrate  # noqa: PLC0415 - see the line above

            try:
                await connection.run_sync(migrate.to_head)
            except migrate.UnknownRevisionError:
                raise DatabaseError(
                    f"The database {self._address.shown} was written by a newer version "
                    f"of ON News (its revision is {revision}, this one knows {schema.HEAD}). "
                    "Update the program, or name another database in DATABASE_URL."
                ) from None


async def _connection(engine: AsyncEngine, visit: Visit | None) -> AsyncConnection:
    return await (engine.connect().start() if visit is None else visit.connect(engine))


def _prepare_file(path: Path) -> None:
    """Make the folder and the file, see that it can be written, and turn on WAL.

    The driver that serves the event loop would leave a thread behind where opening fails.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The folder {path.parent} of the database cannot be made ({error.strerror}). "
            "Make it and let the user who runs ON News write to it, or name another place in "
            "DATABASE_URL."
        ) from None
    with closing(
        sqlite3.connect(path, timeout=lite.BUSY_SECONDS, isolation_level=None)
    ) as connection:
        lite.turn_on_wal(connection)
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


def _revision(connection: Connection) -> str | None:
    """The revision of the tables; None in a database that has none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _has_our_tables(connection: Connection) -> bool:
    return bool(set(inspect(connection).get_table_names()) & set(schema.metadata.tables))
