"""Rich messages over HTTP: sent, returned, edited, forwarded."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
import telegram

from playground.checks import schema
from playground.people import acts
from playground.rich.printed import printed
from playground.rich.shapes import BLOCKS
from playground.rich.texts import TYPES
from playground.server import Playground
from tests.playground.chat_page.pages import WORDS, every_block, picture, rich
from tests.playground.methods.pictures import png

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.world.world import Question

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


async def uploaded(bot: telegram.Bot, chat_id: int, data: bytes | None = None) -> str:
    sent = await bot.send_photo(chat_id, data or png(900, 500), disable_notification=True)
    return sent.photo[-1].file_id


async def test_every_block_is_returned_as_telegram_stores_it(
    town: Playground, ana: Person, bot: telegram.Bot, api: Api
) -> None:
    file_id = await uploaded(bot, ana.id)
    blocks = every_block(file_id)
    sent = await api(
        "sendRichMessage", chat_id=ana.id, rich_message=rich(*blocks), reply_markup=KEYBOARD
    )
    message = sent["result"]
    schema.load().check("Message", message)
    assert not {"text", "caption", "entities"} & message.keys()
    assert message["reply_markup"] == KEYBOARD
    kept = message["rich_message"]["blocks"]
    assert [block["type"] for block in kept] == [block["type"] for block in blocks]
    assert kept[0] == blocks[0]
    assert kept[2]["caption"] == blocks[2]["caption"]
    assert [(size["width"], size["height"]) for size in kept[2]["photo"]] == [
        (90, 50),
        (320, 178),
        (800, 444),
        (900, 500),
    ]
    assert [item["label"] for item in kept[6]["items"]] == ["3.", "2."]
    assert kept[-2]["text"][3] == "@somebody"
    seen = ana.unread()[-1]
    assert seen.text.startswith("Thursday\nGood morning")
    assert seen.parts("bold") == ["Prada"]
    assert seen.links == ["https://a.example/1"]
    assert seen.labels == ["Go"]
    assert town.violations == []


async def test_python_telegram_bot_passes_unknown_fields_on(ana: Person, bot: telegram.Bot) -> None:
    sent = await bot.do_api_request(
        "sendRichMessage", {"chat_id": ana.id, "rich_message": rich(*WORDS)}
    )
    assert sent["rich_message"]["blocks"] == WORDS
    message = telegram.Message.de_json(sent, bot)
    assert message.text is None
    assert message.api_kwargs["rich_message"] == {"blocks": WORDS}


async def test_groups_topics_and_channels_accept_rich_messages(
    town: Playground, ana: Person, api: Api
) -> None:
    forum = town.group("Forum", [ana], forum=True)
    topic = forum.topic("Watches", ana)
    sent = await api(
        "sendRichMessage", chat_id=forum.id, message_thread_id=topic, rich_message=rich(*WORDS)
    )
    assert sent["result"]["message_thread_id"] == topic
    channel = town.channel("Paper", [ana])
    assert (await api("sendRichMessage", chat_id=channel.id, rich_message=rich(*WORDS)))["ok"]
    desk = town.group("Desk", [ana])
    assert (await api("sendRichMessage", chat_id=desk.id, rich_message=rich(*WORDS)))["ok"]
    desk.restrict_bot(ana)
    refused = await api("sendRichMessage", chat_id=desk.id, rich_message=rich(*WORDS))
    assert "not enough rights to send the rich message to the chat" in refused["description"]


async def test_a_message_is_parsed_before_its_chat_is_looked_for_and_counted_after(
    town: Playground, api: Api
) -> None:
    for blocks, reason in (
        ([{"type": "paragraph"}], "can't parse InputRichBlock: Can't find field \"text\""),
        (WORDS, "chat not found"),
        ([{"type": "divider"}], "chat not found"),
    ):
        answer = await api("sendRichMessage", chat_id=77, rich_message=rich(*blocks))
        assert answer["description"] == f"Bad Request: {reason}"
    assert [wrong.reason for wrong in town.violations] == [
        "Bad Request: can't parse InputRichBlock: Can't find field \"text\" (blocks[0])"
    ]


@pytest.mark.parametrize(
    ("rich_message", "reason"),
    [
        ({}, "rich message must be non-empty"),
        ({"blocks": []}, "rich message must be non-empty"),
        ({"blocks": WORDS, "html": "x"}, "rich message must be non-empty"),
        (json.dumps(json.dumps({"blocks": WORDS})), "rich message must be non-empty"),
        ({"html": "<p>x</p>"}, "blocks alone, not in html"),
        ({"blocks": WORDS, "parse_mode": "HTML"}, 'Field "parse_mode" is unknown'),
        ({"blocks": WORDS, "is_rtl": "no"}, 'Field "is_rtl" must be of type Boolean'),
    ],
)
async def test_messages_without_valid_blocks_are_refused(
    ana: Person, api: Api, rich_message: object, reason: str
) -> None:
    answer = await api("sendRichMessage", chat_id=ana.id, rich_message=rich_message)
    assert reason in answer["description"]
    assert ana.unread() == []


async def test_links_that_telegram_would_detect_are_recorded(
    town: Playground, ana: Person, api: Api
) -> None:
    blocks = [{"type": "paragraph", "text": "Call $AAPL or write to news@example.com"}]
    assert (await api("sendRichMessage", chat_id=ana.id, rich_message={"blocks": blocks}))["ok"]
    assert "cashtag, email" in town.violations[0].reason
    assert (await api("sendRichMessage", chat_id=ana.id, rich_message=rich(*blocks)))["ok"]
    assert len(town.violations) == 1


async def test_a_picture_is_this_bots_own_or_comes_along(
    ana: Person, bot: telegram.Bot, api: Api
) -> None:
    own = await uploaded(bot, ana.id)
    document = (await bot.send_document(ana.id, b"{}", filename="a.json")).document
    assert document is not None
    async with (
        Playground(token="220201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0") as other,
        telegram.Bot(other.token, base_url=f"{other.url}/bot") as another,
    ):
        assert (await another.get_me()).id == 220201543
        ben = other.person("Ben")
        await ben.start()
        foreign = await uploaded(another, ben.id)
    for media, reason in (
        (foreign, "wrong file identifier/HTTP URL specified"),
        ("nothing", "wrong remote file identifier specified: Wrong string length"),
        (document.file_id, "can't use file of type Document as Photo"),
        ("https://a.example/1.jpg", "failed to get HTTP URL content"),
        ("attach://lead", "can't parse InputRichBlock: media not found"),
    ):
        answer = await api("sendRichMessage", chat_id=ana.id, rich_message=rich(picture(media)))
        assert answer["description"] == f"Bad Request: {reason}"
    assert (await api("sendRichMessage", chat_id=ana.id, rich_message=rich(picture(own))))["ok"]
    sent = await bot.do_api_request(
        "sendRichMessage",
        {
            "chat_id": ana.id,
            "rich_message": rich(picture("attach://lead")),
            "lead": telegram.InputFile(png(400, 300)),
        },
    )
    assert sent["rich_message"]["blocks"][0]["photo"][-1]["width"] == 400


async def test_a_text_becomes_a_page_and_a_page_a_text(ana: Person, api: Api) -> None:
    sent = await api("sendMessage", chat_id=ana.id, text="see https://a.example")
    place = {"chat_id": ana.id, "message_id": sent["result"]["message_id"]}
    turned = await api("editMessageText", **place, rich_message=rich(*WORDS), reply_markup=KEYBOARD)
    schema.load().check("Message", turned["result"])
    assert not {"text", "entities"} & turned["result"].keys()
    assert turned["result"]["reply_markup"] == KEYBOARD
    again = await api("editMessageText", **place, rich_message=rich(*WORDS), reply_markup=KEYBOARD)
    assert again["description"].startswith("Bad Request: message is not modified")
    bare = await api("editMessageText", **place, rich_message=rich(*WORDS))
    assert "reply_markup" not in bare["result"]
    other = rich({"type": "heading", "text": "x", "size": 2})
    assert (await api("editMessageText", **place, rich_message=other))["ok"]
    back = await api("editMessageText", **place, text="plain")
    assert back["result"]["text"] == "plain"
    assert "rich_message" not in back["result"]
    both = await api("editMessageText", **place, text="plain", rich_message=other)
    assert not both["ok"]
    assert [seen.text for seen in ana.unread()] == [
        "see https://a.example",
        "Good morning.",
        "Good morning.",
        "x",
        "plain",
    ]


async def test_a_picture_alone_does_not_become_a_page(
    ana: Person, bot: telegram.Bot, api: Api
) -> None:
    photo = await bot.send_photo(ana.id, png(400, 300))
    answer = await api(
        "editMessageText", chat_id=ana.id, message_id=photo.id, rich_message=rich(*WORDS)
    )
    assert answer["description"] == "Bad Request: there is no text in the message to edit"


async def test_a_rich_message_can_be_forwarded_copied_and_replied_to(
    town: Playground, ana: Person, bot: telegram.Bot, api: Api
) -> None:
    page = rich(picture(await uploaded(bot, ana.id)), *WORDS)
    sent = (await api("sendRichMessage", chat_id=ana.id, rich_message=page))["result"]
    ben = town.person("Ben")
    await ben.start()
    source = {"from_chat_id": ana.id, "message_id": sent["message_id"]}
    passed = (await api("forwardMessage", chat_id=ben.id, **source))["result"]
    schema.load().check("Message", passed)
    assert passed["rich_message"] == sent["rich_message"]
    assert (await api("copyMessage", chat_id=ben.id, **source))["ok"]
    assert [seen.text for seen in ben.unread()] == ["Good morning.", "Good morning."]
    await ana.forward(ana.chat.messages[-1])
    await ana.send("thanks", reply_to=ana.chat.messages[-2])
    town.world.quotes_rich = False
    await ana.send("and", reply_to=ana.chat.messages[-3])
    await ana.send_rich(WORDS)
    updates = (await api("getUpdates"))["result"]
    for update in updates:
        schema.load().check("Update", update)
    forwarded, answered, bare, written = (update["message"] for update in updates[-4:])
    assert forwarded["rich_message"] == sent["rich_message"]
    assert answered["reply_to_message"]["rich_message"] == sent["rich_message"]
    assert bare["reply_to_message"]["rich_message"] == {"blocks": []}
    assert written["rich_message"] == {"blocks": WORDS}
    assert "text" not in written


async def test_an_inline_result_may_be_a_rich_message(
    town: Playground, ana: Person, bot: telegram.Bot, api: Api
) -> None:
    own = await uploaded(bot, ana.id)

    async def answer(media: str) -> tuple[Question, dict[str, Any], dict[str, Any]]:
        question = acts.ask_inline(town.world, ana.account, ana.chat.raw, "kering")
        result = {
            "type": "article",
            "id": "1",
            "title": "x",
            "input_message_content": {"rich_message": rich(picture(media), *WORDS)},
            "reply_markup": KEYBOARD,
        }
        answered = await api(
            "answerInlineQuery", inline_query_id=question.id, results=[result], cache_time=0
        )
        return question, result, answered

    _, _, refused = await answer("https://a.example/1.jpg")
    assert refused["description"] == "Bad Request: invalid inline message content specified"
    question, result, answered = await answer(own)
    assert answered["ok"]
    assert question.answer.done()
    record = acts.choose(town.world, ana.account, ana.chat.raw, "kering", result)
    assert record.body["rich_message"]["blocks"][1] == WORDS[0]
    edited = await api(
        "editMessageText",
        inline_message_id=record.inline_id,
        rich_message=rich(*WORDS),
    )
    assert edited["result"] is True
    assert "reply_markup" not in record.body


def test_the_shapes_are_those_of_the_schema() -> None:
    raw = json.loads((files("playground.checks") / "bot-api.json").read_text("utf-8"))["types"]
    known = {
        frozenset(name + "?" * (not spec["required"]) for name, spec in raw[kind]["fields"].items())
        for kind in raw["InputRichBlock"]["subtypes"]
    }
    assert {frozenset(shape) | {"type"} for shape in BLOCKS.values()} <= known
    texts = {frozenset(raw[kind]["fields"]) for kind in raw["RichText"]["subtypes"]}
    assert {frozenset(shape) for shape in TYPES.values()} == texts
    assert len(TYPES) == len(raw["RichText"]["subtypes"])
    assert len(BLOCKS) + len(["thinking"]) == len(raw["InputRichBlock"]["subtypes"])


async def test_a_terminal_shows_a_page_as_lines(ana: Person, bot: telegram.Bot, api: Api) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "heading", "text": "Friday", "size": 1},
        {"type": "paragraph", "text": ["Good ", {"type": "bold", "text": "morning"}, "."]},
        picture(await uploaded(bot, ana.id), caption={"text": "In Milan"}),
        {"type": "divider"},
        {"type": "details", "summary": "2 more", "blocks": WORDS},
        {"type": "list", "items": [{"blocks": WORDS}, {"blocks": WORDS}]},
        {"type": "footer", "text": "57 sources"},
    ]
    await api("sendRichMessage", chat_id=ana.id, rich_message=rich(*blocks))
    page = printed(ana.unread()[-1].blocks)
    assert page.plain.split("\n\n") == [
        "Friday\nGood morning.",
        "▒▒ In Milan",
        "─" * 24,
        "▸ 2 more",
        "Good morning.\nGood morning.",
        "57 sources",
    ]
