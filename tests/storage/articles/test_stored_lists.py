"""Reading lists and shares. Stored pictures, and which are needed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from storage.articles.pictures import Picture, Pictures
from storage.backup.read import restore
from storage.backup.write import back_up
from storage.model import Layout, NewSource, Show, State
from storage.readers.saved import Saved
from storage.readers.shares import CODE_LENGTH, Shares
from storage.readers.subscribers import Subscribers
from storage.retention import Keep, Retention
from storage.sources.sources import Sources
from templates import Renderer
from tests.plugins.archive import FIRST, Archive, registered, there
from tests.plugins.databases import migrated

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db.database import Database


@pytest.fixture
async def reader(archive: Archive) -> int:
    """Return the id of a subscriber; three articles are in the archive."""
    await archive.publish("One", "Two", "Three")
    subscriber = await registered(Subscribers(archive.db), 1, FIRST, zone="UTC", digest_minute=0)
    return subscriber.id


async def test_saved_articles_are_listed_newest_first(archive: Archive, reader: int) -> None:
    saved = Saved(archive.db)
    for minute, article in enumerate((2, 3, 1)):
        assert await saved.add(reader, article, FIRST + timedelta(minutes=minute))
    read = await saved.list(reader, limit=2)
    assert [article.id for article in read] == [1, 3]
    assert [article.id for article in await saved.list(reader, limit=2, offset=2)] == [2]


async def test_saving_and_removing_are_idempotent(archive: Archive, reader: int) -> None:
    saved = Saved(archive.db)
    assert [await saved.add(reader, 1, FIRST) for _ in range(2)] == [True, False]
    assert await saved.has(reader, [1, 2]) == {1}
    assert [await saved.remove(reader, 1) for _ in range(2)] == [True, False]
    assert await saved.has(reader, [1, 2]) == frozenset()
    assert await saved.has(reader, []) == frozenset()


async def test_an_unknown_article_cannot_be_saved(archive: Archive, reader: int) -> None:
    assert not await Saved(archive.db).add(reader, 99, FIRST)


async def test_reading_lists_are_separate(archive: Archive, reader: int) -> None:
    saved = Saved(archive.db)
    await saved.add(reader, 1, FIRST)
    assert await saved.list(reader + 1, limit=9) == []
    assert await saved.has(reader + 1, [1]) == frozenset()


async def test_a_reader_has_one_link_to_an_article(archive: Archive, reader: int) -> None:
    shares = Shares(archive.db)
    made = await asyncio.gather(*(shares.link(reader, 1, FIRST) for _ in range(5)))
    assert len({share.code for share in made}) == 1
    code = made[0].code
    assert len(code) == CODE_LENGTH
    assert code.isalnum()
    assert code.isascii()
    assert await shares.find(code) == made[0]
    assert (await shares.link(reader, 2, FIRST)).code != code


async def test_an_opening_counts_once_for_each_person(archive: Archive, reader: int) -> None:
    shares = Shares(archive.db)
    code = (await shares.link(reader, 1, FIRST)).code
    counted = await asyncio.gather(*(shares.opened(code, mark) for mark in (7, 7, 7, 0, 65_535)))
    assert sum(counted) == 3
    share = there(await shares.find(code))
    assert share.opened == 3
    assert not await shares.opened("x" * 10, 7), "a link that is gone counts nothing"


async def test_links_are_listed_from_the_newest_article(archive: Archive, reader: int) -> None:
    shares = Shares(archive.db)
    for article in (2, 1, 3):
        await shares.link(reader, article, FIRST)
    assert [share.article_id for share in await shares.of(reader, 2)] == [3, 2]


@pytest.mark.parametrize("code", ["", "x", "x" * 10, "x" * 11, "'; DROP TA", "\0" * 10, "ａ" * 10])
async def test_an_unknown_share_code_finds_nothing(
    archive: Archive, reader: int, code: str
) -> None:
    shares = Shares(archive.db)
    await shares.link(reader, 1, FIRST)
    assert await shares.find(code) is None


async def test_an_unknown_article_cannot_be_shared(archive: Archive, reader: int) -> None:
    with pytest.raises(IntegrityError):
        await Shares(archive.db).link(reader, 99, FIRST)


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
    restored = await migrated(f"sqlite:///{tmp_path}/restored.db")
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
        reader = await registered(subscribers, number + 1, FIRST, zone="UTC", digest_minute=0)
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


@pytest.mark.parametrize(
    ("setting", "in_private", "elsewhere"),
    [(Show.YES, True, True), (Show.PRIVATE, True, False), (Show.NO, False, False)],
)
def test_private_texts_are_shown_in_private_chats_only(
    setting: Show, *, in_private: bool, elsewhere: bool
) -> None:
    assert setting.within(private=True) is in_private
    assert setting.within(private=False) is elsewhere


async def test_a_source_stores_where_its_texts_and_pictures_may_be_shown(db: Database) -> None:
    sources = Sources(db)
    usual = await sources.add(NewSource("Usual", "https://usual.example/feed"), FIRST)
    assert (usual.full_text, usual.pictures, usual.paywall) == (Show.PRIVATE, Show.YES, None)
    strict = await sources.add(
        NewSource(
            "Strict",
            "https://strict.example/feed",
            full_text=Show.NO,
            pictures=Show.PRIVATE,
            paywall=True,
        ),
        FIRST,
    )
    assert (strict.full_text, strict.pictures, strict.paywall) == (Show.NO, Show.PRIVATE, True)
    await sources.set_use(strict.id, pictures=Show.NO)
    assert await sources.get(strict.id) == replace(strict, pictures=Show.NO)
    await sources.set_use(strict.id, full_text=Show.YES, paywall=False)
    assert await sources.get(strict.id) == replace(
        strict, pictures=Show.NO, full_text=Show.YES, paywall=False
    )
    await sources.set_use(strict.id)
    assert await sources.get(usual.id) == usual


async def test_an_article_carries_its_sources_permissions_and_paywall(archive: Archive) -> None:
    """A source's current permission applies to older articles; the page's paywall outranks it."""
    await archive.store(
        archive.article("Silent", image="https://e.example/1.jpg"),
        replace(archive.article("Free"), paywall=False),
        replace(archive.article("Closed"), paywall=True),
    )

    async def walls() -> dict[str, bool]:
        found = await archive.articles.recent(FIRST)
        return {each.title: each.paywall for each in found}

    assert await walls() == {"Silent": False, "Free": False, "Closed": True}
    await archive.sources.set_use(archive.source.id, paywall=True, pictures=Show.PRIVATE)
    assert await walls() == {"Silent": True, "Free": False, "Closed": True}
    (silent,) = [each for each in await archive.articles.recent(FIRST) if each.title == "Silent"]
    assert silent.picture_in(private=True) == "https://e.example/1.jpg"
    assert silent.picture_in(private=False) is None

    # By the name of its source it says so, before anybody taps.
    renderer = Renderer({})
    card = renderer.card(silent, language="en", private=False)
    assert "Daily (paywall)" in card.parts[0]
    assert card.preview is None
    assert "Daily (a pagamento)" in renderer.card(silent, language="it").parts[0]
    assert renderer.card(silent, language="en").preview is not None
    assert "(paywall)" in renderer.alert(silent, language="en").parts[0]
    # A later page without the mark does not remove it.
    await archive.store(archive.article("Closed", standfirst="More of it."))
    assert (await walls())["Closed"]
