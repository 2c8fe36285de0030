"""Exactly the rows older than their retention time are deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from storage import retention
from storage.model import DeliveryKind, DeliveryState, State
from storage.readers.saved import Saved
from storage.readers.shares import Shares
from storage.readers.subscribers import Subscribers
from storage.retention import Keep, Retention
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import shares, subscribers
from storage.tables.schema import articles
from tests.plugins.archive import FIRST, Archive, registered

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Table

    from storage.db.database import Database

DAY = timedelta(days=1)
FOR_EVER = Keep(0, 0, 0, 0)


async def count(db: Database, table: Table) -> int:
    async with db.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def reader(db: Database, chat_id: int = 1) -> int:
    found = await registered(Subscribers(db), chat_id, FIRST, zone="UTC", digest_minute=0)
    return found.id


async def deliver(db: Database, to: int, due: datetime, state: DeliveryState, key: str) -> None:
    async with db.writing() as connection:
        await connection.execute(
            insert(deliveries).values(
                subscriber_id=to,
                key=key,
                kind=DeliveryKind.EDITION.value,
                due=due,
                state=state.value,
                place_from=0,
                place_to=0,
                taste_key="",
                language="en",
                layout="titles",
            )
        )


async def test_old_finished_deliveries_are_deleted(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOOKED_THROUGH", 4)
    monkeypatch.setattr(retention, "BATCH", 2)
    to = await reader(db)
    for day in range(6):
        await deliver(db, to, FIRST + day * DAY, DeliveryState.SENT, f"sent {day}")
        await deliver(db, to, FIRST + day * DAY, DeliveryState.PLANNED, f"planned {day}")
    await deliver(db, to, FIRST, DeliveryState.FAILED, "failed")
    pruned = await Retention(db, Keep(30, 0, 0, 0)).prune(FIRST + 33 * DAY)
    # The last is old but out of its order, among young ones: another night finds it.
    assert pruned == {"deliveries": 3}
    async with db.reading() as connection:
        left = set((await connection.execute(select(deliveries.c.key))).scalars())
    assert {"planned 0", "sent 3", "sent 5"} <= left
    assert not {"sent 0", "sent 1", "sent 2"} & left


async def test_deleted_articles_never_return_as_news(archive: Archive) -> None:
    old, young = FIRST, FIRST + 40 * DAY
    given = [
        archive.article(title, body=f"body of {title}", categories=("motor",))
        for title in ("Old", "Kept", "Imported")
    ]
    await archive.store(*given, now=old)
    await archive.store(archive.article("Young"), now=young)
    to = await reader(archive.db)
    await Saved(archive.db).add(to, 2, young)
    await Shares(archive.db).link(to, 1, young)
    async with archive.db.writing() as connection:
        await connection.execute(update(articles).where(articles.c.id == 3).values(imported=True))
    pruned = await Retention(archive.db, Keep(0, 0, 30, 0)).prune(FIRST + 41 * DAY)
    assert pruned == {"articles": 1}
    assert [await archive.titles_for(word) for word in ("old", "kept", "imported", "young")] == [
        [],
        ["Kept"],
        ["Imported"],
        ["Young"],
    ]
    assert await archive.articles.body(1) is None
    assert await count(archive.db, shares) == 0
    links = [one.link for one in given]
    links.append("https://other.example")
    known, let_go = await archive.articles.known_and_pruned(archive.source.id, [], links)
    assert {one.link for one in known} == {*links[1:-1]}
    assert let_go == {links[0]}


async def test_the_newest_article_is_kept_so_ids_are_not_reused(archive: Archive) -> None:
    await archive.publish("One", "Two")
    assert await Retention(archive.db, Keep(0, 0, 1, 0)).prune(FIRST + 9 * DAY) == {"articles": 1}
    assert (await archive.publish("Three")).new == (3,)


async def test_many_articles_are_deleted_in_small_batches(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    monkeypatch.setattr(retention, "ARTICLES", 3)
    await archive.publish(*map(str, range(20)))
    to = await reader(archive.db)
    for article in (3, 8, 9, 10, 11, 12):
        await Saved(archive.db).add(to, article, FIRST)
    assert await Retention(archive.db, Keep(0, 0, 1, 0)).prune(FIRST + 9 * DAY) == {"articles": 13}


async def test_old_shares_are_deleted(archive: Archive) -> None:
    await archive.publish("One", "Two")
    to = await reader(archive.db)
    await Shares(archive.db).link(to, 1, FIRST)
    await Shares(archive.db).link(to, 2, FIRST + 5 * DAY)
    keep = Keep(0, 3, 0, 0)
    assert await Retention(archive.db, keep).prune(FIRST + 4 * DAY) == {"shares": 1}
    assert [share.article_id for share in await Shares(archive.db).of(to, 9)] == [2]


async def test_absent_readers_are_deleted_unless_they_return(archive: Archive) -> None:
    db = archive.db
    await archive.publish("One")
    readers = Subscribers(db)
    stays, stopped, gone, returns, saves = [await reader(db, chat) for chat in range(1, 6)]
    for each in (stopped, returns, saves):
        await readers.change(each, state=State.STOPPED, next_at=None)
    await readers.gone(3)
    kept = Retention(db, Keep(0, 0, 0, 30))
    assert not await kept.prune(FIRST)
    # Back for an hour, then away again: the time restarts.
    await readers.change(returns, state=State.ACTIVE)
    await readers.change(returns, state=State.STOPPED)
    await Saved(db).add(saves, 1, FIRST + 20 * DAY)
    assert not await kept.prune(FIRST + 29 * DAY)
    assert await kept.prune(FIRST + 31 * DAY) == {"subscribers": 2}
    there = [await readers.get(each) is not None for each in (stays, stopped, gone, returns, saves)]
    assert there == [True, False, False, True, True]
    # A gone reader who writes again does not count as absent.
    await readers.gone(1)
    assert not await kept.prune(FIRST + 32 * DAY)
    await reader(db, 1)
    async with db.reading() as connection:
        since = select(subscribers.c.away_since).where(subscribers.c.id == stays)
        assert (await connection.execute(since)).scalar() is None


async def test_zero_days_keeps_everything(archive: Archive) -> None:
    await archive.publish("One", "Two")
    to = await reader(archive.db)
    await Shares(archive.db).link(to, 1, FIRST)
    await deliver(archive.db, to, FIRST, DeliveryState.SENT, "sent")
    assert not await Retention(archive.db, FOR_EVER).prune(FIRST + 9999 * DAY)
