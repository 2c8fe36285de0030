"""Telegram decides the kind of a chat, before registration and for wrong stored kinds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.chats.chat_look import KindCheck
from storage.model import ChatKind, State
from tests.handlers.conftest import press
from tests.plugins.archive import registered

if TYPE_CHECKING:
    from playground.people.people import BotMessage, Room
    from storage.model import Subscriber
    from tests.handlers.conftest import Bureau


async def stored_as_a_group(bureau: Bureau, room: Room) -> Subscriber:
    """Store a chat as older versions did for a link such as `?start=g1001234`."""
    subscribers = bureau.onnews.archive.subscribers
    stored = await registered(
        subscribers, room.id, bureau.clock.now, kind=ChatKind.GROUP, digest_minute=10 * 60 + 30
    )
    stored = await subscribers.follow(stored.id, "motor")
    return await bureau.onnews.application.bot_data.readers.scheduled(stored)


async def edition(bureau: Bureau, room: Room) -> BotMessage:
    """Return the next edition of a chat."""
    subscriber = await bureau.subscriber(room)
    assert subscriber.next_at is not None
    bureau.clock.now = subscriber.next_at + timedelta(minutes=1)
    await bureau.desk.print_(f"A Ferrari for {bureau.clock.now:%A}", "motor")
    await bureau.send_what_is_due()
    watcher = bureau.town.person("Watcher")
    return await watcher.until(f"{bureau.clock.now:%A}", room)


def taps(message: BotMessage) -> list[str]:
    """Return the callback data of a message's buttons."""
    return [each.data for row in message.buttons for each in row if each.data is not None]


def check(bureau: Bureau) -> KindCheck:
    """Run the periodic check of chats."""
    return KindCheck(
        bureau.onnews.application.bot, bureau.onnews.archive.subscribers, bureau.onnews.rate_limiter
    )


async def test_a_groups_setup_link_registers_no_channel(bureau: Bureau) -> None:
    ana = await bureau.reader()
    channel = bureau.town.channel("Luxury Milan", [ana])
    await bureau.heard()
    await ana.open(f"https://t.me/OnNewsBot?start=g{-channel.id}")
    await bureau.heard()
    assert await bureau.onnews.archive.subscribers.of_chat(channel.id) == []
    assert "Welcome back" in ana.unread()[-1].text


async def test_a_group_that_the_bot_cannot_write_to_is_not_registered(bureau: Bureau) -> None:
    ana = await bureau.reader()
    group = bureau.town.group("Drivers", [ana], settled=True)
    group.restrict_bot(ana)
    await bureau.heard()
    await ana.open(f"https://t.me/OnNewsBot?start=g{-group.id}")
    await bureau.heard()
    assert await bureau.onnews.archive.subscribers.of_chat(group.id) == []


async def test_only_those_who_may_post_add_or_manage_a_channel(bureau: Bureau) -> None:
    ana, bo = await bureau.reader(), await bureau.reader("Bo")
    channel = bureau.town.channel("Luxury Milan", [ana, bo])
    channel.let_post(bo, posts=False)
    await bureau.heard()
    set_up = f"gs:{channel.id}"
    await bo.send("/settings")
    await bo.tap(set_up, await bo.until("Settings"))
    assert "Only administrators" in (await bo.until("administrators")).text
    assert await bureau.onnews.archive.subscribers.of_chat(channel.id) == []
    # A right that is taken away ends what could be done by it.
    channel.let_post(bo, posts=True)
    bureau.clock.pass_(seconds=20)
    await bo.send("/settings")
    await press(bo, set_up, await bo.until("Settings"), until="I can post in")
    picker = await bo.next()
    await bo.tap("Motor", picker)
    channel.let_post(bo, posts=False)
    bureau.clock.pass_(seconds=11)
    assert (await bo.tap("Style", picker)).text == "Only administrators can change this."
    assert (await bureau.subscriber(channel)).taste.follows == {"motor"}


async def test_a_channel_set_up_tap_adds_no_group(bureau: Bureau) -> None:
    ana = await bureau.reader()
    group = bureau.town.group("Drivers", [ana], settled=True)
    await ana.send("/settings")
    await ana.tap(f"gs:{group.id}", await ana.until("Settings"))
    assert "I can’t post in that channel" in (await ana.until("channel")).text
    assert await bureau.onnews.archive.subscribers.of_chat(group.id) == []


async def test_a_channel_stored_as_a_group_is_corrected_and_gets_no_buttons(bureau: Bureau) -> None:
    channel = bureau.town.channel("Luxury Milan", [await bureau.reader()])
    await bureau.heard()
    stored = await stored_as_a_group(bureau, channel)
    assert taps(await edition(bureau, channel)) == []
    assert await check(bureau).look(bureau.clock.now) == 1
    corrected = await bureau.subscriber(channel)
    assert (corrected.kind, corrected.id) == (ChatKind.CHANNEL, stored.id)
    assert corrected.taste.follows == {"motor"}
    assert taps(await edition(bureau, channel)) == []
    assert await check(bureau).look(bureau.clock.now) == 0


async def test_a_group_gets_buttons_again_once_telegram_confirms_its_kind(bureau: Bureau) -> None:
    ana = await bureau.reader()
    group = bureau.town.group("Drivers", [ana], supergroup=True, settled=True)
    await stored_as_a_group(bureau, group)
    # A post of which it is not known whether anybody may tap has links alone, and they work.
    first = await edition(bureau, group)
    assert taps(first) == []
    assert first.labels
    assert await check(bureau).look(bureau.clock.now) == 1
    assert taps(await edition(bureau, group))
    assert (await bureau.subscriber(group)).kind is ChatKind.GROUP


async def test_a_chat_of_unknown_kind_gets_no_buttons(bureau: Bureau) -> None:
    channel = bureau.town.channel("Luxury Milan", [await bureau.reader()])
    await bureau.heard()
    await stored_as_a_group(bureau, channel)
    asked = check(bureau)
    bureau.town.faults.add(method="getChat", status=500, times=None)
    assert await asked.look(bureau.clock.now) == 0
    assert taps(await edition(bureau, channel)) == []


@pytest.mark.parametrize("tap", ["o:1", "sh:0"])
async def test_a_tap_in_a_channel_corrects_its_stored_kind(bureau: Bureau, tap: str) -> None:
    channel = bureau.town.channel("Luxury Milan", [await bureau.reader()])
    await bureau.heard()
    await stored_as_a_group(bureau, channel)
    post = await edition(bureau, channel)
    person = bureau.town.person("Subscriber")
    await person.tap(tap, post)
    await bureau.heard()
    corrected = await bureau.subscriber(channel)
    assert (corrected.kind, corrected.state) == (ChatKind.CHANNEL, State.ACTIVE)
