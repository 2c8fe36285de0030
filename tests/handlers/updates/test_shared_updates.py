"""Updates that several replicas share, between the table and the queue."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from telegram import Bot, Update

from digest.pacing.priorities import Standing
from handlers.core.origin import Asker
from handlers.core.services.memory import (
    Awaited,
    DeskQuestion,
    DeskSubject,
    Memory,
    OpenQuestion,
)
from handlers.updates.shared_updates import SharedUpdates
from handlers.updates.update_journal import UpdateJournal
from handlers.updates.update_kinds import identity
from handlers.updates.update_queue import Intake
from storage.db.key_value import KeyValue
from storage.readers.begun_updates import BegunUpdates
from storage.readers.waiting_updates import WaitingUpdates
from storage.replicas.members import Introduction, Members
from storage.replicas.shared_updates import Batch, BatchOutcome, SharedUpdatesTable
from storage.replicas.spread import SHARDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from storage.db.database import Database

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
ALL = frozenset(range(SHARDS))
LONG_ENOUGH = 60.0
BOT = Bot("1:test")


class Side:
    """One replica's side of the table; what it accepts and what it asks to repeat."""

    def __init__(self, database: Database, replica_id: int) -> None:
        self.now, self.passed = NOW, 0.0
        self.accepted: deque[int] = deque()
        self.again: list[int] = []
        self.memory = Memory()
        self.journal = UpdateJournal(
            WaitingUpdates(database), KeyValue(database), BegunUpdates(None)
        )
        self.updates = SharedUpdates(
            SharedUpdatesTable(database), self.journal, lambda: self.now, lambda: self.passed
        )
        self.updates.begin(
            replica_id,
            BOT,
            self.memory,
            accept=lambda update: self.accepted.append(update.update_id),
            say_again=lambda update: self.again.append(update.update_id),
            standing_of=lambda update: Standing.STRANGER if update.update_id < 9 else Standing.NEW,
            is_on=True,
        )

    async def write(self, *numbers: int) -> None:
        """Write updates down."""
        for number in numbers:
            self.updates.add(message(number))
        await self.updates.write()


@pytest.fixture(autouse=True)
def _look_only_if_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a side with `is_on` false look only when the test says so."""
    monkeypatch.setattr("handlers.updates.shared_updates.LOOK_ALONE", 3600.0)


class Replicas:
    """Replicas of one bot, and who of them holds the chats."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.members = Members(database)
        self.all: list[Side] = []

    async def join(self, number: int) -> list[Side]:
        introduction = Introduction("one", "1 host boot 1 nonce", "0.1.0", "", "answer", 4.0)
        joined = [Side(self.database, await self.members.join(introduction)) for _ in range(number)]
        self.all += joined
        return joined

    async def hold(self, side: Side) -> None:
        await self.members.take(side.updates.replica_id, ALL)
        side.updates.shards = ALL

    async def end(self, side: Side) -> None:
        """Let a side die, and the others know of it."""
        await side.updates.close()
        await self.members.leave(side.updates.replica_id)
        self.all.remove(side)


@pytest.fixture
async def replicas(served: Database) -> AsyncIterator[Replicas]:
    replicas = Replicas(served)
    yield replicas
    for side in replicas.all:
        await side.updates.close()
    await replicas.members.close()


def message(number: int, chat: int = 7) -> Update:
    person = {"id": chat, "is_bot": False, "first_name": "Ana"}
    body = {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": int(NOW.timestamp()),
            "chat": {"id": chat, "type": "private"},
            "from": person,
            "text": "/help",
        },
    }
    return Update.de_json(json.loads(json.dumps(body)), BOT)


async def begin_two(one: Side, replicas: Replicas) -> None:
    """Give a side all chats, and let it begin to answer the updates 1 and 2."""
    await replicas.hold(one)
    await one.write(1, 2)
    for number in (1, 2):
        assert await one.updates.may_answer(message(number))


