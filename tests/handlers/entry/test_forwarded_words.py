"""Forwarded messages open what they are about and never act for the forwarder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.people.people import InlineResult
from storage.model import State
from tests.handlers.conftest import ask, opened, press

if TYPE_CHECKING:
    from playground.people.people import Message, Person
    from playground.server import Playground
    from tests.handlers.conftest import Bureau, Clock


async def passed_on(bureau: Bureau, person: Person, words: str) -> Message:
    """Forward somebody else's text to the bot."""
    friend = bureau.town.person("Friend")
    written = await friend.send(words, bureau.town.direct(friend, person))
    return await person.forward(written)


async def via_an_inline_bot(person: Person, words: str) -> Message:
    """Send a text that an inline bot wrote."""
    raw = {
        "type": "article",
        "id": "1",
        "title": "Words",
        "input_message_content": {"message_text": words},
    }
    return await person.choose(InlineResult("1", "Words", "", "", raw))


async def test_an_operators_forwarded_ban_bans_nobody(sqlite_url: str, clock: Clock) -> None:
    operators: list[Person] = []

    def set_up(town: Playground) -> dict[str, object]:
        operators.append(town.person("Olga"))
        return {"admin_ids": (operators[0].id,)}

    async with opened(sqlite_url, clock, set_up=set_up) as bureau:
        operator = operators[0]
        await operator.start()
        admissions = bureau.onnews.application.bot_data.admissions
        await passed_on(bureau, operator, "/ban 55")
        await via_an_inline_bot(operator, "/ban 55")
        await bureau.heard()
        assert not admissions.is_banned(55)
        assert not any("55 can no longer" in each.text for each in operator.unread())
        await ask(operator, "/ban 55", until="55 can no longer")
        assert admissions.is_banned(55)


@pytest.mark.parametrize(
    "words",
    [
        "/stop",
        "/stop@OnNewsBot",
        "/start f-gucci",
        "/forget",
        "/start",
        "stop",
        "no more motor",
        "follow gucci please",
        "pause until tomorrow",
        "9:30",
        "https://t.me/OnNewsBot?start=f-gucci",
        "https://t.me/OnNewsBot?start=wZ29sZA",
    ],
)
async def test_forwarded_messages_change_nothing(bureau: Bureau, words: str) -> None:
    ana = await bureau.reader()
    before = await bureau.subscriber(ana)
    # An open question is not answered by them either.
    await ana.send("/settings")
    await ana.tap("Time", await ana.until("Settings"))
    await ana.until("What time")
    await passed_on(bureau, ana, words)
    await via_an_inline_bot(ana, words)
    await bureau.heard()
    after = await bureau.subscriber(ana)
    assert after == before
    assert after.state is State.ACTIVE
    assert not any("Forget me" in " ".join(each.labels) for each in ana.unread())
    await ask(ana, "10:15", until="Settings")
    assert (await bureau.subscriber(ana)).digest_minute == 10 * 60 + 15


async def test_a_forwarded_location_changes_no_time_zone(bureau: Bureau) -> None:
    ana, friend = await bureau.reader(), bureau.town.person("Friend")
    zone = (await bureau.subscriber(ana)).zone
    place = await friend.share_location(35.68, 139.69, bureau.town.direct(friend, ana))
    await ana.forward(place)
    await bureau.heard()
    assert (await bureau.subscriber(ana)).zone == zone


async def test_a_forwarded_rich_message_is_not_a_command(bureau: Bureau) -> None:
    ana, friend = await bureau.reader(), bureau.town.person("Friend")
    written = await friend.send_rich(
        [{"type": "paragraph", "text": "/stop"}], bureau.town.direct(friend, ana)
    )
    await ana.forward(written)
    await bureau.heard()
    assert (await bureau.subscriber(ana)).state is State.ACTIVE


