"""Reading lists and shares."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage.model import ChatKind
from storage.readers.saved import Saved
from storage.readers.shares import CODE_LENGTH, Shares
from storage.readers.subscribers import Subscribers
from tests.plugins.archive import FIRST, Archive


@pytest.fixture
async def reader(archive: Archive) -> int:
    """Return the id of a subscriber; three articles are in the archive."""
    await archive.publish("One", "Two", "Three")
    subscriber, _ = await Subscribers(archive.db).ensure(
        1, kind=ChatKind.PRIVATE, language="en", zone="UTC", digest_minute=0, now=FIRST
    )
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
    share = await shares.find(code)
    assert share is not None
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