async def test_the_holder_accepts_what_any_replica_wrote_down_once_and_in_order(
    replicas: Replicas,
) -> None:
    one, two = await replicas.join(2)
    await replicas.hold(one)
    await two.write(2, 1)
    await one.write(2)
    assert [*one.accepted] == [1, 2]
    assert await one.updates.may_answer(message(1))
    one.updates.end(message(1))
    await one.write(1)
    assert ([*one.accepted], [*two.accepted]) == ([1, 2], [])


async def test_known_people_are_claimed_before_any_number_of_strangers(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.replicas.shared_updates.AT_ONCE", 2)
    one, two = await replicas.join(2)
    await two.write(1, 2, 3, 9)
    await replicas.hold(one)
    for _ in range(2):
        await one.updates.look()
    assert [*one.accepted] == [1, 9, 2, 3]


async def test_after_a_death_what_was_begun_is_asked_again_and_the_rest_is_answered(
    replicas: Replicas,
) -> None:
    one, two = await replicas.join(2)
    await replicas.hold(one)
    await one.write(1, 2)
    assert await one.updates.may_answer(message(1))
    await replicas.end(one)
    await replicas.hold(two)
    await two.updates.look()
    assert (two.again, [*two.accepted]) == ([1], [2])
    assert not await one.updates.may_answer(message(2))
    await two.updates.look()
    assert (two.again, [*two.accepted]) == ([1], [2])


async def test_a_reader_who_was_not_yet_asked_again_is_asked_by_the_next_replica(
    replicas: Replicas,
) -> None:
    sides = await replicas.join(4)
    await replicas.hold(sides[0])
    await sides[0].write(1)
    assert await sides[0].updates.may_answer(message(1))
    for each, following in pairwise(sides):
        await replicas.end(each)
        await replicas.hold(following)
        await following.updates.look()
        if following is sides[2]:
            following.updates.end(message(1))
            await following.updates.write()
    await sides[3].updates.close()
    assert [each.again for each in sides] == [[], [1], [1], []]


async def test_an_interrupted_answer_is_given_by_the_replica_that_holds_the_chat_then(
    replicas: Replicas,
) -> None:
    one, two = await replicas.join(2)
    await begin_two(one, replicas)
    one.updates.put_off(message(1))
    one.updates.end(message(1))
    await one.updates.write()
    assert ([*one.accepted], one.again) == ([1, 2, 1], [])
    assert await one.updates.may_answer(message(1))
    # This time it is removed before it can write that down.
    await replicas.end(one)
    for number in (1, 2):
        one.updates.put_off(message(number))
    await replicas.hold(two)
    await two.updates.look()
    assert ([*two.accepted], two.again) == ([], [1, 2])


async def test_what_a_stop_leaves_is_answered_by_the_replica_that_sends_from_then_on(
    replicas: Replicas,
) -> None:
    one, two = await replicas.join(2)
    await begin_two(one, replicas)
    one.updates.keep(message(1))
    one.updates.leave([message(1)])
    await one.updates.flush()
    await one.journal.close([], NOW)
    await replicas.end(one)
    await two.journal.take_up(BOT, NOW)
    await replicas.hold(two)
    await two.updates.look()
    assert ([*two.accepted], two.again) == ([1], [2])


async def test_an_update_of_a_process_that_was_alone_may_come_back_to_it_unanswered(
    replicas: Replicas,
) -> None:
    (one,) = await replicas.join(1)
    await replicas.hold(one)
    assert one.journal.is_new(identity(message(1)))
    one.updates.hand_over(message(1))
    await one.updates.write()
    assert [*one.accepted] == [1]


async def test_an_update_answered_by_a_process_that_was_alone_is_not_answered_again(
    replicas: Replicas,
) -> None:
    one, two = await replicas.join(2)
    one.updates.is_on = False
    one.updates.answered_alone(message(1))
    one.updates.hold(one.updates.shards, shared=True)
    one.updates.answered_alone(message(3))  # it was being answered
    await replicas.hold(one)
    await one.updates.write()
    await two.write(1, 2, 3)
    await one.updates.look()
    assert [*one.accepted] == [2]


async def test_what_waits_to_be_read_when_replicas_begin_to_share_goes_along_with_its_chat(
    replicas: Replicas,
) -> None:
    one, two = await replicas.join(2)
    one.updates.is_on = False
    intake = Intake(partial(asyncio.sleep, 0), one.journal, one.updates)
    await intake.put(message(1))
    one.updates.hold(one.updates.shards, shared=True)
    await one.updates.write()
    assert await intake.get() == message(1)
    one.updates.hand_over(message(1))
    await one.updates.write()
    await replicas.hold(two)
    await two.updates.look()
    assert [*two.accepted] == [1]


async def test_a_question_asked_by_one_replica_is_open_on_the_next(replicas: Replicas) -> None:
    one, two = await replicas.join(2)
    await replicas.hold(one)
    await one.write(1)
    asker = Asker(7, 7, 0)
    one.memory.questions.put(asker, OpenQuestion(Awaited.WORD), NOW)
    one.updates.end(message(1))
    await one.updates.flush()
    await two.updates.gained(ALL)
    assert two.memory.questions.get(asker, NOW) == OpenQuestion(Awaited.WORD)


async def test_a_question_that_ended_at_another_replica_stays_ended_when_its_chat_comes_back(
    replicas: Replicas,
) -> None:
    one, two = await replicas.join(2)
    await replicas.hold(one)
    await one.write(1)
    asker = Asker(7, 7, 0)
    one.memory.questions.put(asker, OpenQuestion(Awaited.WORD), NOW)
    one.memory.desk_questions.put(asker, DeskQuestion(DeskSubject.FIND), NOW)
    one.updates.end(message(1))
    await one.updates.flush()
    await replicas.members.give(one.updates.replica_id, ALL)
    await replicas.hold(two)
    await two.updates.gained(ALL)
    await two.write(2)
    two.memory.questions.drop(asker)
    two.memory.desk_questions.drop(asker)
    two.updates.end(message(2))
    await two.updates.flush()
    one.updates.hold(ALL, shared=True)  # or its own look may find it alone
    await one.updates.gained(ALL)
    assert one.memory.questions.get(asker, NOW) is None
    assert one.memory.desk_questions.get(asker, NOW) is None


async def test_an_update_of_yesterday_is_not_answered(replicas: Replicas) -> None:
    (one,) = await replicas.join(1)
    await replicas.hold(one)
    one.updates.is_on = False  # so that it writes only when the test says so
    one.updates.add(message(1))
    one.passed += timedelta(days=2).total_seconds()
    await one.write(2)
    assert [*one.accepted] == [2]


@pytest.mark.parametrize("hours", [-30, 30])
async def test_the_clocks_of_two_machines_may_differ_by_a_day(
    hours: int, replicas: Replicas
) -> None:
    one, two = await replicas.join(2)
    one.now += timedelta(hours=hours)
    await replicas.hold(one)
    one.updates.is_on = False
    await one.write(1)
    asker = Asker(7, 7, 0)
    one.memory.questions.put(asker, OpenQuestion(Awaited.WORD), one.now)
    one.updates.add(message(2))
    one.updates.end(message(1))
    one.updates.shards = frozenset()
    await one.updates.write()
    await replicas.end(one)
    await replicas.hold(two)
    await two.updates.gained(ALL)
    await two.updates.look()
    assert [*two.accepted] == [2]
    later = two.now + timedelta(minutes=1)
    assert two.memory.questions.get(asker, later) == OpenQuestion(Awaited.WORD)
    assert two.memory.questions.get(asker, two.now + timedelta(days=1)) is None


class CountedTable(SharedUpdatesTable):
    """The table, with the number of visits to it."""

    visits = 0

    async def carry_out(self, me: int, batch: Batch) -> BatchOutcome:
        self.visits += 1
        return await super().carry_out(me, batch)

    async def claim(self, me: int, shards: Collection[int]) -> BatchOutcome:
        self.visits += 1
        return await super().claim(me, shards)


async def test_updates_that_come_together_are_written_down_and_claimed_in_one_visit(
    replicas: Replicas,
) -> None:
    (one,) = await replicas.join(1)
    await replicas.hold(one)
    one.updates.is_on = False  # so that it does not look by itself
    table = one.updates._table = CountedTable(replicas.database)
    for number in range(1, 21):
        one.updates.add(message(number))
    await asyncio.gather(*(one.updates.write() for _ in range(20)))
    assert ([*one.accepted], table.visits) == ([*range(1, 21)], 1)
    await asyncio.gather(*(one.updates.may_answer(message(number)) for number in range(1, 21)))
    assert table.visits <= 3


class DeafTable(SharedUpdatesTable):
    """The table, whose next answer is lost on the way, as when the server dies."""

    def __init__(self, served: Database) -> None:
        super().__init__(served)
        self.loses = False

    async def carry_out(self, me: int, batch: Batch) -> BatchOutcome:
        """Write a batch; raise afterwards if the answer is to be lost."""
        return self._heard(await super().carry_out(me, batch))

    async def claim(self, me: int, shards: Collection[int]) -> BatchOutcome:
        """Claim updates; raise afterwards if the answer is to be lost."""
        return self._heard(await super().claim(me, shards))

    def _heard(self, outcome: BatchOutcome) -> BatchOutcome:
        if self.loses:
            self.loses = False
            raise ConnectionResetError
        return outcome


@pytest.mark.parametrize("waiting", [1, 2], ids=["a claim alone", "a claim with a new update"])
async def test_updates_whose_claim_was_carried_out_unheard_are_answered_once_and_in_order(
    waiting: int, replicas: Replicas
) -> None:
    mine, other = await replicas.join(2)
    mine.updates._table = table = DeafTable(replicas.database)
    mine.updates.is_on = False  # so that it looks only when the test says so
    await replicas.hold(mine)
    await other.write(1)
    table.loses = True
    if waiting == 2:
        mine.updates.add(message(2))
    with pytest.raises(ConnectionResetError):
        await (mine.updates.look() if waiting == 1 else mine.updates.write())
    assert not mine.accepted
    await other.write(3)
    for _ in range(2):
        await mine.updates.look()
    assert [*mine.accepted] == [1, *range(2, waiting + 1), 3]


class FailingTable(SharedUpdatesTable):
    """The table, which fails as often as asked, each time after `open` was set."""

    def __init__(self, served: Database, failures: int) -> None:
        super().__init__(served)
        self.failures = failures
        self.begun = asyncio.Event()
        self.open = asyncio.Event()

    async def carry_out(self, me: int, batch: Batch) -> BatchOutcome:
        """Write a batch, or raise."""
        self.begun.set()
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionResetError
        return await super().carry_out(me, batch)


@pytest.mark.parametrize("failures", [1, 2])
async def test_an_update_that_was_posted_twice_is_forgotten_by_telegram_only_once_written_down(
    failures: int, replicas: Replicas
) -> None:
    mine, other = await replicas.join(2)
    mine.updates._table = table = FailingTable(replicas.database, failures)
    await replicas.hold(other)
    posts = []
    for _ in range(2):
        mine.updates.is_on = False  # so that it does not look by itself
        mine.updates.add(message(1))
        posts.append(asyncio.create_task(mine.updates.accepts(message(1))))
        await table.begun.wait()
    await asyncio.sleep(0)  # the second one waits for the first
    table.open.set()
    assert await asyncio.gather(*posts) == [False, failures == 1]
    await mine.updates.write()
    await other.updates.look()
    assert [*other.accepted] == ([1] if failures == 1 else [])


async def test_a_process_that_is_alone_answers_what_a_removed_replica_wrote_down(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.updates.shared_updates.LOOK_ALONE", 0.0)
    alone, removed = await replicas.join(2)
    await replicas.end(removed)
    alone.updates.is_on = False
    await replicas.hold(alone)
    await removed.write(1)
    async with asyncio.timeout(LONG_ENOUGH):
        while not alone.accepted:  # noqa: ASYNC110 - nothing there could wake us
            await asyncio.sleep(0.01)
    assert alone.updates.is_on
