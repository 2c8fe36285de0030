"""The smallest Bot API server: it reads requests and answers that they were carried out.

It does not parse requests, so that the sender is the bottleneck of a fan-out. `python -m
bench.peers.server` prints its port and, at the end of its input, the number of requests for each
method.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

ME = {"id": 1, "is_bot": True, "first_name": "ON News", "username": "OnNewsBot"}
SENT = {
    "message_id": 1,
    "date": 1,
    "chat": {"id": 1, "type": "private", "first_name": "Reader"},
    "text": "…",
}


def answer(result: object) -> bytes:
    """Return a whole HTTP answer that reports success."""
    return _answer("200 OK", {"ok": True, "result": result})


def _answer(status: str, fields: dict[str, object]) -> bytes:
    body = json.dumps(fields).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return b"%b\r\n\r\n%b" % (head.encode(), body)


SECOND_POLLER = "Conflict: terminated by other getUpdates request"
CONFLICT = _answer("409 Conflict", {"ok": False, "error_code": 409, "description": SECOND_POLLER})
ANSWERS = {
    "getMe": answer(ME),
    "getUpdates": answer([]),
    "sendMessage": answer(SENT),
    "sendRichMessage": answer(SENT),
    "editMessageText": answer(SENT),
}
YES = answer(result=True)


class Bot(asyncio.Protocol):
    """One connection: requests with a Content-Length, one after another."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # as TCP servers have
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self.buffer, 0, end + 2)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self.buffer) < whole:
                return
            target = self.buffer.split(b" ", 2)[1]
            method = target.rpartition(b"/")[2].decode()
            body = self.buffer[end + 4 : whole]
            self.buffer = self.buffer[whole:]
            self.asked(method, body)

    def asked(self, method: str, body: bytes) -> None:
        """Count a request, and answer it."""
        del body
        self.counts[method] += 1
        self.transport.write(ANSWERS.get(method, YES))


async def main() -> None:
    """Serve until standard input ends."""
    counts: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Bot(counts), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
