from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
import telegram
from telegram.error import BadRequest, ChatMigrated, Forbidden

from playground.methods.profile import commands_for
from playground.people import acts

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.server import Playground
    from tests.playground.conftest import Clock


Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    + (640).to_bytes(4, "big")
    + (480).to_bytes(4, "big")
    + b"\x08\x02\x00\x00\x00"
)


async def test_an_edit_replaces_words_and_keyboard(ana: Person, api: Api) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = (await api("sendMessage", chat_id=ana.id, text="one", reply_markup=keyboard))["result"]
    target = {"chat_id": ana.id, "message_id": sent["message_id"]}
    assert (await api("editMessageText", **target, text="two"))["ok"]
    assert (await api("editMessageReplyMarkup", **target, reply_markup=keyboard))["ok"]
    assert [(seen.text, seen.labels, seen.edited) for seen in ana.unread()] == [
        ("one", ["Go"], False),
        ("two", [], True),
        ("two", ["Go"], True),
    ]


async def test_an_edit_that_changes_nothing_is_refused_and_harmless(
    town: Playground, ana: Person, api: Api
) -> None:
    sent = (await api("sendMessage", chat_id=ana.id, text="one"))["result"]
    target = {"chat_id": ana.id, "message_id": sent["message_id"]}
    answer = await api("editMessageText", **target, text="<b></b>one", parse_mode="HTML")
    assert answer["description"].startswith("Bad Request: message is not modified: specified new")
    assert (await api("editMessageReplyMarkup", **target))["error_code"] == 400
    assert town.violations == []


async def test_messages_that_cannot_be_edited_are_refused(ana: Person, api: Api) -> None:
    mine = await ana.send("mine")
    answer = await api("editMessageText", chat_id=ana.id, message_id=mine.id, text="x")
    assert answer["description"] == "Bad Request: message can't be edited"
    answer = await api("editMessageText", chat_id=ana.id, message_id=9999, text="x")
    assert answer["description"] == "Bad Request: message to edit not found"
    answer = await api("editMessageText", inline_message_id="gone", text="x")
    assert answer["description"] == "Bad Request: MESSAGE_ID_INVALID"
    answer = await api("editMessageText", text="x")
    assert answer["description"] == "Bad Request: chat_id is empty"


async def test_messages_are_deleted_by_telegrams_rules(
    town: Playground, ana: Person, bot: telegram.Bot, clock: Clock
) -> None:
    sent = await bot.send_message(ana.id, "x")
    await bot.delete_message(ana.id, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ana.id, sent.message_id)
    desk = town.group("Desk", [ana])
    foreign = await ana.send("mine", desk)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(desk.id, foreign.id)
    old = await bot.send_message(desk.id, "x")
    clock.now += 49 * 3600
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(desk.id, old.message_id)
    desk.add_bot(ana, admin=True)
    assert await bot.delete_messages(desk.id, [foreign.id, old.message_id, 9999])


async def test_messages_are_forwarded_and_copied(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    ben = town.person("Ben")
    await ben.start()
    sent = await bot.send_message(ana.id, "<b>News</b>", parse_mode="HTML")
    forwarded = await bot.forward_message(ben.id, ana.id, sent.message_id)
    assert isinstance(forwarded.forward_origin, telegram.MessageOriginUser)
    assert forwarded.text == "News"
    await bot.copy_message(ben.id, ana.id, sent.message_id)
    copy = ben.unread()[-1]
    assert copy.parts("bold") == ["News"]
    assert "forward_origin" not in copy.body
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await bot.copy_message(ben.id, ana.id, 9999)


async def test_a_reader_forwards_the_bots_message_with_its_links(
    ana: Person, bot: telegram.Bot, town: Playground
) -> None:
    keyboard = telegram.InlineKeyboardMarkup(
        [
            [telegram.InlineKeyboardButton("Open", url="https://example.com/")],
            [telegram.InlineKeyboardButton("Save", callback_data="save")],
        ]
    )
    await bot.send_message(ana.id, "News", reply_markup=keyboard)
    friends = town.direct(ana, town.person("Ben"))
    passed = await ana.forward(await ana.next(), friends)
    assert passed.labels == ["Open"]
    assert passed.body["forward_origin"]["sender_user"]["username"] == "OnNewsBot"


async def test_replies_refer_to_their_message(ana: Person, bot: telegram.Bot) -> None:
    asked = await ana.send("question")
    sent = await bot.send_message(ana.id, "answer", reply_to_message_id=asked.id)
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "question"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ana.id, "answer", reply_to_message_id=9999)


