"""SQLite's connections: those of the event loop, and threads that are visited with a function.

A statement on the event loop is four visits to the driver's thread, and after each the loop must
come round. A function takes its connection along into a thread and comes back with the result: one
visit, however many statements it says.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Connection, Engine, ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

READERS = 4
BUSY_SECONDS = 60
"""How long a statement waits for another process that writes to the same file."""
AGAIN = 0.01
"""Seconds between two tries where SQLite itself does not wait."""


class Visits:
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

        Cancelled, it is waited for all the same: it cannot be stopped half-way.
        """
        return await to_its_end(
            asyncio.get_running_loop().run_in_executor(self._threads, self._do, work)
        )

    async def close(self) -> None:
        """Give the connections back, and end the threads."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _do(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)


def engine_for(url: URL, *, begin: str | None, size: int) -> AsyncEngine:
    """An engine for the event loop whose transactions start with `begin`; see `Visits`."""
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
    @event.listens_for(engine, "connect")
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

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)


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


async def to_its_end(task: asyncio.Future[T]) -> T:
    """Wait for something that cannot be stopped half-way, also where the waiting is cancelled."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        task.exception()  # whoever would want to hear of it is gone
        raise
