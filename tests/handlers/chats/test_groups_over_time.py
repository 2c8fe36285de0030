"""Changes to groups, topics and channels over time lose no choice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.model import Layout, Level, State
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau


async def followed(bureau: Bureau, person: Person, room: Room, topic: int | None = None) -> None:
    """Make a group or topic follow Motor, managed by an administrator in private."""
    await person.send("/settings", room, topic=topic)
    await person.send("/category motor", room, topic=topic)
    await person.tap("Follow here", await person.until("Motor", room))
    await bureau.unread(person, room)


async def due(bureau: Bureau, room: Room, topic: int = 0) -> None:
    """Make the next edition of a group or topic due, with news in it."""
    subscriber = await bureau.subscriber(room, topic)
    assert subscriber.next_at is not None
    await bureau.desk.print_("Bentley shows an estate car", "motor", "bentley")
    bureau.clock.now = subscriber.next_at + timedelta(minutes=1)
    await bureau.send_what_is_due()


async def managed(person: Person) -> BotMessage:
    """Open the list of chats that somebody manages."""
    person.unread()
    await person.tap("My channels and groups", await ask(person, "/settings", until="Settings"))
    return await person.until("My channels and groups")


async def test_a_manager_who_leaves_loses_the_group_and_another_keeps_it(bureau: Bureau) -> None:
    owner, deputy = await bureau.reader("Owner"), await bureau.reader("Deputy")
    group = bureau.town.group("Club", [owner, deputy], settled=True)
    group.join(deputy, admin=True)
    await followed(bureau, owner, group)
    listed = await managed(owner)
    sheet = await press(owner, "Club", listed, until="For Club")
    group.leave(owner)
    await bureau.heard()

    # At once, and without anything being asked.
    assert (await owner.tap("Time", sheet)).text == "Only administrators can change this."
    assert "Club" not in (await managed(owner)).labels
    await due(bureau, group)
    assert "Bentley shows an estate car" in (await deputy.until("ON News", group)).text

    await ask(deputy, "/settings", group, until="Settings")
    assert "Club" in (await managed(deputy)).labels
    await bureau.unread(owner)
    deputy.unread()
    group.remove_bot(deputy)
    assert "I can no longer write in Club" in (await deputy.next()).text
    assert await bureau.unread(owner) == []


async def test_a_group_and_its_topics_take_the_language_of_whoever_set_them_up(
    bureau: Bureau,
) -> None:
    chief, member = await bureau.reader("Chief", "fr"), bureau.town.person("Membro", "it")
    group = bureau.town.group("Club", [chief, member], forum=True, settled=True)
    assert (await ask(member, "/latest", group)).text.startswith("Le ultime")
    assert "Bienvenue" in (await ask(chief, "/start", group, until="ON News")).text
    assert (await bureau.subscriber(group)).taste.languages == {"en", "fr"}
    await bureau.onnews.archive.subscribers.change(
        (await bureau.subscriber(group)).id, zone="Asia/Tokyo", city="Kyoto", digest_minute=7 * 60
    )
    topic = group.topic("Voitures", chief)
    await member.send("/latest", group, topic=topic)
    assert (await member.until("Les derniers", group)).thread_id == topic
    asked = await bureau.subscriber(group, topic)
    assert (asked.language, asked.zone, asked.city) == ("fr", "Asia/Tokyo", "Kyoto")
    assert asked.digest_minute == 7 * 60


async def test_only_current_administrators_are_notified_about_a_channel(bureau: Bureau) -> None:
    owner, deputy = await bureau.reader("Owner"), await bureau.reader("Deputy")
    channel = bureau.town.channel("Luxury Milan", [owner, deputy], bot=False)
    for person in (owner, deputy):
        await person.tap("Add a channel", await managed(person))
        await person.until("choose a channel that you administer")
        await person.share_chat(channel, 1)
        await person.until("For Luxury Milan")
    channel.leave(owner)
    owner.unread()
    channel.let_bot_post(deputy, posts=False)
    assert "I can no longer post in Luxury Milan" in (await deputy.until("no longer")).text
    assert await bureau.unread(owner) == []


async def test_an_anonymous_administrator_chooses_by_typing_and_by_tapping(bureau: Bureau) -> None:
    chief = bureau.town.person("Chief")
    group = bureau.town.group("Club", [chief], settled=True)
    await chief.send("/category motor", group, as_chat=True)
    await chief.tap("Follow here", await chief.until("Motor", group))
    await chief.send("/settings", group, as_chat=True)
    # A tap comes from the person, a typed text from the group.
    await chief.tap("Time", await chief.until("Settings", group))
    asked = await chief.until("What time", group)
    await chief.send("06:15", group, reply_to=asked, as_chat=True)
    assert "Time · 06:15" in (await chief.until("Settings", group)).labels
    await ask(chief, "/digest", group, as_chat=True, until="A new engine")
    await ask(chief, "/stop", group, as_chat=True, until="Editions stopped.")
    stopped = await bureau.subscriber(group)
    assert (stopped.state, stopped.digest_minute) == (State.STOPPED, 6 * 60 + 15)
    await ask(chief, "/start", group, as_chat=True, until="This group follows Motor.")
    assert (await bureau.subscriber(group)).state is State.ACTIVE
    # The person is unknown, so nobody became its manager or a reader.
    assert await bureau.onnews.archive.managers.of(stopped.id) == []
    assert await bureau.onnews.archive.subscribers.find(chief.id) is None


async def test_a_new_administrator_may_choose_at_once(bureau: Bureau) -> None:
    chief, deputy = await bureau.reader("Chief"), bureau.town.person("Deputy")
    group = bureau.town.group("Club", [chief, deputy], bot=False)
    group.add_bot(chief)
    greeting = await deputy.next(group)
    asked = bureau.town.faults.add(method="getChatAdministrators", delay=0.001, times=None)
    for _ in range(3):
        # However often somebody taps who may not, Telegram is asked every five seconds at most.
        refused = await deputy.tap("Set up", greeting)
        assert refused.text == "Only administrators can change this."
        bureau.clock.pass_(seconds=2.4)
    assert asked.hits == 1
    group.join(deputy, admin=True)
    assert "Welcome to ON News" in (await press(deputy, "Set up", greeting, chat=group)).text
    assert asked.hits == 2


async def test_the_greetings_link_follows_the_group_to_its_supergroup(bureau: Bureau) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], bot=False)
    group.add_bot(chief)
    link = (await chief.next(group)).button("private").url or ""
    group.migrate(chief)
    await bureau.unread(chief)
    await chief.open(link)
    picker = await chief.next()
    assert picker.text.startswith("For Club")
    await chief.tap("Motor", picker)
    assert (await bureau.subscriber(group)).taste.follows == {"motor"}
    # Of a group that the bot is out of, the link is one like any other.
    group.remove_bot(chief)
    await bureau.unread(chief)
    await chief.open(link)
    assert "Welcome back" in (await chief.next()).text


@pytest.mark.parametrize("joins_first", [False, True])
async def test_a_migrated_supergroup_is_not_greeted_again(
    bureau: Bureau, *, joins_first: bool
) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], settled=True)
    await followed(bureau, chief, group)
    before = await bureau.subscriber(group)
    # One in which nothing was set up has had its greeting, too.
    idle = bureau.town.group("Idle", [chief], bot=False)
    idle.add_bot(chief)
    await chief.next(idle)
    for each in (group, idle):
        each.migrate(chief, joins_first=joins_first)
    await bureau.heard()
    for each in (group, idle):
        texts = [message.body.get("text", "") for message in each.messages]
        assert not any("what this group gets" in text for text in texts)
    moved = await bureau.subscriber(group)
    assert (moved.id, moved.taste, moved.next_at) == (before.id, before.taste, before.next_at)
    # A supergroup that the bot is new in is greeted.
    group.remove_bot(chief)
    await bureau.heard()
    other = bureau.town.group("Other", [chief], forum=True, bot=False)
    other.add_bot(chief)
    assert "what this group gets" in (await chief.next(other)).text


async def test_a_topic_is_created_renamed_closed_and_reopened(bureau: Bureau) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], forum=True, settled=True)
    topic = group.topic("Cars", chief)
    await followed(bureau, chief, group)
    await followed(bureau, chief, group, topic)
    assert {"Club", "Club › Cars"} <= set((await managed(chief)).labels)

    group.rename_topic(topic, "Engines", chief)
    await bureau.heard()
    assert {"Club", "Club › Engines"} <= set((await managed(chief)).labels)

    group.close_topic(topic, chief)
    await bureau.unread(chief)
    chief.unread(group)
    await due(bureau, group, topic)
    assert "I can no longer write in Club › Engines" in (await chief.until("no longer")).text
    assert (await chief.until("ON News", group)).thread_id is None
    assert (await bureau.subscriber(group, topic)).state is State.GONE
    assert (await bureau.subscriber(group)).state is State.ACTIVE

    group.reopen_topic(topic, chief)
    assert "I can post in Club › Engines again" in (await chief.until("again")).text
    back = await bureau.subscriber(group, topic)
    assert back.state is State.ACTIVE
    assert back.taste.follows == {"motor"}
    await due(bureau, group, topic)
    edition = await chief.until("ON News", group)
    while edition.thread_id != topic:
        edition = await chief.until("ON News", group)

    # Telegram does not notify bots of deleted topics.
    group.delete_topic(topic)
    chief.unread()
    bureau.clock.pass_(hours=1)
    await due(bureau, group, topic)
    assert "the topic was closed or deleted" in (await chief.until("no longer")).text
    assert (await bureau.subscriber(group, topic)).state is State.GONE
    assert (await bureau.subscriber(group)).state is State.ACTIVE


async def test_a_topic_that_is_tried_again_is_active_only_if_it_is_still_there(
    bureau: Bureau,
) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], forum=True, settled=True)
    topics = [group.topic(name, chief) for name in ("Cars", "Boats")]
    for topic in topics:
        await followed(bureau, chief, group, topic)
        group.close_topic(topic, chief)
    await bureau.unread(chief)
    await due(bureau, group, topics[0])
    for _ in topics:
        await chief.until("I can no longer write in Club")
    group.delete_topic(topics[0])
    # As if Telegram's message about the reopening were lost.
    group.raw.topics[topics[1]].closed = False

    for topic, answer in zip(topics, ("I still can’t write there.", None), strict=True):
        listed = await managed(chief)
        name = "✕ Club › Cars" if topic == topics[0] else "✕ Club › Boats"
        await chief.tap(name, listed)
        alert = await chief.tap("Try again", await chief.until("I can no longer write"))
        if answer is not None:
            assert alert.text == answer
            assert (await bureau.subscriber(group, topic)).state is State.GONE
    await chief.until("For Club › Boats")
    assert (await bureau.subscriber(group, topics[1])).state is State.ACTIVE
    last = group.messages[-1]
    assert (last.text, last.thread_id) == ("I can write here again.", topics[1])


async def test_a_forum_with_a_closed_general_topic_gets_editions_once_it_reopens(
    bureau: Bureau,
) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], forum=True, settled=True)
    topic = group.topic("Cars", chief)
    await followed(bureau, chief, group)
    await followed(bureau, chief, group, topic)
    chief.unread()
    group.close_topic(None, chief)
    await due(bureau, group)
    notice = await chief.until("I can no longer write in Club")
    assert "let me write there again" in notice.text
    assert (await bureau.subscriber(group)).state is State.GONE
    assert (await bureau.subscriber(group, topic)).state is State.ACTIVE
    assert (await chief.until("ON News", group)).thread_id == topic
    group.reopen_topic(None, chief)
    assert "I can post in Club again" in (await chief.until("again")).text
    assert (await bureau.subscriber(group)).state is State.ACTIVE
    # Where the bot is silenced it opens nothing.
    group.restrict_bot(chief)
    await bureau.heard()
    group.reopen_topic(None, chief)
    await bureau.heard()
    assert (await bureau.subscriber(group)).state is State.GONE


async def test_a_removed_bot_finds_the_groups_choices_on_its_return(bureau: Bureau) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], settled=True)
    await followed(bureau, chief, group)
    before = await bureau.subscriber(group)
    # As a plain member it may still write.
    group.add_bot(chief, admin=True)
    group.add_bot(chief)
    await bureau.heard()
    assert await bureau.subscriber(group) == before
    assert chief.unread(group) == []
    for shut_out in (group.restrict_bot, group.remove_bot):
        chief.unread()
        shut_out(chief)
        assert "I can no longer write in Club" in (await chief.next()).text
        gone = await bureau.subscriber(group)
        assert (gone.state, gone.next_at) == (State.GONE, None)
        group.add_bot(chief)
        assert "I can post in Club again" in (await chief.next()).text
        back = await bureau.subscriber(group)
        assert (back.id, back.state, back.taste) == (before.id, State.ACTIVE, before.taste)
        assert back.next_at == before.next_at
    # It does not greet where it is known.
    assert await bureau.unread(chief, group) == []


async def test_a_supergroup_has_all_that_its_group_had(bureau: Bureau) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], settled=True)
    await followed(bureau, chief, group)
    subscribers = bureau.onnews.archive.subscribers
    own = await bureau.subscriber(group)
    own = await subscribers.follow(own.id, "gucci", alerts=True)
    own = await subscribers.follow_word(own.id, "estate car", alerts=True)
    own = await subscribers.mute_word(own.id, "rumour")
    own = await subscribers.set_level(own.id, "bentley", Level.MORE)
    own = await subscribers.set_level(own.id, bureau.desk.source_id, Level.LESS)
    own = await subscribers.change(
        own.id, digest_minute=7 * 60, evening_minute=19 * 60, days=31, layout=Layout.HEADLINES
    )
    await bureau.onnews.archive.saved.add(own.id, bureau.desk.ids[0], bureau.clock.now)
    page = await managed(chief)
    # An edition that was planned under the old number is sent to the new one.
    await bureau.desk.print_("Bentley shows an estate car", "motor", "bentley")
    assert own.next_at is not None
    bureau.clock.now = own.next_at + timedelta(minutes=1)
    await bureau.onnews.parts.planner.plan_due(bureau.clock.now)
    planned = await bureau.subscriber(group)
    group.migrate(chief)
    await bureau.heard()
    bureau.onnews.parts.sender.kick()
    assert "Bentley shows an estate car" in (await chief.until("ON News", group)).text

    moved = await bureau.subscriber(group)
    assert (moved.id, moved.chat_id, moved.taste) == (own.id, group.id, own.taste)
    assert moved.taste.words == {"estate car"}
    for name in ("digest_minute", "evening_minute", "days", "layout", "zone", "language"):
        assert getattr(moved, name) == getattr(own, name), name
    assert moved.next_at == planned.next_at
    assert await subscribers.alerts(moved.id) == {"gucci"}
    assert await subscribers.word_alerts(moved.id) == {"estate car"}
    saved = await bureau.onnews.archive.saved.list(moved.id, limit=5)
    assert [each.id for each in saved] == bureau.desk.ids[:1]
    # It is managed as before, from the list that was open as well.
    assert "Time · 07:00" in (await press(chief, "Club", page, until="For Club")).labels


async def test_a_former_administrator_loses_the_right_within_ten_seconds(bureau: Bureau) -> None:
    ana, bo = await bureau.reader(), await bureau.reader("Bo")
    group = bureau.town.group("Drivers", [ana, bo], settled=True)
    group.join(bo, admin=True)
    main = await ask(bo, "/settings@OnNewsBot", group)
    await bo.tap("07:00", await press(bo, "Time", main, chat=group))
    assert (await bureau.subscriber(group)).digest_minute == 7 * 60
    group.join(bo)
    bureau.clock.pass_(seconds=11)
    await bo.tap("Time", await bo.next(group))
    refused = await bo.tap("set:hour:540", main)
    assert refused.text == "Only administrators can change this."
    assert (await bureau.subscriber(group)).digest_minute == 7 * 60
