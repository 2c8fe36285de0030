"""One connection: passes bytes to aiohttp's protocol, and ends what takes too long."""

from __future__ import annotations

import asyncio
from enum import IntEnum
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.http_server.limits import HttpLimits
    from bot.http_server.trusted_networks import Address

END_OF_HEAD = b"\r\n\r\n"


class Stage(IntEnum):
    """What a connection is at. The lower, the sooner it gives way to a new one."""

    HEAD = 0
    """Its request is not there yet."""
    IDLE = 1
    """Its last request was answered."""
    HELD = 2
    """It waits for its turn, or its client has yet to take an answer or send a body to the end."""
    REQUEST = 3
    """A request is being answered: it gives way to none."""


class HttpConnection(asyncio.Protocol):
    """One connection, with the deadline of the stage that it is at.

    Args:
        make_inner: Makes aiohttp's protocol, once the first head is whole: a half-open connection
            costs no more than its bytes.
        peer: Who has connected; None where the system does not say.
        limits: The deadlines.
        moved: Is called each time that a deadline is set.
        lost: Is called once the connection is gone.
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
        self.requests = 0
        self.is_open = True
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
        """What has come before there is an inner protocol."""
        self._head_bytes = 0
        self._last_bytes = b""
        self._is_answered = False
        """Whether the last request was answered, and all of it had come."""
        self._taken = asyncio.Event()
        """Set while no part of an answer waits for the client."""
        self._taken.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        self._transport = cast("asyncio.Transport", transport)
        # With no room in the buffer, `pause_writing` says that the client has not taken all.
        self._transport.set_write_buffer_limits(high=0)
        if self._is_aborted:
            self._transport.abort()
            return
        self._enter(Stage.HEAD, self._limits.header_seconds)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on, unless they make the head of a request too long."""
        if self.stage is Stage.IDLE:
            self._enter(Stage.HEAD, self._limits.header_seconds)
        if self.stage is Stage.HEAD:
            self._head_bytes += len(data)
            if END_OF_HEAD in self._last_bytes + data:
                # Its deadline stays until aiohttp finds a request in it: it may be empty lines.
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
        """Pass on that the client sends no more."""
        return None if self._inner is None else self._inner.eof_received()

    def pause_writing(self) -> None:
        """Note that a part of an answer waits for the client."""
        self._taken.clear()
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Note that the client has taken all of it."""
        self._taken.set()
        if self._inner is not None:
            self._inner.resume_writing()
        if self.stage is Stage.HELD and self._is_answered:
            self._enter(Stage.IDLE, self._limits.idle_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the deadline, and give the place to another."""
        self.is_open = False
        if self._deadline is not None:
            self._deadline.cancel()
        self._taken.set()
        self._lost(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    async def begin_request(self) -> None:
        """Note a request whose head is whole, once the client has taken the answer before it."""
        self.requests += 1
        self._is_answered = False
        self.stage = Stage.HELD
        # The deadline of the request before goes on meanwhile.
        await self._taken.wait()
        self._enter(Stage.HELD, self._limits.request_seconds)

    def answer_now(self) -> None:
        """Give way to none from now on: the request is being answered."""
        self.stage = Stage.REQUEST

    def end_request(self, *, whole: bool) -> None:
        """Note that the answer was written.

        Args:
            whole: Whether all of the request had come.
        """
        self._is_answered = whole
        if whole and self._taken.is_set():
            self._enter(Stage.IDLE, self._limits.idle_seconds)
        else:
            # The deadline of the request holds until the client has taken or sent the rest.
            self.stage = Stage.HELD

    def abort(self) -> None:
        """End the connection at once, whatever waits to be sent."""
        self._is_aborted = True
        if self._transport is not None:
            self._transport.abort()

    def _enter(self, stage: Stage, seconds: float) -> None:
        """Come to a stage that may last so many seconds."""
        self.stage = stage
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
        if self.is_open:
            self._moved(self)
            self._deadline = self._loop.call_later(seconds, self.abort)
