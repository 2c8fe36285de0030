from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from storage.model import (
    EVERY_DAY,
    WEEKDAYS,
    ChatKind,
    Layout,
    Level,
    State,
    Subscriber,
    Taste,
)
from storage.readers import preferences
from storage.readers.privacy.forgetting import Forgetting
from storage.readers.subscribers import MOST_MUTED_WORDS, Subscribers, UnknownSubscriberError
from storage.tables.ledger_schema import deliveries
from storage.tables.reader_schema import follows, levels, subscribers, tastes
from tests.plugins.archive import registered, there

if TYPE_CHECKING:
    from storage.db.database import Database

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def readers(db: Database) -> Subscribers:
    return Subscribers(db)


async def newcomer(readers: Subscribers, chat_id: int = 1, thread_id: int = 0) -> Subscriber:
    return await registered(
        readers,
        chat_id,
        NOW,
        thread_id=thread_id,
        kind=ChatKind.TOPIC if thread_id else ChatKind.PRIVATE,
        language="it",
    )


async def key_of(db: Database, subscriber_id: int) -> str:
    query = select(subscribers.c.taste_key).where(subscribers.c.id == subscriber_id)
    async with db.reading() as connection:
        return str((await connection.execute(query)).scalar_one())


async def test_a_newcomer_has_sensible_settings_and_awaits_nothing(readers: Subscribers) -> None:
    subscriber, created = await readers.ensure(
        -100_123_456_789_012,
        kind=ChatKind.CHANNEL,
        language="it",
        zone="Europe/Rome",
        digest_minute=480,
        now=NOW,
    )
    assert created
    assert subscriber == Subscriber(
        id=subscriber.id,
        chat_id=-100_123_456_789_012,
        thread_id=0,
        kind=ChatKind.CHANNEL,
        state=State.ACTIVE,
        language="it",
        zone="Europe/Rome",
        digest_minute=480,
        days=EVERY_DAY,
        layout=Layout.SUMMARIES,
        empty_note=False,
        quiet_from=None,
        quiet_to=None,
        paused_until=None,
        next_at=None,
        place=0,
        taste=Taste(),
        created=NOW,
    )


async def test_a_known_chat_is_not_created_again(readers: Subscribers) -> None:
    first = await newcomer(readers)
    await readers.change(first.id, language="en")
    again, created = await readers.ensure(
        1, kind=ChatKind.PRIVATE, language="fr", zone="UTC", digest_minute=0, now=NOW
    )
    assert not created
    assert (again.id, again.language, again.digest_minute) == (first.id, "en", 480)


async def test_a_chat_that_writes_twice_at_once_is_one_subscriber(readers: Subscribers) -> None:
    made = await asyncio.gather(*(newcomer(readers) for _ in range(8)))
    assert len({subscriber.id for subscriber in made}) == 1


async def test_each_topic_of_a_chat_is_a_separate_subscriber(readers: Subscribers) -> None:
    topics = [await newcomer(readers, 5, thread) for thread in (0, 1, 2)]
    assert len({topic.id for topic in topics}) == 3
    assert await readers.find(5, 2) == topics[2]
    assert await readers.find(5, 3) is None
    assert await readers.get(topics[1].id) == topics[1]


