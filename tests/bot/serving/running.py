"""Replicas that run in the test's own process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.app import OnNews
from storage.tables.replica_schema import shared_updates
from tests.handlers.conftest import hurried
from tests.plugins.towns import settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from playground.people.people import Person
    from playground.server import Playground

LONG_ENOUGH = 60.0
AGAIN = "Try again in a minute"
"""What a reader is told whose answer may not have arrived."""


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


async def acquainted(town: Playground) -> tuple[Person, str]:
    """Return a reader who has written to the bot, and the answer to /help."""
    reader = town.person("Ana")
    await reader.send("/help")
    return reader, (await reader.next()).text


async def waiting(onnews: OnNews) -> int:
    """Return the number of updates without an answer."""
    open_ = select(func.count()).where(shared_updates.c.ended.is_(None))
    return await onnews.archive.database.read(lambda c: c.execute(open_).scalar_one())


async def is_over(onnews: OnNews) -> None:
    """Wait until no update waits for an answer."""
    async with asyncio.timeout(LONG_ENOUGH):
        while await waiting(onnews):  # noqa: ASYNC110 - nothing there could wake us
            await asyncio.sleep(0.01)


def bot(town: Playground, url: str) -> OnNews:
    settings = settings_in(town, url)
    onnews = OnNews(settings, first_sources=(), rate_limiter=hurried())
    onnews._request._pauses = (0.0, 0.0)
    return onnews
