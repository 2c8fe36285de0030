from __future__ import annotations

from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from digest.pacing.telegram_errors import (
    UNREACHED,
    Action,
    CutError,
    UnknownMethodError,
    judge,
)
from storage.model import Form
from tests.digest.conftest import MONDAY


@pytest.mark.parametrize(
    ("error", "action", "kind"),
    [
        (RetryAfter(17), Action.WAIT, "flood"),
        (Forbidden("Forbidden: bot was blocked by the user"), Action.GONE, "blocked"),
        (Forbidden("Forbidden: user is deactivated"), Action.GONE, "deactivated"),
        (Forbidden("Forbidden: bot was kicked from the channel chat"), Action.GONE, "kicked"),
        (Forbidden("Forbidden: the group chat was deleted"), Action.GONE, "deleted"),
        (Forbidden("Forbidden: something new"), Action.GONE, "forbidden"),
        (BadRequest("Chat not found"), Action.GONE, "not found"),
        (BadRequest("have no write access to the chat"), Action.GONE, "no rights"),
        (
            BadRequest("not enough rights to send text messages to the chat"),
            Action.GONE,
            "no rights",
        ),
        (
            BadRequest("need administrator rights in the channel chat"),
            Action.GONE,
            "no rights",
        ),
        (BadRequest("Message thread not found"), Action.TOPIC_GONE, "topic deleted"),
        (BadRequest("TOPIC_CLOSED"), Action.TOPIC_GONE, "topic closed"),
        (ChatMigrated(-100), Action.MOVE, "moved"),
        (BadRequest("Can't parse entities: …"), Action.PLAIN, "refused"),
        (BadRequest("Message is too long"), Action.PLAIN, "refused"),
        (InvalidToken(), Action.STOP, "token"),
        (TimedOut(), Action.UNCLEAR, "timed out"),
        (NetworkError("Bad Gateway"), Action.AGAIN, "network"),
        (CutError("the connection was cut"), Action.UNCLEAR, "cut"),
        (Conflict("terminated by other"), Action.FAIL, "Conflict"),
        (TelegramError("?"), Action.FAIL, "TelegramError"),
        (ValueError("a defect"), Action.FAIL, "ValueError"),
    ],
)
def test_each_error_of_telegram_leads_to_the_right_action(
    error: Exception, action: Action, kind: str
) -> None:
    verdict = judge(error, attempts=0, now=MONDAY)
    assert (verdict.action, verdict.error) == (action, kind)


PICTURE = (
    "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND",
    "RICH_MESSAGE_PHOTO_URL_INVALID",
    "RICH_MESSAGE_PHOTO_INVALID",
    "RICH_MESSAGE_VIDEO_NO_MEDIA_FOUND",
    "RICH_MESSAGE_VIDEO_INVALID",
    "RICH_MESSAGE_AUDIO_INVALID",
    "RICH_MESSAGE_DOCUMENT_NO_MEDIA_FOUND",
    "failed to get HTTP URL content",
    "wrong type of the web page content",
    "wrong HTTP URL specified",
    "Wrong file identifier/HTTP URL specified",
    "wrong remote file identifier specified: Wrong padding in the string",
    "IMAGE_PROCESS_FAILED",
    "FILE_REFERENCE_EXPIRED",
    "can't parse InputRichMessageMedia: media not found",
)
RIGHTS = (
    "Not enough rights to send the rich message to the chat",
    "not enough rights to send photos to the chat",
    "CHAT_SEND_PHOTOS_FORBIDDEN",
    "CHAT_SEND_MEDIA_FORBIDDEN",
)
BLOCKS = (
    "RICH_MESSAGE_URL_INVALID",
    "RICH_MESSAGE_EMAIL_INVALID",
    "RICH_MESSAGE_PHONE_INVALID",
    "RICH_MESSAGE_MENTION_INVALID",
    "RICH_MESSAGE_HASHTAG_INVALID",
    "RICH_MESSAGE_CASHTAG_INVALID",
    "RICH_MESSAGE_BOT_COMMAND_INVALID",
    "RICH_MESSAGE_BANK_CARD_INVALID",
    "RICH_MESSAGE_DATE_INVALID",
    "RICH_MESSAGE_EMPTY",
    "RICH_MESSAGE_CONTENT_REQUIRED",
    "RICH_MESSAGE_HTML_INVALID",
    "RICH_MESSAGE_MARKDOWN_INVALID",
    "RICH_VALIDATE_CTOR_NOT_ALLOWED",
    "can't parse InputRichBlock: Can't find field \"text\"",
    "can't parse entities: unsupported start tag",
    "Rich message must be non-empty",
    "List must be either ordered or unordered",
    "List must be non-empty",
    "Unsupported rich text type",
)
TOO_MUCH = (
    "RICH_MESSAGE_TEXT_TOO_LONG",
    "RICH_MESSAGE_BLOCKS_TOO_MANY",
    "RICH_MESSAGE_TABLE_COLS_TOO_MANY",
    "RICH_MESSAGE_DEPTH_INVALID",
)
RICH = [
    *((words, Action.WITHOUT_PICTURES, "picture") for words in PICTURE),
    *((words, Action.WITHOUT_PICTURES, "no rights") for words in RIGHTS),
    ("RICH_MESSAGE_MEDIA_TOO_MANY", Action.WITHOUT_PICTURES, "too much"),
    *((words, Action.HTML, "blocks") for words in BLOCKS),
    *((words, Action.HTML, "too much") for words in TOO_MUCH),
    ("SOMETHING_NEW", Action.WITHOUT_PICTURES, "refused"),
    ("chat not found", Action.GONE, "not found"),
    ("PEER_ID_INVALID", Action.GONE, "not found"),
    ("have no write access to the chat", Action.GONE, "no rights"),
    ("need administrator rights in the channel chat", Action.GONE, "no rights"),
    ("message thread not found", Action.TOPIC_GONE, "topic deleted"),
]


