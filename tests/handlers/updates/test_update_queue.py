"""The queue between fetching updates and answering them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from digest.pacing.priorities import AnswerPriority
from digest.pacing.rate_limiter import RateLimiter
from handlers.updates.update_queue import UpdateQueue

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


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
