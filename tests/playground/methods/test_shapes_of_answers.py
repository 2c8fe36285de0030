"""The playground's answers conform to the schema of the Bot API. Photos: uploaded, sent by id,
fetched, deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
import telegram

from playground.checks import schema
from playground.methods import METHODS
from playground.people import acts
from playground.people.people import NoAnswerError, Person
from playground.world import images
from tests.playground.methods.pictures import png

if TYPE_CHECKING:
    import aiohttp

    from playground.server import Playground


Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


async def test_every_update_has_telegrams_shape(town: Playground, ana: Person, api: Api) -> None:
    await api("getUpdates", allowed_updates=["chat_member", *telegram.Update.ALL_TYPES])
    ben = town.person("Ben")
    town.world.inline_feedback = True
    await ana.send("😀 see https://example.com, #luxury and @somebody")
    await ana.share_location(45.4, 9.1)
    sent = await api("sendMessage", chat_id=ana.id, text="x", reply_markup=KEYBOARD)
    assert sent["ok"]
    await ana.send("reply", reply_to=ana.chat.messages[-1])
    acts.tap(town.world, ana.account, ana.chat.messages[-2].record, "go")
    desk = town.group("Desk", [ana, ben])
    desk.join(town.person("Carla"))
    desk.add_bot(ana, admin=True)
    desk.restrict_bot(ana)
    desk.remove_bot(ana)
    desk.add_bot(ana)
    await ana.send("/latest", desk)
    desk.migrate(ana)
    forum = town.group("Forum", [ana], forum=True)
    await ana.send("/latest", forum, topic=forum.topic("Watches", ana))
    paper = town.channel("Paper", [ana], username="paper")
    post = await ana.send("News", paper)
    await ana.forward(post)
    acts.ask_inline(town.world, ana.account, forum.raw, "kering")
    result = {
        "type": "article",
        "id": "1",
        "title": "x",
        "input_message_content": {"message_text": "x"},
        "reply_markup": KEYBOARD,
    }
    chosen = acts.choose(town.world, ana.account, ana.chat.raw, "kering", result)
    acts.tap(town.world, ana.account, chosen, "go")
    ana.block()
    ana.unblock()
    updates = (await api("getUpdates"))["result"]
    for update in updates:
        schema.load().check("Update", update)
        assert telegram.Update.de_json(update, None).api_kwargs == {}
    assert {kind for update in updates for kind in update} == {
        "update_id",
        "message",
        "channel_post",
        "callback_query",
        "inline_query",
        "chosen_inline_result",
        "my_chat_member",
        "chat_member",
    }


async def test_every_answer_has_telegrams_shape(town: Playground, ana: Person, api: Api) -> None:
    desk = town.group("Desk", [ana])
    paper = town.channel("Paper", [ana], username="paper")
    target = {"chat_id": ana.id}
    sent = (
        await api(
            "sendMessage",
            **target,
            text="<a href='https://example.com'>x</a>",
            parse_mode="HTML",
            link_preview_options={"prefer_large_media": True, "show_above_text": True},
            reply_markup=KEYBOARD,
        )
    )["result"]
    answers = {
        "Message": [
            sent,
            (await api("editMessageText", **target, message_id=sent["message_id"], text="y"))[
                "result"
            ],
            (await api("sendMessage", chat_id=paper.id, text="x"))["result"],
            (await api("sendLocation", **target, latitude=1, longitude=2))["result"],
            (await api("sendPhoto", **target, photo="https://example.com/a.jpg"))["result"],
            (await api("sendDocument", **target, document="https://example.com/a.pdf"))["result"],
        ],
        "User": [(await api("getMe"))["result"]],
        "WebhookInfo": [(await api("getWebhookInfo"))["result"]],
        "ChatFullInfo": [
            (await api("getChat", chat_id=chat))["result"] for chat in (ana.id, desk.id, "@paper")
        ],
        "ChatMember": [
            *(await api("getChatAdministrators", chat_id=desk.id))["result"],
            (await api("getChatMember", chat_id=paper.id, user_id=town.world.bot.id))["result"],
            (await api("getChatMember", chat_id=desk.id, user_id=town.world.bot.id))["result"],
        ],
    }
    for kind, bodies in answers.items():
        for body in bodies:
            schema.load().check(kind, body)
    assert town.violations == []


def test_a_wrong_shape_would_be_seen() -> None:
    with pytest.raises(schema.SchemaError, match="first_name"):
        schema.load().check("User", {"id": 1, "is_bot": False})


def test_every_method_that_is_acted_out_is_telegrams() -> None:

    assert [name for name in METHODS if schema.load().method(name) != name] == []


def data(text: str) -> dict[str, Any]:
    return {"text": "x", "callback_data": text}


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        (data("x" * 65), "BUTTON_DATA_INVALID"),
        (data("è" * 33), "BUTTON_DATA_INVALID"),
        (data(""), "BUTTON_DATA_INVALID"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "url": "/relative"},
            "inline keyboard button URL '/relative' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "url": "http://localhost:80/"},
            "inline keyboard button URL 'http://localhost:80/' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "url": "ftp://example.com"},
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
        ),
        ({"text": "x", "copy_text": {"text": "y" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        (
            {"text": "x", "callback_data": "a", "style": "golden"},
            "can't parse inline keyboard button: Invalid button style specified",
        ),
        (
            {"text": "x", "callback_data": "a", "url": "https://example.com"},
            "can't parse inline keyboard button: both callback_data and url are set",
        ),
    ],
)
async def test_a_button_that_telegram_refuses(
    town: Playground, ana: Person, api: Api, button: dict[str, Any], reason: str
) -> None:
    keyboard = {"inline_keyboard": [[button]]}
    answer = await api("sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard)
    assert answer["description"] == f"Bad Request: {reason}"
    assert len(town.violations) == 1
    assert ana.unread() == []


async def test_a_keyboard_has_at_most_a_hundred_buttons(ana: Person, api: Api) -> None:
    rows = [[data("a")] * 8] * 12
    keyboard = {"inline_keyboard": [*rows, [data("a")] * 4]}
    assert (await api("sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard))["ok"]
    keyboard["inline_keyboard"].append([data("a")])
    answer = await api("sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard)
    assert answer["description"] == "Bad Request: REPLY_MARKUP_TOO_LONG"


async def test_a_row_of_nine_is_remembered(town: Playground, ana: Person, api: Api) -> None:
    keyboard = {"inline_keyboard": [[data("a")] * 9]}
    assert (await api("sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard))["ok"]
    assert len(town.violations) == 1


async def test_buttons_that_telegram_carries_out_itself_never_reach_the_bot(
    town: Playground, ana: Person, api: Api
) -> None:
    waiting = town.world.updates.waiting
    keyboard = {
        "inline_keyboard": [
            [{"text": "Open", "url": "https://example.com"}],
            [{"text": "Send", "switch_inline_query_chosen_chat": {"query": "a1"}}],
            [{"text": "Copy", "copy_text": {"text": "words"}, "style": "success"}],
        ]
    }
    await api("sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard)
    assert (await ana.tap("Open")).url == "https://example.com/"
    assert (await ana.tap("Send")).inline_query == "a1"
    assert (await ana.tap("Copy")).copied == "words"
    assert town.world.updates.waiting == waiting


async def test_a_reply_keyboard_may_ask_for_a_place_in_a_private_chat_only(
    town: Playground, ana: Person, api: Api
) -> None:
    keyboard = {"keyboard": [[{"text": "Here", "request_location": True}]]}
    assert (await api("sendMessage", chat_id=ana.id, text="x", reply_markup=keyboard))["ok"]
    assert (await ana.next()).reply_keyboard == keyboard
    desk = town.group("Desk", [ana])
    answer = await api("sendMessage", chat_id=desk.id, text="x", reply_markup=keyboard)
    assert "private chats only" in answer["description"]


async def test_a_missing_buttons_error_shows_the_transcript(ana: Person, api: Api) -> None:
    await api("sendMessage", chat_id=ana.id, text="Choose")
    with pytest.raises(NoAnswerError, match="ON News: Choose"):
        await ana.tap("Motor")


async def test_a_picture_has_an_id_for_this_bot_and_one_for_all(
    town: Playground, ana: Person, bot: telegram.Bot, http: aiohttp.ClientSession
) -> None:
    data = png(1600, 900)
    first = await bot.send_photo(ana.id, data, disable_notification=True)
    second = await bot.send_photo(ana.id, data)
    again = await bot.send_photo(ana.id, first.photo[0].file_id)
    assert [(size.width, size.height) for size in first.photo] == [
        (90, 51),
        (320, 180),
        (800, 450),
        (1280, 720),
    ]
    assert first.photo[-1].file_id != second.photo[-1].file_id
    assert first.photo[-1].file_unique_id == second.photo[-1].file_unique_id
    assert [size.file_id for size in again.photo] == [size.file_id for size in first.photo]
    assert await bot.delete_message(ana.id, first.id)
    kept = await bot.get_file(first.photo[-1].file_id)
    assert bytes(await kept.download_as_bytearray()) == data
    async with http.get(f"{town.url}/file/files/{first.photo[-1].file_id}/x") as answer:
        assert await answer.read() == data
    assert town.violations == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "Image_process_failed"),
        (b"\xff\xd8\xff\xe0", "Image_process_failed"),
        (png(2100, 100), "Photo_invalid_dimensions"),
        (png(9_999, 501)[:40], "Photo_invalid_dimensions"),
        (png(20, 20) + bytes(10 * 1024 * 1024), "File is too big"),
    ],
)
async def test_a_picture_of_a_wrong_size_is_refused(
    ana: Person, bot: telegram.Bot, data: bytes, reason: str
) -> None:
    with pytest.raises(telegram.error.BadRequest, match=reason):
        await bot.send_photo(ana.id, data)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(640, 480), (640, 480)),
        (b"GIF89a" + bytes((64, 1, 200, 0)), (320, 200)),
        (bytes.fromhex("ffd8ffe000040000ffc0000b0801c20320") + bytes(6), (800, 450)),
        (bytes.fromhex("ffd8ffe0000400ffffffc2000b0801c20320"), (800, 450)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + bytes.fromhex("1f0300c10100"), (800, 450)),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + bytes.fromhex("2003c201"), (800, 450)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(5) + bytes.fromhex("1f437000"), (800, 450)),
        (b"\xff\xd8\xff\xe0\x00\x02", None),
        (b"\xff\xd8\xff\xe0\x00\x02\x00\x00", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"<svg/>", None),
        (b"", None),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_header(
    data: bytes, size: tuple[int, int] | None
) -> None:
    assert images.dimensions(data) == size
