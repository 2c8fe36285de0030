"""The hosts of sources, their pauses and the documents read, as several replicas share them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from storage.articles.articles import Articles
from storage.model import NewSource, Round
from storage.replicas.changes import ChangeTopic
from storage.replicas.host_shards import EVERY_HOST, Hosts, HostShards, shard_of_host
from storage.replicas.host_visits import HostVisit, HostVisits
from storage.replicas.members import Introduction, Members
from storage.replicas.pauses import host_pauses
from storage.replicas.read_documents import ReadDocuments
from storage.replicas.spread import SHARDS
from storage.sources.sources import Sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.db.database import Database

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
ALL = range(SHARDS)


def introduction(name: str = "one") -> Introduction:
    return Introduction(name, "1 host boot 1 nonce", "0.1.0", "", "fetch", 4.0)


@pytest.fixture
async def members(served: Database) -> AsyncIterator[Members]:
    members = Members(served)
    yield members
    await members.close()


async def test_a_shard_of_hosts_has_one_holder_and_is_free_once_that_is_removed(
    served: Database, members: Members
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    hosts = HostShards(served)
    assert await hosts.take(one, ALL) == set(ALL)
    assert await hosts.take(two, ALL) == set()
    await hosts.give(two, [3])  # which it does not hold
    await hosts.give(one, [4])
    assert await hosts.take(two, ALL) == {4}
    view = await members.view()
    assert {view.hosts[number] for number in ALL if number != 4} == {one}
    assert set(view.holders.values()) == {None}  # chats are shared out apart from hosts
    assert await members.remove(view.members[0])
    assert await hosts.take(one, ALL) == set()
    assert await hosts.take(two, ALL) == set(ALL) - {4}


def test_the_hosts_of_a_site_have_one_shard_and_sites_are_spread() -> None:
    for one, other in (
        ("www.example.com", "feeds.example.com"),
        ("EXAMPLE.com", "example.com:8443"),
        ("news.example.co.uk", "www.example.co.uk"),
    ):
        assert shard_of_host(one) == shard_of_host(other)
    assert len({shard_of_host(f"www.paper{number}.com") for number in range(1000)}) == SHARDS
    assert len({shard_of_host(f"www.paper{number}.co.uk") for number in range(1000)}) == SHARDS
    assert len({shard_of_host(f"127.0.0.1:{number}") for number in range(1000)}) == SHARDS
    assert len({shard_of_host(f"[::1]:{number}") for number in range(1000)}) == SHARDS
    # A name without any point, and none at all.
    assert shard_of_host("localhost") in ALL
    assert shard_of_host("") in ALL


def test_hosts_are_those_of_their_shards() -> None:
    mine = Hosts([shard_of_host("www.example.com")])
    assert "feeds.example.com" in mine
    assert "www.example.com" not in Hosts(set(ALL) - mine.shards)
    assert "www.example.com" in EVERY_HOST
    assert not Hosts(())


async def test_a_source_whose_document_waits_is_not_due_until_its_articles_are_stored(
    served: Database, members: Members
) -> None:
    sources, documents = Sources(served), ReadDocuments(served)
    one = await members.join(introduction())
    first = await sources.add(NewSource("First", "https://one.example/feed"), NOW)
    second = await sources.add(NewSource("Second", "https://two.example/feed"), NOW)
    await documents.add(one, {second.id: "second"})
    await documents.add(one, {first.id: "first", second.id: "second again"})
    assert await sources.due(NOW) == []
    found = await documents.oldest(10)
    assert [each.document for each in found] == ["second", "first"]
    assert [each.source_id for each in await documents.oldest(1)] == [second.id]
    later = NOW + timedelta(hours=1)
    round_ = Round(second.id, NOW, later, 3600, read_document=found[0].id)
    await Articles(served).store_all([round_])
    await documents.drop([found[1].id])
    assert await documents.oldest(10) == []
    assert [each.id for each in await sources.due(NOW)] == [first.id]
    assert (await members.view()).changes[ChangeTopic.DOCUMENTS] == 2


async def test_a_removed_replica_passes_nothing_on_and_what_it_had_passed_on_stays(
    served: Database, members: Members
) -> None:
    documents = ReadDocuments(served)
    source = await Sources(served).add(NewSource("One", "https://one.example/feed"), NOW)
    other = await Sources(served).add(NewSource("Two", "https://two.example/feed"), NOW)
    one = await members.join(introduction())
    await documents.add(one, {source.id: "read"})
    await members.leave(one)
    with pytest.raises(IntegrityError):
        await documents.add(one, {other.id: "too late"})
    assert [each.document for each in await documents.oldest(10)] == ["read"]


async def test_the_longest_pause_that_a_host_asked_for_counts(
    served: Database, members: Members
) -> None:
    pauses = host_pauses(served)
    await pauses.note({"one.example": 600.0, "two.example": 0.0})
    await pauses.note({"one.example": 5.0})
    lasting = await pauses.lasting()
    assert set(lasting) == {"one.example"}
    assert 500 < lasting["one.example"] <= 600
    assert (await members.view()).changes[ChangeTopic.PAUSES] == 2


async def test_a_visit_to_a_host_is_granted_by_the_holder_of_its_shard_and_ends_with_its_replica(
    served: Database, members: Members
) -> None:
    one, two = await members.join(introduction()), await members.join(introduction("two"))
    visits, hosts = HostVisits(served), HostShards(served)
    first, second = (HostVisit("a.example", each, 1, granted=False) for each in (one, two))
    assert await visits.ask(first)
    assert not await visits.ask(second)
    await visits.end(second)
    assert (await members.view()).visits == (first,)
    assert not await visits.grant(first, holder=two)
    await hosts.take(two, ALL)
    assert not await visits.grant(first, holder=None)
    assert await visits.grant(first, holder=two)
    assert (await members.view()).visits == (first._replace(granted=True),)
    await members.leave(one)
    assert (await members.view()).visits == ()
    assert await visits.ask(second)
    await visits.end(second)
    assert (await members.view()).visits == ()
