"""Answers to taps and to inline queries."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playground.checks import markup
from playground.checks.refusal import bad_request, violation
from playground.methods import keyboards, rich, uploads
from playground.methods.content import caption_content, text_content
from playground.world.chats import Body, ChatType

if TYPE_CHECKING:
    from playground.methods.call import Call, Method
    from playground.world.world import Question

MAX_ANSWER_CHARACTERS = 200
MAX_RESULTS = 50
MAX_RESULT_ID_BYTES = 64
MAX_OFFSET_BYTES = 64
DEFAULT_CACHE_SECONDS = 300
TAP_SECONDS = 60.0
INLINE_SECONDS = 10.0
"""How long an answer is accepted. Telegram does not publish the times; these are estimates."""

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_callback_query(call: Call) -> bool:
    """Answer a tap with nothing, a line, an alert, or a page."""
    question = _question(call, call.world.callbacks, "callback_query_id", TAP_SECONDS)
    text = call.get("text") or ""
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise violation("MESSAGE_TOO_LONG")
    url = call.get("url")
    if url is not None and (
        urlsplit(url).hostname not in {"t.me", "telegram.me"} or markup.link(url) is None
    ):
        raise violation("URL_INVALID")
    del call.world.callbacks[question.id]
    answer = {"text": text, "alert": bool(call.get("show_alert")), "url": url}
    if not question.answer.done():
        question.answer.set_result(answer)
    call.world.announce({"type": "answer", "person": question.person.id} | answer)
    return True


def answer_inline_query(call: Call) -> bool:
    """Answer an inline query with results."""
    question = _question(call, call.world.inline_queries, "inline_query_id", INLINE_SECONDS)
    results = call.params["results"]
    if len(results) > MAX_RESULTS:
        raise violation("RESULTS_TOO_MUCH")
    next_offset = call.get("next_offset") or ""
    if len(next_offset.encode()) > MAX_OFFSET_BYTES:
        raise violation("NEXT_OFFSET_INVALID")
    seen: set[str] = set()
    for result in results:
        if not 1 <= len(result["id"].encode()) <= MAX_RESULT_ID_BYTES:
            raise violation("RESULT_ID_INVALID")
        if result["id"] in seen:
            raise violation("RESULT_ID_DUPLICATE")
        seen.add(result["id"])
        check_result(call, result)
    button = call.get("button")
    if button is not None:
        keyboards.check_deep_link(
            f"https://t.me/bot?start={button.get('start_parameter', '')}", call.notes
        )
    del call.world.inline_queries[question.id]
    answer = {"results": results, "next_offset": next_offset, "button": button}
    _remember(call, question, answer)
    if not question.answer.done():
        question.answer.set_result(answer)
    call.world.wake()
    return True


def check_result(call: Call, result: Body) -> None:
    """Check one result's text and keyboard, as if they were sent.

    Raises:
        ApiError: Telegram refuses it.
    """
    words = result.get("input_message_content")
    if words is not None and "rich_message" in words:
        parsed = rich.parsed(words["rich_message"])
        rich.rich_content(call, parsed, known_files="invalid inline message content specified")
    elif words is not None and "message_text" in words:
        text_content(call.world, words, call.notes, key="message_text")
    elif "caption" in result:
        caption_content(call.world, result, call.notes)
    if not result.get("title", "x").strip():
        raise violation("ARTICLE_TITLE_EMPTY")
    if result.get("photo_file_id"):
        uploads.photo(call, result["photo_file_id"])
    for name in ("url", "thumbnail_url", "photo_url"):
        if result.get(name) and markup.link(result[name]) is None:
            raise violation("WEBDOCUMENT_URL_INVALID")
    keyboards.check(result.get("reply_markup"), ChatType.DIRECT, call.notes)


def _question(call: Call, questions: dict[str, Question], name: str, seconds: float) -> Question:
    question = questions.get(call.params[name])
    if question is None or call.world.clock() - question.asked > seconds:
        raise bad_request(_TOO_OLD)
    return question


def _remember(call: Call, question: Question, answer: Body) -> None:
    seconds = call.get("cache_time")
    seconds = DEFAULT_CACHE_SECONDS if seconds is None else seconds
    if seconds > 0:
        owner = question.person.id if call.get("is_personal") else 0
        key = (question.text, question.offset, owner)
        call.world.inline_cache[key] = (call.world.clock() + seconds, answer)


METHODS: dict[str, Method] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
}
