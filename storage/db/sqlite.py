"""SQLite's connections: those of the event loop, and threads that run functions on a connection.

A statement on the event loop makes four round trips to the driver's thread, and after each the loop
must come round. A function takes its connection along into a thread and returns the result: one
round trip, however many statements it runs.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from sqlalchemy import URL, Connection, Engine, ExceptionContext, FromClause
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

READERS = 4
BUSY_SECONDS = 5
"""How long a statement waits for another process that writes to the same file. Ours never write for
that long at a time: it is taken for locked then, and tried again once it is free."""
PROBE = 0.2
"""How long a probe waits for another process."""
ROOM = 1 << 18
"""Bytes that must find room on the disk before it is called well."""
AGAIN = 0.01
"""Seconds between two tries where SQLite itself does not wait."""


class ConnectionThreads:
    """Threads, each with a connection of its own, that do what they are given.

    Args:
        url: The file's address.
        begin: What a transaction starts with; without it, there is only reading, and each
            statement sees what is committed by then.
        size: How many threads at most.
    """

    def __init__(self, url: URL, *, begin: str | None, size: int) -> None:
        name = "writer" if begin else "reader"
        self._threads = ThreadPoolExecutor(max_workers=size, thread_name_prefix=name)
        self._engine = create_engine(
            url.set(drivername="sqlite"), **_options(begin=begin, size=size)
        )
        _prepare(self._engine, begin)

    async def do(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives; what it did is kept, or undone if it raises.

        Cancelled once it has begun, it is waited for all the same: it cannot be stopped half-way.
        """
        return await to_its_end(self._threads.submit(self._do, work))

    def renew(self) -> None:
        """Make every connection anew: those that are there are to a file that is not."""
        self._engine.dispose()

    async def close(self) -> None:
        """Give the connections back, and end the threads."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _do(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            try:
                with connection.begin():
                    return work(connection)
            except OperationalError as error:
                # A file whose disk fails, or that was put in another's place, is opened anew.
                if failed_disk(error):
                    connection.invalidate()
                raise


def engine_for(url: URL, *, begin: str | None, size: int) -> AsyncEngine:
    """Return an engine for the event loop whose transactions start with `begin`.

    See `ConnectionThreads` for what `begin` and `size` mean.
    """
    engine = create_async_engine(url, pool_timeout=BUSY_SECONDS, **_options(begin=begin, size=size))

    @event.listens_for(engine.sync_engine, "handle_error")
    def keep(context: ExceptionContext) -> None:
        # Closed under a statement, the connection would live on, and hold its lock, for as long
        # as anything refers to that statement. It has to be rolled back first.
        if begin and isinstance(context.original_exception, asyncio.CancelledError):
            context.is_disconnect = False

    _prepare(engine.sync_engine, begin)
    return engine


def _options(*, begin: str | None, size: int) -> dict[str, Any]:
    reading = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    return {
        "pool_size": size,
        "max_overflow": 0,
        "connect_args": {"timeout": BUSY_SECONDS},
        **({} if begin else reading),
    }


def _prepare(engine: Engine, begin: str | None) -> None:
    class WithHints(SQLiteCompiler):
        """Says `INDEXED BY` where a statement has it as a hint: SQLAlchemy leaves hints out."""

        def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
            del table
            return text

    engine.dialect.statement_compiler = WithHints

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        connection.isolation_level = None  # BEGIN is said by us, not by the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        # In WAL mode, NORMAL may lose what was committed last when the power fails: readers would
        # get again what was settled just before.
        cursor.execute(f"PRAGMA synchronous = {'FULL' if begin else 'NORMAL'}")
        cursor.execute("PRAGMA temp_store = MEMORY")
        if begin is None:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    if begin is not None:

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)


def failed_disk(error: DBAPIError) -> bool:
    """Whether SQLite says that the file itself cannot be read or written any more."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def probe(path: Path, *, write: bool) -> None:
    """Try to use a file; what was written is taken back.

    Args:
        path: The file.
        write: Whether it must take writing.

    Raises:
        sqlite3.Error: It cannot be used.
        OSError: Its disk is full.
    """
    if write:
        # A transaction that is undone leaves SQLite's memory for no disk.
        with tempfile.TemporaryFile(dir=path.parent) as room:
            room.write(bytes(ROOM))
            room.flush()
            os.fsync(room.fileno())
    there = f"{path.absolute().as_uri()}?mode=rw"
    with closing(
        sqlite3.connect(there, uri=True, timeout=PROBE, isolation_level=None)
    ) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if write:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")


def turn_on_wal(connection: sqlite3.Connection) -> None:
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


async def to_its_end(task: Future[T]) -> T:
    """What a thread gives, which cannot be stopped half-way: cancelled meanwhile, it is awaited."""
    # A shield would take one more turn of the loop, for which an answer waits amid a fan-out.
    try:
        return await asyncio.wrap_future(task)
    except asyncio.CancelledError:
        over = asyncio.wrap_future(task)
        while not over.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([over])
        if not over.cancelled():
            over.exception()  # whoever would want to hear of it is gone
        raise
