"""A web server for feeds: each has its own address on this machine, an ETag, and gzip.

`python -m bench.peers.stand FOLDER` serves the feeds that `bench.rigs.news.feeds` wrote there. It
prints the addresses in the order of the list, and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import sys
from functools import partial
from pathlib import Path

LIST = "feeds.json"
_ASKED_ETAG = re.compile(rb"\r\nif-none-match: *([^\r]+)", re.IGNORECASE)
_TAKES_GZIP = re.compile(rb"\r\naccept-encoding:[^\r]*gzip", re.IGNORECASE)
PLAIN_EVERY = 3
"""Every third feed is sent uncompressed; the others are compressed for clients that accept it."""


class Document:
    """One feed as ready HTTP answers."""

    def __init__(self, body: bytes, content_type: str, *, compress: bool) -> None:
        self.etag = b'"%b"' % hashlib.sha256(body).hexdigest()[:16].encode()
        head = b"Content-Type: %b\r\nETag: %b\r\n" % (content_type.encode(), self.etag)
        self.unchanged = b"HTTP/1.1 304 Not Modified\r\n%b\r\n" % head
        self.plain = _whole(head, body)
        self.small = self.plain
        if compress:
            self.small = _whole(head + b"Content-Encoding: gzip\r\n", gzip.compress(body))


def _whole(head: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


class Reader(asyncio.Protocol):
    """One connection: requests without a body, one after another."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # as TCP servers have
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            asked, self.buffer = self.buffer[: end + 2], self.buffer[end + 4 :]
            known = _ASKED_ETAG.search(asked)
            if known is not None and self.document.etag in known[1]:
                self.transport.write(self.document.unchanged)
            elif _TAKES_GZIP.search(asked):
                self.transport.write(self.document.small)
            else:
                self.transport.write(self.document.plain)


async def main(folder: Path) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    urls, servers = [], []
    for number, feed in enumerate(json.loads((folder / LIST).read_text())):
        body = (folder / feed["name"]).read_bytes()
        compress = number % PLAIN_EVERY > 0
        document = Document(body, feed["content_type"], compress=compress)
        # All of 127.0.0.0/8 is this machine, so each feed has its own host, as on the real web.
        host = f"127.0.{1 + number // 250}.{1 + number % 250}"
        server = await loop.create_server(partial(Reader, document), host, 0)
        servers.append(server)
        urls.append(f"http://{host}:{server.sockets[0].getsockname()[1]}/{feed['name']}")
    print(json.dumps(urls), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
