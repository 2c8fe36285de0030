from __future__ import annotations

import asyncio

from digest.way import Way


async def test_editions_stand_back_while_an_answer_is_made() -> None:
    way = Way(moment=60.0)
    done: list[str] = []

    async def edition() -> None:
        await way.give()
        done.append("edition")

    with way.answering():
        waiting = asyncio.create_task(edition())
        for _ in range(5):
            await asyncio.sleep(0)
        done.append("answer")
    await waiting
    assert done == ["answer", "edition"]
    assert way.is_free


async def test_the_last_of_several_answers_frees_the_way() -> None:
    way = Way()
    with way.answering():
        with way.answering():
            assert not way.is_free
        assert not way.is_free
    assert way.is_free
    await way.give()


async def test_answers_without_a_pause_hold_editions_up_for_a_moment_only() -> None:
    now = 0.0
    way = Way(moment=0.1, clock=lambda: now)
    with way.answering():
        now = 0.2
        await way.give()
        assert not way.is_free


async def test_a_moment_that_passes_ends_the_waiting() -> None:
    way = Way(moment=0.001)
    with way.answering():
        await way.give()
        assert not way.is_free
