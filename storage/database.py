"""The database: opened once, then short reads, and writes that are one transaction each.

SQLite takes one writer at a time. Writers of this process queue at a lock in front of a single
connection, so that none of them polls the file; readers have connections of their own and, in
WAL mode, wait for nobody. On PostgreSQL both come from the driver's pool.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, inspect, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import lite, schema
from storage.dialect import end_idle_transactions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from sqlalchemy import Connection

T = TypeVar("T")


class DatabaseError(Exception):
    """The database cannot be used. The message says why and what to do, without the password."""


class Database:
    """The archive's database, by address.

    `sqlite:///var/onnews.db` and `postgresql://user:password@host/name` are both taken, with or
    without the name of a driver.

    Raises:
        DatabaseError: The address is of no kind that is known here.
    """

    def __init__(self, url: str) -> None:
        self._url = _normal(url)
        self.dialect: str = self._url.get_backend_name()
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        self._turn = asyncio.Lock()
        self._writes: lite.Visits | None = None
        self._reads: lite.Visits | None = None
        self.fence: int | None = None
        """The number of the right to serve under which this process writes the ledger; None where
        it does not serve."""

    def __repr__(self) -> str:
        """The address, with its password hidden."""
        return f"Database({self._url.render_as_string()!r})"

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        if self.dialect != "sqlite" or self._url.database is None:
            return None
        return Path(self._url.database)

    @property
    def shown(self) -> str:
        """The address as it may be shown: without its password."""
        return self._url.render_as_string()

    async def open(self, *, migrate: bool = True) -> None:
        """Connect, and bring the tables to this program's revision.

        Args:
            migrate: Whether to do so; who is to serve does it later, once the lock is taken.

        Raises:
            DatabaseError: It cannot be reached or written, is no database, belongs to another
                program, was written by a newer version of this one, or is of an older version
                while another process works with it.
        """
        if self._writer is not None:
            return
        if self.path is not None:
            try:
                await asyncio.to_thread(_prepare_file, self.path)
            except (sqlite3.Error, OSError) as error:
                raise DatabaseError(_advice(self._url, error)) from None
            self._writer = lite.engine_for(self._url, begin="BEGIN IMMEDIATE", size=1)
            self._reader = lite.engine_for(self._url, begin=None, size=lite.READERS)
            self._writes = lite.Visits(self._url, begin="BEGIN IMMEDIATE", size=1)
            self._reads = lite.Visits(self._url, begin=None, size=lite.READERS)
        else:
            self._writer = create_async_engine(self._url, pool_size=5, max_overflow=10)
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")
            end_idle_transactions(self._writer)
        try:
            if await self.revision() != schema.HEAD and migrate:
                # Loading Alembic takes longer than a whole start of the bot should.
                from storage.migrate import bring_up_alone  # noqa: PLC0415 - see the line above

                await bring_up_alone(self)
        except DatabaseError:
            await self.close()
            raise
        except (DBAPIError, OSError) as error:
            await self.close()
            raise DatabaseError(_advice(self._url, error)) from None

    async def close(self) -> None:
        """Give every connection back. A closed database may be opened again."""
        reader, writer = self._reader, self._writer
        self._reader = self._writer = None
        visits = self._writes, self._reads
        self._writes = self._reads = None
        for threads in visits:
            if threads is not None:
                await threads.close()
        if reader is not None and self.dialect == "sqlite":
            await reader.dispose()
        if writer is not None:
            await writer.dispose()

    def trouble(self, error: DBAPIError) -> DatabaseError | None:
        """What a statement's error means to an operator; None where it is a defect of ours."""
        if isinstance(error, IntegrityError | ProgrammingError | DataError):
            return None
        return DatabaseError(_advice(self._url, error, done="used"))

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to read with, which sees at each statement what is committed by then."""
        if self._reader is None:
            raise RuntimeError("the database is not open")
        return self._reader.connect()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, undone if the block raises."""
        if self._writer is None:
            raise RuntimeError("the database is not open")
        if self.dialect == "postgresql":
            async with self._writer.begin() as connection:
                yield connection
            return
        async with self._turn, self._writer.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            try:
                async with connection.begin():
                    yield connection
            except asyncio.CancelledError:
                # Its statement goes on in the driver's thread: the next writer waits for its end.
                await _until_done(_abandon(connection, driver))
                raise

    async def at_once(self, work: Callable[[Connection], T]) -> T:
        """One transaction of a function: where many statements follow each other.

        On SQLite it is a single visit to a thread; otherwise each statement is some visits, and
        after each the transaction waits for the event loop.

        Args:
            work: What to do; it is undone if it raises. On SQLite it runs in that thread.

        Raises:
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if self._writes is not None:
            async with self._turn:
                return await self._writes.do(work)
        async with self.write() as connection:
            return await connection.run_sync(work)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """What a function reads, in as few visits as `at_once`.

        Args:
            work: What to read; each statement sees what is committed by then. On SQLite it runs
                in a thread.

        Raises:
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if self._reads is not None:
            return await self._reads.do(work)
        async with self.read() as connection:
            return await connection.run_sync(work)

    async def session(self) -> AsyncConnection:
        """A connection for as long as it is wanted, whose every statement is a transaction."""
        if self._reader is None:
            raise RuntimeError("the database is not open")
        return await self._reader.connect().start()

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Where this process's writers to an SQLite file queue: a lock to be held while writing."""
        return self._turn

    async def revision(self) -> str | None:
        """The revision of the tables; None in a database that has none of ours."""
        async with self.read() as connection:
            return await connection.run_sync(revision)


