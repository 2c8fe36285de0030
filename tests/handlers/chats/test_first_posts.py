"""The first edition of channels and topics over HTTP: announced in place, previewed, posted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model import ChatKind

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau


async def picker_of(person: Person, channel: Room) -> BotMessage:
    """Add a channel, and return its picker in the private chat of its administrator."""
    await person.send("/settings")
    await person.tap("My channels and groups", await person.until("Settings"))
    await person.tap("Add a channel", await person.until("My channels and groups"))
    await person.until("choose a channel")
    await person.share_chat(channel, 1)
    await person.until("I can post in")
    return await person.next()


async def test_the_picker_of_a_channel_answers_in_place(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    picker = await picker_of(ana, channel)
    assert "The first edition" not in picker.text
    assert picker.labels == [
        *("Motor · 10", "Style · 1", "Watches · 1"),
        *("More sections", "Markets", "Houses", "Settings"),
    ]
    await ana.tap("Motor", picker)
    first = await ana.next()
    assert (first.edited, first.id) == (True, picker.id)
    assert "This channel follows Motor." in first.text
    assert "The first edition arrives tomorrow at 08:00, Milan time." in first.text
    assert first.labels[-3:] == [
        "Preview the first edition",
        "Post the first edition now",
        "Settings",
    ]
    await ana.tap("Style", first)
    second = await ana.next()
    assert (second.edited, second.id) == (True, picker.id)
    assert "This channel follows Motor and Style." in second.text
    await bureau.heard()
    assert not ana.unread()
    await ana.tap("More sections", second)
    assert "· Sections ·" in (await ana.next()).labels


async def test_a_manager_previews_the_first_edition_and_posts_it(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    picker = await picker_of(ana, channel)
    await ana.tap("Motor", picker)
    picker = await ana.next()
    await ana.tap("Preview the first edition", picker)
    preview = await ana.next()
    assert "A new engine, number 9" in preview.text
    assert preview.labels == ["Post the first edition now"]
    assert not channel.raw.log
    answer = await ana.tap("Post the first edition now", preview)
    assert answer.text == "The first edition is posted."
    assert (await ana.next()).labels == []
    post = await ana.until("A new engine, number 9", channel)
    assert "Also in the news" not in post.text
    assert post.text == preview.text
    assert (await bureau.subscriber(channel)).place == max(bureau.desk.ids)

    # The picker still has its button: nothing is posted twice, and the button goes.
    bureau.clock.pass_(minutes=1)
    answer = await ana.tap("Post the first edition now", picker)
    assert answer.text == "The first edition is posted."
    assert (await ana.next()).labels[-1] == "Settings"
    await bureau.heard()
    assert len([each for _, _, each in channel.raw.log if "A new engine" in str(each)]) == 1


async def test_a_channel_without_news_is_not_posted_in(quiet: Bureau) -> None:
    await quiet.desk.print_("Of style", "style")
    ana = await quiet.reader()
    channel = quiet.town.channel("Luxury Milan", [ana], bot=False)
    await ana.tap("More sections", await picker_of(ana, channel))
    await ana.tap("Motor", await ana.next())
    picker = await ana.next()
    answer = await ana.tap("Post the first edition now", picker)
    assert answer.text == "No news this week, so there is nothing to post yet."
    await quiet.heard()
    assert not channel.raw.log


async def test_a_topic_posts_its_first_edition_from_its_settings(bureau: Bureau) -> None:
    chief = bureau.town.person("Chief")
    group = bureau.town.group("Desk", [chief], forum=True, settled=True)
    topic = group.topic("Cars", chief)
    await chief.send("/category motor", group, topic=topic)
    await chief.tap("Follow", await chief.next(group))
    await chief.until("The first edition arrives", group)
    await chief.send("/settings", group, topic=topic)
    main = await chief.until("Settings", group)
    assert "Preview the first edition" not in main.labels
    answer = await chief.tap("Post the first edition now", main)
    assert answer.text == "The first edition is posted."
    await chief.until("A new engine, number 9", group)
    subscriber = await bureau.subscriber(group, topic)
    assert (subscriber.kind, subscriber.place) == (ChatKind.TOPIC, max(bureau.desk.ids))
