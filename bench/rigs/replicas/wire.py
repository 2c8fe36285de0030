"""A line between a process and a server, which may fall silent or be cut."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Wire:
    """The line between one replica and a server.

    Args:
        server: The path of the server's socket, or its port on 127.0.0.1.
        folder: The folder for this line's own socket, if the server's is a path.
    """

    def __init__(self, server: str | int, folder: Path) -> None:
        self._to = server
        self._folder = folder
        self._open = asyncio.Event()
        self._open.set()
        self._is_refusing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        """Its own port; 0 if it listens on a socket."""

    async def start(self) -> None:
        """Listen."""
        if isinstance(self._to, int):
            self._server: asyncio.Server = await asyncio.start_server(
                self._connected, "127.0.0.1", 0
            )
            self.port = self._server.sockets[0].getsockname()[1]
        else:
            path = str(self._folder / ".s.PGSQL.5432")
            self._server = await asyncio.start_unix_server(self._connected, path)

    async def close(self) -> None:
        """Close every connection."""
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def cut(self) -> None:
        """Pass nothing on any more, without closing a connection."""
        self._open.clear()

    def refuse(self) -> None:
        """Close every connection, and each new one at once."""
        self._is_refusing = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Pass on what was held back, and take new connections."""
        self._is_refusing = False
        self._open.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            writer.transport.abort()
            return
        await self._open.wait()
        try:
            there, back = (
                await asyncio.open_connection("127.0.0.1", self._to)
                if isinstance(self._to, int)
                else await asyncio.open_unix_connection(self._to)
            )
        except OSError:
            writer.close()
            return
        for one, other in ((reader, back), (there, writer)):
            self._writers.add(other)
            task = asyncio.create_task(self._pump(one, other))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self._open.wait()
                target.write(data)
                await target.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(target)
            target.close()
