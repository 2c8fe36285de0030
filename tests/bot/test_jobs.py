"""The ticks, with a newsroom that does not answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.jobs import Ticks
from storage.outage import DatabaseUnavailableError, Outage, Trouble

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


class CutOff:
    """A newsroom whose rounds meet an outage of the database, as long as there is one."""

    def __init__(self, error: Exception) -> None:
        self.calls = 0
        self.error: Exception | None = error

    async def refresh_due(self, _: datetime) -> tuple[()]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return ()


@pytest.mark.parametrize("together", [False, True])
async def test_sources_are_asked_once_in_an_outage_and_again_after_it(*, together: bool) -> None:
    over = asyncio.Event()

    async def probe(_: Trouble) -> None:
        await over.wait()

    outage = Outage(probe)
    error: Exception = outage.begin(Trouble("it is away", "Wait."))
    if together:
        error = ExceptionGroup("hosts", [ExceptionGroup("rounds", [error, error])])
    newsroom = CutOff(error)
    at_work = ticks(cast("Any", newsroom))
    first = asyncio.create_task(at_work.sources())
    while not newsroom.calls:  # noqa: ASYNC110 - the round is asked in its own task
        await asyncio.sleep(0)
    await asyncio.wait_for(at_work.sources(), LONG_ENOUGH)
    assert newsroom.calls == 1
    assert not first.done()
    newsroom.error = None
    over.set()
    await asyncio.wait_for(first, LONG_ENOUGH)
    assert newsroom.calls == 2
    await outage.close()


async def test_a_defect_beside_an_outage_is_heard() -> None:
    away = DatabaseUnavailableError(Trouble("it is away", "Wait."))
    newsroom = CutOff(ExceptionGroup("hosts", [away, ZeroDivisionError()]))
    with pytest.raises(ExceptionGroup):
        await ticks(cast("Any", newsroom)).sources()
