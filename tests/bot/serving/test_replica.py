"""The shards of replicas in one process, which change hands while answers are in progress."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.serving.replica import Replica
from storage.replicas.members import Introduction, Members
from storage.replicas.spread import SHARDS
from storage.serving.liveness import Holder
from storage.tables.table_version import OLDEST_PROGRAM
from tests.bot.serving.running import LONG_ENOUGH, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    import pytest

    from storage.db.database import Database

SECONDS = 4000.0
"""Seconds of silence for which replicas wait. An ordinary heartbeat comes every five minutes."""
HURRY = 0.01 / SECONDS


class Answers:
    """A user of shards that records them, in some of which answers are in progress."""

    def __init__(self) -> None:
        self.answered: frozenset[int] = frozenset()
        self.in_progress: frozenset[int] = frozenset()
        self.asked_to_part = asyncio.Event()
        self.known: set[int] = set()
        """Shards of which it has read what is known about their chats."""

    def hold(self, shards: frozenset[int], *, shared: bool) -> None:
        del shared
        self.answered = shards

    def busy(self) -> frozenset[int]:
        return self.in_progress

    async def part_with(self, shards: frozenset[int]) -> frozenset[int]:
        self.asked_to_part.set()
        return shards & self.in_progress

    async def gained(self, shards: frozenset[int]) -> None:
        self.known |= shards

    async def learn(self, topic: str) -> None:
        # The one number that the migrations have left.
        assert topic == OLDEST_PROGRAM


class DeafMembers(Members):
    """The table, of which the answer to the first taking of shards is lost on the way."""

    is_deaf = True

    async def take(self, me: int, shards: Collection[int]) -> frozenset[int]:
        """Take shards; raise afterwards the first time."""
        taken = await super().take(me, shards)
        if self.is_deaf:
            self.is_deaf = False
            raise ConnectionResetError
        return taken


@asynccontextmanager
async def running(
    database: Database, members: type[Members] = Members
) -> AsyncIterator[tuple[Replica, Answers]]:
    answers = Answers()
    introduction = Introduction("one", str(Holder.here()), "0.1.0", "", "answer", SECONDS)
    replica = Replica(
        members(database), introduction, answers, sends=lambda: False, stopping=asyncio.Event()
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


async def test_a_replica_knows_the_chats_of_shards_that_it_took_without_hearing_of_it(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.serving.replica.OFTEN", HURRY)
    monkeypatch.setattr("bot.serving.replica.HURRY", HURRY)
    async with running(served, DeafMembers) as (replica, answers):
        await until(lambda: len(answers.answered) == SHARDS)
        assert answers.known == replica.held == frozenset(range(SHARDS))


async def test_a_replica_knows_of_the_others_before_its_first_heartbeat(served: Database) -> None:
    async with running(served) as (first, _):
        introduction = Introduction("two", str(Holder.here()), "0.1.0", "", "answer", SECONDS)
        second = Replica(
            Members(served), introduction, Answers(), sends=lambda: True, stopping=asyncio.Event()
        )
        await second.join()
        assert [each.id for each in second.others] == [first.id]
        await second.leave()