@pytest.mark.parametrize(("words", "action", "kind"), RICH)
def test_each_refusal_of_a_rich_message_leads_to_the_right_action(
    words: str, action: Action, kind: str
) -> None:
    # Raw, and as python-telegram-bot hands it on.
    for text in (words, f"Bad Request: {words}", words.capitalize(), words.upper()):
        verdict = judge(BadRequest(text), attempts=0, now=MONDAY, form=Form.PICTURED)
        assert (verdict.action, verdict.error) == (action, kind)
        # Without pictures there is only the plain edition left.
        second = judge(BadRequest(text), attempts=0, now=MONDAY, form=Form.RICH)
        closed = action in {Action.GONE, Action.TOPIC_GONE}
        assert second.action is (action if closed else Action.HTML)


def test_a_refused_plain_edition_is_treated_as_any_message() -> None:
    for form in (None, Form.HTML):
        for words, action in (
            ("RICH_MESSAGE_EMPTY", Action.PLAIN),
            ("not enough rights to send text messages to the chat", Action.GONE),
        ):
            assert judge(BadRequest(words), attempts=0, now=MONDAY, form=form).action is action


@pytest.mark.parametrize("form", [Form.PICTURED, Form.RICH])
@pytest.mark.parametrize(
    ("error", "action"),
    [
        (RetryAfter(3), Action.WAIT),
        (TimedOut(), Action.UNCLEAR),
        (CutError("cut"), Action.UNCLEAR),
        (NetworkError("Bad Gateway"), Action.AGAIN),
        (Forbidden("Forbidden: bot was blocked by the user"), Action.GONE),
        (ChatMigrated(-100), Action.MOVE),
        (InvalidToken(), Action.STOP),
        (UnknownMethodError("Not Found"), Action.NO_METHOD),
    ],
)
def test_errors_not_about_the_content_mean_the_same_in_every_form(
    error: Exception, action: Action, form: Form
) -> None:
    assert judge(error, attempts=0, now=MONDAY, form=form).action is action


def test_a_flood_says_how_long_it_lasts() -> None:
    for wait in (RetryAfter(17), RetryAfter(timedelta(seconds=17))):
        assert judge(wait, attempts=0, now=MONDAY).retry_at == MONDAY + timedelta(seconds=17)


def test_a_group_that_moved_says_where_to() -> None:
    assert judge(ChatMigrated(-1001), attempts=0, now=MONDAY).chat_id == -1001


def test_a_second_request_without_an_answer_is_the_last() -> None:
    verdict = judge(TimedOut(), attempts=1, now=MONDAY)
    assert (verdict.action, verdict.error) == (Action.FAIL, "unconfirmed")


def test_connections_cut_for_an_hour_lose_no_edition() -> None:
    asked = [MONDAY]
    while True:
        verdict = judge(CutError("cut"), attempts=len(asked) - 1, now=asked[-1])
        if verdict.retry_at is None:
            break
        assert (verdict.action, verdict.error) == (Action.UNCLEAR, "cut")
        asked.append(verdict.retry_at)
    assert (verdict.action, verdict.error) == (Action.FAIL, "unconfirmed")
    assert len(asked) == 6
    assert timedelta(hours=1) < asked[-1] - MONDAY < timedelta(hours=2)


@pytest.mark.parametrize(
    ("error", "reached", "in_doubt"),
    [
        (RetryAfter(17), True, False),
        (BadRequest("Can't parse entities"), True, False),
        (NetworkError("no route to host"), False, False),
        (CutError("the connection was cut"), False, True),
        (TimedOut(), False, True),
    ],
)
@pytest.mark.parametrize("attempts", [0, 9])
def test_time_outs_are_distinguished_from_answers(
    error: Exception, *, reached: bool, in_doubt: bool, attempts: int
) -> None:
    verdict = judge(error, attempts=attempts, now=MONDAY)
    assert (verdict.reached, verdict.in_doubt) == (reached, in_doubt)


def test_refused_plain_text_is_not_tried_again() -> None:
    verdict = judge(BadRequest("Can't parse entities"), attempts=0, now=MONDAY, plain=True)
    assert verdict.action is Action.FAIL


def test_pauses_grow_to_a_minute() -> None:
    pauses = [UNREACHED.pause(failures) for failures in range(2000)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 1.0
    assert pauses[-1] == 60.0
