from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden

if TYPE_CHECKING:
    import telegram

    from playground.people.people import Person
    from playground.server import Playground

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


async def test_a_message_to_a_person_who_never_wrote_is_refused_as_chat_not_found(
    town: Playground, bot: telegram.Bot
) -> None:
    ben = town.person("Ben")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(ben.id, "x")


async def test_a_group_member_must_start_the_private_chat_first(town: Playground, api: Api) -> None:
    ben = town.person("Ben")
    desk = town.group("Desk", [ben])
    await ben.send("/start", desk)
    answer = await api("sendMessage", chat_id=ben.id, text="x")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"


async def test_a_reader_who_blocks_and_comes_back(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    await bot.send_message(ana.id, "x")
    ana.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ana.id, "x")
    await ana.start()
    await bot.send_message(ana.id, "x")
    changes = [update.my_chat_member for update in await bot.get_updates()]
    statuses = [
        (change.old_chat_member.status, change.new_chat_member.status)
        for change in changes
        if change is not None
    ]
    assert statuses == [("member", "kicked"), ("kicked", "member")]
    assert town.violations == []


async def test_a_deleted_account(ana: Person, api: Api) -> None:
    ana.deactivate()
    answer = await api("sendMessage", chat_id=ana.id, text="x")
    assert answer["description"] == "Forbidden: user is deactivated"


async def test_a_group_that_removes_restricts_or_is_deleted(
    town: Playground, ana: Person, api: Api
) -> None:
    desk = town.group("Desk", [ana], supergroup=True)
    desk.restrict_bot(ana)
    answer = await api("sendMessage", chat_id=desk.id, text="x")
    assert answer["description"] == (
        "Bad Request: not enough rights to send text messages to the chat"
    )
    desk.remove_bot(ana)
    answer = await api("sendMessage", chat_id=desk.id, text="x")
    assert answer["description"] == "Forbidden: bot was kicked from the supergroup chat"
    answer = await api("getChat", chat_id=desk.id)
    assert answer["description"] == "Forbidden: bot was kicked from the supergroup chat"
    desk.add_bot(ana)
    assert (await api("leaveChat", chat_id=desk.id))["ok"]
    answer = await api("sendMessage", chat_id=desk.id, text="x")
    assert answer["description"] == "Forbidden: bot is not a member of the supergroup chat"
    club = town.group("Club", [ana])
    club.delete()
    answer = await api("sendMessage", chat_id=club.id, text="x")
    assert answer["description"] == "Forbidden: the group chat was deleted"
    assert town.violations == []


async def test_a_channel_that_the_bot_is_not_in_or_does_not_manage(
    town: Playground, ana: Person, api: Api
) -> None:
    paper = town.channel("Paper", [ana], bot=False)
    answer = await api("sendMessage", chat_id=paper.id, text="x")
    assert answer["description"] == "Forbidden: bot is not a member of the channel chat"
    paper.add_bot(ana)
    answer = await api("sendMessage", chat_id=paper.id, text="x")
    assert answer["description"] == "Bad Request: need administrator rights in the channel chat"
    paper.add_bot(ana, admin=True)
    assert (await api("sendMessage", chat_id=paper.id, text="x"))["ok"]


async def test_a_group_becomes_a_supergroup(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    desk = town.group("Desk", [ana])
    old = desk.id
    new = desk.migrate(ana)
    assert new != old
    assert desk.id == new
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(old, "x")
    assert caught.value.new_chat_id == new
    assert (await bot.send_message(new, "x")).message_id == 2
    services = [
        (update.message.migrate_to_chat_id, update.message.migrate_from_chat_id)
        for update in await bot.get_updates()
        if update.message
    ]
    assert (new, None) in services
    assert (None, old) in services


async def test_a_forum_keeps_its_topics_apart(
    town: Playground, ana: Person, bot: telegram.Bot, api: Api
) -> None:
    forum = town.group("Forum", [ana], forum=True)
    watches = forum.topic("Watches", ana)
    await ana.send("/latest", forum, topic=watches)
    heard = (await bot.get_updates())[-1].message
    assert heard is not None
    assert (heard.message_thread_id, heard.is_topic_message) == (watches, True)
    assert heard.chat.is_forum
    await heard.reply_text("Here")
    answer = await ana.next(forum)
    assert (answer.text, answer.thread_id) == ("Here", watches)
    unknown = await api("sendMessage", chat_id=forum.id, text="x", message_thread_id=999)
    assert unknown["description"] == "Bad Request: message thread not found"


async def test_administrators_and_members_of_a_chat_are_reported(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    ben = town.person("Ben")
    desk = town.group("Desk", [ana, ben])
    assert [m.user.id for m in await bot.get_chat_administrators(desk.id)] == [ana.id]
    assert (await bot.get_chat_member(desk.id, ben.id)).status == "member"
    assert (await bot.get_chat_member(desk.id, bot.id)).status == "member"
    desk.join(ben, admin=True)
    assert (await bot.get_chat_member(desk.id, ben.id)).status == "administrator"
    assert await bot.get_chat_member_count(desk.id) == 3
    desk.leave(ben)
    assert (await bot.get_chat_member(desk.id, ben.id)).status == "left"
    assert (await bot.get_chat(desk.id)).title == "Desk"
    assert (await bot.get_chat(ana.id)).first_name == "Ana"
    with pytest.raises(BadRequest, match="no administrators in the private chat"):
        await bot.get_chat_administrators(ana.id)


async def test_small_chats_share_one_row_of_message_numbers(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    club = town.group("Club", [ana], supergroup=True)
    desk = town.group("Desk", [ana])
    numbers = [(await bot.send_message(chat, "x")).message_id for chat in (ana.id, desk.id)]
    assert numbers[1] == numbers[0] + 1
    assert (await bot.send_message(club.id, "x")).message_id == 2
