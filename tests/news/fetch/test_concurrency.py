"""A gate limits concurrent holders, and slow holders delay nobody."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from news.fetch.concurrency import Gate

NEVER = 3_600.0
AT_ONCE = 0.0
LONG_ENOUGH = 120.0


async def test_the_number_of_concurrent_holders_is_limited() -> None:
    gate, most = Gate(3, patience=NEVER), 0

    async def visit() -> None:
        nonlocal most
        with await gate.enter():
            most = max(most, gate.taken)
            await asyncio.sleep(0)

    await asyncio.gather(*(visit() for _ in range(20)))
    assert (most, gate.taken) == (3, 0)


async def test_slow_holders_let_others_pass() -> None:
    gate, over = Gate(2, patience=AT_ONCE), asyncio.Event()

    async def hang() -> None:
        with await gate.enter():
            await over.wait()

    hanging = [asyncio.create_task(hang()) for _ in range(9)]
    async with asyncio.timeout(LONG_ENOUGH):
        gate.leave(await gate.enter())
    over.set()
    await asyncio.gather(*hanging)
    assert gate.taken == 0


async def test_the_number_of_tasks_that_step_aside_is_limited() -> None:
    gate = Gate(2, aside=3, patience=0.001)
    async with asyncio.timeout(LONG_ENOUGH):
        slots = [await gate.enter() for _ in range(5)]
        another = asyncio.create_task(gate.enter())
        await asyncio.sleep(0.01)
        assert (gate.taken, another.done()) == (2, False)
        gate.leave(next(slot for slot in slots if slot.aside))
        await another
    assert gate.taken == 2


@pytest.mark.parametrize("aside", [False, True])
async def test_a_slot_is_released_exactly_once(aside: bool) -> None:  # noqa: FBT001
    gate = Gate(1, aside=1, patience=AT_ONCE if aside else NEVER)
    for _ in range(3):
        slot = await gate.enter()
        other = await gate.enter() if aside else None
        keeping = asyncio.create_task(gate.keep(slot))
        await asyncio.sleep(0)
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        gate.leave(slot)
        if other is not None:
            gate.leave(other)
        assert gate.taken == 0


async def test_one_that_stood_aside_returns_when_there_is_room() -> None:
    gate = Gate(1, patience=AT_ONCE)
    first = await gate.enter()
    second = await gate.enter()
    await gate.keep(second)
    back = asyncio.create_task(gate.keep(first))
    await asyncio.sleep(0.01)
    assert first.aside
    assert not back.done()
    gate.leave(second)
    await back
    assert not first.aside
    assert gate.taken == 1
    gate.leave(first)
    assert gate.taken == 0
