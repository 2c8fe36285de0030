"""The meaning of Telegram's errors for a delivery. Pure."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from storage.db.backoff import Backoff
from storage.ledger.delivery_claims import UNCONFIRMED
from storage.model import Form

if TYPE_CHECKING:
    from datetime import datetime

UNREACHED = Backoff(first=1.0, longest=60.0)
"""Pauses between tries while Telegram cannot be reached."""
UNCLEAR_SENDS = 2
"""Maximum number of requests for a row without an answer: one, and one repetition."""
CUT_SENDS = 6
"""Maximum number of requests for a row that may end with a cut connection.

A proxy that cuts a connection has seldom passed the request on, and an hour of cuts must not cost a
reader the edition. But a proxy that passes the request on and then cuts brings the reader a copy
each time.
"""
CUT = Backoff(first=1.0, longest=3600.0, factor=8.0)
"""Pauses between requests after a cut; `CUT_SENDS` requests take a bit more than an hour."""

REFUSED = "refused"
"""The error kind for a refusal by Telegram for an unknown reason."""
BAD_PICTURE = "picture"
"""The error kind for a front page with a picture that Telegram refuses."""

# Telegram's error descriptions, in lower case, for chats that the bot cannot write to → a short
# kind for the ledger.
_CLOSED = {
    "bot was blocked": "blocked",
    "user is deactivated": "deactivated",
    "bot was kicked": "kicked",
    "bot is not a member": "kicked",
    "group chat was deleted": "deleted",
    "group chat was deactivated": "deleted",
    "can't initiate conversation": "never started",
    "bots can't send messages to bots": "never started",
    "chat not found": "not found",
    "user not found": "not found",
    "peer_id_invalid": "not found",
    "no write access": "no rights",
    "need administrator rights": "no rights",
    "not enough rights": "no rights",
    "have no rights": "no rights",
    "chat_write_forbidden": "no rights",
    "chat_restricted": "no rights",
    "chat_admin_required": "no rights",
}
_CLOSED_TOPIC = {
    "message thread not found": "topic deleted",
    "topic_deleted": "topic deleted",
    "topic_closed": "topic closed",
}


# Refusals of a rich message's pictures; Telegram never says which picture …
_PICTURES = {
    "rich_message_photo_": BAD_PICTURE,
    "rich_message_video_": BAD_PICTURE,
    "rich_message_audio_": BAD_PICTURE,
    "rich_message_document_": BAD_PICTURE,
    "failed to get http url content": BAD_PICTURE,
    "wrong type of the web page content": BAD_PICTURE,
    "wrong http url": BAD_PICTURE,
    "image_process_failed": BAD_PICTURE,
    "media not found": BAD_PICTURE,
    "wrong file": BAD_PICTURE,
    "wrong remote file": BAD_PICTURE,
    "file_reference_": BAD_PICTURE,
    "rich_message_media_too_many": "too much",
    "not enough rights": "no rights",
    "chat_send_photos_forbidden": "no rights",
    "chat_send_media_forbidden": "no rights",
}
# … and of its blocks: a link, an entity in the text, too much content, or wrong blocks.
_BLOCKS = {
    "rich_message_url_invalid": "blocks",
    "rich_message_email_invalid": "blocks",
    "rich_message_phone_invalid": "blocks",
    "rich_message_mention_invalid": "blocks",
    "rich_message_hashtag_invalid": "blocks",
    "rich_message_cashtag_invalid": "blocks",
    "rich_message_bot_command_invalid": "blocks",
    "rich_message_bank_card_invalid": "blocks",
    "rich_message_date_invalid": "blocks",
    "rich_message_empty": "blocks",
    "rich_message_content_required": "blocks",
    "rich_message_html_invalid": "blocks",
    "rich_message_markdown_invalid": "blocks",
    "rich_message_text_too_long": "too much",
    "rich_message_blocks_too_many": "too much",
    "rich_message_table_cols_too_many": "too much",
    "rich_message_depth_invalid": "too much",
    "rich_validate_ctor_not_allowed": "blocks",
    "rich message must be non-empty": "blocks",
    "list must be": "blocks",
    "unsupported rich text type": "blocks",
    "can't parse": "blocks",
}


class UnknownMethodError(TelegramError):
    """A 404: Telegram's server does not know the method, or not the bot."""


class UnreachableError(NetworkError):
    """There was no connection, so nothing was written: Telegram cannot have carried it out."""


class CutError(NetworkError):
    """The connection was cut after the request was written: Telegram may have carried it out."""


