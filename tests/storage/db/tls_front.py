"""A TLS front before PostgreSQL's own socket, and certificates for it.

The server that the tests start is built without TLS. The front answers PostgreSQL's request for it,
makes the connection secure, and passes everything on.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""PostgreSQL's first message of a client that wants TLS."""
PIECE = 65_536


def certificate(folder: Path, name: str) -> Path:
    """Make a certificate for a host name, which is its own authority, with its key in one file."""
    file = folder / f"{name}.pem"
    made = subprocess.run(  # noqa: S603 - a fixed program
        [
            *("openssl", "req", "-x509", "-noenc", "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", "-", "-out", "-"),
        ],
        check=True,
        capture_output=True,
    )
    file.write_bytes(made.stdout)
    return file


class TlsFront:
    """A port on this machine that takes TLS connections to a PostgreSQL server.

    Args:
        server: The Unix socket of the server.
        identity: The file with the certificate that the front shows, and its key.
    """

    def __init__(self, server: str, identity: Path) -> None:
        self._server = server
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(identity)
        self._tasks: set[asyncio.Task[None]] = set()
        self.secured = 0
        """Connections that were made secure."""
        self.port = 0

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._begun, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _begun(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that does not trust the certificate breaks the connection off.
        with suppress(OSError, asyncio.IncompleteReadError):
            try:
                assert await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST
                writer.write(b"S")
                await writer.start_tls(self._context)
                self.secured += 1
                answers, requests = await asyncio.open_unix_connection(self._server)
                try:
                    await asyncio.gather(_pass_on(reader, requests), _pass_on(answers, writer))
                finally:
                    requests.close()
            finally:
                writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until one side ends; then end the other."""
    try:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
