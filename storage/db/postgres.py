"""PostgreSQL's connections: how they are made, renewed after an outage, and known to be alive.

A statement may take long, and a server that is frozen, or cut off by something that swallows what
is sent, looks just the same. So where a checkout lasts, a new connection asks whether anybody is
there; where nobody is, the checkouts are broken off.
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
    from collections.abc import Callable

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

    from storage.db.address import Address

CONNECTIONS, MORE_CONNECTIONS = 5, 10
LASTING = 2.0
"""Seconds after which it is asked whether the server is there at all."""
ANSWER = 3.0
"""Seconds that it has to show so."""
ANSWER_TURNS = 12
"""In so many turns of the event loop, at least."""
LAST_WORDS = 2.0
"""Seconds that connections have to end in good order."""
PROBE = 8.0
"""Seconds that a probe has to connect and to ask."""
ROOM = "CREATE TEMPORARY TABLE onnews_probe ON COMMIT DROP AS SELECT generate_series(1, 20000) AS n"
"""Takes some hundred kilobytes on the server's disk, until it is undone."""

_KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
"""In seconds, and the last in milliseconds: a peer that is gone without a word is noticed."""


class Checkout:
    """Somebody's use of a connection, which can be broken off."""

    __slots__ = ("_connection", "_waiting", "since")

    def __init__(self) -> None:
        self.since = time.monotonic()
        self._connection: Any = None
        self._waiting = asyncio.timeout(None)

    async def connect(self, engine: AsyncEngine) -> AsyncConnection:
        """A connection of the pool.

        Raises:
            TimeoutError: It was broken off.
        """
        async with self._waiting:
            connection = await engine.connect().start()
            if connection.sync_connection is not None:
                self._connection = connection.sync_connection.connection.driver_connection
        return connection

    def break_off(self) -> None:
        """Let it end with an error."""
        if self._connection is not None:
            self._connection.terminate()
        else:
            with suppress(RuntimeError):  # it has just ended by itself
                self._waiting.reschedule(asyncio.get_running_loop().time())


class Server:
    """The connections to a PostgreSQL database.

    Args:
        address: Where it is.
        gone: Told what is wrong where the server turns out to be gone under checkouts.
        size: Connections that are kept.
        more: Connections beyond these while many are asked for.
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
        self._checkouts: set[Checkout] = set()
        self._drivers: WeakSet[Any] = WeakSet()
        self._watching: asyncio.Task[None] | None = None
        options: dict[str, Any] = {"async_creator_fn": self._connect}
        if not address.prepared:
            # Behind such a pooler each statement may find another connection.
            options["prepared_statement_cache_size"] = 0
            options["prepared_statement_name_func"] = lambda: f"onnews_{uuid4().hex}"
        self.engine = create_async_engine(
            "postgresql+asyncpg://", connect_args=options, pool_size=size, max_overflow=more
        )
        self._listen()

    def renew(self) -> None:
        """Use no connection any more that was made until now."""
        self._era += 1

    def begin(self) -> Checkout:
        """A checkout that is watched until its `end`."""
        checkout = Checkout()
        self._checkouts.add(checkout)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="checkouts")
        return checkout

    def end(self, checkout: Checkout) -> None:
        """Watch it no more."""
        self._checkouts.discard(checkout)

    async def close(self) -> None:
        """Give every connection back."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
            self._watching = None
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self.engine.dispose()
        except TimeoutError:
            # Each would wait for ever for a server that is frozen.
            for driver in [*self._drivers]:
                driver.terminate()

    async def probe(self, failure: DatabaseFailure) -> DatabaseFailure | None:
        """Try to use the database; what is wrong, or None."""
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
        """A connection to the first host that lets one in."""
        import asyncpg  # noqa: PLC0415  # SQLite needs none of it

        address = self._address
        more: dict[str, Any] = {}
        if address.verify:
            more["ssl"] = ssl.create_default_context()
        if not address.prepared:
            more["statement_cache_size"] = 0
        for number, server in enumerate(address.servers, start=1):
            try:
                return await asyncpg.connect(server, timeout=address.connect_seconds, **more)
            except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError):
                if number == len(address.servers):
                    raise
        raise ValueError("an address without a host")

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
            driver.terminate()  # or its closing would wait for a server that may be gone
            raise DisconnectionError("a connection from before an outage")

    async def _watch(self) -> None:
        """While checkouts last, see that the server is there."""
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
        """What is wrong where the server does not let a new connection in."""
        try:
            await _in_turns(asyncio.create_task(self._greet(), name="greeting"))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is no sign of life
            found = failure_of(error, self._address, write=True)
            # A server that says no is there.
            return found if found is not None and found.lost and found.passes else None
        return None

    async def _greet(self) -> None:
        """Connect anew and ask for something."""
        connection = await self._connect()
        try:
            await connection.fetchval("SELECT 1")
        finally:
            connection.terminate()


async def _in_turns(asking: asyncio.Task[None]) -> None:
    """Wait `ANSWER` seconds, in turns of the loop rather than by the clock alone.

    While this process itself is held up, nobody can hear an answer.

    Raises:
        TimeoutError: There was none.
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
    """Let the system notice a server that is gone without a word."""
    transport = driver._transport  # noqa: SLF001  # asyncpg shows it in no other way
    found = transport.get_extra_info("socket")
    if found is None or found.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has all
            with suppress(OSError):
                found.setsockopt(socket.IPPROTO_TCP, option, value)
