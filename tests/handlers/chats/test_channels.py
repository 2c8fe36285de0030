"""Channels: set up by administrators in private; posts suit every reader. A channel that an older
version registered, with a hundred subscribers who tap. The first edition of channels and topics
over HTTP: announced in place, previewed, posted.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.chats.chat_look import KindCheck
from handlers.taps.callback_codec import MOST_BYTES, about
from handlers.taps.callback_data import (
    About,
    LeftOut,
    More,
    OpenCard,
    OpenPrivacy,
    Origin,
    Read,
    Save,
    SetLevel,
    SetValue,
)
from news.filing import taxonomy
from storage.model import ChatKind, Layout, Level, Show, State
from tests.handlers.conftest import ask, press
from tests.plugins.archive import registered, there

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person, Room
    from tests.handlers.conftest import Bureau


async def set_up(person: Person, channel: Room) -> BotMessage:
    """Add a channel as its administrator, and return its picker in their private chat."""
    await person.tap("My channels and groups", await ask(person, "/settings", until="Settings"))
    await person.tap("Add a channel", await person.until("My channels and groups"))
    asked = await person.until("choose a channel that you administer")
    assert asked.reply_keyboard is not None
    await person.share_chat(channel, 1)
    await person.until("I can post in")
    return await person.next()


async def test_an_administrator_sets_a_channel_up_in_private(bureau: Bureau) -> None:
    ana = await bureau.reader()
    bo = await bureau.reader("Bo")
    channel = bureau.town.channel("Luxury Milan", [ana, bo], bot=False, username="luxmilan")
    ana.unread()
    picker = await set_up(ana, channel)
    assert picker.text.startswith("For @luxmilan")
    assert "Reply to this message" not in picker.text
    assert (await ana.tap("Style", picker)).text.startswith("This channel now follows Style")
    subscriber = await bureau.subscriber(channel)
    assert (subscriber.kind, subscriber.layout) == (ChatKind.CHANNEL, Layout.SUMMARIES)
    assert subscriber.taste.follows == {"style"}
    assert subscriber.next_at is not None
    assert (await bureau.subscriber(ana)).taste.follows == {"motor"}

    # The same pages as a reader's, by tapping and by typing.
    await ana.tap("Settings", await ana.until("The first edition"))
    asked = await press(ana, "Time", await ana.until("Settings"), until="What time")
    assert asked.text.startswith("For @luxmilan")
    main = await ask(ana, "10:15", until="Settings")
    assert main.text.startswith("For @luxmilan")
    assert "Time · 10:15" in main.labels
    assert (await bureau.subscriber(channel)).digest_minute == 10 * 60 + 15
    assert (await bureau.subscriber(ana)).digest_minute == 8 * 60
    await ana.tap("Editions", await press(ana, "Sound", main))
    assert (await bureau.subscriber(channel)).silent
    assert not (await bureau.subscriber(ana)).silent
    ana.unread()
    assert (await ask(ana, "/settings", until="Settings")).text.startswith("Settings")

    # Another administrator manages it too; somebody else neither adds nor changes it.
    main = await set_up(bo, channel)
    assert main.text.startswith("For @luxmilan")
    await bo.tap("Headlines", await press(bo, "Layout", main))
    assert (await bureau.subscriber(channel)).layout is Layout.HEADLINES
    layout = await bo.next()
    channel.leave(bo)
    bureau.clock.pass_(minutes=2)
    assert (await bo.tap("Summaries", layout)).text == "Only administrators can change this."
    stranger = await bureau.reader("Stranger")
    await stranger.send("/settings")
    data = there(layout.button("Summaries").data)
    forged = await stranger.tap(data, await stranger.until("Settings"))
    assert forged.text == "Only administrators can change this."
    assert (await bureau.subscriber(channel)).layout is Layout.HEADLINES
    await bo.tap("My channels and groups", await ask(bo, "/settings", until="Settings"))
    assert "@luxmilan" not in (await bo.next()).labels


async def test_a_channels_posts_have_links_and_no_buttons(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    picker = await set_up(ana, channel)
    await ana.tap("Motor", picker)
    subscriber = await bureau.subscriber(channel)
    assert subscriber.next_at is not None
    for number in range(14):
        await bureau.desk.print_(f"Late news, number {number}", "motor", "bentley")
    bureau.clock.now = subscriber.next_at + timedelta(minutes=1)
    await bureau.send_what_is_due()
    post = await ana.until("ON News", channel)
    buttons = [button for row in post.buttons for button in row]
    assert buttons
    assert all(button.url is not None and button.data is None for button in buttons)
    newcomer = bureau.town.person("Newcomer")
    await newcomer.open(post.button("1").url or "")
    assert "Set up" in " ".join((await newcomer.next()).labels)
    other = bureau.town.person("Other")
    await other.open(post.button("Follow in private").url or "")
    assert "Welcome to ON News" in (await other.next()).text
    await other.open(post.button("More stories").url or "")
    assert "Late news" in (await other.next()).text

    # An alert is no other: its only button leads to the story.
    await bureau.onnews.archive.subscribers.follow(subscriber.id, "motor", alerts=True)
    story = await bureau.desk.print_("A Ferrari for every day", "motor", hours_ago=0)
    await bureau.onnews.parts.alerts.plan([story], bureau.clock.now)
    bureau.onnews.parts.sender.kick()
    alert = await ana.until("A Ferrari for every day", channel)
    assert [(each.text, each.data) for row in alert.buttons for each in row] == [
        ("Open the story", None)
    ]
    await newcomer.open(alert.button("Open the story").url or "")
    assert "A Ferrari for every day" in (await newcomer.until("Ferrari")).text


async def test_losing_a_channel_is_reported_once_and_its_return_resumes_editions(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    picker = await set_up(ana, channel)
    await ana.tap("Motor", picker)
    await bureau.unread(ana)
    channel.let_bot_post(ana, posts=False)
    await bureau.heard()
    channel.remove_bot(ana)
    await bureau.heard()
    notices = ana.unread()
    assert [each.text.split(".")[0] for each in notices] == ["I can no longer post in Luxury Milan"]
    gone = await bureau.subscriber(channel)
    assert (gone.state, gone.next_at) == (State.GONE, None)
    await ana.tap("My channels and groups", await ask(ana, "/settings", until="Settings"))
    listed = await ana.until("gets nothing now")
    assert "✕ Luxury Milan" in listed.labels
    channel.let_bot_post(ana, posts=True)
    channel.add_bot(ana, admin=True)
    await bureau.heard()
    assert "I can post in Luxury Milan again" in (await ana.until("again")).text
    back = await bureau.subscriber(channel)
    assert back.state is State.ACTIVE
    assert back.taste.follows == {"motor"}
    assert back.next_at is not None
    await ana.tap("My channels and groups", await ask(ana, "/settings", until="Settings"))
    await ana.tap("Stop editions", await press(ana, "Luxury Milan", await ana.next()))
    assert (await bureau.subscriber(channel)).state is State.STOPPED
    await ana.tap("Resume", await ana.next())
    assert (await bureau.subscriber(channel)).state is State.ACTIVE


async def test_a_channel_that_the_bot_cannot_post_in_is_not_added(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    channel.raw.bot_posts = False
    await ana.tap("My channels and groups", await ask(ana, "/settings", until="Settings"))
    await press(ana, "Add a channel", await ana.next(), until="choose a channel")
    await ana.share_chat(channel, 1)
    assert "I can’t post in that channel" in (await ana.next()).text
    assert await bureau.onnews.archive.subscribers.find(channel.id) is None


async def test_a_channel_in_another_language_is_set_up_in_the_managers_own(bureau: Bureau) -> None:
    ana = await bureau.reader(language="it")
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    await ana.tap("I miei canali e gruppi", await ask(ana, "/settings", until="Impostazioni"))
    await press(ana, "Aggiungi un canale", await ana.next(), until="scegli un canale")
    await ana.share_chat(channel, 1)
    await ana.until("Posso pubblicare")
    picker = await ana.next()
    assert (await ana.tap("Motori", picker)).text.startswith("Questo canale ora segue Motori.")
    await ana.tap("Impostazioni", await ana.until("La prima edizione arriverà"))
    await ana.tap("Fuso orario", await ana.until("Impostazioni"))
    main = await press(ana, "Londra", await ana.until("fuso orario"), until="Impostazioni")
    await ana.tap("Lingua", main)
    await ana.tap("中文", await ana.until("In che lingua deve essere l’edizione?"))
    main = await ana.until("Impostazioni")
    assert (await bureau.subscriber(channel)).language == "zh"
    assert main.text.startswith("Per Luxury Milan")
    assert {"Lingua · 中文", "Fuso orario · Londra", "Giorni · Ogni giorno"} <= set(main.labels)
    sheet = await press(ana, "Impaginazione", main, until="Quale impaginazione per l’edizione?")
    # What the sample shows is what the channel gets.
    assert "更多：汽车" in sheet.text
    await press(ana, "Pausa", await press(ana, "Indietro", sheet), until="Per quanto tempo")
    main = await ask(ana, "lunedì prossimo", until="Impostazioni")
    assert "Pausa · 30 nov" in main.labels
    subscriber = await bureau.subscriber(channel)
    assert subscriber.next_at is not None
    bureau.clock.now = subscriber.next_at + timedelta(minutes=1)
    await bureau.desk.print_("A Ferrari for every day", "motor")
    await bureau.send_what_is_due()
    assert "汽车" in (await ana.until("A Ferrari for every day", channel)).text


async def test_adding_the_bot_to_a_channel_in_telegram_leads_to_its_set_up(bureau: Bureau) -> None:
    ana, bo = await bureau.reader(), await bureau.reader("Bo")
    stranger = bureau.town.person("Stranger")
    channel = bureau.town.channel("Luxury Milan", [ana, bo, stranger], bot=False)
    # No message to people who never pressed Start, or if the bot may not post.
    channel.add_bot(stranger, admin=True)
    channel.remove_bot(stranger)
    channel.raw.bot_posts = False
    channel.add_bot(ana, admin=True)
    await bureau.heard()
    assert await bureau.onnews.archive.subscribers.find(channel.id) is None
    for person in (ana, bo):
        person.unread()
    channel.let_bot_post(ana, posts=True)
    offered = await ana.next()
    assert offered.text.startswith("I can now post in Luxury Milan.")
    assert offered.labels == ["Set up"]
    await press(ana, "Set up", offered, until="I can post in Luxury Milan")
    picker = await ana.next()
    assert picker.text.startswith("For Luxury Milan")
    await ana.tap("Motor", picker)
    assert (await bureau.subscriber(channel)).taste.follows == {"motor"}
    # Its managers are notified of the return; nobody is asked to set it up again.
    ana.unread()
    channel.remove_bot(bo)
    channel.add_bot(bo, admin=True)
    assert await bureau.unread(bo) == []
    assert "again" in ana.unread()[-1].text
    # Nobody manages it any more, so whoever brings the bot back may.
    subscriber = await bureau.subscriber(channel)
    managers = bureau.onnews.archive.managers
    await managers.remove(subscriber.id, (await bureau.subscriber(ana)).id)
    channel.remove_bot(bo)
    channel.add_bot(bo, admin=True)
    offered = await bo.until("I can now post in Luxury Milan.")
    assert "Time · 08:00" in (await press(bo, "Set up", offered, until="For Luxury Milan")).labels
    # A forged number opens nothing.
    for data in ("gs:abc", f"gs:{stranger.id}", "gs:-1009999999999"):
        bureau.clock.pass_(seconds=3)
        await bo.tap(data, offered)
    await bureau.heard()
    assert {each.text[:15] for each in bo.unread()} == {"I can’t post in"}


async def test_a_channel_added_by_our_button_gets_no_further_message(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    await set_up(ana, channel)
    await bureau.heard()
    assert [each.text for each in ana.unread()] == []
    assert not any("I can now post" in str(each.body.get("text")) for each in ana.chat.messages)


@pytest.mark.parametrize(("layout", "shown"), list(zip(Layout, Show, strict=True)))
async def test_posts_of_every_layout_suit_every_reader_of_a_channel(
    bureau: Bureau, layout: Layout, shown: Show
) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    await ana.tap("Motor", await set_up(ana, channel))
    await ana.tap("Settings", await ana.until("The first edition"))
    await ana.tap("Layout", await ana.until("Settings"))
    sheet = await ana.until("How should the edition look?")
    if layout is not Layout.SUMMARIES:
        await ana.tap(
            {Layout.FRONT_PAGE: "Front page", Layout.HEADLINES: "Headlines"}[layout], sheet
        )
        sheet = await ana.until("How should the edition look?")
    # No post has a button to change it by, so none is promised.
    assert "Can’t see it?" not in sheet.text
    assert ("may see it blank" in sheet.text) is (layout is Layout.FRONT_PAGE)
    subscriber = await bureau.subscriber(channel)
    assert subscriber.layout is layout
    assert subscriber.next_at is not None
    source = bureau.desk.source_id
    await bureau.onnews.archive.sources.set_use(source, full_text=shown)
    body = "A body that is the source’s own. " * 30
    for number in range(14):
        await bureau.desk.print_(f"Late news, number {number}", "motor", "bentley", body=body)
    bureau.clock.now = subscriber.next_at + timedelta(minutes=1)
    await bureau.send_what_is_due()
    post = await ana.until("Late news, number", channel)
    assert ("rich_message" in post.body) is (layout is Layout.FRONT_PAGE)
    assert "A body" not in str(post.body)
    buttons = [button for row in post.buttons for button in row]
    assert [each.text for each in buttons] == [
        "1",
        "2",
        "3",
        "More stories: Motor",
        "Follow in private",
    ]
    assert all(button.url is not None and button.data is None for button in buttons)
    # Passed on, it keeps all of that; each of the links shows something to somebody new.
    friend = bureau.town.person("Friend")
    passed = await ana.forward(post, bureau.town.direct(ana, friend))
    assert passed.links == post.links
    assert [each.url for row in passed.buttons for each in row] == [each.url for each in buttons]
    for button, seen in zip(
        buttons, (*["Late news, number"] * 4, "Welcome to ON News"), strict=True
    ):
        await friend.open(button.url or "")
        landing = await friend.next()
        assert seen in landing.text, button.text
    await friend.open(buttons[0].url or "")
    assert ("Read here" in (await friend.next()).labels) is (shown is not Show.NO)


@pytest.mark.parametrize("subscriber_id", [1, 36**4, 2**31 - 1])
def test_button_data_has_room_for_the_id_of_the_managed_chat(subscriber_id: int) -> None:
    slugs = taxonomy.load().categories
    for slug in slugs:
        data = SetLevel(About.CATEGORY, slug, Origin.STORY, 2**31 - 1, Level.NORMAL).pack()
        assert len(about(subscriber_id, data)) <= MOST_BYTES
    assert about(subscriber_id, SetValue("zone", "America/Argentina/ComodRivadavia").pack())


SUBSCRIBERS = 25


async def test_a_hundred_taps_in_a_channel_post_nothing(bureau: Bureau) -> None:
    """The channel was stored as a group; posts have only links, and each tap gets a notice."""
    ana = await bureau.reader()
    archive, bot = bureau.onnews.archive, bureau.onnews.application.bot
    await archive.sources.set_use(bureau.desk.source_id, full_text=Show.YES)
    channel = bureau.town.channel("Luxury Milan", [ana])
    stored = await registered(
        archive.subscribers,
        channel.id,
        bureau.clock.now,
        kind=ChatKind.GROUP,
        digest_minute=11 * 60,
    )
    stored = await archive.subscribers.follow(stored.id, "style")
    stored = await bureau.onnews.application.bot_data.readers.scheduled(stored)
    # A post of an older version, with callback buttons.
    article = bureau.desk.ids[-2]
    taps = (
        OpenCard(article),
        Read(article, 0, turn=False),
        More(article),
        Save(article, on=True),
        LeftOut(),
        OpenPrivacy(),
    )
    buttons = [[InlineKeyboardButton("1", callback_data=each.pack())] for each in taps]
    await bot.send_message(channel.id, "Yesterday", reply_markup=InlineKeyboardMarkup(buttons))
    old = channel.messages[-1]

    people = [bureau.town.person(f"Subscriber {number}") for number in range(SUBSCRIBERS)]

    async def reads(person: Person) -> None:
        for each in taps:
            answer = await person.tap(each.pack(), old)
            assert (answer.url is None) is isinstance(each, Save | LeftOut | OpenPrivacy)
        link = there((await person.tap(taps[0].pack(), old)).url)
        await person.open(link)
        await person.until("Gucci dreams of a garden")

    await asyncio.gather(*map(reads, people))
    await bureau.heard()
    assert [each.text for each in channel.messages] == ["Yesterday"]
    assert (await bureau.subscriber(channel)).kind is ChatKind.CHANNEL
    check = KindCheck(bot, archive.subscribers, bureau.onnews.rate_limiter)
    assert await check.look(bureau.clock.now) == 0
    # The next edition has links alone, and still comes on time.
    assert stored.next_at is not None
    bureau.clock.now = stored.next_at + timedelta(minutes=1)
    await bureau.send_what_is_due()
    post: BotMessage = await ana.until("Gucci dreams of a garden", channel)
    assert all(each.data is None for row in post.buttons for each in row)
    assert "Paragraph 7" not in post.text


async def picker_of(person: Person, channel: Room) -> BotMessage:
    """Add a channel, and return its picker in the private chat of its administrator."""
    await person.tap("My channels and groups", await ask(person, "/settings", until="Settings"))
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
    first = await press(ana, "Motor", picker)
    assert (first.edited, first.id) == (True, picker.id)
    assert "This channel follows Motor." in first.text
    assert "The first edition arrives tomorrow at 08:00, Milan time." in first.text
    assert first.labels[-3:] == [
        "Preview the first edition",
        "Post the first edition now",
        "Settings",
    ]
    second = await press(ana, "Style", first)
    assert (second.edited, second.id) == (True, picker.id)
    assert "This channel follows Motor and Style." in second.text
    await bureau.heard()
    assert not ana.unread()
    assert "· Sections ·" in (await press(ana, "More sections", second)).labels


async def test_a_manager_previews_the_first_edition_and_posts_it(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana], bot=False)
    picker = await picker_of(ana, channel)
    picker = await press(ana, "Motor", picker)
    preview = await press(ana, "Preview the first edition", picker)
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
    await ana.tap("Motor", await press(ana, "More sections", await picker_of(ana, channel)))
    picker = await ana.next()
    answer = await ana.tap("Post the first edition now", picker)
    assert answer.text == "No news this week, so there is nothing to post yet."
    await quiet.heard()
    assert not channel.raw.log


async def test_a_topic_posts_its_first_edition_from_its_settings(bureau: Bureau) -> None:
    chief = bureau.town.person("Chief")
    group = bureau.town.group("Desk", [chief], forum=True, settled=True)
    topic = group.topic("Cars", chief)
    await chief.tap("Follow", await ask(chief, "/category motor", group, topic=topic))
    await chief.until("The first edition arrives", group)
    main = await ask(chief, "/settings", group, topic=topic, until="Settings")
    assert "Preview the first edition" not in main.labels
    answer = await chief.tap("Post the first edition now", main)
    assert answer.text == "The first edition is posted."
    await chief.until("A new engine, number 9", group)
    subscriber = await bureau.subscriber(group, topic)
    assert (subscriber.kind, subscriber.place) == (ChatKind.TOPIC, max(bureau.desk.ids))
