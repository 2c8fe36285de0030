"""Ready requests to one address, on connections that are kept: the way to Telegram.

aiohttp makes some thirty objects for a request, which is most of what an edition costs when its
body is ready, and takes six turns of the event loop. Here a request is one write and one answer.
httptools reads what comes back.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING, Any, cast

import httptools
from telegram.error import NetworkError, TimedOut
from yarl import URL

from digest.pacing.telegram_errors import CutError
from news.fetch.proxy import ProxyError, tunnel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from news.fetch.proxy import Proxies

FORM = "application/x-www-form-urlencoded"
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 20.0
REST = 15.0
"""Seconds that a connection may be unused: servers close them after a minute or so, and what is
written at that very moment is lost."""
LOOK = 0.5
"""Seconds between two looks for answers that do not come."""
LONGEST_ANSWER = 1 << 20
"""Bytes, with its headers; Telegram repeats the message that it was sent, which is some 30 kB at
most."""
INFORMATION = 200
"""A status below announces the real one."""


class HttpClient:
    """Posts forms to one server. As many connections are open as requests were ever under way.

    Args:
        url: Where to, http or https; what is posted may name a path below it.
        proxies: Through which, if any.
        permit: Waits until this process may send anything.
        read_timeout: Seconds for an answer to be there, where a request names no other.
        longest: Bytes of an answer, with its headers, beyond which it has no end.
    """

    def __init__(
        self,
        url: str,
        *,
        proxies: Proxies | None = None,
        permit: Callable[[], Awaitable[None]] | None = None,
        read_timeout: float = READ_TIMEOUT,
        longest: int = LONGEST_ANSWER,
    ) -> None:
        address = URL(url)
        self._host = address.host or ""
        self._port = address.port or 0
        self._proxy = None if proxies is None else proxies.of(address)
        self._ssl = ssl.create_default_context() if address.scheme == "https" else None
        self._permit = permit
        self._read_timeout = read_timeout
        self._longest = longest
        self._path = address.raw_path_qs
        lines = [
            f"Host: {address.host_port_subcomponent}",
            "User-Agent: ON-News",
            f"Content-Type: {FORM}",
            # Without a word about it, a server may choose any.
            "Accept-Encoding: identity",
        ]
        if address.user is not None:
            login = b64encode(f"{address.user}:{address.password or ''}".encode()).decode()
            lines.append(f"Authorization: Basic {login}")
        self._headers = "\r\n".join([*lines, "Content-Length: "])
        self._heads: dict[str, bytes] = {}
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._looking: asyncio.TimerHandle | None = None

    async def post(
        self, body: bytes, below: str = "", *, read_timeout: float | None = None
    ) -> tuple[int, bytes]:
        """Send a form, once.

        Args:
            body: The form.
            below: What the path ends with.
            read_timeout: Seconds for an answer to be there; left out, the client's own.

        Returns:
            The HTTP status and the body of the answer.

        Raises:
            TimedOut: No answer in time; the request may have been carried out.
            CutError: The connection was cut on the way; likewise.
            NetworkError: No connection.
            LeaseLostError: Another process serves the archive now; nothing was sent.
        """
        while True:
            if self._permit is not None:
                await self._permit()
            # Nothing comes between this and the request, as connecting would.
            connection = self._rested()
            if connection is not None:
                break
            self._free(await self._connect())
        patience = self._read_timeout if read_timeout is None else read_timeout
        if self._looking is None:
            self._look_in(min(LOOK, patience))
        head = self._heads.get(below) or self._head(below)
        answer = connection.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body), patience)
        try:
            return await answer
        except asyncio.CancelledError:
            connection.drop("it is not waited for any more")
            raise

    async def close(self) -> None:
        """Close all connections; who waits for an answer gets a `CutError`."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        gone = [connection.gone for connection in self._open]
        for connection in tuple(self._open):
            connection.drop("the transport is closed")
        if gone:
            await asyncio.wait(gone)

    def _head(self, below: str) -> bytes:
        line = f"POST {self._path}{below} HTTP/1.1\r\n"
        head = self._heads[below] = (line + self._headers).encode()
        return head

    def _rested(self) -> _Connection | None:
        """A connection that is open and unused: the one that was used last."""
        oldest = asyncio.get_running_loop().time() - REST
        while self._idle:
            connection = self._idle.pop()
            if connection.since < oldest:
                connection.drop("it was not used for long")
            elif not connection.is_closing:
                return connection
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._free, self._open.discard, self._longest),
                    ssl=self._ssl,
                    **await self._where(),
                )
        except TimeoutError:
            raise NetworkError("Telegram could not be reached in time") from None
        except ProxyError as error:
            raise NetworkError(str(error.strerror)) from None
        except (OSError, ValueError) as error:
            # Without the cause, as elsewhere: an address holds the token.
            raise NetworkError(f"{type(error).__name__}: {error}") from None
        self._open.add(connection)
        return connection

    async def _where(self) -> dict[str, Any]:
        """Where to connect to, as asyncio takes it: there, or a way there through the proxy.

        Raises:
            OSError: The proxy cannot be reached, or does not let through.
        """
        if self._proxy is None:
            return {"host": self._host, "port": self._port, "happy_eyeballs_delay": 0.25}
        options = {"sock": await tunnel(self._proxy, self._host, self._port)}
        return options if self._ssl is None else {**options, "server_hostname": self._host}

    def _free(self, connection: _Connection) -> None:
        self._idle.append(connection)

    def _look_in(self, seconds: float) -> None:
        self._looking = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """Give up on answers that are too late: one timer for all is less work than many."""
        self._looking = None
        now = asyncio.get_running_loop().time()
        busy = False
        for connection in tuple(self._open):
            if connection.is_asked:
                if connection.until <= now:
                    connection.give_up()
                else:
                    busy = True
        if busy:
            self._look_in(LOOK)


