"""A small HTTP proxy on loopback that supports only CONNECT and connects every host to loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class ConnectProxy:
    """The requests to the proxy, and its answers."""

    def __init__(self) -> None:
        self.port = 0
        self.targets: list[str] = []
        self.heads: list[bytes] = []
        self.refusal: bytes | None = None
        self.ways: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.ways.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            method, target, _ = head.split(b" ", 2)
            assert method == b"CONNECT"
            self.targets.append(target.decode())
            if self.refusal is not None:
                writer.write(self.refusal)
                return
            there = await asyncio.open_connection("127.0.0.1", int(target.rpartition(b":")[2]))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(
                _pass_on(reader, there[1]), _pass_on(there[0], writer), return_exceptions=True
            )
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.ways.discard(task)
            writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
    finally:
        writer.close()


@asynccontextmanager
async def proxying() -> AsyncIterator[ConnectProxy]:
    """Run the proxy."""
    proxy = ConnectProxy()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for way in tuple(proxy.ways):
            way.cancel()
        if proxy.ways:
            await asyncio.wait(tuple(proxy.ways))
