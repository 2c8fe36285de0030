from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest

from playground.people.people import NoAnswerError, Person

if TYPE_CHECKING:
    from playground.server import Playground

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


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