async def test_a_forwarded_link_story_or_name_opens_what_it_is_about(bureau: Bureau) -> None:
    ana = await bureau.reader()
    article = bureau.desk.ids[-2]
    for words, seen in (
        ("Look: https://news.example/11", "Gucci dreams of a garden"),
        (f"https://t.me/OnNewsBot?start=a{article:x}", "Gucci dreams of a garden"),
        ("https://t.me/OnNewsBot?start=f-gucci", "Gucci"),
        ("gucci", "Gucci dreams of a garden"),
        ("/latest", "I don’t have that story"),
    ):
        await passed_on(bureau, ana, words)
        await ana.until(seen)
    listed = await ask(ana, "/latest 1", until="Shanghai")
    card = await press(ana, "1", listed, until="Shanghai")
    await ana.forward(card)
    await ana.until("Shanghai opens a mall")


async def test_a_forward_as_older_servers_report_it_is_no_command(bureau: Bureau) -> None:
    ana = await bureau.reader()
    message = {
        "message_id": 9_001,
        "date": 1_790_000_000,
        "forward_date": 1_789_000_000,
        "forward_sender_name": "Friend",
        "chat": {"id": ana.id, "type": "private", "first_name": "Ana"},
        "from": ana.account.shape(),
        "text": "/stop",
        "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
    }
    bureau.town.world.updates.push("message", message)
    await bureau.heard()
    assert (await bureau.subscriber(ana)).state is State.ACTIVE


async def test_a_channels_post_in_its_discussion_group_is_not_answered(bureau: Bureau) -> None:
    ana = await bureau.reader()
    group = bureau.town.group("Talk", [ana], supergroup=True, settled=True)
    channel = {"id": -1009999999, "type": "channel", "title": "Luxury"}
    for number, words in enumerate(("gucci @OnNewsBot", "@OnNewsBot https://news.example/11")):
        copy = {
            "message_id": 9_001 + number,
            "date": 1_790_000_000,
            "chat": {"id": group.id, "type": "supergroup", "title": "Talk"},
            "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
            "sender_chat": channel,
            "is_automatic_forward": True,
            "forward_origin": {"type": "channel", "chat": channel, "message_id": 5, "date": 1},
            "text": words,
        }
        bureau.town.world.updates.push("message", copy)
    await bureau.heard()
    assert ana.unread(group) == []
    assert await bureau.onnews.archive.subscribers.of_chat(group.id) == []


async def test_a_member_who_writes_as_a_channel_is_not_the_anonymous_administrator(
    bureau: Bureau,
) -> None:
    ana = await bureau.reader()
    group = bureau.town.group("Talk", [ana], supergroup=True, settled=True)
    await ana.send("/settings@OnNewsBot", group)
    await ana.tap("Time", await ana.next(group))
    asked = await ana.next(group)
    channel = {"id": -1009999999, "type": "channel", "title": "A member's own"}
    for number, words in enumerate(("/help@OnNewsBot", "10:15")):
        written = {
            "message_id": 9_001 + number,
            "date": 1_790_000_000,
            "chat": asked.body["chat"],
            "from": {"id": 136817688, "is_bot": True, "first_name": "Channel"},
            "sender_chat": channel,
            "reply_to_message": asked.body,
            "text": words,
        }
        if words.startswith("/"):
            written["entities"] = [{"type": "bot_command", "offset": 0, "length": len(words)}]
        bureau.town.world.updates.push("message", written)
        await ana.next(group)
    assert (await bureau.subscriber(group)).digest_minute == 480
    # The question is still open for the administrator who tapped, when writing as the group.
    await ana.send("10:30", group, reply_to=asked, as_chat=True)
    await ana.until("Settings", group)
    assert (await bureau.subscriber(group)).digest_minute == 630


async def test_a_forwarded_command_in_a_group_is_ignored(bureau: Bureau) -> None:
    ana = await bureau.reader()
    group = bureau.town.group("Drivers", [ana], settled=True)
    friend = bureau.town.person("Friend")
    for words in ("/latest", "/latest@OnNewsBot", "/settings@OnNewsBot"):
        await ana.forward(await friend.send(words, bureau.town.direct(friend, ana)), group)
    await bureau.heard()
    assert ana.unread(group) == []
    assert await bureau.onnews.archive.subscribers.find(group.id) is None