async def test_every_setting_can_be_changed(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    tomorrow = NOW + timedelta(days=1)
    changed = await readers.change(
        subscriber.id,
        language="zh",
        zone="Asia/Shanghai",
        digest_minute=1439,
        days=WEEKDAYS,
        layout=Layout.HEADLINES,
        empty_note=True,
        quiet_from=1320,
        quiet_to=420,
        paused_until=tomorrow,
        next_at=tomorrow,
        place=42,
        state=State.STOPPED,
        languages=frozenset({"zh", "en"}),
    )
    assert changed == replace(
        subscriber,
        language="zh",
        zone="Asia/Shanghai",
        digest_minute=1439,
        days=WEEKDAYS,
        layout=Layout.HEADLINES,
        empty_note=True,
        quiet_from=1320,
        quiet_to=420,
        paused_until=tomorrow,
        next_at=tomorrow,
        place=42,
        state=State.STOPPED,
        taste=Taste(languages=frozenset({"zh", "en"})),
    )
    assert await readers.get(subscriber.id) == changed
    assert (await readers.change(subscriber.id, next_at=None)).next_at is None
    assert await readers.change(subscriber.id) == replace(changed, next_at=None)


async def test_a_time_without_a_zone_is_refused(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    with pytest.raises(Exception, match="without a zone"):
        await readers.change(subscriber.id, next_at=datetime(2026, 6, 1))  # noqa: DTZ001 - on purpose
    assert (await readers.change(subscriber.id)).next_at is None


async def test_changing_an_unknown_subscriber_raises(readers: Subscribers) -> None:
    for call in (
        readers.change(9, language="en"),
        readers.change(9, languages=frozenset({"en"})),
        readers.change_by(9, lambda _: {"language": "en"}),
        readers.follow(9, "style"),
        readers.unfollow(9, "style"),
        readers.set_level(9, "style", Level.OFF),
        readers.set_level(9, "style", Level.NORMAL),
        readers.mute_word(9, "gold"),
        readers.unmute_word(9, "gold"),
    ):
        with pytest.raises(UnknownSubscriberError) as caught:
            await call
        assert caught.value.subscriber_id == 9
    assert await readers.get(9) is None
    assert await readers.alerts(9) == frozenset()


async def test_following_and_unfollowing_are_idempotent(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    for _ in range(2):
        followed = await readers.follow(subscriber.id, "style")
        assert followed.taste == Taste(follows=frozenset({"style"}))
    for _ in range(2):
        left = await readers.unfollow(subscriber.id, "style")
        assert left.taste == Taste()
    assert left == subscriber


async def test_following_unmutes_and_muting_unfollows(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    await readers.follow(subscriber.id, "style", alerts=True)
    for _ in range(2):
        muted = await readers.set_level(subscriber.id, "style", Level.OFF)
        assert muted.taste == Taste(muted_categories=frozenset({"style"}))
    assert await readers.alerts(subscriber.id) == frozenset()
    followed = await readers.follow(subscriber.id, "style")
    assert followed.taste == Taste(follows=frozenset({"style"}))
    await readers.set_level(subscriber.id, "motor", Level.OFF)
    for _ in range(2):
        assert (await readers.set_level(subscriber.id, "motor", Level.NORMAL)) == followed


STYLE = "style"


async def levels_of(db: Database) -> set[tuple[str, str, str]]:
    query = select(levels.c.kind, levels.c.value, levels.c.level)
    async with db.reading() as connection:
        return {tuple(row) for row in await connection.execute(query)}


async def test_normal_restores_the_earlier_follow_and_alerts(
    db: Database, readers: Subscribers
) -> None:
    reader = (await newcomer(readers)).id
    for alerts in (True, False):
        before = await readers.follow(reader, STYLE, alerts=alerts)
        # By whichever way, and however often each step is tapped.
        for way in ("off", "more", "less", "less off", "off more", "more off less", "off less off"):
            for step in way.split():
                for _ in range(2):
                    changed = await readers.set_level(reader, STYLE, Level(step))
                assert changed.taste.level(STYLE) is Level(step)
                assert (STYLE in changed.taste.follows) is (step != "off")
                kept = {STYLE} if alerts and step != "off" else set()
                assert await readers.alerts(reader) == kept, (way, step)
                assert await levels_of(db) == {("category", STYLE, step)}
            assert await readers.set_level(reader, STYLE, Level.NORMAL) == before, way
            assert await readers.alerts(reader) == ({STYLE} if alerts else set()), way
            assert await levels_of(db) == set()


async def test_more_follows_a_category_until_it_is_taken_back(
    db: Database, readers: Subscribers
) -> None:
    before = await newcomer(readers)
    reader = before.id
    for way in ("more", "more off", "off more", "more less"):
        for step in way.split():
            changed = await readers.set_level(reader, STYLE, Level(step))
            assert (STYLE in changed.taste.follows) is (step == "more"), (way, step)
        assert await readers.set_level(reader, STYLE, Level.NORMAL) == before, way
    # Unless it is followed, or left, in so many words.
    await readers.set_level(reader, STYLE, Level.MORE)
    await readers.follow(reader, STYLE, alerts=True)
    followed = await readers.set_level(reader, STYLE, Level.NORMAL)
    assert followed.taste == Taste(follows=frozenset({STYLE}))
    assert await readers.alerts(reader) == {STYLE}
    await readers.set_level(reader, STYLE, Level.MORE)
    assert await readers.unfollow(reader, STYLE) == before
    await readers.set_level(reader, STYLE, Level.OFF)
    followed = await readers.follow(reader, STYLE)
    assert followed.taste == Taste(follows=frozenset({STYLE}))
    await readers.set_level(reader, STYLE, Level.LESS)
    left = await readers.unfollow(reader, STYLE)
    assert left.taste == Taste(less=frozenset({STYLE}))
    assert await readers.set_level(reader, STYLE, Level.NORMAL) == before
    assert await levels_of(db) == set()


async def test_a_source_has_levels_too(db: Database, readers: Subscribers) -> None:
    before = await newcomer(readers)
    seven = frozenset({7})
    tastes_ = {
        Level.OFF: Taste(muted_sources=seven),
        Level.LESS: Taste(less_sources=seven),
        Level.MORE: Taste(more_sources=seven),
    }
    for level, taste in tastes_.items():
        changed = await readers.set_level(before.id, 7, level)
        assert changed.taste == taste
        assert (changed.taste.level(7), changed.taste.level("7")) == (level, Level.NORMAL)
        assert await levels_of(db) == {("source", "7", level.value)}
    assert await readers.set_level(before.id, 7, Level.NORMAL) == before


async def test_muted_words_are_stored_folded(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    for word in ("  Crème   Brûlée! ", "creme brulee"):
        muted = await readers.mute_word(subscriber.id, word)
        assert muted.taste.muted_words == {"creme brulee"}
    for _ in range(2):
        assert (await readers.unmute_word(subscriber.id, "CRÈME brûlée")).taste == Taste()


async def test_a_word_without_two_letters_is_not_muted(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    for word in ("", "!?", "\0", "'; --", "🕰️", "a", "A+", "C++", "'C'", "7%", "Ж", "ا"):
        assert await readers.mute_word(subscriber.id, word) == subscriber
    for word, kept in (("D&G", "d g"), ("F1", "f1"), ("酒", "酒"), ("금", "금"), ("№5", "no5")):
        muted = (await readers.mute_word(subscriber.id, word)).taste.muted_words
        assert kept in muted


async def test_the_number_and_length_of_muted_words_are_limited(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    for number in range(MOST_MUTED_WORDS + 3):
        subscriber = await readers.mute_word(subscriber.id, f"word{number}")
    assert len(subscriber.taste.muted_words) == MOST_MUTED_WORDS
    subscriber = await readers.unmute_word(subscriber.id, "word0")
    subscriber = await readers.mute_word(subscriber.id, "表" * 9999)
    assert max(map(len, subscriber.taste.muted_words)) < 300


async def test_following_again_keeps_alerts(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    await readers.follow(subscriber.id, "style")
    assert await readers.alerts(subscriber.id) == frozenset()
    await readers.follow(subscriber.id, "style", alerts=True)
    await readers.follow(subscriber.id, "motor", alerts=True)
    await readers.follow(subscriber.id, "style")
    assert await readers.alerts(subscriber.id) == {"style", "motor"}
    await readers.follow(subscriber.id, "style", alerts=False)
    assert await readers.alerts(subscriber.id) == {"motor"}


async def test_equal_tastes_have_one_key_whatever_the_order_of_taps(
    db: Database, readers: Subscribers
) -> None:
    one, two = [await newcomer(readers, chat) for chat in (1, 2)]
    await readers.follow(one.id, "style")
    await readers.follow(one.id, "motor", alerts=True)
    await readers.mute_word(one.id, "gold")
    await readers.set_level(one.id, "china", Level.OFF)
    await readers.change(one.id, languages=frozenset({"it", "en"}))

    await readers.change(two.id, languages=frozenset({"en", "it"}))
    await readers.follow(two.id, "china")
    await readers.set_level(two.id, "china", Level.OFF)
    await readers.follow(two.id, "motor")
    await readers.follow(two.id, "art")
    await readers.mute_word(two.id, "GOLD")
    await readers.unfollow(two.id, "art")
    await readers.follow(two.id, "style")
    assert await key_of(db, one.id) == await key_of(db, two.id)
    await readers.unfollow(two.id, "style")
    assert await key_of(db, one.id) != await key_of(db, two.id)


async def test_simultaneous_choices_are_all_kept(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    await asyncio.gather(*(readers.follow(subscriber.id, f"house-{n}") for n in range(20)))
    kept = there(await readers.get(subscriber.id))
    assert kept.taste.follows == {f"house-{n}" for n in range(20)}


some = st.frozensets(st.text(min_size=1), max_size=4)
ids = st.frozensets(st.integers(1, 99), max_size=4)
any_taste = st.builds(
    Taste, some, some, some, some, ids, some, some, less_sources=ids, more_sources=ids
)


def test_a_taste_without_levels_keeps_its_old_text() -> None:
    chosen = Taste(frozenset({"style", "art"}), languages=frozenset({"it"}))
    assert preferences.to_spec(chosen) == '{"follows":["art","style"],"languages":["it"]}'


@given(any_taste)
def test_a_taste_is_parsed_back_from_its_text(chosen: Taste) -> None:
    assert preferences.from_spec(preferences.to_spec(chosen)) == chosen


@given(any_taste, any_taste)
def test_tastes_have_one_key_if_and_only_if_they_are_equal(one: Taste, two: Taste) -> None:
    keys = [preferences.to_key(preferences.to_spec(chosen)) for chosen in (one, two)]
    assert (keys[0] == keys[1]) == (one == two)


async def test_the_stored_taste_equals_its_lists(db: Database, readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    for category in ("style", "motor", "art"):
        await readers.follow(subscriber.id, category)
    await readers.set_level(subscriber.id, "motor", Level.OFF)
    await readers.set_level(subscriber.id, "china", Level.OFF)
    await readers.follow(subscriber.id, "china")
    kept = await readers.mute_word(subscriber.id, "gold")
    async with db.reading() as connection:
        followed = (await connection.execute(select(follows.c.category))).scalars().all()
        muted = (await connection.execute(select(levels.c.kind, levels.c.value))).all()
    assert set(followed) == kept.taste.follows == {"style", "art", "china"}
    assert {tuple(row) for row in muted} == {("category", "motor"), ("word", "gold")}


async def test_a_gone_chat_gets_nothing_and_returns_with_its_settings(readers: Subscribers) -> None:
    first = await newcomer(readers, 5)
    topic = await newcomer(readers, 5, 7)
    other = await newcomer(readers, 6)
    await readers.follow(first.id, "style")
    before = await readers.change(first.id, next_at=NOW, digest_minute=600)
    await readers.gone(5)
    for subscriber_id in (first.id, topic.id):
        gone = there(await readers.get(subscriber_id))
        assert (gone.state, gone.next_at) == (State.GONE, None)
    assert await readers.get(other.id) == other
    back, created = await readers.ensure(
        5, kind=ChatKind.PRIVATE, language="fr", zone="UTC", digest_minute=0, now=NOW
    )
    assert not created
    assert back == replace(before, next_at=None)


async def test_a_stopped_reader_who_writes_stays_stopped(readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    await readers.change(subscriber.id, state=State.STOPPED)
    assert (await newcomer(readers)).state is State.STOPPED


async def test_subscribers_are_counted_by_state(readers: Subscribers) -> None:
    assert await readers.count() == dict.fromkeys(State, 0)
    for chat in (1, 2, 3):
        await newcomer(readers, chat)
    await readers.gone(2)
    assert await readers.count() == dict.fromkeys(State, 0) | {State.ACTIVE: 2, State.GONE: 1}


async def test_a_forgotten_subscriber_leaves_nothing_behind(
    db: Database, readers: Subscribers
) -> None:
    subscriber = await newcomer(readers)
    await readers.follow(subscriber.id, "style")
    await readers.mute_word(subscriber.id, "something private")
    assert await Forgetting(db).forget(subscriber.chat_id)
    assert await readers.get(subscriber.id) is None
    async with db.reading() as connection:
        for table in (follows, levels, tastes):
            assert (await connection.execute(select(table))).all() == []
    assert (await newcomer(readers)).taste == Taste()


async def test_sweeping_keeps_tastes_in_use(db: Database, readers: Subscribers) -> None:
    subscriber = await newcomer(readers)
    await readers.follow(subscriber.id, "style")
    being_sent = await key_of(db, subscriber.id)
    async with db.writing() as connection:
        await connection.execute(
            insert(deliveries).values(
                subscriber_id=subscriber.id,
                key="k",
                kind="edition",
                due=NOW,
                state="planned",
                place_from=0,
                place_to=1,
                taste_key=being_sent,
                language="en",
                layout="headlines",
            )
        )
    await readers.follow(subscriber.id, "motor")
    await readers.follow(subscriber.id, "art")
    assert await readers.sweep() == 2  # nothing followed; style and motor
    async with db.reading() as connection:
        kept = set((await connection.execute(select(tastes.c.key))).scalars())
    assert kept == {being_sent, await key_of(db, subscriber.id)}
    assert await readers.sweep() == 0


async def test_a_topics_section_is_its_last_and_goes_as_the_bot_leaves_or_is_to_forget(
    readers: Subscribers, db: Database
) -> None:
    for thread_id, section in ((3, "motor"), (4, "style"), (3, "art"), (4, "")):
        await readers.note_topic(-1, thread_id, section)
    for chat_id in (-2, -3):
        await readers.note_topic(chat_id, 3, "motor")
    assert await readers.topics(-1) == {3: "art", 4: ""}
    await Forgetting(db).forget(-1)
    await readers.gone(-2)
    await readers.gone(-3, 3)
    assert [await readers.topics(each) for each in (-1, -2, -3)] == [{}, {}, {3: "motor"}]
