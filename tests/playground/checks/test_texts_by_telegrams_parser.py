from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest

from playground.checks import markup

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.server import Playground

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
RESERVED = (
    "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'"
)


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        (
            "a < b",
            "HTML",
            'can\'t parse entities: Unsupported start tag "" at byte offset 2',
        ),
        (
            "<p>x",
            "HTML",
            'can\'t parse entities: Unsupported start tag "p" at byte offset 0',
        ),
        (
            "<b>x",
            "HTML",
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "a.b",
            "MarkdownV2",
            RESERVED,
        ),
        ("x", "BBCode", "unsupported parse_mode"),
        ("", "HTML", "message text is empty"),
        (" \n ", None, "message text is empty"),
        ("<b></b>", "HTML", "message text is empty"),
        ("x" * 4097, None, "message is too long"),
        ("x" * 32769, None, "text is too long"),
    ],
)
async def test_a_text_that_telegram_refuses_gets_its_words(
    ana: Person, api: Api, text: str, mode: str | None, reason: str
) -> None:
    params = {"chat_id": ana.id, "text": text} | ({"parse_mode": mode} if mode else {})
    answer = await api("sendMessage", **params)
    assert answer["description"] == f"Bad Request: {reason}"
    assert ana.unread() == []


async def test_lengths_count_after_parsing(town: Playground, ana: Person, api: Api) -> None:
    answer = await api(
        "sendMessage", chat_id=ana.id, text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML"
    )
    assert answer["ok"]
    assert len((await ana.next()).text) == 4096
    assert town.violations == []


async def test_entities_after_the_hundredth_are_dropped_and_remembered(
    town: Playground, ana: Person, api: Api
) -> None:
    answer = await api("sendMessage", chat_id=ana.id, text="<b>x</b> y " * 101, parse_mode="HTML")
    assert len(answer["result"]["entities"]) == 100
    assert [seen.reason for seen in town.violations] == [
        "1 entities after the first 100 were dropped"
    ]


async def test_a_message_shows_the_text_and_entities_of_its_markup(ana: Person, api: Api) -> None:
    await api(
        "sendMessage",
        chat_id=ana.id,
        parse_mode="HTML",
        text='😀 <b>Bold &amp; plain</b> <a href="https://example.com/a?b=1&amp;c=2">link</a>\n'
        "<blockquote expandable>quote</blockquote> see example.org #luxury /help",
    )
    message = await ana.next()
    assert message.text == "😀 Bold & plain link\nquote see example.org #luxury /help"
    assert message.parts("bold") == ["Bold & plain"]
    assert message.links == ["https://example.com/a?b=1&c=2", "example.org"]
    assert message.parts("expandable_blockquote") == ["quote"]
    assert message.parts("hashtag") == ["#luxury"]
    assert message.parts("bot_command") == ["/help"]


async def test_a_link_without_a_good_address_is_lost_silently(ana: Person, api: Api) -> None:
    await api("sendMessage", chat_id=ana.id, text='<a href="/a">x</a>', parse_mode="HTML")
    assert (await ana.next()).links == []


async def test_entities_may_be_given_in_place_of_markup(ana: Person, api: Api) -> None:
    bold = {"type": "bold", "offset": 0, "length": 2}
    await api("sendMessage", chat_id=ana.id, text="<b> x", entities=[bold])
    message = await ana.next()
    assert message.text == "<b> x"
    assert message.parts("bold") == ["<b"]


def test_a_text_is_trimmed_and_its_entities_move_with_it() -> None:
    read = markup.read(" \n x <i>y </i> \n", "HTML", None)
    assert read.text == "x y"
    assert read.entities == [{"type": "italic", "offset": 2, "length": 1}]


def test_control_characters_become_blanks() -> None:
    assert markup.read("a\x00b\r\nc\u202ed", None, None).text == "a b\ncd"


def test_a_text_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(Exception, match="strings must be encoded in UTF-8"):
        markup.read("a\ud83d", None, None)


def test_no_link_is_found_inside_a_link_or_code() -> None:
    read = markup.read(
        '<a href="https://e.com/">https://f.com</a> <code>https://g.com</code> https://h.com',
        "HTML",
        None,
    )
    assert [entity["type"] for entity in read.entities] == ["text_link", "code", "url"]


@pytest.mark.parametrize(
    ("caption", "reason"),
    [
        ("x" * 1025, "message caption is too long"),
        ("<b>", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
    ],
)
async def test_a_caption_has_its_own_limits(
    ana: Person, api: Api, caption: str, reason: str
) -> None:
    answer = await api(
        "sendPhoto",
        chat_id=ana.id,
        photo="https://example.com/a.jpg",
        caption=caption,
        parse_mode="HTML",
    )
    assert answer["description"] == f"Bad Request: {reason}"


async def test_the_preview_is_of_the_link_that_the_options_name(ana: Person, api: Api) -> None:
    text = '<a href="https://example.com/a">a</a>'
    await api("sendMessage", chat_id=ana.id, text=text, parse_mode="HTML")
    assert (await ana.next()).preview == "https://example.com/a"
    options = {"url": "https://example.com/b.jpg", "prefer_large_media": True}
    await api(
        "sendMessage", chat_id=ana.id, text=text, parse_mode="HTML", link_preview_options=options
    )
    assert (await ana.next()).preview == "https://example.com/b.jpg"
    await api(
        "sendMessage",
        chat_id=ana.id,
        text=text,
        parse_mode="HTML",
        link_preview_options={"is_disabled": True},
    )
    assert (await ana.next()).preview is None


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://t.me/OnNewsBot?start=a%20b">x</a>',
        '<a href="https://t.me/OnNewsBot?start=' + "a" * 65 + '">x</a>',
    ],
)
async def test_a_deep_link_that_telegram_would_not_pass_on_is_remembered(
    town: Playground, ana: Person, api: Api, text: str
) -> None:
    assert (await api("sendMessage", chat_id=ana.id, text=text, parse_mode="HTML"))["ok"]
    assert "start parameter" in town.violations[0].reason
