"""Rounds that are ready together are stored together, and a failing one harms no other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from news.ingest import round_writer
from news.ingest.round_writer import Batcher
from storage.db.outage import DatabaseFailure, DatabaseUnavailableError

if TYPE_CHECKING:
    import pytest


async def test_items_ready_during_a_batch_form_the_next_batch() -> None:
    groups: list[list[int]] = []
    free = asyncio.Event()

    async def do(things: list[int]) -> None:
        groups.append(things)
        await free.wait()

    gathered = Batcher(do, most=3)
    first = asyncio.create_task(gathered.done(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(gathered.done(number)) for number in range(1, 6)]
    free.set()
    await asyncio.gather(first, *others)
    assert groups == [[0], [1, 2, 3], [4, 5]]


async def test_a_failing_item_does_not_fail_its_batch() -> None:
    done: list[int] = []

    async def do(things: list[int]) -> None:
        if 2 in things:
            raise ValueError("two")
        done.extend(things)

    gathered = Batcher(do)
    results = await asyncio.gather(
        *(gathered.done(number) for number in range(4)), return_exceptions=True
    )
    assert sorted(done) == [0, 1, 3]
    assert [str(result) for result in results if result is not None] == ["two"]


async def test_a_cancelled_waiter_gets_no_result() -> None:
    """asyncio logs an exception that nobody awaits, with a traceback."""
    begun, free = asyncio.Event(), asyncio.Event()

    async def do(_: list[int]) -> None:
        begun.set()
        await free.wait()
        raise OSError("no disk")

    gathered = Batcher(do)
    first = asyncio.create_task(gathered.done(0))
    await begun.wait()
    others = [asyncio.create_task(gathered.done(number)) for number in range(1, 5)]
    await asyncio.sleep(0)
    ends = [future for _, future in gathered._waiting]
    others[0].cancel()
    await asyncio.sleep(0)
    others[1].cancel()
    free.set()
    await asyncio.gather(first, *others, return_exceptions=True)
    assert [end.cancelled() for end in ends] == [True, True, False, False]


async def test_a_batch_waits_briefly_for_half_of_the_expected_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(round_writer, "LINGER", 60.0)
    groups: list[list[int]] = []
    coming = 5

    async def do(things: list[int]) -> None:
        groups.append(things)

    gathered = Batcher(do, coming=lambda: coming)
    first = asyncio.create_task(gathered.done(0))
    await turns()
    second = asyncio.create_task(gathered.done(1))
    await turns()
    assert groups == []

    # One was cancelled, so nobody waits for it.
    coming = 4
    gathered.look()
    await asyncio.gather(first, second)
    assert groups == [[0, 1]]


async def test_a_full_batch_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_writer, "LINGER", 60.0)
    groups: list[list[int]] = []

    async def do(things: list[int]) -> None:
        groups.append(things)

    gathered = Batcher(do, most=2, coming=lambda: 9 if len(groups) == 0 else 1)
    await asyncio.gather(*(gathered.done(number) for number in range(3)))
    assert groups == [[0, 1], [2]]


async def test_a_batch_waits_only_briefly_for_missing_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(round_writer, "LINGER", 0.0)
    groups: list[list[int]] = []

    async def do(things: list[int]) -> None:
        groups.append(things)

    await Batcher(do, coming=lambda: 9).done(0)
    assert groups == [[0]]


async def test_an_outage_fails_the_batch_without_single_retries() -> None:
    tries = 0

    async def do(_: list[int]) -> None:
        nonlocal tries
        tries += 1
        raise DatabaseUnavailableError(DatabaseFailure("it is away", "Wait."))

    gathered = Batcher(do)
    outcomes = await asyncio.gather(*map(gathered.done, range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailableError] * 3
    assert tries == 1


async def turns() -> None:
    """Let the event loop run everything that is ready."""
    for _ in range(10):
        await asyncio.sleep(0)
