"""The memory between updates, and how it expires."""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta

from handlers.core.services.memory import Expiring, Memory
from tests.handlers.conftest import MORNING


def test_expired_values_are_removed_and_make_room() -> None:
    kept: Expiring[int, str] = Expiring(timedelta(minutes=1))
    for number in range(100):
        kept.put(number, "a", MORNING)
    later = MORNING + timedelta(minutes=1)
    assert kept.get(1, MORNING) == "a"
    assert kept.get(1, later) is None
    kept.put(200, "b", later)
    assert len(kept) == 1


def test_putting_a_value_again_renews_its_lifetime() -> None:
    kept: Expiring[int, str] = Expiring(timedelta(minutes=1))
    kept.put(1, "a", MORNING)
    kept.put(2, "a", MORNING)
    kept.put(1, "b", MORNING + timedelta(seconds=30))
    kept.put(3, "c", MORNING + timedelta(seconds=70))
    assert kept.get(1, MORNING + timedelta(seconds=70)) == "b"
    assert len(kept) == 2
    kept.drop(1)
    assert kept.get(1, MORNING) is None


def test_the_number_of_kept_values_is_limited() -> None:
    kept: Expiring[int, int] = Expiring(timedelta(minutes=1), most=10)
    for number in range(1000):
        kept.put(number, number, MORNING)
    assert len(kept) == 10
    assert kept.get(999, MORNING) == 999


async def test_a_chat_has_one_lock_while_anybody_needs_it() -> None:
    memory = Memory()
    async with memory.turn(7):
        waiting = asyncio.create_task(_take(memory))
        await asyncio.sleep(0)
        assert memory.turn(7).locked()
        assert not memory.turn(8).locked()
    await waiting
    gc.collect()
    assert len(memory._turns) == 0


async def _take(memory: Memory) -> None:
    async with memory.turn(7):
        await asyncio.sleep(0)
