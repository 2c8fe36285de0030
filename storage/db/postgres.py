"""PostgreSQL's connections: how they are made, renewed after an outage, and watched.

A long statement looks the same as a frozen server, or as a network that silently drops packets. So
while a checkout lasts long, a new connection asks the server for an answer. If none comes, the
checkouts are broken off.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import create_async_engine

from storage.db.failures import failure_of
from storage.db.outage import DatabaseFailure, OutageScope

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

    from storage.db.address import Address

CONNECTIONS, MORE_CONNECTIONS = 5, 10
LASTING = 2.0
"""Seconds of a checkout after which the server is asked for a sign of life."""
ANSWER = 3.0
"""Seconds that the server has to give a sign of life."""
ANSWER_TURNS = 12
"""Turns of the event loop over which the wait of `ANSWER` seconds is spread."""
LAST_WORDS = 2.0
"""Seconds that `close` gives connections to end in good order."""
NEXT_HOST = 0.5
"""Seconds that one of several hosts has to connect before the next one is tried beside it."""
PROBE = 8.0
"""Seconds that a probe has to connect and to query."""
ROOM = "CREATE TEMPORARY TABLE onnews_probe ON COMMIT DROP AS SELECT generate_series(1, 20000) AS n"
"""A statement that needs some hundred kilobytes on the server's disk until it is rolled back."""

_KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
"""TCP options that detect a vanished server. In seconds, but for the last, in milliseconds."""


class Checkout:
    """One use of a connection, which can be broken off."""

    __slots__ = ("_connection", "_waiting", "since")

    def __init__(self) -> None:
        self.since = time.monotonic()
        self._connection: Any = None
        self._waiting = asyncio.timeout(None)

    async def connect(self, engine: AsyncEngine) -> AsyncConnection:
        """Return a connection of the pool; TimeoutError if broken off while waiting."""
        async with self._waiting:
            connection = await engine.connect().start()
            if connection.sync_connection is not None:
                self._connection = connection.sync_connection.connection.driver_connection
        return connection

    def break_off(self) -> None:
        """End the checkout with an error in its user."""
        if self._connection is not None:
            self._connection.terminate()
        else:
            with suppress(RuntimeError):  # it has just ended on its own
                self._waiting.reschedule(asyncio.get_running_loop().time())