class Action(StrEnum):
    """The sender's next step after an error."""

    WAIT = "wait"
    """Wait with this chat until `retry_at`; the overall rate drops a little."""
    AGAIN = "again"
    """Telegram cannot be reached: send nothing until `retry_at`, then go on."""
    UNCLEAR = "unclear"
    """The message may have arrived: send it once more at `retry_at`."""
    GONE = "gone"
    """Send nothing more to the chat; keep its settings."""
    TOPIC_GONE = "topic gone"
    """Send nothing more to one topic of a group; keep its settings."""
    MOVE = "move"
    """The chat's id is now `chat_id`: send there."""
    PLAIN = "plain"
    """Telegram refuses the text: send it without markup."""
    WITHOUT_PICTURES = "without pictures"
    """Telegram refuses a rich message, perhaps for its pictures: send it without pictures."""
    HTML = "html"
    """Telegram refuses a rich message altogether: send the plain edition."""
    NO_METHOD = "no method"
    """Telegram does not know rich messages, or not the bot: ask whether it knows the bot."""
    FAIL = "fail"
    """Give this row up."""
    STOP = "stop"
    """Stop sending altogether."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The meaning of an error for a delivery."""

    action: Action
    error: str
    """A short kind for the ledger and the statistics."""
    retry_at: datetime | None = None
    chat_id: int | None = None
    reached: bool = True
    """Whether Telegram answered at all."""
    in_doubt: bool = False
    """Whether Telegram may have carried the request out nevertheless."""
    telegram_words: str = ""
    """Telegram's description of the error, if it refused the content."""


def judge(
    error: Exception,
    *,
    attempts: int,
    now: datetime,
    failures: int = 0,
    plain: bool = False,
    form: Form | None = None,
) -> Judgement:
    """Return what an error means for a delivery.

    `attempts` ended without an answer; `failures` in a row failed to reach Telegram.
    """
    # BadRequest and TimedOut are subclasses of NetworkError, so match them first.
    match error:
        case RetryAfter():
            verdict = Judgement(Action.WAIT, "flood", now + retry_after(error))
        case ChatMigrated():
            verdict = Judgement(Action.MOVE, "moved", chat_id=error.new_chat_id)
        case InvalidToken():
            verdict = Judgement(Action.STOP, "token")
        case UnknownMethodError():
            verdict = Judgement(Action.NO_METHOD, "no method")
        case BadRequest() if form in {Form.PICTURED, Form.RICH, Form.CAPTIONED}:
            verdict = _refused_blocks(error, pictured=form is not Form.RICH)
        case Forbidden() | BadRequest():
            verdict = _refused(error, plain=plain)
        case TimedOut() | CutError():
            verdict = _unanswered(error, attempts, now, failures)
        case NetworkError():
            verdict = Judgement(
                Action.AGAIN, "network", _after(now, UNREACHED, failures), reached=False
            )
        case _:
            verdict = Judgement(Action.FAIL, type(error).__name__)
    return verdict


def _unanswered(
    error: TimedOut | CutError, attempts: int, now: datetime, failures: int
) -> Judgement:
    cut = isinstance(error, CutError)
    if attempts + 1 >= (CUT_SENDS if cut else UNCLEAR_SENDS):
        return Judgement(Action.FAIL, UNCONFIRMED, reached=False, in_doubt=True)
    return Judgement(
        Action.UNCLEAR,
        "cut" if cut else "timed out",
        _after(now, CUT, attempts) if cut else _after(now, UNREACHED, failures),
        reached=False,
        in_doubt=True,
    )


def _refused(error: Forbidden | BadRequest, *, plain: bool) -> Judgement:
    text = str(error).lower()
    for action, words in ((Action.TOPIC_GONE, _CLOSED_TOPIC), (Action.GONE, _CLOSED)):
        for phrase, kind in words.items():
            if phrase in text:
                return Judgement(action, kind)
    if isinstance(error, Forbidden):
        return Judgement(Action.GONE, "forbidden")
    return Judgement(Action.FAIL if plain else Action.PLAIN, REFUSED)


def _refused_blocks(error: BadRequest, *, pictured: bool) -> Judgement:
    """Judge a 400 for a rich message: send another form, unless the chat is closed."""
    text = str(error).lower()
    for phrase, kind in _PICTURES.items():
        if phrase in text:
            action = Action.WITHOUT_PICTURES if pictured else Action.HTML
            return Judgement(action, kind, telegram_words=str(error))
    for phrase, kind in _BLOCKS.items():
        if phrase in text:
            return Judgement(Action.HTML, kind, telegram_words=str(error))
    verdict = _refused(error, plain=False)
    if verdict.action is not Action.PLAIN:
        return verdict
    # The reason is unknown. Telegram refuses pictures most often.
    action = Action.WITHOUT_PICTURES if pictured else Action.HTML
    return replace(verdict, action=action, telegram_words=str(error))


def retry_after(error: RetryAfter) -> timedelta:
    """Return how long Telegram asks to wait, from either type that python-telegram-bot uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a deprecation warning about the type
        value = error.retry_after
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def _after(now: datetime, backoff: Backoff, retries: int) -> datetime:
    return now + timedelta(seconds=backoff.pause(retries))
