"""Rich messages over HTTP: sent, returned, edited, forwarded. Telegram's limits of rich messages,
at their boundaries, and its errors beyond.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
import telegram

from playground.checks import schema
from playground.people import acts
from playground.rich import Refusal, validate
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


TAKEN = {"type": "paragraph", "text": "x"}
PICTURE = {"type": "photo", "photo": {"type": "photo", "media": "some-file"}}
SEND = {"text": "Go", "callback_data": "go"}


def paragraph(text: Any) -> dict[str, Any]:  # noqa: ANN401 - any RichText
    return {"type": "paragraph", "text": text}


def nested(times: int) -> dict[str, Any]:
    """Return a paragraph inside this number of nested details blocks."""
    block: dict[str, Any] = TAKEN
    for _ in range(times):
        block = {"type": "details", "summary": "more", "blocks": [block]}
    return block


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "buttons", "buttons": list(buttons)}


def table(*rows: int, **cell: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a table whose rows have this number of cells."""
    made = {"text": "x", "align": "left", "valign": "top"} | cell
    return {"type": "table", "cells": [[made] * cells for cells in rows]}


def refusal(*blocks: Any) -> Refusal:  # noqa: ANN401 - any JSON
    with pytest.raises(Refusal) as caught:
        validate(blocks)
    assert caught.value.violation
    return caught.value


ALLOWED = [
    [paragraph("x" * 32_768)],
    [paragraph("😀" * 32_768)],
    [paragraph("价" * 32_768)],
    [TAKEN] * 500,
    [*[PICTURE] * 50],
    [nested(14)],
    [nested(15)],
    [table(20), table(10, colspan=2)],
    [row(*[SEND] * 8)],
    [row({"text": "Go", "callback_data": "é" * 32})],
    [paragraph("\u00a0"), TAKEN],
    [paragraph({"type": "url", "text": "x", "url": "https://example.com/a?b=1&c=ü"})],
    [paragraph({"type": "url", "text": "x", "url": "mailto:news@example.com"})],
    [paragraph({"type": "url", "text": "x", "url": "tel:+390212345"})],
    [paragraph({"type": "url", "text": "x", "url": "tg://user?id=1"})],
    [paragraph({"type": "date_time", "text": "x", "unix_time": 1, "date_time_format": "wDT"})],
]


@pytest.mark.parametrize("blocks", ALLOWED, ids=range(len(ALLOWED)))
def test_rich_messages_within_a_limit_are_accepted(blocks: list[Any]) -> None:
    validate(blocks)


