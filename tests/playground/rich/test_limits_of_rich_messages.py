"""Telegram's limits of rich messages, at their boundaries, and its errors beyond."""

from __future__ import annotations

from typing import Any

import pytest

from playground.rich import Refusal, validate

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
