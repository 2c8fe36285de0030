"""Sending loops of other bots, each as its documentation shows it.

`python -m bench.peers.loops PEER URL MESSAGES` sends that many messages of an edition's size, 32 at
a time, and prints messages a second.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

TOKEN = "1:bench"  # noqa: S105  # the server checks no token
UNDER_WAY = 32
TEXT = "<b>ON News</b>\n\n" + "\n\n".join(
    f'<b>Motor</b>\n<a href="https://example.com/story/{n}">A headline of about the usual '
    f"length, number {n}</a>\nOne sentence that says what the story is about. <i>Source</i>"
    for n in range(12)
)


async def _spread(send: Callable[[int], Awaitable[object]], messages: int) -> float:
    """Send `messages` messages, `UNDER_WAY` at a time, and return messages a second."""
    chats = iter(range(1, messages + 1))

    async def worker() -> None:
        for chat in chats:
            await send(chat)

    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(UNDER_WAY)))
    return messages / (time.perf_counter() - start)


async def ptb(url: str, messages: int) -> float:
    """Send with python-telegram-bot and its default transport."""
    from telegram import Bot  # noqa: PLC0415  # each process loads its own peer
    from telegram.request import HTTPXRequest  # noqa: PLC0415  # as above

    request = HTTPXRequest(connection_pool_size=UNDER_WAY)
    async with Bot(TOKEN, base_url=f"{url}/bot", request=request) as bot:
        return await _spread(lambda chat: bot.send_message(chat, TEXT, "HTML"), messages)


async def _ready(url: str, messages: int, method: str, **more: str) -> float:
    """Send ready bodies in a bare aiohttp loop: the most that one core can send."""
    import aiohttp  # noqa: PLC0415  # as above

    body = urlencode({"text": TEXT, "parse_mode": "HTML", **more}).encode() + b"&chat_id="
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    target = f"{url}/bot{TOKEN}/{method}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=UNDER_WAY)) as session:

        async def send(chat: int) -> None:
            data = body + str(chat).encode()
            async with session.post(target, data=data, headers=headers) as answer:
                await answer.read()

        return await _spread(send, messages)


PEERS: dict[str, Callable[[str, int], Coroutine[None, None, float]]] = {
    "ptb": ptb,
    "limit": partial(_ready, method="sendMessage"),
    "edits": partial(_ready, method="editMessageText", message_id="1"),
}

if __name__ == "__main__":
    peer, url, messages = sys.argv[1:]
    print(asyncio.run(PEERS[peer](url, int(messages))))
