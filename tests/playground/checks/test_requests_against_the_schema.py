from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from playground.checks import schema
from playground.checks.refusal import ApiError

if TYPE_CHECKING:
    from playground.people.people import Person
    from playground.server import Playground

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


def test_the_schema_is_that_of_the_bot_api() -> None:
    assert schema.load().version == "Bot API 10.3"
    assert schema.load().method("sendmessage") == "sendMessage"
    assert schema.load().method("sendMessages") is None


async def test_parameters_may_come_as_json_form_query_or_multipart(
    town: Playground, ana: Person, http: aiohttp.ClientSession
) -> None:
    url = f"{town.url}/bot{town.token}/sendMessage"
    form = {"chat_id": str(ana.id), "text": "one", "reply_markup": json.dumps(KEYBOARD)}
    multipart = aiohttp.FormData(form)
    multipart.add_field("disable_notification", "true", content_type="text/plain")
    requests: list[dict[str, Any]] = [
        {"data": form},
        {"data": multipart},
        {"params": form},
        {"json": {"chat_id": ana.id, "text": "one", "reply_markup": KEYBOARD}},
        {"json": {"chat_id": str(ana.id), "text": "one", "reply_markup": json.dumps(KEYBOARD)}},
    ]
    for request in requests:
        async with http.post(url, **request) as answer:
            assert answer.status == 200
        assert (await ana.next()).labels == ["Go"]
    assert town.violations == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": 1, "text": 5}, 'field "text" is not a string'),
        ({"chat_id": 1, "text": "x", "foo": 1}, 'field "foo" is unknown to sendMessage'),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"txt": "a"}]]}},
            'field "reply_markup.inline_keyboard[0][0].txt" is unknown to InlineKeyboardButton',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [{"text": "a"}]}},
            'field "reply_markup.inline_keyboard[0]" is not an array',
        ),
        (
            {"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": "yes"}},
            'field "link_preview_options.is_disabled" is not a boolean',
        ),
        ({"chat_id": 1, "text": "x", "reply_markup": "{"}, 'field "reply_markup" is not JSON'),
        (
            {"chat_id": 1, "text": "x", "message_thread_id": "first"},
            'field "message_thread_id" is not an integer',
        ),
    ],
)
async def test_a_request_that_does_not_fit_is_refused_and_remembered(
    town: Playground, api: Api, params: dict[str, Any], reason: str
) -> None:
    answer = await api("sendMessage", **params)
    assert answer["description"] == f"Bad Request: {reason}"
    assert [(seen.method, seen.reason) for seen in town.violations] == [
        ("sendMessage", f"Bad Request: {reason}")
    ]


@pytest.mark.parametrize(
    ("result", "path"),
    [
        ({"type": "article", "id": "1", "title": "x"}, "results[0].input_message_content"),
        ({"type": "novel", "id": "1"}, "results[0]"),
        (
            {
                "type": "article",
                "id": "1",
                "title": "x",
                "input_message_content": {"message_text": "x", "disable_web_page_preview": True},
            },
            "results[0].input_message_content.disable_web_page_preview",
        ),
    ],
)
def test_variants_are_distinguished_by_their_type(result: dict[str, Any], path: str) -> None:
    with pytest.raises(ApiError) as caught:
        schema.load().read("answerInlineQuery", {"inline_query_id": "1", "results": [result]})
    assert path in caught.value.description


def test_a_scope_is_known_by_its_type() -> None:
    read = schema.load().read(
        "setMyCommands",
        {"commands": "[]", "scope": '{"type":"all_private_chats"}', "language_code": "it"},
    )
    assert read["scope"] == {"type": "all_private_chats"}
    with pytest.raises(ApiError, match="chat_id"):
        schema.load().read("setMyCommands", {"commands": [], "scope": {"type": "chat"}})


async def test_a_wrong_token_is_unauthorized_and_a_broken_one_not_found(
    town: Playground, http: aiohttp.ClientSession
) -> None:
    wrong = "123456789:" + "A" * 35
    async with http.get(f"{town.url}/bot{wrong}/getMe") as answer:
        assert answer.status == 401
        assert (await answer.json())["description"] == "Unauthorized"
    async with http.get(f"{town.url}/botnonsense/getMe") as answer:
        assert answer.status == 404
    assert town.requests == []


async def test_an_unknown_method_is_not_found(api: Api) -> None:
    assert await api("sendMessages") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found",
    }


async def test_an_unimplemented_method_is_a_violation(town: Playground, api: Api) -> None:
    answer = await api("getStarTransactions")
    assert answer["error_code"] == 400
    assert len(town.violations) == 1


async def test_every_request_is_seen_with_its_answer(
    town: Playground, ana: Person, api: Api
) -> None:
    await api("sendMessage", chat_id=ana.id, text="x")
    await api("sendMessage", chat_id=77, text="x")
    assert [(seen.method, seen.status, seen.error) for seen in town.requests] == [
        ("sendMessage", 200, None),
        ("sendMessage", 400, "Bad Request: chat not found"),
    ]
    assert [seen.params["chat_id"] for seen in town.sent("sendMessage")] == [ana.id]
    assert town.violations == []
