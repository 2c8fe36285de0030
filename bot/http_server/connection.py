"""A client's HTTP connection: it feeds aiohttp's protocol and is closed when a deadline passes."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.http_server.limits import HttpLimits
    from bot.http_server.trusted_networks import Address

END_OF_HEAD = b"\r\n\r\n"
READER = "_read_ready_cb"
"""The attribute in which asyncio's transports keep their own method that reads.

It refers to its transport, and asyncio leaves it set when a connection is aborted. Only a full
garbage collection would free such a transport: a flood of half-open sockets left 200 a second.
"""


class Stage(Enum):
    """The stage of a connection."""

    HEAD = 0
    """The connection waits for the end of a request's head."""
    IDLE = 1
    """The last request was answered, and the next has not begun."""
    HELD = 2
    """A request waits for its turn, or the client is still sending a body or receiving an answer.
    """
    REQUEST = 3
    """A request is being answered; the connection is never closed to make room."""


class HttpConnection(asyncio.Protocol):
    """An HTTP connection with a deadline for its current stage.

    Args:
        make_inner: Makes aiohttp's protocol. Called when the first head is complete, so that a
            half-open connection costs only its bytes.
        peer: None if the system does not report the client's address.
        moved: Called whenever a deadline is set.
    """

    def __init__(
        self,
        make_inner: Callable[[], asyncio.Protocol],
        peer: Address | None,
        limits: HttpLimits,
        *,
        moved: Callable[[HttpConnection], None],
        lost: Callable[[HttpConnection], None],
    ) -> None:
        self.peer = peer
        self.stage = Stage.HEAD
        self.is_open = True
        self.is_telegrams = False
        """Whether it had a request that was certainly Telegram's; it is then closed last."""
        self.ended = asyncio.Event()
        """Set when the connection has ended."""
        self._is_aborted = False
        self._make_inner = make_inner
        self._inner: asyncio.Protocol | None = None
        self._limits = limits
        self._moved = moved
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._first_head = bytearray()
        """Bytes received before the inner protocol exists."""
        self._head_bytes = 0
        self._last_bytes = b""
        self._is_answered = False
        """Whether the last request was received completely and answered."""
        self._taken = asyncio.Event()
        """Set while no part of an answer waits to be sent to the client."""
        self._taken.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the deadline for the head of the first request."""
        self._transport = cast("asyncio.Transport", transport)
        # With a limit of 0, `pause_writing` is called as soon as data waits for the client.
        self._transport.set_write_buffer_limits(high=0)
        if self._is_aborted:
            self._transport.abort()
            return
        self._enter(Stage.HEAD, self._limits.header_seconds)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on to aiohttp, or close the connection if a request's head is too long."""
        if self.stage is Stage.IDLE:
            self._enter(Stage.HEAD, self._limits.header_seconds)
        if self.stage is Stage.HEAD:
            self._head_bytes += len(data)
            if END_OF_HEAD in self._last_bytes + data:
                # The deadline stays until aiohttp finds a request, as these may be empty lines.
                self.stage = Stage.HELD
            elif self._head_bytes > self._limits.head_bytes:
                self.abort()
                return
        self._last_bytes = (self._last_bytes + data[-3:])[-3:]
        if self._inner is not None:
            self._inner.data_received(data)
            return
        self._first_head += data
        if self.stage is not Stage.HEAD and self._transport is not None:
            self._inner = self._make_inner()
            self._inner.connection_made(self._transport)
            self._inner.data_received(bytes(self._first_head))
            self._first_head.clear()

    def eof_received(self) -> bool | None:
        """Report to aiohttp that the client sends no more."""
        return None if self._inner is None else self._inner.eof_received()

    def pause_writing(self) -> None:
        """Note that part of an answer waits to be sent to the client."""
        self._taken.clear()
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Note that the answer has been sent completely to the client."""
        self._taken.set()
        if self._inner is not None:
            self._inner.resume_writing()
        if self.stage is Stage.HELD and self._is_answered:
            self._enter(Stage.IDLE, self._limits.idle_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadline and report the connection as ended."""
        self.is_open = False
        self.ended.set()
        if self._deadline is not None:
            self._deadline.cancel()
        self._taken.set()
        if self._transport is not None and hasattr(self._transport, READER):
            setattr(self._transport, READER, None)
        self._lost(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    async def begin_request(self, *, is_telegrams: bool) -> None:
        """Start a request's deadline, after the previous answer has been sent completely.

        Called when the head of the request is complete. `is_telegrams` says that it is certainly
        Telegram's.
        """
        self.is_telegrams = self.is_telegrams or is_telegrams
        self._is_answered = False
        self.stage = Stage.HELD
        # The previous request's deadline still runs during this wait.
        await self._taken.wait()
        self._enter(Stage.HELD, self._limits.request_seconds)

    def answer_now(self) -> None:
        """Note that the request is being answered, so the connection is not closed to make room."""
        self.stage = Stage.REQUEST

    def end_request(self, *, whole: bool) -> None:
        """Note that the answer to the current request was written.

        `whole` says whether the request was received completely.
        """
        self._is_answered = whole
        if whole and self._taken.is_set():
            self._enter(Stage.IDLE, self._limits.idle_seconds)
        else:
            # The request's deadline still runs until the client has received or sent the rest.
            self.stage = Stage.HELD

    def abort(self) -> None:
        """Close the connection at once and discard data that waits to be sent."""
        self._is_aborted = True
        if self._transport is not None:
            self._transport.abort()

    def _enter(self, stage: Stage, seconds: float) -> None:
        self.stage = stage
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
        if self.is_open:
            self._moved(self)
            self._deadline = self._loop.call_later(seconds, self.abort)
