"""Updates fetched and not started at a stop are answered once at the next start."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.app import OnNews
from bot.configuration.settings import Settings
from handlers.updates.lanes import CHAT_BEGUN
from playground.server import Playground
from tests.handlers.conftest import Clock, hurried
from tests.handlers.still import StillTime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.pacing.rate_limiter import RateLimiter

READERS = 8


@pytest.fixture
async def town(clock: Clock) -> AsyncIterator[Playground]:
    async with Playground(clock=lambda: clock().timestamp()) as town:
        yield town


@asynccontextmanager
async def serving(
    town: Playground, database_url: str, clock: Clock, rate_limiter: RateLimiter
) -> AsyncIterator[OnNews]:
    """Run the bot until an orderly stop."""
    settings = Settings(
        telegram_bot_token=town.token, telegram_api_url=town.url, database_url=database_url
    )
    onnews = OnNews(settings, clock=clock, first_sources=(), rate_limiter=rate_limiter)
    try:
        await onnews.start()
        yield onnews
    finally:
        await onnews.stop()


async def under_way(onnews: OnNews, count: int) -> None:
    """Wait until this number of updates is fetched and unanswered."""
    while len(onnews._updates._answers) != count:  # noqa: ASYNC110 - it has no event for it
        await asyncio.sleep(0.001)


async def test_commands_that_waited_at_a_stop_are_answered_once_at_the_next_start(
    town: Playground, database_url: str, clock: Clock
) -> None:
    readers = [town.person(f"Reader {number}") for number in range(READERS)]
    # The manual clock lets one message leave, then none.
    async with serving(town, database_url, clock, StillTime().rate_limiter(30)) as onnews:
        for reader in readers:
            await reader.send("/help")
        await under_way(onnews, READERS - 1)
        await readers[0].send("/latest")
        for number in range(CHAT_BEGUN + 2):
            await readers[1].send(f"/search {number}")
        await under_way(onnews, READERS + CHAT_BEGUN + 2)
    assert len(town.sent("sendMessage")) == 1
    async with serving(town, database_url, clock, hurried()) as onnews:
        await under_way(onnews, 0)
        assert await onnews.archive.waiting_updates.all() == []
    counts = Counter(request.params["chat_id"] for request in town.sent("sendMessage"))
    expected = Counter({reader.id: 1 for reader in readers})
    expected[readers[0].id] += 1
    expected[readers[1].id] += CHAT_BEGUN + 2
    assert {int(chat): count for chat, count in counts.items()} == expected
    async with serving(town, database_url, clock, hurried()) as onnews:
        await under_way(onnews, 0)
    assert len(town.sent("sendMessage")) == sum(expected.values())


async def test_an_update_that_waits_for_its_turn_has_no_task(
    town: Playground, sqlite_url: str, clock: Clock
) -> None:
    reader = town.person("Reader")
    async with serving(town, sqlite_url, clock, StillTime().rate_limiter(30)) as onnews:
        await reader.send("/help")
        await reader.next()
        for number in range(4):
            await reader.send(f"/search {number}")
        await under_way(onnews, 4)
        tasks = [answer.task is not None for answer in onnews._updates._answers.values()]
        assert tasks == [True, False, False, False]
        assert onnews._updates.waiting == 3


@pytest.mark.parametrize(("minutes", "edits"), [(1, 1), (10, 0)])
async def test_a_tap_that_waited_is_carried_out_unless_it_was_long_ago(
    town: Playground, sqlite_url: str, clock: Clock, minutes: int, edits: int
) -> None:
    reader = town.person("Reader")
    time = StillTime()
    async with serving(town, sqlite_url, clock, time.rate_limiter(30)) as onnews:
        await reader.send("/help")
        shown = await reader.next()
        await reader.tap("s:m:0", shown)  # it is let go, and the settings would follow
        await under_way(onnews, 1)
    assert reader.unread() == []
    clock.pass_(minutes=minutes)
    async with serving(town, sqlite_url, clock, hurried()) as onnews:
        await under_way(onnews, 0)
        assert await onnews.archive.waiting_updates.all() == []
    assert len(reader.unread()) == edits
    assert len(town.sent("answerCallbackQuery")) == 1


async def test_an_update_that_telegram_hands_out_again_is_not_answered_again(
    town: Playground, sqlite_url: str, clock: Clock
) -> None:
    reader = town.person("Reader")
    async with serving(town, sqlite_url, clock, hurried()) as onnews:
        await reader.send("/help")
        await reader.next()
        await under_way(onnews, 0)
        # The confirmation of updates does not reach Telegram.
        town.faults.add(method="getUpdates", hold=True, times=None)
        await reader.send("/latest")
    town.faults.clear()
    async with serving(town, sqlite_url, clock, hurried()) as onnews:
        await reader.next()
        await under_way(onnews, 0)
    assert reader.unread() == []


async def test_an_answer_that_telegram_is_taking_at_a_stop_arrives_once(
    town: Playground, database_url: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    reader = town.person("Reader")
    async with serving(town, database_url, clock, hurried()) as onnews:
        slow = town.faults.add(method="sendMessage", hold=True)
        await reader.send("/help")
        while not slow.hits:  # noqa: ASYNC110 - the town has no event for it
            await asyncio.sleep(0.001)
        stopping = asyncio.create_task(onnews.stop())
        while "without waiting longer" not in caplog.text:  # noqa: ASYNC110 - nor has logging
            await asyncio.sleep(0.001)
        slow.release()
        await stopping
    assert len(town.sent("sendMessage")) == 1
    async with serving(town, database_url, clock, hurried()) as onnews:
        await under_way(onnews, 0)
    assert len(town.sent("sendMessage")) == 1
