"""Which replica should hold which shards."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from storage.replicas.spread import SHARDS, shard_of, spread

members = st.sets(st.integers(1, 1000), min_size=1, max_size=9)
holders = st.lists(st.one_of(st.none(), st.integers(1, 12)), min_size=SHARDS, max_size=SHARDS).map(
    lambda held: dict(enumerate(held))
)


@given(holders, members)
def test_every_replica_gets_as_many_shards_as_the_others_or_one_more(
    held: dict[int, int | None], replicas: set[int]
) -> None:
    counts = Counter(spread(held, replicas).values())
    assert counts.total() == SHARDS
    assert set(counts) == replicas
    assert max(counts.values()) - min(counts.values()) <= 1


@given(members)
def test_an_even_spread_moves_nothing(replicas: set[int]) -> None:
    even = spread(dict.fromkeys(range(SHARDS)), replicas)
    assert spread(dict(even), replicas) == even


@given(members)
def test_a_new_replica_takes_only_its_own_share_from_the_others(replicas: set[int]) -> None:
    before = spread(dict.fromkeys(range(SHARDS)), replicas)
    after = spread(dict(before), {*replicas, 0})
    assert all(after[shard] in {before[shard], 0} for shard in before)


@given(members)
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
