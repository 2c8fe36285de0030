"""The database: opened once, then short reads, and writes that are one transaction each.

SQLite takes one writer at a time. Writers of this process queue at a lock in front of a single
connection, so that none of them polls the file; readers have connections of their own and, in
WAL mode, wait for nobody. On PostgreSQL both come from the driver's pool.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import schema
from storage.dialect import AdvisoryLock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from sqlalchemy import Connection, ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

SQLITE_READERS = 4
BUSY_SECONDS = 60
"""How long a statement waits for another process that writes to the same SQLite file."""
AGAIN = 0.01
"""Seconds between two tries where SQLite itself does not wait."""


class DatabaseError(Exception):
    """The database cannot be opened. The message says why and what to do, without the password."""


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
        self._quick: _Quick | None = None

    def __repr__(self) -> str:
        """The address, with its password hidden."""
        return f"Database({self._url.render_as_string()!r})"

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        if self.dialect != "sqlite" or self._url.database is None:
            return None
        return Path(self._url.database)

    async def open(self) -> None:
        """Connect, and bring the tables to this program's revision.

        Raises:
            DatabaseError: It cannot be reached or written, is no database, belongs to another
                program, or was written by a newer version of this one.
        """
        if self._writer is not None:
            return
        if self.path is not None:
            try:
                await asyncio.to_thread(_prepare_file, self.path)
            except (sqlite3.Error, OSError) as error:
                raise DatabaseError(_advice(self._url, error)) from None
            self._writer = _sqlite_engine(self._url, begin="BEGIN IMMEDIATE", size=1)
            self._reader = _sqlite_engine(self._url, begin=None, size=SQLITE_READERS)
            self._quick = _Quick(self.path)
        else:
            self._writer = create_async_engine(self._url, pool_size=5, max_overflow=10)
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        try:
            await self._migrate()
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
        if self._quick is not None:
            quick, self._quick = self._quick, None
            await quick.close()
        if reader is not None and self.dialect == "sqlite":
            await reader.dispose()
        if writer is not None:
            await writer.dispose()

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

    async def at_once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction in a single visit to a thread: only for SQLite, and for short work.

        Args:
            work: What to do; it runs in that thread, and is undone if it raises.

        Raises:
            DBAPIError: As SQLAlchemy raises it for the same.
        """
        if self._quick is None:
            raise RuntimeError("there is no SQLite database open")
        async with self._turn:
            return await _to_its_end(self._quick.transaction(work))

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
                    f"The database {self._url.render_as_string()} holds tables of another program. "
                    "Give DATABASE_URL a database of its own."
                )
            # Loading Alembic takes longer than a whole start of the bot should.
            from storage import migrate  # noqa: PLC0415 - see the line above

            try:
                await connection.run_sync(migrate.to_head)
            except migrate.UnknownRevisionError:
                raise DatabaseError(
                    f"The database {self._url.render_as_string()} was written by a newer version "
                    f"of ON News (its revision is {revision}, this one knows {schema.HEAD}). "
                    "Update the program, or name another database in DATABASE_URL."
                ) from None


class _Quick:
    """A connection in a thread of its own, for transactions that are one visit each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._connection: sqlite3.Connection | None = None

    async def transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in one transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    async def close(self) -> None:
        """Give the connection back, and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    self._path, timeout=BUSY_SECONDS, isolation_level=None
                )
                self._connection.execute("PRAGMA foreign_keys = ON")
                self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                done = work(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite itself has undone some that it could not go on with, as on a full disk.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise DBAPIError.instance(None, None, error, sqlite3.Error) from error
        return done

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Wait for something that cannot be stopped half-way, also where the waiting is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        task.exception()  # whoever would want to hear of it is gone
        raise


def _normal(text_url: str) -> URL:
    """The address with the drivers that this program uses."""
    try:
        url = make_url(text_url)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise DatabaseError(
            "DATABASE_URL is no database address. It looks like sqlite:///var/onnews.db "
            "or postgresql://user:password@host/name."
        ) from None
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
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        _turn_on_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def _turn_on_wal(connection: sqlite3.Connection) -> None:
    """Turn on WAL; where another process does so to a new file, after it.

    SQLite does not wait here as it does elsewhere: where two want more than the read lock that both
    hold, one is told at once that the file is busy.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
        else:
            return
        time.sleep(AGAIN)


def _sqlite_engine(url: URL, *, begin: str | None, size: int) -> AsyncEngine:
    """An engine whose transactions start with `begin`; without one, each read stands alone."""
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS},
        **({} if begin else {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}),
    )

    @event.listens_for(engine.sync_engine, "handle_error")
    def keep(context: ExceptionContext) -> None:
        # Closed under a statement, the connection would live on, and hold its lock, for as long
        # as anything refers to that statement. It has to be rolled back first.
        if begin and isinstance(context.original_exception, asyncio.CancelledError):
            context.is_disconnect = False

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        connection.isolation_level = None  # BEGIN is said by us, not by the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA temp_store = MEMORY")
        if begin is None:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    if begin is not None:

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


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


def _advice(url: URL, error: Exception) -> str:
    """What an error of opening means, and what to do about it."""
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
            f"The database file {url.database} cannot be opened ({said}). See that the user who "
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
        f"The database {place} cannot be opened ({said}). See that PostgreSQL runs, that the "
        "address in DATABASE_URL is right, and that its user may create tables."
    )
