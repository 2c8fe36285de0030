"""Clients of PostgreSQL that fall silent in the middle of a request, as a frozen process does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import make_url

if TYPE_CHECKING:
    from asyncio import StreamReader
    from collections.abc import AsyncIterator

PROTOCOL = (3 << 16).to_bytes(4)
LONG_ENOUGH = 60


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4) + body


async def _until_ready(reader: StreamReader) -> None:
    """Read the server's messages up to ReadyForQuery."""
    kind = b""
    while kind != b"Z":
        kind = await reader.readexactly(1)
        assert kind != b"E"
        await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)


@asynccontextmanager
async def silent_client(
    url: str, *statements: str, unread: str = "", described: bool = False
) -> AsyncIterator[StreamReader]:
    """Run statements in a transaction, then send a part of one more request.

    Args:
        url: The address of a database on a server's Unix socket, which asks for no password.
        statements: The statements.
        unread: A statement to send instead, whose answer is not read.
        described: Whether to ask instead only what a prepared statement returns. So does PgBouncer,
            which does not repeat the rest of the request if the session has prepared it before.

    Yields:
        What the server sends afterwards; it ends when the server has ended the session.
    """
    database = make_url(url)
    reader, writer = await asyncio.open_unix_connection(f"{database.query['host']}/.s.PGSQL.5432")
    try:
        parameters = {"user": "postgres", "database": database.database or ""}
        parameters["application_name"] = "on-news"
        pairs = "".join(f"{name}\0{value}\0" for name, value in parameters.items()) + "\0"
        writer.write(_message(b"", PROTOCOL + pairs.encode()))
        async with asyncio.timeout(LONG_ENOUGH):
            await _until_ready(reader)
            for statement in ("BEGIN", *statements):
                writer.write(_message(b"Q", statement.encode() + b"\0"))
                await _until_ready(reader)
            if unread:
                writer.write(_message(b"Q", unread.encode() + b"\0"))
                # The answer has begun.
                assert await reader.readexactly(1) == b"T"
            elif described:
                writer.write(_message(b"Q", b"PREPARE known AS SELECT 1\0"))
                await _until_ready(reader)
                # Describe and Flush.
                writer.write(_message(b"D", b"Sknown\0") + _message(b"H", b""))
                assert await reader.readexactly(1) == b"t"
            else:
                # Parse and Flush: without Sync the request has not ended.
                writer.write(_message(b"P", b"\0SELECT 1\0\0\0") + _message(b"H", b""))
                assert await reader.readexactly(1) == b"1"
        yield reader
    finally:
        writer.close()