REFUSED: dict[str, list[list[Any]]] = {
    "RICH_MESSAGE_TEXT_TOO_LONG": [
        [paragraph("x" * 32_769)],
        [paragraph("😀" * 32_769)],
        [paragraph("价" * 32_768), paragraph({"type": "bold", "text": "价"})],
        [paragraph("x" * 32_768), PICTURE | {"caption": {"text": "x"}}],
        [paragraph("x" * 32_766), PICTURE | {"caption": {"text": "x", "credit": "xx"}}],
        [paragraph("x" * 32_763), {"type": "details", "summary": "more.", "blocks": [TAKEN]}],
        [paragraph("x" * 32_767), row(SEND)],
        [
            paragraph("x" * 32_768),
            paragraph({"type": "custom_emoji", "custom_emoji_id": "1", "alternative_text": "🦉"}),
        ],
        [paragraph("x" * 32_768), {"type": "mathematical_expression", "expression": "x"}],
    ],
    "RICH_MESSAGE_BLOCKS_TOO_MANY": [
        [TAKEN] * 501,
        [*[TAKEN] * 498, {"type": "list", "items": [{"blocks": [TAKEN]}]}],
        [*[TAKEN] * 498, table(1, 1)],
        [*[TAKEN] * 499, {"type": "blockquote", "blocks": [TAKEN]}],
    ],
    "RICH_MESSAGE_DEPTH_INVALID": [
        [nested(16)],
        [nested(90)],
        [nested(3_00)],
        [nested(14) | {"summary": {"type": "bold", "text": "x"}}, nested(16)],
    ],
    "RICH_MESSAGE_MEDIA_TOO_MANY": [
        [*[PICTURE] * 51],
        [*[PICTURE] * 49, {"type": "slideshow", "blocks": [PICTURE, PICTURE]}],
    ],
    "RICH_MESSAGE_TABLE_COLS_TOO_MANY": [[table(21)], [table(11, colspan=2)]],
    "RICH_MESSAGE_EMPTY": [
        [{"type": "divider"}],
        [{"type": "divider"}, {"type": "anchor", "name": "top"}],
        [paragraph("")],
        [paragraph(" \n")],
    ],
    "RICH_MESSAGE_CONTENT_REQUIRED": [
        [TAKEN, paragraph("")],
        [TAKEN, {"type": "heading", "text": " ", "size": 1}],
        [TAKEN, paragraph(["x", ""])],
        [TAKEN, paragraph({"type": "bold", "text": ""})],
        [TAKEN, {"type": "details", "summary": "more", "blocks": []}],
        [TAKEN, {"type": "slideshow", "blocks": []}],
        [TAKEN, {"type": "collage", "blocks": [TAKEN]}],
        [TAKEN, PICTURE | {"caption": {"text": ""}}],
        [TAKEN, {"type": "table", "cells": [[]]}],
        [TAKEN, row()],
    ],
    "RICH_MESSAGE_URL_INVALID": [
        [paragraph({"type": "url", "text": "x", "url": url})]
        for url in (
            "",
            "/story",
            "example.com/story",
            "#top",
            "javascript:alert(1)",
            "https://",
            "https:///story",
            "https://exa mple.com",
            " https://example.com",
            "ftp://example.com/a",
            "mailto:nobody",
            "tel:",
        )
    ],
    "RICH_MESSAGE_EMAIL_INVALID": [
        [paragraph({"type": "email_address", "text": "x", "email_address": "nobody"})]
    ],
    "RICH_MESSAGE_PHONE_INVALID": [
        [paragraph({"type": "phone_number", "text": "x", "phone_number": "call me"})]
    ],
    "RICH_MESSAGE_DATE_INVALID": [
        [paragraph({"type": "date_time", "text": "x", "unix_time": 1, "date_time_format": "D T"})]
    ],
    "RICH_VALIDATE_CTOR_NOT_ALLOWED": [[{"type": "thinking", "text": "x"}]],
    "BUTTONS_TOO_MANY": [[row(*[SEND] * 9)]],
    "BUTTON_DATA_INVALID": [
        [row({"text": "Go", "callback_data": "é" * 32 + "x"})],
        [row({"text": "Go", "callback_data": ""})],
        [paragraph(["x ", {"type": "button", "button": {"text": "Go", "callback_data": ""}}])],
    ],
    "BUTTON_URL_INVALID": [[row({"text": "Go", "url": "/story"})]],
    "BUTTON_TYPE_INVALID": [[row({"text": "Go"})], [row(SEND | {"url": "https://example.com"})]],
    "BUTTON_STYLE_INVALID": [[row({"text": "Go", "style": "link", "url": "https://example.com"})]],
    "BUTTON_TEXT_INVALID": [[row(SEND | {"text": {"type": "bold", "text": "Go"}})]],
    "BUTTON_COPY_TEXT_INVALID": [[row({"text": "Go", "copy_text": {"text": ""}})]],
    "list must be non-empty": [[{"type": "list", "items": []}]],
    "list must be either ordered or unordered": [
        [{"type": "list", "items": [{"blocks": [TAKEN]}, {"blocks": [TAKEN], "type": "1"}]}]
    ],
    "rich message must be non-empty": [[]],
    "strings must be encoded in UTF-8": [[paragraph("\ud83d")]],
}
CASES = [(reason, blocks) for reason, cases in REFUSED.items() for blocks in cases]


@pytest.mark.parametrize(
    ("reason", "blocks"), CASES, ids=[f"{n}-{reason}" for n, (reason, _) in enumerate(CASES)]
)
def test_rich_messages_beyond_a_limit_get_telegrams_error(reason: str, blocks: list[Any]) -> None:
    refused = refusal(*blocks)
    assert refused.reason == reason
    assert refused.description == f"Bad Request: {reason}"


