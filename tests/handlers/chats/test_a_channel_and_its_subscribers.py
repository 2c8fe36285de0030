"""A channel that an older version registered, with a hundred subscribers who tap."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.chats.chat_look import KindCheck
from handlers.taps.callback_data import LeftOut, More, OpenCard, OpenPrivacy, Read, Save
from storage.model import ChatKind, Show

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Person
    from tests.handlers.conftest import Bureau

SUBSCRIBERS = 25


async def test_a_hundred_taps_in_a_channel_post_nothing(bureau: Bureau) -> None:
    """The channel was stored as a group; posts have only links, and each tap gets a notice."""
    ana = await bureau.reader()
    archive, bot = bureau.onnews.archive, bureau.onnews.application.bot
    await archive.sources.set_use(bureau.desk.source_id, full_text=Show.YES)
    channel = bureau.town.channel("Luxury Milan", [ana])
    stored, _ = await archive.subscribers.ensure(
        channel.id,
        kind=ChatKind.GROUP,
        language="en",
        zone="Europe/Rome",
        digest_minute=11 * 60,
        now=bureau.clock.now,
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
        link = (await person.tap(taps[0].pack(), old)).url
        assert link is not None
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
