"""What an error of Telegram means for a delivery. Pure."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
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
    TimedOut,
)

from storage.deliveries import UNCONFIRMED

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
    FAIL = "fail"
    """Nothing more can be done for this row."""
    STOP = "stop"
    """Nothing more can be done at all."""


@dataclass(frozen=True, slots=True)
class Verdict:
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


def judge(
    error: Exception, *, attempts: int, now: datetime, failures: int = 0, plain: bool = False
) -> Verdict:
    """Say what an error means.

    Args:
        error: What sending raised.
        attempts: How many requests for this row ended without an answer before.
        now: This moment.
        failures: How many requests in a row failed to reach Telegram before this one.
        plain: Whether the plain text was sent already.
    """
    # BadRequest and TimedOut are kinds of NetworkError, so they come before it.
    match error:
        case RetryAfter():
            verdict = Verdict(Action.WAIT, "flood", now + retry_after(error))
        case ChatMigrated():
            verdict = Verdict(Action.MOVE, "moved", chat_id=error.new_chat_id)
        case InvalidToken():
            verdict = Verdict(Action.STOP, "token")
        case Forbidden() | BadRequest():
            verdict = _refused(error, plain=plain)
        case TimedOut() if attempts + 1 >= UNCLEAR_SENDS:
            verdict = Verdict(Action.FAIL, UNCONFIRMED, reached=False, in_doubt=True)
        case TimedOut():
            again = now + pause(failures)
            verdict = Verdict(Action.UNCLEAR, "timed out", again, reached=False, in_doubt=True)
        case CutError() if attempts + 1 >= CUT_SENDS:
            verdict = Verdict(Action.FAIL, UNCONFIRMED, reached=False, in_doubt=True)
        case CutError():
            again = now + cut_pause(attempts)
            verdict = Verdict(Action.UNCLEAR, "cut", again, reached=False, in_doubt=True)
        case NetworkError():
            verdict = Verdict(Action.AGAIN, "network", now + pause(failures), reached=False)
        case _:
            verdict = Verdict(Action.FAIL, type(error).__name__)
    return verdict


def _refused(error: Forbidden | BadRequest, *, plain: bool) -> Verdict:
    """What a 403 or a 400 means: the chat is closed to us, or what we wrote is at fault."""
    text = str(error).lower()
    for action, words in ((Action.TOPIC_GONE, _CLOSED_TOPIC), (Action.GONE, _CLOSED)):
        for phrase, kind in words.items():
            if phrase in text:
                return Verdict(action, kind)
    if isinstance(error, Forbidden):
        return Verdict(Action.GONE, "forbidden")
    return Verdict(Action.FAIL if plain else Action.PLAIN, "refused")


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
