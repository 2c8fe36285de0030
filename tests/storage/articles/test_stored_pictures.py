"""Stored pictures, and which are needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.articles.pictures import Picture, Pictures
from storage.backup.read import restore
from storage.backup.write import back_up
from storage.db.database import Database
from storage.migrations.open_migrated import open_migrated
from storage.model import ChatKind, Layout, State
from storage.readers.subscribers import Subscribers
from storage.retention import Keep, Retention
from tests.plugins.archive import FIRST, Archive

if TYPE_CHECKING:
    from pathlib import Path

BOT, OTHER = 111, 222
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A, B = "https://cdn.example/a.jpg", "https://cdn.example/b.jpg"
MADE = Picture("AgACAgQ", 1280, 853)
FAILED = Picture(None, failures=2, reason="http 503", try_at=FIRST + HOUR)


async def test_an_uploaded_picture_is_found_by_address_and_bot(db: Database) -> None:
    pictures = Pictures(db)
    await pictures.keep(BOT, A, MADE, FIRST)
    await pictures.keep(BOT, B, FAILED, FIRST)
    assert await pictures.look(BOT, [A, B, "https://cdn.example/c.jpg"]) == {A: MADE, B: FAILED}
    assert await pictures.look(OTHER, [A, B]) == {}
    assert await pictures.look(BOT, []) == {}
    assert await pictures.count() == {True: 1, False: 1}


async def test_a_later_upload_of_a_picture_replaces_the_earlier(db: Database) -> None:
    pictures = Pictures(db)
    await pictures.keep(BOT, A, FAILED, FIRST)
    await pictures.keep(BOT, A, MADE, FIRST)
    assert await pictures.look(BOT, [A]) == {A: MADE}
    await pictures.keep(OTHER, A, replace(MADE, file_id="of another"), FIRST)
    assert await pictures.look(BOT, [A]) == {}
    await pictures.forget([A, B])
    assert await pictures.look(OTHER, [A]) == {}


async def test_many_pictures_are_looked_up_at_once(db: Database) -> None:
    pictures = Pictures(db)
    await pictures.keep(BOT, A, MADE, FIRST)
    many = [f"https://cdn.example/{number}.jpg" for number in range(1_200)]
    assert await pictures.look(BOT, [*many, A]) == {A: MADE}


async def test_pictures_are_deleted_with_the_editions_that_showed_them(db: Database) -> None:
    pictures = Pictures(db)
    await pictures.keep(BOT, A, MADE, FIRST)
    await pictures.keep(BOT, B, FAILED, FIRST + 2 * DAY)
    assert not await Retention(db, Keep(0, 0, 0, 0)).prune(FIRST + 900 * DAY)
    pruned = await Retention(db, Keep(30, 0, 0, 0)).prune(FIRST + 31 * DAY)
    assert pruned == {"pictures": 1}
    assert await pictures.look(BOT, [A, B]) == {B: FAILED}


async def test_a_restored_database_has_no_uploaded_pictures(db: Database, tmp_path: Path) -> None:
    archive = await Archive.on(db)
    await archive.publish("One")
    await Pictures(db).keep(BOT, A, MADE, FIRST)
    await back_up(db, tmp_path / "backup", FIRST)
    restored = Database(f"sqlite:///{tmp_path}/restored.db")
    await open_migrated(restored)
    await restore(restored, tmp_path / "backup")
    assert await Pictures(restored).look(BOT, [A]) == {}
    await restored.close()


async def test_front_pages_that_are_due_come_first_due_and_most_read_first(db: Database) -> None:
    subscribers = Subscribers(db)
    for number, (taste, layout, state, hours) in enumerate(
        [
            ("motor", Layout.FRONT_PAGE, State.ACTIVE, 2),
            ("style", Layout.FRONT_PAGE, State.ACTIVE, 2),
            ("style", Layout.FRONT_PAGE, State.ACTIVE, 2),
            ("china", Layout.FRONT_PAGE, State.ACTIVE, 1),
            ("china", Layout.SUMMARIES, State.ACTIVE, 1),
            ("china", Layout.FRONT_PAGE, State.GONE, 1),
            ("china", Layout.FRONT_PAGE, State.ACTIVE, 9),
        ]
    ):
        reader, _ = await subscribers.ensure(
            number + 1, kind=ChatKind.PRIVATE, language="en", zone="UTC", digest_minute=0, now=FIRST
        )
        await subscribers.follow(reader.id, taste)
        due = FIRST + hours * HOUR
        await subscribers.change(reader.id, layout=layout, state=state, next_at=due, place=7)
    found = await Pictures(db).due_front_pages(FIRST + 3 * HOUR, limit=9)
    assert [(each.readers, each.due - FIRST, each.place) for each in found] == [
        (1, HOUR, 7),
        (2, 2 * HOUR, 7),
        (1, 2 * HOUR, 7),
    ]
    assert len({each.taste_key for each in found}) == 3
    assert len(await Pictures(db).due_front_pages(FIRST + 3 * HOUR, limit=2)) == 2
