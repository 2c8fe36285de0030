from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select

from storage.articles.articles import Articles
from storage.model import Taste
from storage.readers import choices
from storage.readers.privacy.forgetting import Forgetting
from storage.readers.subscribers import Subscribers
from storage.tables.reader_schema import word_follows
from storage.tables.schema import article_words, articles
from storage.words import followed_words
from storage.words.followed_words import FollowedWords, WordIndex
from storage.words.search_words import between, muted, sought, tokens
from tests.plugins.archive import FIRST, Archive, registered, there

if TYPE_CHECKING:
    from storage.db.database import Database

TOKENS = st.lists(
    st.sampled_from(["a", "b", "ab", "徐", "家", "汇", "면세", "면세점", "면", "세점"]),
    min_size=1,
    max_size=5,
)


@given(st.lists(TOKENS), st.lists(TOKENS, max_size=3))
def test_exactly_the_followed_words_of_a_text_are_found(
    words: list[list[str]], fields: list[list[str]]
) -> None:
    text = between(*fields)
    followed = {" ".join(word) for word in words}
    found = WordIndex(followed).find(text)
    assert sorted(found) == sorted(word for word in followed if sought(word) in text)


@pytest.mark.parametrize(
    ("word", "title", "standfirst"),
    [
        ("creative director", "Gucci names its Creative Director", ""),
        ("Créative DIRECTOR", "Gucci", "A creative-director leaves"),
        ("徐家汇", "上海徐家汇开新店", ""),
        ("プラダ", "", "東京プラダ青山店"),
        ("l'oréal", "L’Oreal buys a brand", ""),
        ("ß", "SS", ""),
        ("면세점", "롯데 면세점이 줄었다", ""),
        ("신라 면세점", "", "신라 면세점에서"),
    ],
)
def test_a_followed_word_is_found_in_any_spelling(word: str, title: str, standfirst: str) -> None:
    index = WordIndex([muted(word)])
    assert index.find(between(tokens(title), tokens(standfirst))) == (muted(word),)


@pytest.mark.parametrize(
    ("word", "title", "standfirst"),
    [
        ("art", "A smart start", ""),
        ("creative director", "The creative", "director of it"),
        ("director creative", "Its creative director", ""),
        ("家徐", "徐家汇", ""),
        ("면세점", "시내면세점", ""),
        ("금", "금융", ""),
        ("신라 면세점", "신라의 면세점", ""),
    ],
)
def test_a_followed_word_does_not_match_parts_or_across_fields(
    word: str, title: str, standfirst: str
) -> None:
    assert not WordIndex([muted(word)]).find(between(tokens(title), tokens(standfirst)))


def test_an_index_counts_its_words_and_takes_each_once() -> None:
    index = WordIndex(["a b c", "a"])
    index.add("a b")
    index.add("a b")
    assert len(index) == 3
    assert index.find(" a b c a ") == ("a", "a b", "a b c")