class _Connection(asyncio.Protocol):
    """One connection, with at most one request under way."""

    def __init__(
        self,
        free: Callable[[_Connection], None],
        forget: Callable[[_Connection], None],
        longest: int,
    ) -> None:
        self._free = free
        self._forget = forget
        self._longest = longest
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._pieces: list[bytes] = []
        self._length = 0
        self._bounded = False
        self.since = self._loop.time()
        """When it was last asked, or last answered."""
        self.until = self.since
        """When the answer has to be there."""
        self.gone: asyncio.Future[None] = self._loop.create_future()

    @property
    def is_asked(self) -> bool:
        """Whether an answer is waited for."""
        return self._answer is not None

    @property
    def is_closing(self) -> bool:
        """Whether it cannot be used any more."""
        return self._transport is None or self._transport.is_closing()

    def ask(self, request: bytes, patience: float) -> asyncio.Future[tuple[int, bytes]]:
        """Write a request; the future is its answer, for which there are so many seconds."""
        answer = self._answer = self._loop.create_future()
        self._pieces = []
        self._length = 0
        self._bounded = False
        self.since = self._loop.time()
        self.until = self.since + patience
        if self._transport is None or self._transport.is_closing():
            self._fail(NetworkError("the connection was cut"))
        else:
            self._transport.write(request)
        return answer

    def give_up(self) -> None:
        """The answer is too late."""
        self._fail(TimedOut())
        self._abort()

    def drop(self, why: str) -> None:
        """Close it at once."""
        self._fail(CutError(why))
        self._abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes any more."""
        why = f"the connection was cut ({type(exc).__name__})" if exc else "the connection was cut"
        self._fail(CutError(why))
        self._transport = None
        self._forget(self)
        if not self.gone.done():
            self.gone.set_result(None)

    def eof_received(self) -> None:
        """The server has said all: which ends an answer that names no length."""
        if self._pieces and not self._bounded:
            self._finish(self._parser.get_status_code(), keep=False)

    def data_received(self, data: bytes) -> None:
        """Read on in the answer."""
        self._length += len(data)
        if self._length > self._longest:
            self.drop("the answer has no end")
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.drop("what came back is no HTTP")

    def on_message_begin(self) -> None:
        """Nobody asked, where a server says such as "408 Request Timeout" to who rests."""
        if self._answer is None:
            self._abort()

    def on_header(self, name: bytes, _value: bytes) -> None:
        """Note whether the end of the answer can be told."""
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self._bounded = True

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the answer."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        status = self._parser.get_status_code()
        if status >= INFORMATION:
            self._finish(status, keep=self._parser.should_keep_alive())

    def _finish(self, status: int, *, keep: bool) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done():
            return
        answer.set_result((status, b"".join(self._pieces)))
        if keep:
            self.since = self._loop.time()
            self._free(self)
        else:
            self._abort()

    def _fail(self, error: NetworkError) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
