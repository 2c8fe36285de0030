"""Replicas and their shards, updates and open questions, in the database. Which replica should
hold which shards.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.db.changes import ChangeTopic
from storage.readers.access import Access
from storage.replicas.members import Introduction, Members
from storage.replicas.pauses import ChatPauses
from storage.replicas.shared_updates import AskedQuestion, Batch, NewUpdate, SharedUpdatesTable
from storage.replicas.spread import SHARDS, shard_of, spread
from storage.tables.table_version import OLDEST_PROGRAM
from tests.plugins.archive import there
from tests.storage.db.silent_client import LONG_ENOUGH, silent_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.db.database import Database

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
ALL = range(SHARDS)


def introduction(name: str = "one") -> Introduction:
    return Introduction(name, "1 host boot 1 nonce", "0.1.0", "", "answer", 4.0)


def new(number: int, shard: int = 3) -> NewUpdate:
    return NewUpdate(number, shard, f'{{"update_id": {number}}}')


@pytest.fixture
async def members(served: Database) -> AsyncIterator[Members]:
    members = Members(served)
    yield members
    await members.close()


@pytest.fixture
def updates(served: Database) -> SharedUpdatesTable:
    return SharedUpdatesTable(served)


async def test_a_heartbeat_shows_all_replicas_and_who_holds_each_shard(members: Members) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    assert await members.take(one, [1, 2]) == {1, 2}
    assert await members.take(two, [2, 3]) == {3}
    await members.look(two, sends=True)
    view = there(await members.look(one, sends=False))
    assert [(each.name, each.beat, each.sends) for each in view.members] == [
        ("one", 0, False),
        ("two", 1, True),
    ]
    assert {shard: who for shard, who in view.holders.items() if who} == {1: one, 2: one, 3: two}
    assert len(view.holders) == SHARDS


async def test_a_silent_replica_loses_all_that_it_held_and_learns_it(
    members: Members, updates: SharedUpdatesTable
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    await members.take(one, ALL)
    await updates.carry_out(one, Batch([new(1), new(2)], claim=ALL))
    await updates.carry_out(one, Batch(begun=[1]))
    view = there(await members.look(two, sends=False))
    assert await members.remove(view.members[0])
    assert not await members.remove(view.members[0])
    assert await members.take(one, ALL) == set()
    assert await members.take(two, ALL) == set(ALL)
    found = (await updates.claim(two, ALL)).claimed
    assert [(each.update_id, each.begun) for each in found] == [(1, True), (2, False)]
    assert await members.look(one, sends=True) is None
    assert (await updates.carry_out(one, Batch(begun=[2], ended=[1, 2]))).begun == set()


async def test_a_replica_that_gave_a_sign_meanwhile_is_not_removed(members: Members) -> None:
    one = await members.join(introduction())
    view = there(await members.look(one, sends=False))
    assert not await members.remove(view.members[0])
    assert await members.look(one, sends=False) is not None


@pytest.mark.parametrize("described", [False, True])
async def test_a_replica_is_removed_though_it_froze_while_it_wrote_a_request(
    members: Members, postgresql_url: str, *, described: bool
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    view = there(await members.look(two, sends=False))
    # The test cannot move the server's clock.
    frozen = replace(view.members[0], seconds=0.0)
    held = f"SELECT id FROM replicas WHERE id = {one} FOR KEY SHARE"  # noqa: S608 - a number
    client = silent_client(postgresql_url, held, described=described)
    async with client as answers, asyncio.timeout(LONG_ENOUGH):
        while not await members.remove(frozen):
            pass
        assert b"terminating connection" in await answers.read()


async def test_a_replica_that_froze_before_it_read_the_answer_of_a_heartbeat_is_removed(
    members: Members, postgresql_url: str
) -> None:
    one = await members.join(introduction())
    frozen = replace((await members.view()).members[0], seconds=0.0)
    # Far more than the buffers of a socket hold, so the server waits within the transaction.
    unread = f"UPDATE replicas SET beat = beat WHERE id = {one} RETURNING repeat('x', 50000000)"  # noqa: S608 - a number
    client = silent_client(postgresql_url, unread=unread)
    async with client as answers, asyncio.timeout(LONG_ENOUGH):
        while not await members.remove(frozen):
            pass
        await answers.read()
    assert (await members.view()).members == ()


async def test_messages_of_a_replica_are_read_by_the_others_until_they_have_heard_of_them(
    served: Database, members: Members
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    others = Members(served)
    assert await members.look(one, sends=True, sent={5: 2, 6: 1}) is not None
    lost, view = [await others.look(two, sends=False) for _ in range(2)]
    assert lost is not None
    assert view is not None
    assert {each.chat_id: each.messages for each in view.recent} == {5: 2, 6: 1}
    assert set(view.recent) == set(lost.recent)
    heard = {each.id: each.beat for each in view.members}
    assert await members.look(one, sends=True, sent={7: 3}) is not None
    own = await members.look(one, sends=True)
    later = await others.look(two, sends=False, heard=heard)
    await others.close()
    assert own is not None
    assert later is not None
    assert own.recent == ()
    assert [each.chat_id for each in later.recent] == [7]


async def test_an_update_is_written_down_once_and_claimed_once_in_order(
    members: Members, updates: SharedUpdatesTable
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    await members.take(one, ALL)
    await updates.carry_out(two, Batch([new(9), new(7)]))
    await updates.carry_out(one, Batch([new(9), new(8)]))
    assert (await updates.claim(two, ALL)).claimed == []
    found = (await updates.claim(one, ALL)).claimed
    assert [each.update_id for each in found] == [7, 8, 9]
    assert (await updates.claim(one, ALL)).claimed == []


async def test_an_update_is_begun_once_and_not_answered_again_when_it_is_sent_again(
    members: Members, updates: SharedUpdatesTable
) -> None:
    one = await members.join(introduction())
    await members.take(one, ALL)
    await updates.carry_out(one, Batch([new(1)], claim=ALL))
    assert (await updates.carry_out(one, Batch(begun=[1]))).begun == {1}
    assert (await updates.carry_out(one, Batch(begun=[1]))).begun == set()
    await updates.carry_out(one, Batch(ended=[1]))
    assert (await updates.carry_out(one, Batch([new(1)], claim=ALL))).claimed == []


async def test_shards_are_given_with_the_updates_that_wait_and_without_those_begun(
    members: Members, updates: SharedUpdatesTable
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    await members.take(one, ALL)
    await updates.carry_out(one, Batch([new(1), new(2), new(3, shard=5)], claim=ALL))
    await updates.carry_out(one, Batch(begun=[1]))
    await members.give(one, [3])
    await members.take(two, [3])
    assert [each.update_id for each in (await updates.claim(two, ALL)).claimed] == [2]


async def test_a_stop_leaves_an_answer_that_nobody_has_seen_to_another_replica(
    members: Members, updates: SharedUpdatesTable
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    await members.take(one, ALL)
    await updates.carry_out(one, Batch([new(1)], claim=ALL))
    await updates.carry_out(one, Batch(begun=[1]))
    await updates.carry_out(one, Batch(released=[1]))
    await members.leave(one)
    await members.take(two, ALL)
    found = (await updates.claim(two, ALL)).claimed
    assert [(each.update_id, each.begun) for each in found] == [(1, False)]


async def test_open_questions_stay_in_the_database_until_they_are_answered(
    updates: SharedUpdatesTable,
) -> None:
    asked = AskedQuestion(7, 8, 0, 3, '[["word", null], null]')
    await updates.carry_out(1, Batch(questions=[asked]))
    await updates.carry_out(1, Batch(questions=[asked._replace(questions="[null, null]")]))
    assert [each.questions for each in await updates.open_questions([3])] == ["[null, null]"]
    assert await updates.open_questions([4]) == []
    await updates.carry_out(1, Batch(questions=[asked._replace(questions="")]))
    assert await updates.open_questions([3]) == []


async def test_others_learn_of_a_decision_and_of_a_flood_by_numbers_that_grow(
    served: Database, members: Members
) -> None:
    one = await members.join(introduction())
    before = (await members.view()).changes
    await Access(served).decide(7, allowed=False, now=NOW)
    first = await members.look(one, sends=False)
    await Access(served).decide(7, allowed=True, now=NOW)
    await ChatPauses(served).note({5: 3600.0})
    second = await members.look(one, sends=False)
    assert first is not None
    assert second is not None
    assert first.changes == {**before, ChangeTopic.ACCESS: 1}
    assert second.changes == {**before, ChangeTopic.ACCESS: 2, ChangeTopic.FLOODS: 1}
    assert before.keys() == {OLDEST_PROGRAM}
    assert [chat for chat, left in (await ChatPauses(served).lasting()).items() if left > 3000] == [
        5
    ]


replica_ids = st.sets(st.integers(1, 1000), min_size=1, max_size=9)

holders = st.lists(st.one_of(st.none(), st.integers(1, 12)), min_size=SHARDS, max_size=SHARDS).map(
    lambda held: dict(enumerate(held))
)


@given(holders, replica_ids)
def test_every_replica_gets_as_many_shards_as_the_others_or_one_more(
    held: dict[int, int | None], replicas: set[int]
) -> None:
    counts = Counter(spread(held, replicas).values())
    assert counts.total() == SHARDS
    assert set(counts) == replicas
    assert max(counts.values()) - min(counts.values()) <= 1


@given(replica_ids)
def test_an_even_spread_moves_nothing(replicas: set[int]) -> None:
    even = spread(dict.fromkeys(range(SHARDS)), replicas)
    assert spread(dict(even), replicas) == even


@given(replica_ids)
def test_a_new_replica_takes_only_its_own_share_from_the_others(replicas: set[int]) -> None:
    before = spread(dict.fromkeys(range(SHARDS)), replicas)
    after = spread(dict(before), {*replicas, 0})
    assert all(after[shard] in {before[shard], 0} for shard in before)


@given(replica_ids)
def test_a_replica_that_is_gone_moves_only_its_own_shards(replicas: set[int]) -> None:
    before = spread(dict.fromkeys(range(SHARDS)), {*replicas, 0})
    after = spread(dict(before), replicas)
    assert all(after[shard] == before[shard] for shard in before if before[shard])


def test_nobody_holds_anything_without_replicas() -> None:
    assert spread(dict.fromkeys(range(SHARDS)), ()) == {}


def test_chats_that_follow_one_another_fall_into_different_shards() -> None:
    private = Counter(shard_of(1_000_000_000 + number) for number in range(6_400))
    groups = Counter(shard_of(-1_001_000_000_000 - number) for number in range(6_400))
    assert set(private) == set(groups) == set(range(SHARDS))
    assert max(*private.values(), *groups.values()) < 130
