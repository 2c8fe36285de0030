"""Groups: the bot answers when addressed, administrators choose, a migration keeps everything. One
topic per section: made by the bot, each a subscriber with its own news and hour.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from playground.faults import Limits
from storage.model import ChatKind, Level, State
from tests.handlers.conftest import ask, press

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau


def club(bureau: Bureau, *, forum: bool = False) -> tuple[Person, Person, Room]:
    """Create a group with an administrator, a member and the bot."""
    chief, member = bureau.town.person("Chief"), bureau.town.person("Member")
    return chief, member, bureau.town.group("Club", [chief, member], forum=forum, settled=True)


async def test_the_bot_greets_a_group_once_and_then_answers_only_when_addressed(
    bureau: Bureau,
) -> None:
    chief, member = await bureau.reader("Chief"), bureau.town.person("Member")
    group = bureau.town.group("Club", [chief, member], bot=False)
    group.add_bot(chief)
    greeting = await member.next(group)
    assert "what this group gets" in greeting.text
    assert greeting.labels == ["Set up", "Set up in our private chat"]
    group.add_bot(chief, admin=True)
    await member.send("What a lovely Bentley", group)
    await member.send("motor", group)
    await member.send("/unknown", group)
    assert await bureau.unread(member, group) == []
    assert await bureau.onnews.archive.subscribers.find(group.id) is None
    assert (await member.tap("Set up", greeting)).text == "Only administrators can change this."

    # In private, by the greeting's link; its members are let in no further than anybody.
    link = greeting.button("private").url or ""
    await member.open(link)
    assert "Welcome to ON News" in (await member.next()).text
    chief.unread()
    await chief.open(link)
    picker = await chief.next()
    assert picker.text.startswith("For Club")
    await chief.tap("Motor", picker)
    assert (await bureau.subscriber(group)).taste.follows == {"motor"}
    assert member.unread(group) == []

    # In the group itself.
    await chief.tap("Set up", greeting)
    assert "Welcome" in (await member.next(group)).text


async def test_any_member_of_a_group_may_ask_for_news(bureau: Bureau) -> None:
    _, member, group = club(bureau)
    reply = await ask(member, "/latest@OnNewsBot 2 motor", group)
    assert reply.text.startswith("Motor")
    assert (await ask(member, "@OnNewsBot gucci", group)).text.startswith("Gucci")
    assert "A new engine" in (await press(member, "1", reply, chat=group)).text
    # Of several commands, those are named that are ours.
    await member.send("/search@OnNewsBot engine /weather /saved@OtherBot /help@OnNewsBot", group)
    assert "A new engine" in (await member.next(group)).text
    assert (await member.next(group)).text.endswith("Next, send:\n\n/help")
    assert "A new engine" in (await ask(member, "/latest@OnNewsBot /weather", group)).text
    assert (await ask(member, "/help@OnNewsBot", group)).text.startswith("ON News\n")


async def test_only_administrators_change_a_groups_choices(bureau: Bureau) -> None:
    chief, member, group = club(bureau)
    reply = await ask(chief, "/category gucci", group)
    refused = await member.tap("Follow", reply)
    assert refused.text == "Only administrators can change this."
    assert not (await bureau.subscriber(group)).taste.follows
    await chief.tap("Follow", reply)
    assert (await bureau.subscriber(group)).taste.follows == {"gucci"}
    await member.send("/settings", group)
    assert "dministrators choose" in (await chief.until("administrators", group)).text
    await member.send("/stop", group)
    await chief.until("administrators", group)
    assert (await bureau.subscriber(group)).state is State.ACTIVE
    await member.send("/start", group)
    assert "dministrators choose" in (await chief.until("/latest", group)).text


async def test_a_member_cannot_tap_an_administrators_buttons(bureau: Bureau) -> None:
    chief, member, group = club(bureau)
    main = await ask(chief, "/settings", group)
    for data in ("s:h:0", "set:hour:0", "set:pause:7", "p:motor:1:0", "d", "jv:hour:0", "b"):
        answer = await member.tap(data, main)
        assert answer.text == "Only administrators can change this."
    await chief.tap("Time", main)
    await chief.tap("set:hour:540", main)
    assert (await bureau.subscriber(group)).digest_minute == 15 * 36


async def test_a_group_that_follows_something_is_not_asked_again_after_a_sentence(
    bureau: Bureau,
) -> None:
    chief, _, group = club(bureau)
    await ask(chief, "/start", group)
    await ask(chief, "@OnNewsBot no more gucci please", group, until="Gucci: no more stories.")
    asked = await chief.next(group)
    assert "Choose what this chat should receive" in asked.text
    await press(chief, "p:motor:1:0", asked, chat=group, until="This group now follows Motor")
    await ask(chief, "@OnNewsBot more dior please", group, until="Dior: more stories")
    assert (await ask(chief, "/help@OnNewsBot", group)).text.startswith("ON News\n")


async def test_an_administrator_takes_a_group_through_the_journey(bureau: Bureau) -> None:
    chief, _, group = club(bureau)
    message = await ask(chief, "/start", group)
    assert "Welcome to ON News" in message.text
    await chief.tap("Done", await press(chief, "Motor", message, chat=group))
    cities = await press(chief, "08:00", await chief.next(group), chat=group)
    assert "Share my location" not in cities.labels
    assert "Paris time" in (await press(chief, "Paris", cities, chat=group)).text
    assert "A new engine" in (await chief.next(group)).text
    subscriber = await bureau.subscriber(group)
    assert subscriber.kind is ChatKind.GROUP
    assert subscriber.zone == "Europe/Paris"


async def test_a_typed_answer_in_a_group_is_a_reply_to_the_bot(bureau: Bureau) -> None:
    chief, member, group = club(bureau)
    main = await ask(chief, "/settings", group)
    asked = await press(chief, "Time", main, chat=group)
    assert "Reply to this message with your answer." in asked.text
    await member.send("06:15", group, reply_to=asked)
    await chief.until("mean by “06:15”", group)
    changed = await ask(chief, "07:15", group, reply_to=asked, until="Settings")
    assert "Time · 07:15" in changed.labels
    assert (await bureau.subscriber(group)).digest_minute == 7 * 60 + 15


async def test_only_a_reader_alone_is_offered_to_share_a_location(bureau: Bureau) -> None:
    chief, _, group = club(bureau)
    for where, offered in ((None, True), (group, False)):
        await chief.tap("Choose for me", await ask(chief, "/start", where))
        asked = await press(chief, "Keep 08:00", await chief.next(where), chat=where)
        assert ("share your location" in asked.text) is offered
        assert ("Share my location" in asked.labels) is offered


@pytest.mark.parametrize(
    ("language", "sent", "alone", "way"),
    [
        ("en", "I’ve sent you your reading list", "Your reading list is for you", "Reading list"),
        ("it", "Ti ho inviato la lista", "La lista di lettura è solo tua", "Lista di lettura"),
    ],
)
async def test_a_reading_list_asked_for_in_a_group_is_sent_in_private(
    bureau: Bureau, language: str, sent: str, alone: str, way: str
) -> None:
    ana = await bureau.reader(language=language)
    stranger = bureau.town.person("Stranger", language)
    own = await bureau.subscriber(ana)
    await bureau.onnews.archive.saved.add(own.id, 11, bureau.clock.now)
    group = bureau.town.group("Club", [ana, stranger], settled=True)
    await ana.send("/saved", group)
    assert "Gucci dreams of a garden" in (await ana.next()).text
    assert (await ana.next(group)).text.startswith(sent)
    stranger.block()
    reply = await ask(stranger, "/saved", group, until=alone)
    assert "Gucci" not in reply.text
    stranger.unblock()
    await stranger.open(reply.button(way).url or "")
    assert (await stranger.next()).text


async def test_save_under_a_groups_card_saves_for_whoever_taps(bureau: Bureau) -> None:
    _, member, group = club(bureau)
    card = await press(member, "1", await ask(member, "/latest 1 gucci", group), chat=group)
    assert (await member.tap("Save", card)).text.startswith("Saved.")
    own = await bureau.subscriber(member)
    assert [a.title for a in await bureau.onnews.archive.saved.list(own.id, limit=5)] == [
        "Gucci dreams of a garden"
    ]
    assert own.next_at is None
    assert await bureau.unread(member, group) == []


async def test_follow_under_a_groups_card_follows_for_whoever_taps(bureau: Bureau) -> None:
    chief, member, group = club(bureau)
    ana = await bureau.reader()
    group.join(ana)
    listed = await ask(chief, "/category gucci", group)
    assert listed.labels[-3:] == ["Follow here", "Show more or less", "Follow in private"]

    # Of who is no reader, the answer opens their own chat, where it is followed.
    answer = await member.tap("Follow in private", listed)
    assert answer.text == ""
    await member.open(answer.url or "")
    assert "Gucci" in (await member.next()).text
    assert (await bureau.subscriber(member)).taste.follows == {"gucci"}

    # The reader gets a notice beside the button, and nothing in the group.
    assert (await ana.tap("Follow in private", listed)).text == (
        "You now follow Gucci. Your next edition: tomorrow at 08:00, Milan time."
    )
    bureau.clock.pass_(minutes=1)
    assert (await ana.tap("Follow in private", listed)).text == "You already follow Gucci."
    assert (await bureau.subscriber(ana)).taste.follows == {"gucci", "motor"}
    assert not (await bureau.subscriber(group)).taste.follows

    # The same under a story; of what there is less, one chooses in private.
    ana.unread(group)
    card = await press(ana, "More…", await press(ana, "1", listed, chat=group), chat=group)
    await chief.tap("Follow Gucci", card)
    assert await bureau.onnews.archive.subscribers.find(chief.id) is None
    ana.unread()
    await ana.open(card.button("Less of this").url or "")
    await ana.tap("Kering", await ana.until("What would you like more of, or less of?"))
    await ana.tap("Less", await ana.next())
    assert (await bureau.subscriber(ana)).taste.less == {"kering"}
    assert not (await bureau.subscriber(group)).taste.less

    # And a word that was searched for.
    found = await ask(ana, "/search garden", group, until="Gucci dreams of a garden")
    assert (await ana.tap("Follow “garden”", found)).text == "You now follow “garden”."
    bureau.clock.pass_(minutes=1)
    assert (await ana.tap("Follow “garden”", found)).text == "You already follow “garden”."
    await chief.open((await chief.tap("Follow “garden”", found)).url or "")
    assert "Added to your keywords." in (await chief.next()).text
    assert "Welcome to ON News" in (await chief.next()).text
    for who in (ana, chief):
        assert (await bureau.subscriber(who)).taste.words == {"garden"}
    assert not (await bureau.subscriber(group)).taste.words

    # Whom the bot may no longer write to is led to it as a stranger is.
    ana.block()
    await bureau.heard()
    bureau.clock.pass_(minutes=1)
    assert (await ana.tap("Follow in private", listed)).url is not None


async def test_texts_in_a_group_speak_of_the_group(bureau: Bureau) -> None:
    chief, _, group = club(bureau, forum=True)
    topic = group.topic("Cars", chief)
    nothing = await ask(chief, "/digest", group, topic=topic, until="edition")
    assert nothing.text.startswith("This topic doesn’t follow anything yet")
    listed = await ask(chief, "/category gucci", group, until="Gucci")
    assert (await chief.tap("Follow here", listed)).text.startswith("This group now follows Gucci.")
    listed = await chief.next(group)
    assert (await chief.next(group)).text.startswith("This group now follows Gucci")
    reply = await chief.tap("Alert me", listed)
    assert reply.text == "Gucci news will arrive here as it breaks."
    reply = await chief.tap("Unfollow", await chief.next(group))
    assert reply.text == "This group no longer follows Gucci."
    await chief.tap("Follow here", await chief.next(group))
    await chief.send("/start", group)
    await chief.tap("Done", await chief.until("Choose what this chat should receive.", group))
    assert "This group follows Gucci." in (await chief.next(group)).text
    stopped = await ask(chief, "/stop", group, until="Editions stopped.")
    assert not any(each in stopped.text for each in ("You", "your editions"))
    await chief.tap("Resume", stopped)
    assert (await chief.until("back", group)).text.startswith("The editions are back.")
    main = await ask(chief, "/settings", group, until="Settings")
    for button in ("Time", "Days", "Time zone", "News languages", "Layout", "Alerts", "Followed"):
        shown = await press(chief, button, main, chat=group)
        assert not any(each in shown.text for each in ("You", "your edition", "you ")), shown.text
        main = await press(chief, "Settings" if button == "Followed" else "Back", shown, chat=group)


async def test_a_group_that_mutes_the_bot_gets_no_messages(bureau: Bureau) -> None:
    chief, member, group = club(bureau)
    await chief.tap("Follow", await ask(chief, "/category gucci", group))
    group.restrict_bot(chief)
    await bureau.heard()
    gone = await bureau.subscriber(group)
    assert (gone.state, gone.next_at) == (State.GONE, None)
    chief.unread(group)
    await member.send("/latest", group)
    assert await bureau.unread(chief, group) == []


async def test_a_group_that_lets_the_bot_back_in_gets_its_editions_again(bureau: Bureau) -> None:
    chief, _, group = club(bureau)
    await chief.tap("Follow", await ask(chief, "/category gucci", group))
    group.remove_bot(chief)
    await bureau.heard()
    assert (await bureau.subscriber(group)).state is State.GONE
    group.add_bot(chief)
    await bureau.heard()
    back = await bureau.subscriber(group)
    assert back.state is State.ACTIVE
    assert back.taste.follows == {"gucci"}
    assert back.next_at is not None


async def test_a_group_that_becomes_a_supergroup_keeps_everything(bureau: Bureau) -> None:
    chief, _, group = club(bureau)
    await chief.tap("Follow", await ask(chief, "/category gucci", group))
    old = await bureau.subscriber(group)
    group.migrate(chief)
    await bureau.heard()
    moved = await bureau.subscriber(group)
    assert moved.id == old.id
    assert moved.taste.follows == {"gucci"}
    assert (await ask(chief, "/latest 1", group)).text.startswith("The latest")


async def test_a_topic_is_its_own_subscriber_and_keeps_its_thread(bureau: Bureau) -> None:
    chief, _, group = club(bureau, forum=True)
    topic = group.topic("Cars", chief)
    reply = await ask(chief, "/category motor", group, topic=topic)
    assert reply.thread_id == topic
    await chief.tap("Follow", reply)
    subscriber = await bureau.subscriber(group, topic)
    assert subscriber.kind is ChatKind.TOPIC
    assert subscriber.taste.follows == {"motor"}
    assert await bureau.onnews.archive.subscribers.find(group.id) is None
    edition = await ask(chief, "/digest", group, topic=topic, until="ON News")
    assert edition.thread_id == topic


async def test_a_members_digest_does_not_use_up_the_groups_edition(bureau: Bureau) -> None:
    chief, member, group = club(bureau)
    await chief.tap("Follow", await ask(chief, "/category motor", group))
    before = await bureau.subscriber(group)
    member.unread(group)
    await member.send("/digest", group)
    assert "Bentley adds a wing" not in (shown := await member.next(group)).text
    assert "A new engine, number 9" in shown.text
    assert (await bureau.subscriber(group)).place == before.place
    assert "A new engine, number 9" in (await ask(chief, "/digest", group, until="Motor")).text
    await bureau.heard()
    assert (await bureau.subscriber(group)).place == max(bureau.desk.ids)
    assert "sends the edition now" in (await ask(member, "/help", group, until="/digest")).text


async def test_a_forum_gets_a_topic_for_each_section_that_it_follows(bureau: Bureau) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], forum=True, settled=True)
    main = await ask(chief, "/settings", group)
    refused = await chief.tap("One topic per section", main)
    assert refused.text == "First choose sections in /category: each gets a topic."

    subscribers = bureau.onnews.archive.subscribers
    own = await bureau.subscriber(group)
    for slug in ("motor", "style", "watches", "gucci"):
        own = await bureau.onnews.application.bot_data.readers.follow(own, slug)
    own = await subscribers.follow(own.id, "style", alerts=True)
    own = await subscribers.mute_word(own.id, "rumour")
    own = await subscribers.set_level(own.id, bureau.desk.source_id, Level.MORE)
    own = await subscribers.change(own.id, digest_minute=7 * 60, place=max(bureau.desk.ids))
    bureau.clock.pass_(minutes=2)
    refused = await chief.tap("One topic per section", main)
    assert refused.text == "Make me an administrator who may manage topics, then tap again."
    assert group.raw.topics == {}

    # Where Telegram makes none after all, the group follows what it did, and the next tap goes on.
    group.add_bot(chief, admin=True)
    await bureau.heard()
    bureau.clock.pass_(minutes=2)
    bureau.town.faults.add(
        method="createForumTopic",
        status=400,
        description="Bad Request: not enough rights to create a topic",
    )
    await chief.tap("One topic per section", main)
    assert "make more topics. Try again later." in (await chief.until("make more", group)).text
    assert (await bureau.subscriber(group)).taste.follows == {"motor", "style", "watches", "gucci"}
    bureau.clock.pass_(minutes=2)
    await chief.tap("One topic per section", main)
    answer = await chief.until("topics of their own", group)
    assert answer.text.startswith("These sections now have topics of their own: Motor, Style and")
    topics = {topic.name: topic.id for topic in group.raw.topics.values()}
    assert list(topics) == ["Motor", "Style", "Watches"]
    assert (await bureau.subscriber(group)).taste.follows == {"gucci"}
    for name, number in topics.items():
        topic = await bureau.subscriber(group, number)
        assert topic.kind is ChatKind.TOPIC
        assert topic.taste.follows == {name.lower()}
        assert topic.taste.muted_words == own.taste.muted_words
        assert topic.taste.more_sources == {bureau.desk.source_id}
        assert (topic.digest_minute, topic.zone, topic.place) == (7 * 60, own.zone, own.place)
        alerts = {"style"} if name == "Style" else set()
        assert await subscribers.alerts(topic.id) == alerts
    await chief.tap("My channels and groups", await ask(chief, "/settings", until="Settings"))
    listed = (await chief.until("My channels and groups")).labels
    assert {"Club", "Club › Motor", "Club › Style", "Club › Watches"} <= set(listed)

    # Each edition goes into its own topic, within what Telegram lets a group have.
    chief.unread(group)
    bureau.town.limits = Limits()
    await bureau.desk.print_("An estate car from Crewe", "motor")
    await bureau.desk.print_("A coat for the rain", "style")
    await bureau.desk.print_("A watch that tells the tides", "watches")
    next_at = (await bureau.subscriber(group, topics["Motor"])).next_at
    assert next_at is not None
    bureau.clock.now = next_at + timedelta(minutes=1)
    await bureau.send_what_is_due()
    came: dict[int | None, BotMessage] = {}
    while len(came) < 3:
        edition = await chief.until("ON News", group)
        came[edition.thread_id] = edition
    assert "An estate car" in came[topics["Motor"]].text
    assert "A coat" in came[topics["Style"]].text
    assert "A watch" in came[topics["Watches"]].text


async def test_a_topic_of_a_sections_name_is_used_and_not_doubled(bureau: Bureau) -> None:
    chief, mimi = await bureau.reader("Chief"), await bureau.reader("Mimi")
    group = bureau.town.group("Club", [chief, mimi], forum=True, bot=False)
    # Telegram tells nothing of this one; it is named in what a member writes to the bot.
    watches = group.topic("Watches", chief)
    group.add_bot(chief, admin=True)
    await chief.next(group)
    made = {name: group.topic(name, chief) for name in ("Motor", "Chat", "Art", "Tourism", "Party")}
    group.rename_topic(made["Chat"], "moda", chief)
    group.rename_topic(made["Art"], "Gallery", chief)
    group.delete_topic(made["Tourism"])
    for topic in (watches, made["Art"]):
        await ask(mimi, "/help@OnNewsBot", group, topic=topic)
    assert await bureau.onnews.archive.subscribers.find(group.id) is None
    await ask(chief, "/settings", group, until="Settings")
    subscribers = bureau.onnews.archive.subscribers
    own = await bureau.subscriber(group)
    for slug in ("motor", "style", "watches", "art", "tourism"):
        own = await bureau.onnews.application.bot_data.readers.follow(own, slug)
    # One has its own news and hour by now.
    await ask(chief, "/settings", group, topic=made["Motor"], until="Settings")
    motor = await bureau.subscriber(group, made["Motor"])
    await bureau.onnews.application.bot_data.readers.follow(motor, "gucci")
    await subscribers.change(motor.id, digest_minute=5 * 60)

    async def makes_topics() -> None:
        main = await ask(chief, "/settings", group, until="Settings")
        bureau.clock.pass_(minutes=2)
        await press(chief, "One topic per section", main, chat=group, until="topics of their own")

    await makes_topics()
    topics = {topic.name: topic.id for topic in group.raw.topics.values()}
    assert sorted(topics) == [*("Art", "Gallery", "Motor", "Party", "Tourism", "Watches", "moda")]
    used = {"Motor": made["Motor"], "moda": made["Chat"], "Watches": watches}
    assert used.items() <= topics.items()
    for name, slug in (("moda", "style"), ("Watches", "watches"), ("Art", "art")):
        assert (await bureau.subscriber(group, topics[name])).taste.follows == {slug}
    motor = await bureau.subscriber(group, made["Motor"])
    assert motor.taste.follows == {"gucci", "motor"}
    assert motor.digest_minute == 5 * 60
    assert (await bureau.subscriber(group)).taste.follows == set()

    # Nor are those doubled that the bot made.
    own = await bureau.subscriber(group)
    for slug in ("art", "style"):
        own = await bureau.onnews.application.bot_data.readers.follow(own, slug)
    await makes_topics()
    assert len(group.raw.topics) == len(topics)
