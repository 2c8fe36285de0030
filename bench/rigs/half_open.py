"""Sockets that send half a request, and are reopened a second after they are closed.

`python -m bench.rigs.half_open PORT COUNT` prints a line when each was opened once, and the number
opened in all at the end of its input.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from contextlib import suppress

from bench.harness.processes import next_line, send_message

HALF = b"POST /telegram HTTP/1.1\r\nHost: news.example\r\n"
AGAIN = 1.0
"""Seconds after which a closed socket is opened again."""
OTHERS = 100
"""File descriptors that this process needs for anything else."""


class HalfOpen(asyncio.Protocol):
    """One socket."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send half a request."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # as TCP clients have
        transport.write(HALF)

    def connection_lost(self, _: Exception | None) -> None:
        """Note the end of the connection."""
        self.ended.set()


async def run(port: int, count: int) -> None:
    """Keep `count` sockets open until a line arrives."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + OTHERS, hard), hard))
    loop = asyncio.get_running_loop()
    opened, first = 0, 0

    async def keep() -> None:
        nonlocal opened, first
        is_first = True
        while True:
            with suppress(OSError):
                _, half_open = await loop.create_connection(HalfOpen, "127.0.0.1", port)
                opened += 1
                first += is_first
                is_first = False
                await half_open.ended.wait()
            await asyncio.sleep(AGAIN)

    keeping = [asyncio.create_task(keep()) for _ in range(count)]
    while first < count:  # noqa: ASYNC110  # polling a counter is enough
        await asyncio.sleep(0.05)
    send_message(opened)
    await next_line()
    send_message(opened)
    for each in keeping:
        each.cancel()


if __name__ == "__main__":
    asyncio.run(run(*map(int, sys.argv[1:])))
