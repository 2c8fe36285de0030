"""Threads with SQLite connections, which run whole functions for the event loop.

A function uses its connection in the thread and returns the result: one round trip for any number
of statements. `storage.db.sqlite.engines` has the connections on which statements are awaited.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from storage.db.sqlite import engines

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from sqlalchemy import URL, Connection, Engine

T = TypeVar("T")
CLOSED = "the connections to the database are closed"


class ConnectionThreads:
    """Threads with a connection each, which run functions. They start when they are first used.

    `begin` begins a transaction. It is None for connections that only read: each of their
    statements sees all commits made before it.
    """

    def __init__(self, url: URL, *, begin: str | None, size: int) -> None:
        self._url = url.set(drivername="sqlite")
        self._begin = begin
        self._size = size
        self._started: tuple[ThreadPoolExecutor, Engine] | None = None
        self._is_closed = False

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its result; roll back if it raises.

        If the caller is cancelled, this still waits for work that has begun: it cannot be stopped
        half-way.
        """
        threads, engine = self._start()
        return await to_its_end(threads.submit(_do, engine, work))

    async def close(self) -> None:
        """Close the connections and end the threads."""
        self._is_closed = True
        if self._started is not None:
            threads, engine = self._started
            await asyncio.to_thread(threads.shutdown)
            engine.dispose()

    def _start(self) -> tuple[ThreadPoolExecutor, Engine]:
        """Return the threads and their engine, made by the first call; RuntimeError if closed."""
        if self._is_closed:
            raise RuntimeError(CLOSED)
        if self._started is None:
            name = "writer" if self._begin else "reader"
            threads = ThreadPoolExecutor(max_workers=self._size, thread_name_prefix=name)
            engine = create_engine(
                self._url, **engines.options_of(begin=self._begin, size=self._size)
            )
            engines.prepare(engine, self._begin)
            self._started = threads, engine
        return self._started


def _do(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        try:
            with connection.begin():
                return work(connection)
        except OperationalError as error:
            # Reopen a file that was replaced or whose disk failed.
            if engines.failed_disk(error):
                connection.invalidate()
            raise


async def to_its_end(task: Future[T]) -> T:
    """Return a thread's result. If cancelled, wait for its end, since it cannot be stopped."""
    # asyncio.shield would take one more turn of the loop, which delays answers during a fan-out.
    try:
        return await asyncio.wrap_future(task)
    except asyncio.CancelledError:
        over = asyncio.wrap_future(task)
        while not over.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([over])
        if not over.cancelled():
            over.exception()  # retrieve it, since no caller is left to handle it
        raise
