"""Waiting updates are kept across restarts, each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.readers.waiting_updates import WaitingUpdate, WaitingUpdates

if TYPE_CHECKING:
    from storage.db.database import Database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def test_journaled_updates_are_read_in_order(db: Database) -> None:
    waiting = WaitingUpdates(db)
    first = WaitingUpdate(2**40, '{"update_id": 1}', NOON)
    second = WaitingUpdate(7, "{}", NOON + timedelta(seconds=1))
    await waiting.change([second, first])
    assert await waiting.all() == [first, second]


async def test_an_update_journaled_twice_is_stored_once(db: Database) -> None:
    waiting = WaitingUpdates(db)
    first = WaitingUpdate(1, "{}", NOON)
    await waiting.change([first])
    await waiting.change([WaitingUpdate(1, "{}", NOON + timedelta(hours=1))])
    assert await waiting.all() == [first]


async def test_removed_updates_leave_the_journal(db: Database) -> None:
    waiting = WaitingUpdates(db)
    await waiting.change([])
    await waiting.change([WaitingUpdate(number, "{}", NOON) for number in range(3)])
    await waiting.change(strike_off=[0, 2, 99])
    await waiting.change()
    assert [each.update_id for each in await waiting.all()] == [1]
