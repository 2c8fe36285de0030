"""The ticks, with a newsroom that does not answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from bot.jobs import Ticks

LONG_ENOUGH = 60
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Newsroom:
    """Hangs when it is asked for the first time, and has nothing due from then on."""

    def __init__(self) -> None:
        self.calls = 0
        self.hanging = asyncio.Event()

    async def refresh_due(self, _: datetime) -> tuple[()]:
        self.calls += 1
        if self.calls == 1:
            self.hanging.set()
            await asyncio.Event().wait()
        return ()


def ticks(newsroom: Newsroom) -> Ticks:
    none = cast("Any", None)
    return Ticks(
        planner=none,
        sender=none,
        newsroom=cast("Any", newsroom),
        subscribers=none,
        alarm=none,
        clock=lambda: NOW,
        fetch_every=60,
    )


async def test_a_round_that_hangs_keeps_no_later_one_waiting_and_ends_with_the_process() -> None:
    newsroom = Newsroom()
    at_work = ticks(newsroom)
    first = asyncio.create_task(at_work.sources())
    await newsroom.hanging.wait()
    await asyncio.wait_for(at_work.sources(), LONG_ENOUGH)
    assert newsroom.calls == 2
    stopping = asyncio.create_task(at_work.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    first.cancel()
    await asyncio.wait_for(stopping, LONG_ENOUGH)
    assert first.done()
