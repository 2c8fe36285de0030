"""Replicas that run in the test's own process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.app import OnNews

LONG_ENOUGH = 60.0


async def until(holds: Callable[[], bool], within: float = LONG_ENOUGH) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - no part has an event for all of this
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(onnews: OnNews, within: float = LONG_ENOUGH) -> AsyncIterator[OnNews]:
    """Run a bot once it answers, and stop it in order at the end."""
    stop = asyncio.Event()
    serving = asyncio.create_task(onnews.serve(stop))
    try:
        await asyncio.wait_for(onnews.ready.wait(), within)
        yield onnews
    finally:
        stop.set()
        await asyncio.wait_for(serving, within)


def shards_of(onnews: OnNews) -> int:
    """Return how many shards of chats a replica holds."""
    assert onnews._sharing is not None
    return len(onnews._sharing.updates.shards)
