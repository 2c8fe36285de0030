"""One topic per section: made by the bot, each a subscriber with its own news and hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playground.faults import Limits
from storage.model import ChatKind, Level

if TYPE_CHECKING:
    from playground.people.people import BotMessage
    from tests.handlers.conftest import Bureau


async def test_a_forum_gets_a_topic_for_each_section_that_it_follows(bureau: Bureau) -> None:
    chief = await bureau.reader("Chief")
    group = bureau.town.group("Club", [chief], forum=True, settled=True)
    await chief.send("/settings", group)
    main = await chief.next(group)
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
    await chief.send("/settings")
    await chief.tap("My channels and groups", await chief.until("Settings"))
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
        await mimi.send("/help@OnNewsBot", group, topic=topic)
        await mimi.next(group)
    assert await bureau.onnews.archive.subscribers.find(group.id) is None
    await chief.send("/settings", group)
    await chief.until("Settings", group)
    subscribers = bureau.onnews.archive.subscribers
    own = await bureau.subscriber(group)
    for slug in ("motor", "style", "watches", "art", "tourism"):
        own = await bureau.onnews.application.bot_data.readers.follow(own, slug)
    # One has its own news and hour by now.
    await chief.send("/settings", group, topic=made["Motor"])
    await chief.until("Settings", group)
    motor = await bureau.subscriber(group, made["Motor"])
    await bureau.onnews.application.bot_data.readers.follow(motor, "gucci")
    await subscribers.change(motor.id, digest_minute=5 * 60)

    async def makes_topics() -> None:
        await chief.send("/settings", group)
        main = await chief.until("Settings", group)
        bureau.clock.pass_(minutes=2)
        await chief.tap("One topic per section", main)
        await chief.until("topics of their own", group)

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