async def test_a_picture_and_a_file_are_uploaded_and_fetched(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    photo = await bot.send_photo(ana.id, PNG, caption="<b>Chart</b>", parse_mode="HTML")
    assert (photo.photo[-1].width, photo.photo[-1].height) == (640, 480)
    assert (await ana.next()).parts("bold") == ["Chart"]
    await bot.edit_message_caption(ana.id, photo.message_id, caption="Other")
    assert (await ana.next()).text == "Other"
    sent = await bot.send_document(ana.id, b'{"a": 1}', filename="export.json")
    assert sent.document is not None
    assert sent.document.file_name == "export.json"
    fetched = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
    assert bytes(fetched) == b'{"a": 1}'
    again = await bot.send_document(ana.id, sent.document.file_id)
    assert again.document is not None
    assert again.document.file_id == sent.document.file_id
    assert town.violations == []


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (b"no picture", "Image_process_failed"),
        ("nothing-known", "Wrong remote file identifier specified"),
        (PNG[:16] + (9000).to_bytes(4, "big") * 2, "Photo_invalid_dimensions"),
    ],
)
async def test_files_that_are_not_pictures_are_refused(
    ana: Person, bot: telegram.Bot, photo: bytes | str, reason: str
) -> None:
    with pytest.raises(BadRequest, match=reason):
        await bot.send_photo(ana.id, photo)


async def test_a_tap_may_be_answered_once_and_in_time(
    town: Playground, ana: Person, api: Api, clock: Clock
) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    await api("sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard)
    record = (await ana.next()).record

    question = acts.tap(town.world, ana.account, record, "go")
    long = await api("answerCallbackQuery", callback_query_id=question.id, text="x" * 201)
    assert long["description"] == "Bad Request: MESSAGE_TOO_LONG"
    assert (await api("answerCallbackQuery", callback_query_id=question.id, text="ok"))["ok"]
    again = await api("answerCallbackQuery", callback_query_id=question.id)
    assert again["description"] == (
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )
    late = acts.tap(town.world, ana.account, record, "go")
    clock.now += 3600
    assert (await api("answerCallbackQuery", callback_query_id=late.id))["error_code"] == 400
    assert len(town.violations) == 1


def result(number: int | str = 1, **changes: object) -> dict[str, Any]:
    content = {"message_text": "x"}
    return {
        "type": "article",
        "id": str(number),
        "title": "x",
        "input_message_content": content,
    } | changes


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([result(n) for n in range(51)], "RESULTS_TOO_MUCH"),
        ([result("x" * 65)], "RESULT_ID_INVALID"),
        ([result(), result()], "RESULT_ID_DUPLICATE"),
        ([result(thumbnail_url="/a.jpg")], "WEBDOCUMENT_URL_INVALID"),
        (
            [result(input_message_content={"message_text": "<p>", "parse_mode": "HTML"})],
            'can\'t parse entities: Unsupported start tag "p" at byte offset 0',
        ),
        ([result(input_message_content={"message_text": " "})], "message text is empty"),
    ],
)
async def test_inline_results_that_telegram_refuses(
    town: Playground, ana: Person, api: Api, results: list[dict[str, Any]], reason: str
) -> None:

    question = acts.ask_inline(town.world, ana.account, ana.chat.raw, "kering")
    answer = await api("answerInlineQuery", inline_query_id=question.id, results=results)
    assert answer["description"] == f"Bad Request: {reason}"
    assert len(town.violations) == 1


async def test_commands_by_scope_and_language(
    town: Playground, ana: Person, bot: telegram.Bot
) -> None:
    await bot.set_my_commands([("latest", "Newest first")])
    await bot.set_my_commands(
        [("latest", "I più recenti")],
        language_code="it",
        scope=telegram.BotCommandScopeAllPrivateChats(),
    )
    assert (await bot.get_my_commands())[0].description == "Newest first"

    shown = [commands_for(town.world, who.account) for who in (ana, town.person("Ben"))]
    assert [commands[0]["description"] for commands in shown] == ["I più recenti", "Newest first"]
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Latest", "x")])


async def test_descriptions_by_language(town: Playground, bot: telegram.Bot) -> None:
    await bot.set_my_description("Luxury news")
    await bot.set_my_short_description("Notizie", language_code="it")
    await bot.set_my_name("ON")
    assert (await bot.get_my_description(language_code="it")).description == "Luxury news"
    assert (await bot.get_my_short_description(language_code="it")).short_description == "Notizie"
    assert (await bot.get_my_name()).name == "ON"
    with pytest.raises(BadRequest, match="description is too long"):
        await bot.set_my_description("x" * 513)
    assert len(town.violations) == 1


async def test_typing_is_one_of_telegrams_actions(ana: Person, api: Api) -> None:
    assert (await api("sendChatAction", chat_id=ana.id, action="typing"))["ok"]
    answer = await api("sendChatAction", chat_id=ana.id, action="thinking")
    assert answer["description"] == "Bad Request: wrong parameter action in request"


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
