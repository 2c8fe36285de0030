"""What a chat had before its last change is stored, and given back from any process. A group
becomes a supergroup and keeps everything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from storage.model import ChatKind, Layout, Level, State, Subscriber
from storage.readers.kept_choices import KeptChoices, choices_of
from storage.readers.last_changes import LastChanges
from storage.readers.saved import Saved
from storage.readers.shares import Shares
from storage.readers.subscribers import Subscribers
from tests.plugins.archive import FIRST, Archive, registered
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from storage.db.database import Database

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


async def reader(readers: Subscribers) -> Subscriber:
    """Return a reader who follows, mutes and has alerts."""
    known = await registered(
        readers, 1, NOW, zone="UTC", layout=Layout.SUMMARIES, languages=frozenset({"en"})
    )
    await readers.follow(known.id, "gucci", alerts=True)
    await readers.follow_word(known.id, "night train", alerts=True)
    await readers.set_level(known.id, "motor", Level.OFF)
    return await readers.mute_word(known.id, "rumours")


async def choices(database: Database, subscriber_id: int) -> KeptChoices | None:
    """Return all that a chat has chosen."""
    return await database.read(partial(choices_of, subscriber_id=subscriber_id))


async def test_another_process_gives_back_what_a_change_took(database_url: str) -> None:
    one, other = await migrated(database_url), await migrated(database_url)
    readers, last = Subscribers(one), LastChanges(one)
    known = await reader(readers)
    before = await choices(one, known.id)
    assert before is not None
    await readers.unfollow(known.id, "gucci")
    await readers.unfollow_word(known.id, "night train")
    await readers.set_level(known.id, "motor", Level.MORE)
    await readers.unmute_word(known.id, "rumours")
    await readers.change(known.id, digest_minute=600)
    await last.note(known.id, before, NOW)
    there = LastChanges(other)
    assert await there.last(known.id, NOW + timedelta(minutes=1)) is None
    found = await there.last(known.id, NOW - timedelta(minutes=10))
    assert found == (before, await choices(other, known.id))
    restored = await there.restore(known.id, before)
    assert restored.taste == known.taste
    await Subscribers(other).change(known.id, **before.settings)
    assert await choices(other, known.id) == before
    await other.close()
    await one.close()


async def test_only_a_change_is_noted_and_one_that_goes_back_leaves_nothing(
    database_url: str,
) -> None:
    database = await migrated(database_url)
    readers, last = Subscribers(database), LastChanges(database)
    known = await reader(readers)
    first = await choices(database, known.id)
    assert first is not None
    await last.note(known.id, first, NOW)
    assert await last.last(known.id, NOW) is None
    await readers.follow(known.id, "prada")
    await last.note(known.id, first, NOW)
    second = await choices(database, known.id)
    assert second is not None
    await readers.unfollow(known.id, "prada")
    await last.note(known.id, second, NOW)
    assert await last.last(known.id, NOW) is None
    assert await choices(database, known.id + 1) is None
    await last.note(known.id + 1, first, NOW)
    await database.close()


async def test_a_later_change_that_nobody_noted_is_not_taken_back_with_the_one_before(
    database_url: str,
) -> None:
    database = await migrated(database_url)
    readers, last = Subscribers(database), LastChanges(database)
    known = await reader(readers)
    first = await choices(database, known.id)
    assert first is not None
    await readers.follow(known.id, "prada")
    await last.note(known.id, first, NOW)
    assert await last.last(known.id, NOW) == (first, await choices(database, known.id))
    await readers.change(known.id, digest_minute=600)
    assert await last.last(known.id, NOW) is None
    await database.close()


OLD, NEW = -77, -100_000_000_077


@pytest.fixture
def readers(db: Database) -> Subscribers:
    return Subscribers(db)


async def group(readers: Subscribers, chat_id: int, thread_id: int = 0) -> Subscriber:
    return await registered(
        readers, chat_id, FIRST, thread_id=thread_id, kind=ChatKind.GROUP, zone="UTC"
    )


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
