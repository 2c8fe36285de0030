from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from digest.way import Way

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answering(way: Way) -> Iterator[None]:
    way.begin()
    try:
        yield
    finally:
        way.end()


async def test_editions_stand_back_while_an_answer_is_made() -> None:
    way = Way(moment=60.0)
    done: list[str] = []

    async def edition() -> None:
        await way.give()
        done.append("edition")

    with answering(way):
        waiting = asyncio.create_task(edition())
        for _ in range(5):
            await asyncio.sleep(0)
        done.append("answer")
    await waiting
    assert done == ["answer", "edition"]
    assert way.is_free


async def test_the_last_of_several_answers_frees_the_way() -> None:
    way = Way()
    with answering(way):
        with answering(way):
            assert not way.is_free
        assert not way.is_free
    assert way.is_free
    await way.give()


async def test_answers_without_a_pause_hold_editions_up_for_a_moment_only() -> None:
    now = 0.0
    way = Way(moment=0.1, clock=lambda: now)
    with answering(way):
        now = 0.2
        await way.give()
        assert not way.is_free


async def test_a_moment_that_passes_ends_the_waiting() -> None:
    way = Way(moment=0.001)
    with answering(way):
        await way.give()
        assert not way.is_free