class Followers:
    """Readers who follow words, written directly into the table."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._number = 0

    async def follow(self, *words: str, chat_id: int = 1) -> int:
        reader = await registered(
            Subscribers(self._db), chat_id, FIRST, zone="UTC", digest_minute=0
        )
        async with self._db.writing() as connection:
            for word in words:
                self._number += 1
                await connection.execute(
                    insert(word_follows).values(
                        subscriber_id=reader.id,
                        word=muted(word),
                        spelling=word,
                        alerts=False,
                        number=self._number,
                    )
                )
        return reader.id


async def words_of(archive: Archive, title: str) -> tuple[str, ...]:
    found = await archive.articles.search(title, limit=1)
    return found[0].words


async def test_an_article_is_stored_with_the_words_followed_at_that_time(archive: Archive) -> None:
    followers = Followers(archive.db)
    await archive.publish("Marta of Prada")
    await followers.follow("Prada", "creative director")
    await followers.follow("PRADA", "徐家汇", chat_id=2)
    await archive.store(
        archive.article("Paula of Prada", standfirst="The creative director leaves."),
        archive.article("Wang 徐家汇"),
        archive.article("Nobody at all"),
    )
    assert await words_of(archive, "Marta") == ()
    assert await words_of(archive, "Paula") == ("prada", "creative director")
    assert await words_of(archive, "Wang") == (muted("徐家汇"),)
    assert await words_of(archive, "Nobody") == ()
    # Another process reads them from the archive, and goes on from there.
    other = Archive(archive.db, Articles(archive.db), archive.sources, archive.source)
    await followers.follow("nobody")
    await other.publish("Nobody of Prada")
    assert await words_of(other, "Nobody of") == ("nobody", "prada")


async def test_an_edited_title_is_searched_for_followed_words_again(archive: Archive) -> None:
    await Followers(archive.db).follow("Prada", "Gucci")
    await archive.store(archive.article("Prada it was", link="https://daily.example/1"))
    await archive.store(archive.article("Gucci it is", link="https://daily.example/1"))
    assert await words_of(archive, "Gucci") == ("gucci",)
    async with archive.db.reading() as connection:
        kept = await connection.execute(select(article_words.c.word, article_words.c.published))
        assert kept.all() == [("gucci", FIRST)]


async def test_found_words_are_deleted_with_article_or_reader(archive: Archive) -> None:
    reader = await Followers(archive.db).follow("Prada")
    await archive.publish("Prada it is", "Another")
    subscriber = there(await Subscribers(archive.db).get(reader))
    assert await Forgetting(archive.db).forget(subscriber.chat_id)
    async with archive.db.writing() as connection:
        await connection.execute(delete(articles).where(articles.c.title == "Prada it is"))
        for table in (word_follows, article_words):
            left = await connection.execute(select(func.count()).select_from(table))
            assert left.scalar() == 0


async def test_many_followed_words_are_loaded_in_batches(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_words, "AT_ONCE", 2)
    monkeypatch.setattr(followed_words, "_NEW", followed_words._NEW.limit(2))
    await Followers(db).follow(*"abcde")
    words = FollowedWords(db)
    assert len(await words.index()) == 5
    assert len(await words.index()) == 5


async def test_a_word_is_followed_once_in_its_spelling(db: Database) -> None:
    readers = Subscribers(db)
    one = await Followers(db).follow()
    reader = await readers.follow_word(one, "  Creative   Director ", alerts=True)
    assert reader.taste.words == {"Creative Director"}
    assert reader.taste.sought == {"creative director": "Creative Director"}
    assert (await readers.follow_word(one, "CREATIVE director")).taste == reader.taste
    assert await readers.word_alerts(one) == {"Creative Director"}
    reader = await readers.follow_word(one, "徐家汇")
    assert reader.taste.words == {"Creative Director", "徐家汇"}
    assert reader.taste.words_in((muted("徐家汇"), "prada")) == ("徐家汇",)
    assert reader.taste.follows_anything
    reader = await readers.unfollow_word(one, "créative director")
    assert reader.taste.words == {"徐家汇"}
    assert await readers.word_alerts(one) == frozenset()
    assert (await readers.unfollow_word(one, "徐家汇")).taste.follows_anything is False
    assert (await readers.unfollow_word(one, "徐家汇")).taste.words == frozenset()


async def test_a_word_is_followed_or_muted_never_both(db: Database) -> None:
    readers, one = Subscribers(db), await Followers(db).follow()
    for spelling in ("Crème Brûlée", "徐家汇"):
        reader = await readers.follow_word(one, spelling, alerts=True)
        assert reader.taste.words == {spelling}
        reader = await readers.mute_word(one, spelling.upper())
        assert not reader.taste.words
        assert reader.taste.muted_words == {muted(spelling)}
        assert await readers.word_alerts(one) == frozenset()
        # By another spelling it is the same word.
        reader = await readers.follow_word(one, spelling.lower())
        assert reader.taste.words == {spelling.lower()}
        assert not reader.taste.muted_words
        assert await readers.get(one) == reader
        reader = await readers.unfollow_word(one, spelling)
        assert reader.taste == Taste()


@pytest.mark.parametrize("word", ["", "…!", "x", "y" * 61, "  z  ", "A+", "C++"])
async def test_a_word_that_cannot_be_followed_changes_nothing(db: Database, word: str) -> None:
    one = await Followers(db).follow()
    assert not (await Subscribers(db).follow_word(one, word)).taste.words


async def test_a_reader_follows_fifty_words_at_most(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "MOST_WORDS", 2)
    readers, one = Subscribers(db), await Followers(db).follow()
    for word in ("Prada", "Gucci", "Fendi"):
        reader = await readers.follow_word(one, word)
    assert reader.taste.words == {"Prada", "Gucci"}
    # The alert of a followed word can still be switched.
    await readers.follow_word(one, "Gucci", alerts=True)
    assert await readers.word_alerts(one) == {"Gucci"}


async def test_words_of_readers_who_choose_at_once_are_all_found(archive: Archive) -> None:
    """No number is used twice, nor visible before a smaller one."""
    followers, readers = Followers(archive.db), Subscribers(archive.db)
    ids = [await followers.follow(chat_id=chat_id) for chat_id in range(1, 7)]
    names = ["Prada", "Gucci", "Fendi", "Loewe", "Celine", "Dior"]
    await asyncio.gather(
        *(readers.follow_word(one, name) for one, name in zip(ids, names, strict=True)),
        *(archive.publish(f"Nothing {number}") for number in range(3)),
    )
    await archive.publish("All: " + " ".join(names))
    assert len(await words_of(archive, "All")) == len(names)
    async with archive.db.reading() as connection:
        numbers = await connection.execute(select(word_follows.c.number))
        assert sorted(numbers.scalars()) == list(range(1, 7))


async def test_a_migrated_group_keeps_its_followed_words(db: Database) -> None:
    readers = Subscribers(db)
    old = await Followers(db).follow(chat_id=-7)
    await readers.follow_word(old, "Prada", alerts=True)
    new = await Followers(db).follow(chat_id=-1007)
    await readers.follow_word(new, "Gucci")
    await readers.move_chat(-7, -1007)
    moved = there(await readers.find(-1007))
    assert moved.taste.words == {"Prada"}
    assert await readers.word_alerts(moved.id) == {"Prada"}
    async with db.reading() as connection:
        assert (await connection.execute(select(word_follows.c.word))).scalars().all() == ["prada"]
