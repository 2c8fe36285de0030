from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from digest.pacing.priorities import AnswerPriority

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from storage.ledger.deliveries import WaitingRows
    from tests.digest.conftest import Paper


@contextmanager
def answering(answer_priority: AnswerPriority) -> Iterator[None]:
    answer_priority.begin()
    try:
        yield
    finally:
        answer_priority.end()


async def test_editions_wait_while_an_answer_is_made() -> None:
    answer_priority = AnswerPriority(moment=60.0)
    done: list[str] = []

    async def edition() -> None:
        await answer_priority.give()
        done.append("edition")

    with answering(answer_priority):
        waiting = asyncio.create_task(edition())
        for _ in range(5):
            await asyncio.sleep(0)
        done.append("answer")
    await waiting
    assert done == ["answer", "edition"]
    assert answer_priority.is_free


async def test_editions_go_on_after_the_last_of_several_answers() -> None:
    answer_priority = AnswerPriority()
    with answering(answer_priority):
        with answering(answer_priority):
            assert not answer_priority.is_free
        assert not answer_priority.is_free
    assert answer_priority.is_free
    await answer_priority.give()


async def test_constant_answers_delay_editions_only_briefly() -> None:
    now = 0.0
    answer_priority = AnswerPriority(moment=0.1, clock=lambda: now)
    with answering(answer_priority):
        now = 0.2
        await answer_priority.give()
        assert not answer_priority.is_free


async def test_editions_wait_for_an_answer_only_for_a_limited_time() -> None:
    answer_priority = AnswerPriority(moment=0.001)
    with answering(answer_priority):
        await answer_priority.give()
        assert not answer_priority.is_free


async def test_no_rows_are_read_ahead_while_an_answer_is_made(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_priority = AnswerPriority(moment=60.0)
    done: asyncio.Queue[str] = asyncio.Queue()
    peek, give = paper.deliveries.peek, answer_priority.give

    async def noted_peek(*args: Any, **named: Any) -> WaitingRows:  # noqa: ANN401  # whatever it takes
        done.put_nowait("read")
        return await peek(*args, **named)

    async def noted_give() -> None:
        done.put_nowait("stood back")
        await give()

    monkeypatch.setattr(paper.deliveries, "peek", noted_peek)
    monkeypatch.setattr(answer_priority, "give", noted_give)
    sender = paper.new_sender(answer_priority=answer_priority)
    with answering(answer_priority):
        delivering = asyncio.create_task(sender.drain())
        assert await done.get() == "stood back"
        assert done.empty()
    assert await done.get() == "read"
    assert await delivering == 0