_NO_ADDRESS = (
    "DATABASE_URL is no database address. It looks like sqlite:///var/onnews.db "
    "or postgresql://user:password@host/name."
)


def _normal(text_url: str) -> URL:
    """The address with the drivers that this program uses."""
    try:
        url = make_url(text_url)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise DatabaseError(_NO_ADDRESS) from None
    if url.port is not None and not 0 < url.port < 65_536:
        raise DatabaseError(_NO_ADDRESS)
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise DatabaseError(
                "DATABASE_URL names no file. It looks like sqlite:///var/onnews.db."
            )
        return url.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+asyncpg")
    raise DatabaseError(
        f"DATABASE_URL starts with {backend}:, which ON News cannot use. It keeps its archive in "
        "SQLite (sqlite:///var/onnews.db) or PostgreSQL (postgresql://user:password@host/name)."
    )


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


def revision(connection: Connection) -> str | None:
    """The revision of the tables; None in a database that has none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def has_our_tables(connection: Connection) -> bool:
    """Whether there are tables of the names that ours have."""
    return bool(set(inspect(connection).get_table_names()) & set(schema.metadata.tables))


def _advice(url: URL, error: Exception, done: str = "opened") -> str:
    """What an error means by which a database cannot be opened or used, and what to do."""
    cause: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
    said = str(cause)
    if url.password:
        said = said.replace(url.password, "***")
    place = url.render_as_string()
    if url.get_backend_name() == "sqlite":
        if "not a database" in said:
            return (
                f"{url.database} is no SQLite database. Move it away, or name another file in "
                "DATABASE_URL."
            )
        return (
            f"The database file {url.database} cannot be {done} ({said}). See that the user who "
            "runs ON News may write to the file and its folder, and that the disk is not full."
        )
    if type(cause).__name__ in {"InvalidPasswordError", "InvalidAuthorizationSpecificationError"}:
        return (
            f"PostgreSQL refuses the user name or password of {place}. Correct DATABASE_URL; "
            "characters such as @ : / in a password are written as %40 %3A %2F."
        )
    if type(cause).__name__ == "InvalidCatalogNameError":
        return (
            f"PostgreSQL has no database {url.database!r}. Create it (createdb {url.database}), "
            "or name another in DATABASE_URL."
        )
    return (
        f"The database {place} cannot be {done} ({said}). See that PostgreSQL runs, that the "
        "address in DATABASE_URL is right, and that its user may create tables."
    )
