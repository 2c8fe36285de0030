"""The shards of replicas in one process, which change hands while answers are in progress."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.serving.replica import Replica
from storage.replicas.members import Introduction, Members
from storage.replicas.spread import SHARDS
from storage.serving.lease_holder import Holder
from storage.tables.table_version import OLDEST_PROGRAM
from tests.bot.serving.running import LONG_ENOUGH, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import pytest

    from storage.db.database import Database
    from storage.replicas.members import Member, ReplicaView

SECONDS = 4000.0
"""Seconds of silence for which replicas wait. An ordinary heartbeat comes every five minutes."""
HURRY = 0.01 / SECONDS


class Answers:
    """A user of shards that records them, in some of which answers are in progress."""

    def __init__(self) -> None:
        self.answered: frozenset[int] = frozenset()
        self.in_progress: frozenset[int] = frozenset()
        self.asked_to_part = asyncio.Event()

    def hold(self, shards: frozenset[int], *, shared: bool) -> None:
        del shared
        self.answered = shards

    def busy(self) -> frozenset[int]:
        return self.in_progress

    async def part_with(self, shards: frozenset[int]) -> frozenset[int]:
        self.asked_to_part.set()
        return shards & self.in_progress

    async def gained(self, shards: frozenset[int]) -> None:
        del shards

    async def learn(self, topic: str) -> None:
        # The one number that the migrations have left.
        assert topic == OLDEST_PROGRAM

    async def settle_hosts(self, view: ReplicaView, alive: Sequence[Member]) -> bool:
        del view, alive
        return False


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[tuple[Replica, Answers]]:
    answers = Answers()
    introduction = Introduction("one", str(Holder.here()), "0.1.0", "", "answer", SECONDS)
    replica = Replica(
        Members(database), introduction, answers, sends=lambda: False, stopping=asyncio.Event()
    )
    async with AsyncExitStack() as closing:
        closing.push_async_callback(replica.leave)
        await replica.join()
        replica.begin()
        yield replica, answers


async def test_shards_without_an_answer_in_progress_are_given_first(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.serving.replica.HURRY", HURRY)
    async with running(served) as (first, answers):
        await until(lambda: len(answers.answered) == SHARDS)
        answers.in_progress = frozenset(range(0, SHARDS, 2))
        async with running(served) as (_, others):
            first._at_once.set()  # as if five minutes had passed
            await until(lambda: len(others.answered) == SHARDS // 2)
            assert others.answered == frozenset(range(1, SHARDS, 2))


async def test_a_shard_is_given_soon_after_its_last_answer(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.serving.replica.HURRY", HURRY)
    async with running(served) as (first, answers):
        await until(lambda: len(answers.answered) == SHARDS)
        answers.in_progress = frozenset(range(SHARDS))
        async with running(served) as (_, others):
            first._at_once.set()
            await asyncio.wait_for(answers.asked_to_part.wait(), LONG_ENOUGH)
            assert others.answered == frozenset()
            answers.in_progress = frozenset()
            await until(lambda: len(others.answered) == SHARDS // 2)
            assert len(answers.answered) == SHARDS // 2


async def test_a_replica_that_stops_gives_its_shards_while_the_others_look_often(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.serving.replica.HURRY", HURRY)
    monkeypatch.setattr("bot.serving.replica.LAST_WORD", LONG_ENOUGH)
    async with running(served) as (first, answers), running(served) as (second, others):
        first._at_once.set()
        await until(lambda: len(answers.answered) == len(others.answered) == SHARDS // 2)
        await second.give_all()
        first._at_once.set()
        await until(lambda: len(answers.answered) == SHARDS)
        assert others.answered == frozenset()
