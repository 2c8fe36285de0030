"""What an error of Telegram means for a delivery. Pure."""

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

from storage.ledger.deliveries import UNCONFIRMED
from storage.model import Form

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_PAUSE = timedelta(minutes=1)
"""Between two tries while Telegram cannot be reached."""
UNCLEAR_SENDS = 2
"""A request that ended without an answer is made once more, and then no more."""
CUT_SENDS = 6
"""So many requests may be made of which the connection was cut. Whoever cuts one has mostly not
carried it out, and a proxy that does so for an hour must not cost anybody the edition; but one that
passes it on and then cuts brings the reader a copy each time."""
LONGEST_CUT_PAUSE = timedelta(hours=1)
"""Between two of these: the six take a bit more than an hour."""

REFUSED = "refused"
"""The error of what Telegram refused for a reason that is not known."""
BAD_PICTURE = "picture"
"""The error of a front page one of whose pictures Telegram does not take."""

# Telegram's words, in lower case, for a chat in which the bot has no say. Beside them stands a
# short kind for the ledger.
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


# Of a rich message, Telegram refuses its pictures, and never says which …
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
# … or what its blocks say: a link, an entity that was found in the text, too much, or wrong blocks.
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
    """A 404: Telegram's server knows no such method, or no such bot."""


class CutError(NetworkError):
    """The connection was cut when the request had been written: it may have been carried out."""


class Action(StrEnum):
    """What the sender does next."""

    WAIT = "wait"
    """This chat waits until `retry_at`; the whole slows down a little."""
    AGAIN = "again"
    """Telegram cannot be reached: everything waits until `retry_at`, then goes on."""
    UNCLEAR = "unclear"
    """It may have arrived: once more, at `retry_at`."""
    GONE = "gone"
    """The chat is written to no more; its settings stay."""
    TOPIC_GONE = "topic gone"
    """The same for one topic of a group."""
    MOVE = "move"
    """The chat is now `chat_id`; send again there."""
    PLAIN = "plain"
    """Telegram refuses what we wrote: send it without markup."""
    WITHOUT_PICTURES = "without pictures"
    """Telegram refuses a rich message, perhaps for its pictures: send it without."""
    HTML = "html"
    """Telegram refuses a rich message altogether: send the plain edition."""
    NO_METHOD = "no method"
    """Telegram knows no rich messages, or not the bot: ask whether it knows the bot."""
    FAIL = "fail"
    """Nothing more can be done for this row."""
    STOP = "stop"
    """Nothing more can be done at all."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an error means."""

    action: Action
    error: str
    """A short kind for the ledger and the figures."""
    retry_at: datetime | None = None
    chat_id: int | None = None
    reached: bool = True
    """Whether Telegram said anything."""
    in_doubt: bool = False
    """Whether the request may have been carried out all the same."""
    telegram_words: str = ""
    """Telegram's own words, where it refused what we wrote."""


def judge(
    error: Exception,
    *,
    attempts: int,
    now: datetime,
    failures: int = 0,
    plain: bool = False,
    form: Form | None = None,
) -> Judgement:
    """Say what an error means.

    Args:
        error: What sending raised.
        attempts: How many requests for this row ended without an answer before.
        now: This moment.
        failures: How many requests in a row failed to reach Telegram before this one.
        plain: Whether the plain text was sent already.
        form: Of what was sent, if it has several.
    """
    # BadRequest and TimedOut are kinds of NetworkError, so they come before it.
    match error:
        case RetryAfter():
            verdict = Judgement(Action.WAIT, "flood", now + retry_after(error))
        case ChatMigrated():
            verdict = Judgement(Action.MOVE, "moved", chat_id=error.new_chat_id)
        case InvalidToken():
            verdict = Judgement(Action.STOP, "token")
        case UnknownMethodError():
            verdict = Judgement(Action.NO_METHOD, "no method")
        case BadRequest() if form in {Form.PICTURED, Form.RICH}:
            verdict = _refused_blocks(error, pictured=form is Form.PICTURED)
        case Forbidden() | BadRequest():
            verdict = _refused(error, plain=plain)
        case TimedOut() | CutError():
            verdict = _unanswered(error, attempts, now, failures)
        case NetworkError():
            verdict = Judgement(Action.AGAIN, "network", now + pause(failures), reached=False)
        case _:
            verdict = Judgement(Action.FAIL, type(error).__name__)
    return verdict


def _unanswered(
    error: TimedOut | CutError, attempts: int, now: datetime, failures: int
) -> Judgement:
    """What a request means that may have been carried out: once more, or no more."""
    cut = isinstance(error, CutError)
    if attempts + 1 >= (CUT_SENDS if cut else UNCLEAR_SENDS):
        return Judgement(Action.FAIL, UNCONFIRMED, reached=False, in_doubt=True)
    return Judgement(
        Action.UNCLEAR,
        "cut" if cut else "timed out",
        now + (cut_pause(attempts) if cut else pause(failures)),
        reached=False,
        in_doubt=True,
    )


def _refused(error: Forbidden | BadRequest, *, plain: bool) -> Judgement:
    """What a 403 or a 400 means: the chat is closed to us, or what we wrote is at fault."""
    text = str(error).lower()
    for action, words in ((Action.TOPIC_GONE, _CLOSED_TOPIC), (Action.GONE, _CLOSED)):
        for phrase, kind in words.items():
            if phrase in text:
                return Judgement(action, kind)
    if isinstance(error, Forbidden):
        return Judgement(Action.GONE, "forbidden")
    return Judgement(Action.FAIL if plain else Action.PLAIN, REFUSED)


def _refused_blocks(error: BadRequest, *, pictured: bool) -> Judgement:
    """What a 400 means for a rich message: another form of it, unless the chat is closed to us."""
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
    # For a reason that is not known. The pictures are what is refused most often.
    action = Action.WITHOUT_PICTURES if pictured else Action.HTML
    return replace(verdict, action=action, telegram_words=str(error))


def pause(failures: int) -> timedelta:
    """How long to wait before the next try: 1 s, 2 s, 4 s … up to a minute."""
    return min(timedelta(seconds=2 ** min(failures, 10)), LONGEST_PAUSE)


def cut_pause(attempts: int) -> timedelta:
    """How long to wait after a connection was cut: 1 s, 8 s, 64 s … up to an hour.

    Args:
        attempts: How many requests for the row were in doubt before, as the ledger counts them: a
            restart does not begin anew.
    """
    return min(timedelta(seconds=8 ** min(attempts, 10)), LONGEST_CUT_PAUSE)


def retry_after(error: RetryAfter) -> timedelta:
    """How long Telegram asks to wait, whichever type python-telegram-bot gives it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it announces that the type will change
        value = error.retry_after
    return value if isinstance(value, timedelta) else timedelta(seconds=value)
