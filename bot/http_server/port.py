"""A listening HTTP port: it accepts connections within limits and lets aiohttp answer them."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError

from bot.http_server.connection import HttpConnection, Stage
from bot.http_server.descriptors import USED_UP, Descriptors, SpareDescriptor, count_descriptors
from bot.http_server.limits import HttpLimits, KeyedPace
from bot.http_server.server_name import sign
from bot.http_server.trusted_networks import TrustedNetworks, one_client, read_address
from bot.process.stopping import unless, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aiohttp.typedefs import Handler

    from bot.http_server.trusted_networks import Address

log = logging.getLogger(__name__)

BACKLOG = 1_024
"""Connections that the system queues until they are accepted."""
AT_A_TIME = 4
"""Connections accepted in one turn of the event loop, which takes 0.4 ms."""
RETRY = 1.0
"""Seconds before accepting again after an error."""
LOG_EVERY = 60.0
"""Seconds between two log lines about the same problem."""
MOST_HEADERS = 64
LONGEST_HEADER = 4_096
READ_AHEAD = 16 * 1024
"""Bytes of a request's body buffered before they are read; up to twice as many in practice."""

COUNTED_EVERY = 0.25
"""Seconds between two counts of open descriptors.

Between counts each new connection is assumed to take one more.
"""


class ConnectionTable:
    """The open connections of one port.

    The limit for each address does not hold for trusted ones.
    """

    def __init__(self, limits: HttpLimits, trusted: TrustedNetworks) -> None:
        self.displaced = 0
        """Connections closed to make room, or refused, since the start."""
        self._limits = limits
        self._trusted = trusted
        self._open: OrderedDict[HttpConnection, None] = OrderedDict()
        """Open connections, ordered by when their deadline was last set, oldest first."""
        self._by_client: Counter[object] = Counter()
        self._descriptors = Descriptors(0, 0)
        self._counted = float("-inf")
        self._since_counted = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[HttpConnection]:
        return iter(list(self._open))

    def admits(self, peer: Address | None) -> bool:
        """Return whether a new connection may be accepted, closing a waiting one if necessary."""
        client = one_client(peer)
        if self._by_client[client] >= self._limits.per_address and peer not in self._trusted:
            return self._end_one(each for each in self._open if one_client(each.peer) == client)
        bound = self._bound()
        while len(self._open) >= bound:
            if not self._end_one(self._open):
                return False
        return True

    def add(self, connection: HttpConnection) -> None:
        """Add a connection to the table."""
        self._open[connection] = None
        self._by_client[one_client(connection.peer)] += 1
        self._since_counted += 1

    def move_to_end(self, connection: HttpConnection) -> None:
        """Note that a connection's deadline was set again: all others have waited longer."""
        if connection in self._open:
            self._open.move_to_end(connection)

    def remove(self, connection: HttpConnection) -> None:
        """Remove a connection that has ended; do nothing if it is unknown."""
        if connection not in self._open:
            return
        del self._open[connection]
        client = one_client(connection.peer)
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client]

    def _bound(self) -> int:
        limits = self._limits
        now = asyncio.get_running_loop().time()
        if now - self._counted >= COUNTED_EVERY:
            self._descriptors = count_descriptors()
            self._counted, self._since_counted = now, 0
        if self._descriptors.free - self._since_counted < limits.reserve:
            return limits.least
        return limits.bound(self._descriptors.limit)

    def _end_one(self, among: Iterable[HttpConnection]) -> bool:
        """Close the longest-waiting connection, Telegram's last, and count it as displaced.

        If none can be closed, as every one is being answered, the new connection counts as
        displaced, and False is returned. A stage alone closes none first: a flood of slow bodies
        would then displace every new connection.
        """
        self.displaced += 1
        first: HttpConnection | None = None
        for each in among:
            if each.stage is Stage.REQUEST:
                continue
            if not each.is_telegrams:
                first = each
                break
            first = first or each
        if first is None:
            return False
        self.remove(first)
        first.abort()
        return True


