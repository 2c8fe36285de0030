"""The journal of waiting updates: writing, and removal once they are answered. The queue between
fetching updates and answering them. Updates fetched and not started at a stop are answered once
at the next start.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from telegram import Update

from bot.app import OnNews
from digest.pacing.priorities import AnswerPriority
from digest.pacing.rate_limiter import RateLimiter
from handlers.updates.lanes import CHAT_BEGUN
from handlers.updates.update_journal import UpdateJournal
from handlers.updates.update_kinds import identity
from handlers.updates.update_queue import UpdateQueue
from playground.server import Playground
from storage.db.key_value import KeyValue
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError
from storage.readers.begun_updates import BegunUpdates
from storage.readers.waiting_updates import WaitingUpdates
from tests.handlers.conftest import Clock, ask, hurried
from tests.handlers.still import StillTime
from tests.plugins.towns import settings_in, started

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from storage.db.database import Database
    from storage.readers.waiting_updates import WaitingUpdate

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


class Table:
    """The journal's table; a call ends when the test releases it."""

    def __init__(self) -> None:
        self.rows: set[int] = set()
        self.open = asyncio.Event()
        self.open.set()
        self.away = False
        self.visits = 0

    async def change(self, keep: Sequence[WaitingUpdate], strike_off: Collection[int]) -> None:
        await self._visit()
        self.rows |= {row.update_id for row in keep}
        self.rows -= set(strike_off)

    async def _visit(self) -> None:
        self.visits += 1
        await self.open.wait()
        if self.away:
            raise DatabaseUnavailableError(DatabaseFailure("it is away", "Wait."))


def journal_in(table: Table) -> UpdateJournal:
    return UpdateJournal(cast("Any", table), cast("Any", None), BegunUpdates(None))


async def test_an_update_answered_during_a_removal_is_not_journaled_afterwards() -> None:
    table = Table()
    journal = journal_in(table)
    first, second, late = (Update(number) for number in (1, 2, 3))
    await journal.keep([first, second], NOW)
    table.open.clear()
    visits = []
    for visit in (
        journal.strike_off(first),
        journal.strike_off(second),
        journal.keep([late], NOW),
        journal.strike_off(late),
    ):
        visits.append(asyncio.create_task(visit))
        await asyncio.sleep(0)
    table.open.set()
    await asyncio.gather(*visits)
    assert table.rows == set()


async def test_the_next_process_knows_what_a_killed_one_had_answered(
    lite: Database, tmp_path: Path
) -> None:
    def journal() -> UpdateJournal:
        begun = BegunUpdates(tmp_path / "begun")
        return UpdateJournal(WaitingUpdates(lite), KeyValue(lite), begun)

    killed, next_one = journal(), journal()
    await killed.take_up(cast("Any", None), NOW)
    for number in (1, 2):
        killed.begin(Update(number), NOW)
    killed.end(Update(1))
    left = await next_one.take_up(cast("Any", None), NOW)
    assert [update.update_id for update in (*left.waiting, *left.begun)] == [2]
    assert [next_one.is_new(identity(Update(number))) for number in (1, 2, 3)] == [0, 0, 1]


async def test_a_removal_that_failed_in_an_outage_is_repeated_with_the_next() -> None:
    table = Table()
    journal = journal_in(table)
    first, second = Update(1), Update(2)
    await journal.keep([first, second], NOW)
    table.away = True
    await journal.strike_off(first)
    assert table.rows == {1, 2}
    table.away = False
    await journal.strike_off(second)
    assert table.rows == set()


async def test_updates_arriving_during_a_write_share_the_next_transaction() -> None:
    table = Table()
    journal = journal_in(table)
    table.open.clear()
    writing = []
    for number in range(50):
        writing.append(asyncio.create_task(journal.keep([Update(number)], NOW)))
        await asyncio.sleep(0)
    table.open.set()
    await asyncio.gather(*writing)
    assert table.rows == set(range(50))
    assert table.visits == 2


async def test_a_failed_transaction_journals_none_of_its_updates() -> None:
    table = Table()
    journal = journal_in(table)
    table.open.clear()
    table.away = True
    updates = [Update(number) for number in range(3)]
    writing = []
    for update in updates:
        writing.append(asyncio.create_task(journal.keep([update], NOW)))
        await asyncio.sleep(0)
    table.open.set()
    await asyncio.gather(*writing)
    assert not any(journal.has(update) for update in updates)
    table.away = False
    await journal.keep(updates, NOW)
    assert table.rows == {0, 1, 2}


class Journal:
    """A journal that is slow, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.open = asyncio.Event()

    async def keep(self, *_: object) -> None:
        await self.open.wait()
        if self.error is not None:
            raise self.error


def queue_with(journal: Journal, answer_priority: AnswerPriority) -> UpdateQueue:
    return UpdateQueue(RateLimiter(30), answer_priority, cast("Any", journal), lambda: NOW, ())


async def test_editions_wait_until_fetched_updates_have_their_lanes() -> None:
    answer_priority, journal = AnswerPriority(), Journal()
    queue = queue_with(journal, answer_priority)
    for _ in range(2):
        queue.fetched()
        queue.fetched()  # Telegram answered once more before it was asked for more
        assert not answer_priority.is_free
        asking_again = asyncio.create_task(queue.write_down())
        await asyncio.sleep(0)
        assert not answer_priority.is_free
        journal.open.set()
        await asking_again
        assert answer_priority.is_free


async def test_editions_do_not_wait_if_there_is_no_room_for_fetched_updates() -> None:
    answer_priority, journal = AnswerPriority(), Journal()
    queue = queue_with(journal, answer_priority)
    queue._room.clear()
    queue.fetched()
    room = asyncio.create_task(queue.until_there_is_room())
    await asyncio.sleep(0)
    assert not room.done()
    assert answer_priority.is_free
    queue.close()
    await room


async def test_editions_do_not_wait_if_nothing_was_fetched() -> None:
    answer_priority, journal = AnswerPriority(), Journal()
    journal.open.set()
    queue = queue_with(journal, answer_priority)
    await queue.write_down()
    assert answer_priority.is_free


async def test_a_failing_journal_delays_no_edition() -> None:
    answer_priority, journal = AnswerPriority(), Journal(ValueError("a defect"))
    journal.open.set()
    queue = queue_with(journal, answer_priority)
    queue.fetched()
    await asyncio.gather(queue.write_down(), return_exceptions=True)
    assert answer_priority.is_free


READERS = 8


@pytest.fixture
async def town(clock: Clock) -> AsyncIterator[Playground]:
    async with Playground(clock=lambda: clock().timestamp()) as town:
        yield town


def serving(
    town: Playground, database_url: str, clock: Clock, rate_limiter: RateLimiter
) -> AbstractAsyncContextManager[OnNews]:
    settings = settings_in(town, database_url)
    return started(OnNews(settings, clock=clock, first_sources=(), rate_limiter=rate_limiter))


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
        await ask(reader, "/help")
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
        shown = await ask(reader, "/help")
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
        await ask(reader, "/help")
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
