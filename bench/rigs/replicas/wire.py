"""A line between a process and a server, which may fall silent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Wire:
    """The line between one replica and the database, which may fall silent.

    Args:
        server: The path of the server's socket.
        folder: A folder for the socket of this line.
    """

    def __init__(self, server: str, folder: Path) -> None:
        self._to = server
        self.folder = folder
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        path = str(self.folder / ".s.PGSQL.5432")
        self._server = await asyncio.start_unix_server(self._connected, path)

    async def close(self) -> None:
        """Close every connection."""
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def cut(self) -> None:
        """Pass nothing on any more, without closing a connection."""
        self._open.clear()

    def mend(self) -> None:
        """Pass on what was held back."""
        self._open.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            there, back = await asyncio.open_unix_connection(self._to)
        except OSError:
            writer.close()
            return
        for one, other in ((reader, back), (there, writer)):
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
            target.close()
