"""Updates that wait are kept over restarts, each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.readers.waiting_updates import WaitingUpdate, WaitingUpdates

if TYPE_CHECKING:
    from storage.db.database import Database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def test_what_is_written_down_is_found_in_the_order_in_which_it_came(db: Database) -> None:
    waiting = WaitingUpdates(db)
    first = WaitingUpdate(2**40, '{"update_id": 1}', NOON)
    second = WaitingUpdate(7, "{}", NOON + timedelta(seconds=1))
    await waiting.change([second, first])
    assert await waiting.all() == [first, second]


async def test_what_is_written_down_twice_is_there_once(db: Database) -> None:
    waiting = WaitingUpdates(db)
    first = WaitingUpdate(1, "{}", NOON)
    await waiting.change([first])
    await waiting.change([WaitingUpdate(1, "{}", NOON + timedelta(hours=1))])
    assert await waiting.all() == [first]


async def test_what_is_struck_off_is_gone(db: Database) -> None:
    waiting = WaitingUpdates(db)
    await waiting.change([])
    await waiting.change([WaitingUpdate(number, "{}", NOON) for number in range(3)])
    await waiting.change(strike_off=[0, 2, 99])
    await waiting.change()
    assert [each.update_id for each in await waiting.all()] == [1]