class HttpPort:
    """A listening HTTP port.

    Args:
        name: The setting that configures the port, for the log.
        application: The aiohttp application that answers; not started yet.
        is_update: Returns whether a request is certainly Telegram's; such requests are never
            delayed.
        last_answers: Seconds that `close` waits for answers in progress.
    """

    def __init__(
        self,
        name: str,
        application: web.Application,
        *,
        limits: HttpLimits | None = None,
        trusted: TrustedNetworks | None = None,
        is_update: Callable[[web.Request], bool] | None = None,
        last_answers: float = 1.0,
    ) -> None:
        self.name = name
        self._limits = limits or HttpLimits()
        self._trusted = trusted or TrustedNetworks()
        self._is_update = is_update
        self._table = ConnectionTable(self._limits, self._trusted)
        self._pace = KeyedPace(self._limits.requests_per_second, self._limits.requests_at_once)
        self._new = KeyedPace(self._limits.new_per_second, self._limits.new_at_once)
        self._spare = SpareDescriptor()
        self._closing = asyncio.Event()
        self._said: dict[str, float] = {}
        self._displaced = 0
        self._listening: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._connecting: set[asyncio.Task[None]] = set()
        application.middlewares.append(self._guard())
        application.on_response_prepare.append(sign)
        self._runner = web.AppRunner(
            application,
            shutdown_timeout=last_answers,
            access_log=log,
            access_log_class=_AnswerWritten,
            logger=cast("logging.Logger", _OwnErrors(self)),
            max_headers=MOST_HEADERS,
            max_field_size=LONGEST_HEADER,
            read_bufsize=READ_AHEAD,
            # Anybody may send kilobytes that expand to megabytes.
            auto_decompress=False,
        )

    async def open(self, host: str, port: int) -> None:
        """Listen at a name or an address of this machine; port 0 stands for any free one."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            for family, _, _, _, where in await loop.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            ):
                listening = socket.create_server(
                    cast("tuple[str, int]", where), family=family, backlog=BACKLOG
                )
                listening.setblocking(False)  # noqa: FBT003  # its name in the library
                self._listening.append(listening)
        except OSError:
            await self.close()
            raise
        self._accepting = [
            asyncio.create_task(self._accept_all(each), name=f"{self.name}: accept")
            for each in self._listening
        ]

    async def close(self) -> None:
        """Stop listening, wait briefly for answers in progress, and close all connections."""
        ending = {*self._accepting, *self._connecting}
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending)
        for listening in self._listening:
            listening.close()
        self._listening = []
        # Delayed requests are answered now. Connections without a request are closed.
        self._closing.set()
        for connection in self._table:
            if connection.stage in {Stage.HEAD, Stage.IDLE}:
                connection.abort()
        await self._runner.cleanup()
        for connection in self._table:
            connection.abort()
        self._spare.give_up()

    @property
    def address(self) -> tuple[str, int]:
        """The host and port it listens on; the actual port if 0 was asked for."""
        host, port = self._listening[0].getsockname()[:2]
        return host, port

    @property
    def url(self) -> str:
        """The base URL of the port: `http://host:port`."""
        host, port = self.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._table)

    @property
    def displaced(self) -> int:
        """Connections closed to make room, or refused, since the start."""
        return self._table.displaced

    async def _accept_all(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        accepted = 0
        while True:
            try:
                connected, address = await loop.sock_accept(listening)
            except (ConnectionError, InterruptedError):
                continue
            except OSError as error:
                await self._cannot_accept(error)
                continue
            self._take(connected, read_address(address[0]))
            accepted += 1
            seconds = self._new.delay()
            if seconds or accepted % AT_A_TIME == 0:
                await asyncio.sleep(seconds)

    def _take(self, connected: socket.socket, peer: Address | None) -> None:
        """Accept a new connection, or close it if the limits are reached."""
        if self._table.admits(peer):
            make_inner = cast("Callable[[], asyncio.Protocol]", self._runner.server)
            connection = HttpConnection(
                make_inner, peer, self._limits, moved=self._table.move_to_end, lost=self._gone
            )
            self._table.add(connection)
            connecting = asyncio.create_task(self._connect(connection, connected))
            self._connecting.add(connecting)
            connecting.add_done_callback(self._connecting.discard)
        else:
            connected.close()
        if self._table.displaced > self._displaced and self._may_log("full"):
            log.warning(
                "%s: %d connections were closed to make room or refused; %d are open",
                self.name,
                self._table.displaced - self._displaced,
                len(self._table),
            )
            self._displaced = self._table.displaced

    async def _connect(self, connection: HttpConnection, connected: socket.socket) -> None:
        try:
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(lambda: connection, connected)
        except OSError:
            self._gone(connection)
            connected.close()

    async def _cannot_accept(self, error: OSError) -> None:
        """Log the error at most once a minute, then free the spare descriptor or wait a moment."""
        if self._may_log("accept"):
            log.error("%s: cannot accept connections: %s", self.name, error.strerror)
        if error.errno not in USED_UP or not self._spare.give_up():
            await asyncio.sleep(RETRY)

    def _gone(self, connection: HttpConnection) -> None:
        self._table.remove(connection)
        # The connection's own descriptor is freed only after this callback.
        asyncio.get_running_loop().call_soon(self._spare.take)

    def _guard(self) -> Any:  # noqa: ANN401  # aiohttp has no public name for it
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = connection_of(request)
            if connection is None:
                return await handler(request)
            is_telegrams = self._is_update is not None and self._is_update(request)
            await connection.begin_request(is_telegrams=is_telegrams)
            if not is_telegrams:
                forwarded = request.headers.getall("X-Forwarded-For", [])
                client = one_client(self._trusted.client(connection.peer, forwarded))
                seconds = self._pace.delay(client)
                if seconds and not await unless(connection.ended, within(self._closing, seconds)):
                    # Or a flood that is over would still hold up the client's later requests.
                    self._pace.give_back(client)
            if not connection.is_open:
                return web.Response(status=408)
            connection.answer_now()
            return await handler(request)

        return guard

    def _may_log(self, what: str) -> bool:
        """Return whether the last log line about this problem is at least a minute old."""
        now = time.monotonic()
        if now - self._said.get(what, float("-inf")) < LOG_EVERY:
            return False
        self._said[what] = now
        return True


def connection_of(request: web.BaseRequest) -> HttpConnection | None:
    """Return the connection of a request, or None if it is closed."""
    transport = request.transport
    found = None if transport is None else transport.get_protocol()
    return found if isinstance(found, HttpConnection) else None


class _AnswerWritten(AbstractAccessLogger):
    """An access logger that only reports to the connection that its answer was written."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        del response, time
        connection = connection_of(request)
        if connection is not None:
            connection.end_request(whole=request.content.is_eof())


class _OwnErrors(logging.LoggerAdapter[logging.Logger]):
    """The log of aiohttp's server, with errors caused by clients moved to DEBUG."""

    def __init__(self, port: HttpPort) -> None:
        super().__init__(log, {})
        self._port = port

    def exception(self, msg: object, *args: object, exc_info: Any = True, **_: object) -> None:  # noqa: ANN401
        """Log the bot's own errors at most once a minute, and errors caused by clients at DEBUG."""
        theirs = isinstance(
            exc_info, HttpProcessingError | ConnectionError | web.RequestPayloadError
        )
        if theirs or not self._port._may_log("error"):  # noqa: SLF001  # same module
            log.debug(msg, *args, exc_info=exc_info)
        else:
            log.error(msg, *args, exc_info=exc_info)
