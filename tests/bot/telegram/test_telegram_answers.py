from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.telegram.telegram_answers import LONGEST_WAIT, read_answer, read_updates, result_of
from digest.pacing.telegram_errors import CutError, retry_after

PAGE = b"<html><title>Access denied by your network</title></html>"


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 502])
@pytest.mark.parametrize("page", [PAGE, b"", b"[]", b'{"error": "denied"}', b"[" * 100_000])
async def test_a_page_that_is_not_telegrams_is_a_network_error(status: int, page: bytes) -> None:
    with pytest.raises(NetworkError, match=f"not Telegram's .status {status}") as caught:
        await result_of(status, page)
    # Not one of those that end a subscription, or the bot.
    assert type(caught.value) is NetworkError


async def test_a_page_in_place_of_a_receipt_leaves_the_delivery_in_doubt() -> None:
    for answer in (PAGE, b"", b'{"ok":true,"result":{"mess'):
        with pytest.raises(CutError):
            await result_of(200, answer)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, BadRequest), (401, InvalidToken), (403, Forbidden), (404, InvalidToken)],
)
@pytest.mark.parametrize("sent_as", [None, 200, 500])
async def test_the_error_code_in_telegrams_answer_outweighs_the_http_status(
    code: int, kind: type[TelegramError], sent_as: int | None
) -> None:
    answer = json.dumps({"ok": False, "error_code": code, "description": "No: because"}).encode()
    with pytest.raises(kind, match="because"):
        await result_of(sent_as or code, answer)


async def test_an_error_without_a_code_takes_the_http_status() -> None:
    with pytest.raises(Forbidden):
        await result_of(403, b'{"ok":false,"description":"Forbidden"}')
    with pytest.raises(BadRequest):
        await result_of(200, b'{"ok":false}')


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ({"description": "Too Many Requests: retry after 7", "parameters": {"retry_after": 3}}, 3),
        ({"description": "Too Many Requests: retry after 7"}, 7),
        ({"description": "Too Many Requests: retry after 0"}, 1),
        ({"description": "Too Many Requests", "parameters": {"retry_after": 0}}, 1),
        ({"parameters": None}, 1),
        ({"parameters": {"retry_after": "soon"}}, 1),
        ({"description": "Too Many Requests: retry after 7", "parameters": {"retry_after": []}}, 7),
        ({"parameters": {"retry_after": 2.5}}, 3),
        ({"description": 5, "parameters": {"retry_after": -5}}, 1),
    ],
)
async def test_a_flood_always_says_how_long_to_wait(more: dict[str, object], seconds: int) -> None:
    answer = json.dumps({"ok": False, "error_code": 429, **more}).encode()
    with pytest.raises(RetryAfter) as caught:
        await result_of(429, answer)
    assert retry_after(caught.value).total_seconds() == seconds


@pytest.mark.parametrize("number", [2**70, -(2**70), 2**63, 2**62, 1e300])
async def test_a_number_too_large_in_an_error_is_not_used(number: float) -> None:
    refusal = {"ok": False, "error_code": 400, "description": "Bad Request: upgraded"}
    answer = json.dumps(refusal | {"parameters": {"migrate_to_chat_id": number}}).encode()
    with pytest.raises(TelegramError) as caught:
        await result_of(400, answer)
    assert number == 2**62 or isinstance(caught.value, BadRequest)
    flood = {"ok": False, "error_code": 429, "description": f"retry after {number:.0f}"}
    for more in ({}, {"parameters": {"retry_after": number}}):
        with pytest.raises(RetryAfter) as late:
            await result_of(429, json.dumps(flood | more).encode())
        assert 1 <= retry_after(late.value).total_seconds() <= LONGEST_WAIT


async def test_a_description_that_is_no_text_is_an_error_of_telegrams_all_the_same() -> None:
    descriptions: tuple[object, ...] = (None, 5, [], {"a": 1})
    for description in descriptions:
        answer = {"ok": False, "error_code": 400, "description": description}
        with pytest.raises(BadRequest):
            await result_of(400, json.dumps(answer).encode())


async def test_an_answer_that_came_compressed_is_read() -> None:
    answer = b'{"ok":true,"result":{"message_id":42}}'
    assert await result_of(200, gzip.compress(answer)) == {"message_id": 42}
    with pytest.raises(CutError):
        await result_of(200, gzip.compress(answer)[:4])


def test_a_successful_answer_is_passed_on_unchanged() -> None:
    answer = b'{ "result": [1], "ok" : true }'
    assert read_answer(200, answer) == (200, answer)


def test_only_the_newest_inline_query_of_a_person_is_kept() -> None:
    def query(number: int, person: int) -> dict[str, Any]:
        sender = {"id": person, "is_bot": False, "first_name": "A"}
        asked = {"id": str(number), "from": sender, "query": "w", "offset": ""}
        return {"update_id": number, "inline_query": asked}

    odd = {"update_id": 9, "inline_query": {"id": "9"}}
    updates = [query(1, 7), query(2, 7), query(3, 8), odd, query(4, 7)]
    read = [json.loads(update.to_json()) for update in read_updates(updates)]
    assert read == [query(3, 8), {"update_id": 9}, query(4, 7)]


def test_a_fetched_update_is_stored_as_telegram_sent_it() -> None:
    chat = {"id": 5, "type": "private", "first_name": "\u65b0\u0000"}
    message = {"message_id": 1, "date": 0, "chat": chat, "text": "/latest", "age": [{"new": 1}]}
    sent = {"update_id": 1, "message": message, "of_a_later_version": {"a": None}}
    (fetched,) = read_updates([sent])
    assert json.loads(fetched.to_json()) == sent
    assert fetched.message is not None
    assert fetched.message.text == "/latest"


@pytest.mark.parametrize("result", [None, 7, {"update_id": 1}, [1], [{"message": {}}]])
def test_a_result_without_updates_is_not_telegrams(result: object) -> None:
    with pytest.raises(NetworkError, match="not Telegram's"):
        read_updates(result)
