"""Documents that one replica reads and another one stores."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from news import documents
from news.entry import Entry, Reading, Refused, Report
from news.ingest.decide import article_of
from news.ingest.read_document import ReadDocument
from news.ingest.rounds import Outcome
from news.source_share import Whole
from storage.replicas.host_shards import EVERY_HOST, Hosts
from storage.replicas.members import Introduction, Members
from storage.replicas.read_documents import ReadDocuments
from tests.news.conftest import NOW, Desk, desk_of, item, rss, sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.db.database import Database


@pytest.mark.parametrize(
    "name", ["newsrooms/feed_lexus_newsroom.xml", "newsrooms/feed_lexus_newsroom.json"]
)
def test_a_document_of_the_real_world_is_the_same_after_its_journey(name: str) -> None:
    kind = "application/feed+json" if name.endswith("json") else "application/atom+xml"
    parsed = documents.read(sample(name), Reading("https://one.example/", kind), NOW)
    assert parsed.entries
    read = ReadDocument(parsed.entries, parsed.refused, "https://new.example/", '"1"', None, 60)
    assert ReadDocument.opened(read.packed()) == read


def test_an_entry_with_every_field_and_one_with_hardly_any_are_the_same_after_their_journey() -> (
    None
):
    full = documents.read(
        rss(item(1) + "<category>Mode</category>").encode(),
        Reading("https://one.example/", "application/rss+xml", categories=("style",)),
        NOW,
    ).entries[0]
    full = full._replace(image="https://i.example/é\u0000.jpg", author="\u2028", paywall=False)
    read = ReadDocument((full, Entry("", "https://one.example/2", "T")), (Refused("a", "b"),))
    assert ReadDocument.opened(read.packed()) == read
    assert full.report is not None
    assert full.published is not None
    report = Report.opened(full.report, full.published)
    assert report.houses == {"gucci"}
    assert Report.opened(report.packed(), report.published) == report


def test_a_document_of_another_version_is_read_as_far_as_both_know_it() -> None:
    values = json.loads(ReadDocument((Entry("g", "https://one.example/1", "T"),)).packed())
    values["fields"] = [*values["fields"][:3], "later"]
    values["entries"] = [[*values["entries"][0][:3], {"any": "thing"}]]
    values["later"] = 1
    assert ReadDocument.opened(json.dumps(values)).entries == (
        Entry("g", "https://one.example/1", "T"),
    )


class Beside(Whole):
    """The share of a replica that does not store."""

    stores = False

    def __init__(self) -> None:
        self.hosts = EVERY_HOST
        self.passed_on: dict[int, str] = {}
        self.noted = 0

    async def pass_on(self, read: Mapping[int, str]) -> None:
        self.passed_on.update(read)

    async def note_stored(self) -> None:
        self.noted += 1


@pytest.fixture
def db(served: Database) -> Database:
    """Replicas are on PostgreSQL only."""
    return served


@pytest.fixture
async def replica_id(db: Database) -> int:
    members = Members(db)
    return await members.join(Introduction("one", "1 host boot 1 nonce", "0", "", "fetch", 4.0))


async def stored(desk: Desk) -> int:
    return len(await desk.articles.recent(NOW - timedelta(days=9)))


async def passed_on(db: Database, replica_id: int, share: Beside) -> ReadDocuments:
    waiting = ReadDocuments(db)
    await waiting.add(replica_id, share.passed_on)
    return waiting


async def test_what_one_newsroom_reads_another_one_stores(
    desk: Desk, db: Database, replica_id: int
) -> None:
    share = Beside()
    desk.room.results.share = share
    source = await desk.add(desk.site.serve("/feed", rss(item(1), item(2)), ETag='"7"'))
    report = await desk.refresh(source)
    assert report.outcome is Outcome.PASSED_ON
    assert await stored(desk) == 0

    waiting = await passed_on(db, replica_id, share)
    heard: list[int] = []

    async def note(ids: list[int]) -> None:
        heard.extend(ids)

    desk.room.results.on_new = note
    await desk.room.store_read(waiting)
    assert await stored(desk) == len(heard) == 2
    assert await waiting.oldest(1) == []
    now = await desk.sources.get(source.id)
    assert now is not None
    assert (now.etag, now.last_ok, now.last_new) == ('"7"', desk.now, desk.now)
    assert now.next_check > desk.now

    # A process that died before it had forgotten the document stores it again: nothing is new.
    await passed_on(db, replica_id, share)
    await desk.room.store_read(waiting)
    assert await stored(desk) == len(heard) == 2


async def test_a_source_is_asked_only_by_the_process_that_holds_its_host(desk: Desk) -> None:
    share = Beside()
    share.hosts = Hosts(())
    desk.room.results.share = share
    await desk.add(desk.site.serve("/feed", rss(item(1))))
    assert await desk.room.refresh_due(desk.now) == ()
    share.hosts = EVERY_HOST
    assert len(await desk.room.refresh_due(desk.now)) == 1
    assert len(desk.site.requests) == 1


async def test_a_damaged_document_is_an_error_of_its_source_and_met_once(
    desk: Desk, db: Database, replica_id: int
) -> None:
    broken = await desk.add("https://one.example/feed")
    gone = await desk.add("https://two.example/feed", "Two")
    await desk.sources.remove(gone.id)
    waiting = ReadDocuments(db)
    await waiting.add(replica_id, {broken.id: '{"fields": []}', gone.id: "{}"})
    await desk.room.store_read(waiting)
    assert await waiting.oldest(1) == []
    now = await desk.sources.get(broken.id)
    assert now is not None
    assert (now.failures, now.last_error) == (1, "defect: KeyError")


async def test_an_editor_s_article_is_compared_with_what_another_replica_has_stored_since(
    desk: Desk, db: Database
) -> None:
    source = await desk.add(desk.site.serve("/feed", rss(item(1))))
    second = await desk.add("https://two.example/feed", "Two")
    other, share = desk_of(db, desk.room._fetcher, desk.room._workers, desk.site), Beside()
    other.room.results.share = share
    # It reads the stories while there is none.
    assert await other.room.results.likeness(Entry("", "https://x.example/1", "Nothing")) is None
    await desk.refresh(source)
    copy = Entry("1", "https://two.example/1", "Gucci shows collection number 1", published=NOW)
    await other.room.results.release(second, [article_of(copy, None, NOW)])
    first, released = await desk.articles.recent(NOW - timedelta(days=3))
    assert (first.source_id, released.source_id) == (source.id, second.id)
    assert released.story_id == first.id
    assert share.noted == 1