UNPARSED = [
    ({"text": "x"}, 'Can\'t find field "type"'),
    ("paragraph", "expected an Object"),
    ({"type": 3, "text": "x"}, 'Field "type" must be of type String'),
    ({"type": "sectionHeading", "text": "x"}, 'type "sectionHeading" is unsupported'),
    ({"type": "bold", "text": "x"}, 'type "bold" is unsupported'),
    ({"type": "heading", "text": "x"}, 'Can\'t find field "size"'),
    ({"type": "heading", "text": "x", "size": 7}, "heading size must be from 1 to 6"),
    ({"type": "heading", "text": "x", "size": "1"}, 'Field "size" must be of type Number'),
    ({"type": "heading", "text": "x", "size": True}, 'Field "size" must be of type Number'),
    ({"type": "paragraph", "text": 3}, 'Field "text" must be of type String'),
    ({"type": "paragraph", "text": "x", "title": "y"}, 'Field "title" is unknown'),
    ({"type": "paragraph", "text": {"type": "plain", "text": "x"}}, "Unsupported rich text type"),
    ({"type": "paragraph", "text": {"type": "bold"}}, 'Can\'t find field "text"'),
    ({"type": "paragraph", "text": {"type": "url", "text": "x"}}, 'Can\'t find field "url"'),
    (
        {"type": "paragraph", "text": {"type": "bold", "text": "x", "url": "y"}},
        'Field "url" is unknown',
    ),
    ({"type": "photo", "media": "x"}, 'Can\'t find field "photo"'),
    ({"type": "photo", "photo": "x"}, 'Field "photo" must be of type Object'),
    (PICTURE | {"photo": {"type": "photo", "media": 3}}, 'Field "media" must be of type String'),
    (PICTURE | {"photo": {"type": "video", "media": "x"}}, '"video" is unsupported'),
    (PICTURE | {"photo": {"type": "photo", "media": ""}}, "media not found"),
    (
        PICTURE | {"photo": {"type": "photo", "media": "x", "caption": "y"}},
        'Field "caption" is unknown',
    ),
    (PICTURE | {"caption": "x"}, 'Field "caption" must be of type Object'),
    ({"type": "details", "summary": "x", "blocks": TAKEN}, 'Field "blocks" must be of type Array'),
    (
        {"type": "details", "summary": "x", "blocks": [TAKEN], "is_open": 1},
        'Field "is_open" must be of type Boolean',
    ),
    ({"type": "list", "items": [{"blocks": [TAKEN], "type": "x"}]}, '"x" is unsupported'),
    ({"type": "table", "cells": [[{"text": "x"}]]}, 'Can\'t find field "align"'),
    (row({"text": "Go", "callback": "go"}), 'Field "callback" is unknown'),
]


@pytest.mark.parametrize(("block", "reason"), UNPARSED, ids=range(len(UNPARSED)))
def test_malformed_blocks_are_refused_with_their_place(block: object, reason: str) -> None:
    refused = refusal(TAKEN, {"type": "details", "summary": "x", "blocks": [block]})
    assert refused.reason == f"can't parse InputRichBlock: {reason}"
    assert refused.path.startswith("blocks[1].blocks[0]")
    assert str(refused).endswith(f"({refused.path})")


def test_a_message_is_counted_as_telegram_counts() -> None:
    size = validate(
        [
            {"type": "heading", "text": "Motor", "size": 1},
            PICTURE | {"caption": {"text": "In Maranello", "credit": "FT"}},
            {
                "type": "list",
                "items": [{"blocks": [paragraph([{"type": "bold", "text": "One"}, " two"])]}],
            },
            {"type": "divider"},
            {"type": "details", "summary": "2 more", "blocks": [paragraph("Three")]},
            {"type": "footer", "text": {"type": "url", "text": "All", "url": "https://a.example"}},
        ]
    )
    assert size.characters == sum(
        map(len, ("Motor", "In Maranello", "FT", "One two", "2 more", "Three", "All"))
    )
    assert (size.blocks, size.depth, size.media) == (9, 4, 1)