class Server:
    """The connections to a PostgreSQL database.

    `gone` is called if the server stops answering during checkouts. `size` connections are kept
    open; `more` are added at peak load.
    """

    def __init__(
        self,
        address: Address,
        gone: Callable[[DatabaseFailure], object],
        *,
        size: int = CONNECTIONS,
        more: int = MORE_CONNECTIONS,
    ) -> None:
        self._address = address
        self._gone = gone
        self._era = 0
        self._last = ""
        """The address to which the last connection was made; empty before the first."""
        self._checkouts: set[Checkout] = set()
        self._drivers: WeakSet[Any] = WeakSet()
        self._watching: asyncio.Task[None] | None = None
        options: dict[str, Any] = {"async_creator_fn": self._connect}
        if not address.prepared:
            # Behind such a pooler each statement may reach another connection.
            options["prepared_statement_cache_size"] = 0
            options["prepared_statement_name_func"] = lambda: f"onnews_{uuid4().hex}"
        self.engine = create_async_engine(
            "postgresql+asyncpg://", connect_args=options, pool_size=size, max_overflow=more
        )
        self._listen()

    def renew(self) -> None:
        """Discard every connection made so far, at its next checkout."""
        self._era += 1

    def begin(self) -> Checkout:
        """Return a new checkout, watched until `end`."""
        checkout = Checkout()
        self._checkouts.add(checkout)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="checkouts")
        return checkout

    def end(self, checkout: Checkout) -> None:
        """Stop watching a checkout."""
        self._checkouts.discard(checkout)

    async def close(self) -> None:
        """Close every connection."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
            self._watching = None
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self.engine.dispose()
        except TimeoutError:
            # Each would wait for ever for a frozen server.
            for driver in [*self._drivers]:
                driver.terminate()

    async def probe(self, failure: DatabaseFailure) -> DatabaseFailure | None:
        """Try to use the database. Return what is wrong, or None if it works."""
        try:
            async with asyncio.timeout(PROBE):
                return await self._ask(
                    full=failure.scope is OutageScope.WRITES and not failure.lost
                )
        except Exception as error:
            found = failure_of(error, self._address, write=True)
            if found is None:
                raise
            return found

    async def _ask(self, *, full: bool) -> DatabaseFailure | None:
        connection = await self._connect()
        try:
            if await connection.fetchval("SHOW transaction_read_only") == "on":
                return failure_of(_ReadOnlyError(), self._address, write=True)
            if full:
                transaction = connection.transaction()
                await transaction.start()
                try:
                    await connection.execute(ROOM)
                finally:
                    await transaction.rollback()
            return None
        finally:
            connection.terminate()

    async def _connect(self, *_: object, **__: object) -> Any:  # noqa: ANN401  # asyncpg has no types
        """Return a connection to the host that was used last, or to the first that accepts it."""
        # A host that does not answer must not keep the others from being tried.
        servers = sorted(self._address.servers, key=lambda server: server != self._last)
        self._last, connection = await _first_of(servers, self._connect_to)
        return connection

    async def _connect_to(self, server: str) -> Any:  # noqa: ANN401  # asyncpg has no types
        import asyncpg  # noqa: PLC0415  # SQLite does not need it

        address = self._address
        more: dict[str, Any] = {}
        if address.verify:
            more["ssl"] = ssl.create_default_context()
        if not address.prepared:
            more["statement_cache_size"] = 0
        return await asyncpg.connect(server, timeout=address.connect_seconds, **more)

    def _listen(self) -> None:
        @event.listens_for(self.engine.sync_engine, "connect")
        def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
            entry.info["era"] = self._era
            self._drivers.add(connection.driver_connection)
            _keep_alive(connection.driver_connection)

        @event.listens_for(self.engine.sync_engine, "checkout")
        def taken(
            connection: DBAPIConnection,
            entry: ConnectionPoolEntry,
            proxied: PoolProxiedConnection,
        ) -> None:
            del proxied
            driver = connection.driver_connection
            if entry.info.get("era") == self._era and not driver.is_closed():
                return
            driver.terminate()  # otherwise close() would wait for a server that may be gone
            raise DisconnectionError("a connection from before an outage")

    async def _watch(self) -> None:
        """While checkouts last, ask the server for signs of life; break them off if none come."""
        asked = 0.0
        while self._checkouts:
            await asyncio.sleep(LASTING / 4)
            now = time.monotonic()
            first = min((checkout.since for checkout in self._checkouts), default=now)
            if now - max(first, asked) < LASTING:
                continue
            asked = now
            failure = await self._missing()
            if failure is None:
                continue
            self._gone(failure)
            for checkout in [*self._checkouts]:
                if checkout.since <= asked:
                    checkout.break_off()

    async def _missing(self) -> DatabaseFailure | None:
        """Return what is wrong if the server accepts no new connection; else None."""
        try:
            await _in_turns(asyncio.create_task(self._greet(), name="greeting"))
        except Exception as error:  # noqa: BLE001  # any error means no sign of life
            found = failure_of(error, self._address, write=True)
            # A server that refuses is alive.
            return found if found is not None and found.lost and found.passes else None
        return None

    async def _greet(self) -> None:
        """Open a new connection to the host in use, and run a query.

        Another host of the address would answer for a primary that is frozen.
        """
        connection = await self._connect_to(self._last or self._address.servers[0])
        try:
            await connection.fetchval("SELECT 1")
        finally:
            connection.terminate()


async def _first_of(
    servers: Sequence[str], connect: Callable[[str], Coroutine[Any, Any, Any]]
) -> tuple[str, Any]:
    """Connect to hosts one after another, and return the first that accepts, with its connection.

    After `NEXT_HOST` seconds without an answer the next is tried too. If all refuse, the last error
    is raised.
    """
    left, trying = list(servers), dict[asyncio.Task[Any], str]()
    error: Exception = ValueError("address without a host")
    try:
        while left or trying:
            if left:
                server = left.pop(0)
                trying[asyncio.create_task(connect(server), name="connect")] = server
            done, _ = await asyncio.wait(
                trying,
                timeout=NEXT_HOST if left else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                server = trying[task]
                try:
                    connection = task.result()
                except Exception as failure:  # noqa: BLE001  # the last one is raised
                    del trying[task]
                    error = failure
                else:
                    del trying[task]
                    return server, connection
        raise error
    finally:
        for task in trying:
            task.add_done_callback(_terminate)
            task.cancel()


def _terminate(connecting: asyncio.Task[Any]) -> None:
    """End a connection that was made too late."""
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().terminate()


async def _in_turns(asking: asyncio.Task[None]) -> None:
    """Wait for an answer; raise TimeoutError after `ANSWER` seconds, in turns of the event loop.

    The clock would count time in which this process is held up and can receive no answer.
    """
    for _ in range(ANSWER_TURNS):
        await asyncio.wait({asking}, timeout=ANSWER / ANSWER_TURNS)
        if asking.done():
            return await asking
    asking.cancel()
    raise TimeoutError


class _ReadOnlyError(Exception):
    sqlstate = "25006"


def _keep_alive(driver: Any) -> None:  # noqa: ANN401  # asyncpg has no types
    """Turn on TCP keepalive, so that the system notices a vanished server."""
    transport = driver._transport  # noqa: SLF001  # asyncpg has no public access to it
    found = transport.get_extra_info("socket")
    if found is None or found.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if (option := getattr(socket, name, None)) is not None:  # not all systems have it
            with suppress(OSError):
                found.setsockopt(socket.IPPROTO_TCP, option, value)
