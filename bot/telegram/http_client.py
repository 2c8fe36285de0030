"""A minimal HTTP client that posts forms to one server over persistent connections.

aiohttp creates about thirty objects and takes six turns of the event loop for a request, which is
most of the cost of sending a prepared edition. This client makes one write per request, and
httptools parses the answer.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING, cast

import httptools
from aiohappyeyeballs import start_connection
from telegram.error import NetworkError, TimedOut
from yarl import URL

from digest.pacing.telegram_errors import CutError, UnreachableError
from news.fetch.proxy import ProxyError, tunnel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from news.fetch.proxy import Proxies

FORM = "application/x-www-form-urlencoded"
CONNECT_TIMEOUT = 10.0
FALLBACK = 0.25
"""Seconds after which the server's next address is tried beside one that is silent (RFC 8305)."""
READ_TIMEOUT = 20.0
UPLOAD = 1 << 16
"""Bytes of a request that take a second at most, beside the time for its answer."""
REST = 15.0
"""Seconds after which an unused connection is dropped.

Servers close unused connections after about a minute, and a request sent at that moment is lost.
"""
LOOK = 0.5
"""Seconds between two checks for answers that are overdue."""
LONGEST_ANSWER = 1 << 20
"""Bytes of an answer with its headers.

Telegram repeats the sent message, which takes about 30 kB at most.
"""
INFORMATION = 200
"""The lowest final HTTP status; lower ones announce another answer."""


class HttpClient:
    """A client that posts forms to one server, with one connection for each simultaneous request.

    A request may add to the path of the URL. An answer is waited for `read_timeout` seconds, unless
    a request names others; with more than `longest` bytes, headers included, it is dropped.
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
            # Without this header a server may choose any encoding.
            "Accept-Encoding: identity",
        ]
        if address.user is not None:
            login = b64encode(f"{address.user}:{address.password or ''}".encode()).decode()
            lines.append(f"Authorization: Basic {login}")
        self._headers = "\r\n".join([*lines, "Content-Type: "])
        self._heads: dict[tuple[str, str], bytes] = {}
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._looking: asyncio.TimerHandle | None = None

    async def post(
        self,
        body: bytes,
        below: str = "",
        *,
        read_timeout: float | None = None,
        content_type: str = FORM,
    ) -> tuple[int, bytes]:
        """Send a form once, and return the HTTP status and body of the answer.

        `below` is appended to the path of the client's URL.

        Raises:
            TimedOut: No answer in time. The request may have been carried out.
            CutError: The connection was cut during the request, which may have been carried out.
            UnreachableError: No connection; nothing was sent.
        """
        while True:
            if self._permit is not None:
                await self._permit()
            # No await may come between the permit and the request, so connecting comes first.
            connection = self._rested()
            if connection is not None:
                break
            self._free(await self._connect())
        patience = self._read_timeout if read_timeout is None else read_timeout
        patience += len(body) / UPLOAD
        if self._looking is None:
            self._look_in(min(LOOK, patience))
        head = self._heads.get((below, content_type)) or self._head(below, content_type)
        answer = connection.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body), patience)
        try:
            return await answer
        except asyncio.CancelledError:
            connection.drop("the request was cancelled")
            raise

    async def close(self) -> None:
        """Close all connections; requests in progress raise `CutError`."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        gone = [connection.gone for connection in self._open]
        for connection in tuple(self._open):
            connection.drop("the transport is closed")
        if gone:
            await asyncio.wait(gone)

    def _head(self, below: str, content_type: str) -> bytes:
        line = f"POST {self._path}{below} HTTP/1.1\r\n"
        head = f"{line}{self._headers}{content_type}\r\nContent-Length: ".encode()
        self._heads[below, content_type] = head
        return head

    def _rested(self) -> _Connection | None:
        """Return the open, unused connection that was used last, or None."""
        oldest = asyncio.get_running_loop().time() - REST
        while self._idle:
            connection = self._idle.pop()
            if connection.since < oldest:
                connection.drop("it was unused for too long")
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
                    server_hostname=self._host if self._ssl else None,
                    sock=await self._socket(),
                )
        except TimeoutError:
            raise UnreachableError("Telegram could not be reached in time") from None
        except ProxyError as error:
            raise UnreachableError(str(error.strerror)) from None
        except (OSError, ValueError) as error:
            # Without the cause, because the URL in it contains the token.
            raise UnreachableError(f"{type(error).__name__}: {error}") from None
        self._open.add(connection)
        return connection

    async def _socket(self) -> socket.socket:
        """Return a socket to the server, directly or by the proxy.

        It raises OSError if the server or the proxy cannot be reached, or the proxy refuses.
        """
        if self._proxy is not None:
            return await tunnel(self._proxy, self._host, self._port)
        found = await asyncio.get_running_loop().getaddrinfo(
            self._host, self._port, type=socket.SOCK_STREAM
        )
        # asyncio's own race leaves the winner open where its caller is cancelled at that moment.
        return await start_connection(found, happy_eyeballs_delay=FALLBACK)

    def _free(self, connection: _Connection) -> None:
        self._idle.append(connection)

    def _look_in(self, seconds: float) -> None:
        self._looking = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """Fail the requests that are overdue. One timer for all is cheaper than one each."""
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
    """A connection with at most one request in progress."""

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
        """When the last request or answer was, in the event loop's seconds."""
        self.until = self.since
        """When the current request is overdue, in the event loop's seconds."""
        self.gone: asyncio.Future[None] = self._loop.create_future()

    @property
    def is_asked(self) -> bool:
        return self._answer is not None

    @property
    def is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def ask(self, request: bytes, patience: float) -> asyncio.Future[tuple[int, bytes]]:
        """Write a request, overdue after `patience` seconds; return the future of its answer."""
        answer = self._answer = self._loop.create_future()
        self._pieces = []
        self._length = 0
        self._bounded = False
        self.since = self._loop.time()
        self.until = self.since + patience
        if self._transport is None or self._transport.is_closing():
            self._fail(UnreachableError("the connection was cut"))
        else:
            self._transport.write(request)
        return answer

    def give_up(self) -> None:
        """Fail the overdue request with `TimedOut` and close the connection."""
        self._fail(TimedOut())
        self._abort()

    def drop(self, why: str) -> None:
        """Fail the request, if any, with a `CutError` and close the connection."""
        self._fail(CutError(why))
        self._abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the request, if any, with a `CutError` and remove the connection from the client."""
        why = f"the connection was cut ({type(exc).__name__})" if exc else "the connection was cut"
        self._fail(CutError(why))
        self._transport = None
        self._forget(self)
        if not self.gone.done():
            self.gone.set_result(None)

    def eof_received(self) -> None:
        """Complete an answer without a length, which ends with the connection."""
        if self._pieces and not self._bounded:
            self._finish(self._parser.get_status_code(), keep=False)

    def data_received(self, data: bytes) -> None:
        """Parse the answer; drop the connection if it is too long or not HTTP."""
        self._length += len(data)
        if self._length > self._longest:
            self.drop("the answer is too long")
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.drop("the answer is not HTTP")

    def on_message_begin(self) -> None:
        """Close the connection if no request waits; the answer may be "408 Request Timeout"."""
        if self._answer is None:
            self._abort()

    def on_header(self, name: bytes, _value: bytes) -> None:
        """Note whether the answer says how long it is."""
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self._bounded = True

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """Complete the answer, unless its status is informational."""
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
