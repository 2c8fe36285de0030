"""What a chat had before its last change is stored, and given back from any process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import ChatKind, Layout, Level
from storage.readers.kept_choices import KeptChoices, choices_of
from storage.readers.last_changes import LastChanges
from storage.readers.subscribers import Subscribers

if TYPE_CHECKING:
    from storage.model import Subscriber

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


async def reader(readers: Subscribers) -> Subscriber:
    """Return a reader who follows, mutes and has alerts."""
    known, _ = await readers.ensure(
        1,
        kind=ChatKind.PRIVATE,
        language="en",
        zone="UTC",
        digest_minute=480,
        layout=Layout.SUMMARIES,
        languages=frozenset({"en"}),
        now=NOW,
    )
    await readers.follow(known.id, "gucci", alerts=True)
    await readers.follow_word(known.id, "night train", alerts=True)
    await readers.set_level(known.id, "motor", Level.OFF)
    return await readers.mute_word(known.id, "rumours")


async def choices(database: Database, subscriber_id: int) -> KeptChoices | None:
    """Return all that a chat has chosen."""
    return await database.read(partial(choices_of, subscriber_id=subscriber_id))


async def test_another_process_gives_back_what_a_change_took(database_url: str) -> None:
    one, other = Database(database_url), Database(database_url)
    await open_migrated(one)
    await open_migrated(other)
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
    database = Database(database_url)
    await open_migrated(database)
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
    database = Database(database_url)
    await open_migrated(database)
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
