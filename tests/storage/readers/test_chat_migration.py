"""A group becomes a supergroup and keeps everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.model import ChatKind, Level, State, Subscriber
from storage.readers.saved import Saved
from storage.readers.shares import Shares
from storage.readers.subscribers import Subscribers
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from storage.db.database import Database

OLD, NEW = -77, -100_000_000_077


@pytest.fixture
def readers(db: Database) -> Subscribers:
    return Subscribers(db)


async def group(readers: Subscribers, chat_id: int, thread_id: int = 0) -> Subscriber:
    subscriber, _ = await readers.ensure(
        chat_id,
        thread_id=thread_id,
        kind=ChatKind.GROUP,
        language="en",
        zone="UTC",
        digest_minute=480,
        now=FIRST,
    )
    return subscriber


async def test_a_group_that_moves_keeps_everything(readers: Subscribers) -> None:
    first = await group(readers, OLD)
    await readers.follow(first.id, "style", alerts=True)
    await readers.follow(first.id, "motor", alerts=True)
    await readers.set_level(first.id, "motor", Level.OFF)
    await readers.set_level(first.id, 7, Level.LESS)
    before = await readers.change(first.id, next_at=FIRST, place=3)
    topic = await group(readers, OLD, 5)
    for _ in range(2):
        await readers.move_chat(OLD, NEW)
        assert await readers.find(NEW) == replace(before, chat_id=NEW)
        assert await readers.find(NEW, 5) == replace(topic, chat_id=NEW)
        assert await readers.find(OLD) is None
    assert await readers.alerts(first.id) == {"style"}
    back = await readers.set_level(first.id, "motor", Level.NORMAL)
    assert back.taste.follows == {"style", "motor"}
    assert await readers.alerts(first.id) == {"style", "motor"}


async def test_a_known_supergroup_takes_over_the_groups_settings(
    archive: Archive, readers: Subscribers
) -> None:
    await archive.publish("One", "Two", "Three")
    saved, shares = Saved(archive.db), Shares(archive.db)
    old, new = await group(readers, OLD), await group(readers, NEW)
    await readers.follow(old.id, "style")
    await readers.follow(new.id, "motor")
    await readers.set_level(old.id, 7, Level.OFF)
    await readers.set_level(new.id, 7, Level.MORE)
    before = await readers.change(old.id, digest_minute=600)
    for subscriber, articles in ((old, (1, 2)), (new, (2, 3))):
        for article in articles:
            await saved.add(subscriber.id, article, FIRST + timedelta(minutes=article))
            await shares.link(subscriber.id, article, FIRST)
    await readers.move_chat(OLD, NEW)
    assert await readers.find(NEW) == replace(before, chat_id=NEW)
    assert await readers.get(new.id) is None
    assert await saved.has(old.id, [1, 2, 3]) == {1, 2, 3}
    assert {share.article_id for share in await shares.of(old.id, 9)} == {1, 2, 3}


async def test_a_gone_group_that_writes_under_its_new_id_is_active(readers: Subscribers) -> None:
    old = await group(readers, OLD)
    await readers.gone(OLD)
    new = await group(readers, NEW)
    await readers.change(new.id, next_at=FIRST)
    await readers.move_chat(OLD, NEW)
    moved = await readers.find(NEW)
    assert moved is not None
    assert (moved.id, moved.state, moved.next_at) == (old.id, State.ACTIVE, FIRST)


async def test_a_move_of_an_unknown_chat_or_to_itself_changes_nothing(readers: Subscribers) -> None:
    known = await group(readers, NEW)
    await readers.move_chat(OLD, NEW)
    await readers.move_chat(NEW, NEW)
    assert await readers.find(NEW) == known
